using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PayCore.ChannelSimulator;

/// <summary>Hosts the simulated providers.</summary>
public static class ChannelSimulatorExtensions
{
    /// <summary>Adds the simulator. Several can run in one process, each in its own container.</summary>
    public static IServiceCollection AddChannelSimulator(this IServiceCollection services)
    {
        services.AddOptions<SimulatorOptions>().BindConfiguration("Simulator");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SimulatorRandom>();
        services.TryAddSingleton<Faults>();
        services.TryAddSingleton<RequestLog>();
        services.TryAddSingleton<CallbackLog>();
        services.TryAddSingleton<WechatMerchants>();
        services.TryAddSingleton<WechatLedger>();
        services.TryAddSingleton<WechatAuthorization>();
        services.TryAddSingleton<WechatWire>();
        services.TryAddSingleton<WechatApi>();
        services.TryAddSingleton<CallbackSender>();
        services.TryAddSingleton(provider => new WechatWallet(provider.GetRequiredService<WechatLedger>(), provider.GetRequiredService<CallbackSender>()));
        services.TryAddSingleton<WalletPages>();
        services.AddHostedService(provider => provider.GetRequiredService<CallbackSender>());
        services.AddHttpClient(CallbackSender.HttpName, c => c.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
            .RemoveAllLoggers();
        return services;
    }

    /// <summary>Maps API, wallet and control in one group, so that the host can say which port they are for.</summary>
    public static RouteGroupBuilder MapChannelSimulator(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("");
        var api = group.MapGroup("/v3");
        api.MapPost("/pay/transactions/native", (HttpContext http, WechatApi wechat) => wechat.PlaceNativeAsync(http));
        api.MapGet("/pay/transactions/out-trade-no/{outTradeNo}", (HttpContext http, string outTradeNo, WechatApi wechat) => wechat.QueryAsync(http, outTradeNo));
        api.MapGet("/pay/transactions/id/{transactionId}", (HttpContext http, string transactionId, WechatApi wechat) => wechat.QueryByTransactionAsync(http, transactionId));
        api.MapPost("/pay/transactions/out-trade-no/{outTradeNo}/close", (HttpContext http, string outTradeNo, WechatApi wechat) => wechat.CloseAsync(http, outTradeNo));
        api.MapGet("/certificates", (HttpContext http, WechatApi wechat) => wechat.CertificatesAsync(http));
        group.MapControl();
        group.MapWallet();
        return group;
    }
}
