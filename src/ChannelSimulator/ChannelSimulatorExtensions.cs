using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>How a host takes the simulator in.</summary>
public static class ChannelSimulatorExtensions
{
    /// <summary>Adds the simulator; its settings are the configuration section <c>Simulator</c>.</summary>
    public static IServiceCollection AddChannelSimulator(this IServiceCollection services)
    {
        services.AddOptions<SimulatorOptions>().BindConfiguration("Simulator");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SimulatorRandom>();

        // The constructors of the public ones are internal: a ledger or a list of merchants is never made by hand.
        services.TryAddSingleton(p => new WechatMerchants(p.GetRequiredService<PlatformKeyFactory>(), p.GetRequiredService<IOptions<SimulatorOptions>>()));
        services.TryAddSingleton(p => new WechatLedger(
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<SimulatorRandom>(), p.GetRequiredService<IOptions<SimulatorOptions>>()));
        services.TryAddSingleton(_ => new Faults());
        services.TryAddSingleton(p => new SimulatedBills(p.GetRequiredService<TimeProvider>(), p.GetRequiredService<SimulatorRandom>()));
        services.TryAddSingleton<CallbackLog>();
        services.TryAddSingleton<RequestLog>();

        services.TryAddSingleton<SimulatedKeys>();
        services.TryAddSingleton<PlatformKeyFactory>();
        services.TryAddSingleton<PlatformSigner>();
        services.TryAddSingleton<Envelope>();
        services.TryAddSingleton<AuthorizationCheck>();
        services.TryAddSingleton<CertificateList>();
        services.TryAddSingleton<WechatApi>();
        services.TryAddSingleton<WechatDesk>();
        services.TryAddSingleton<CallbackMessage>();
        services.TryAddSingleton<WechatNotifications>();
        services.TryAddSingleton<WechatRefundNotifications>();
        services.TryAddSingleton<WechatTransferNotifications>();
        services.TryAddSingleton<WechatClientCalls>();
        services.TryAddSingleton(p => new WechatWallet(
            p.GetRequiredService<WechatLedger>(), p.GetRequiredService<WechatClientCalls>(), p.GetRequiredService<WechatNotifications>(),
            p.GetRequiredService<CallbackSender>()));

        services.TryAddSingleton(p => new AlipayMerchants(
            p.GetRequiredService<SimulatedKeys>(), p.GetRequiredService<AlipayAuthority>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<IOptions<SimulatorOptions>>()));
        services.TryAddSingleton(p => new AlipayLedger(
            p.GetRequiredService<AlipayMerchants>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<SimulatorRandom>(),
            p.GetRequiredService<IOptions<SimulatorOptions>>()));
        services.TryAddSingleton<AlipayAuthority>();
        services.TryAddSingleton<AlipayCallCheck>();
        services.TryAddSingleton<AlipayTradeMethods>();
        services.TryAddSingleton<AlipayRefundMethods>();
        services.TryAddSingleton<AlipayFundMethods>();
        services.TryAddSingleton<AlipayBillMethods>();
        services.TryAddSingleton<AlipayAppCalls>();
        services.TryAddSingleton<AlipayForgery>();
        services.TryAddSingleton<AlipayAnswerWriter>();
        services.TryAddSingleton<AlipayGateway>();
        services.TryAddSingleton<AlipayDesk>();
        services.TryAddSingleton<AlipayCashierPages>();
        services.TryAddSingleton<AlipayReturn>();
        services.TryAddSingleton<AlipayNotifyMessage>();
        services.TryAddSingleton<AlipayNotifications>();
        services.TryAddSingleton<AlipayRefundNotifications>();
        services.TryAddSingleton<AlipayTransferNotifications>();
        services.TryAddSingleton(p => new AlipayWallet(
            p.GetRequiredService<AlipayLedger>(), p.GetRequiredService<AlipayAppCalls>(), p.GetRequiredService<AlipayNotifications>(),
            p.GetRequiredService<CallbackSender>()));

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWalletDesk, AlipayDesk>(p => p.GetRequiredService<AlipayDesk>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INotificationSource, AlipayNotifications>(p => p.GetRequiredService<AlipayNotifications>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWalletDesk, WechatDesk>(p => p.GetRequiredService<WechatDesk>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<INotificationSource, WechatNotifications>(p => p.GetRequiredService<WechatNotifications>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<INotificationSource, WechatRefundNotifications>(p => p.GetRequiredService<WechatRefundNotifications>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<INotificationSource, WechatTransferNotifications>(p => p.GetRequiredService<WechatTransferNotifications>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<INotificationSource, AlipayRefundNotifications>(p => p.GetRequiredService<AlipayRefundNotifications>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<INotificationSource, AlipayTransferNotifications>(p => p.GetRequiredService<AlipayTransferNotifications>()));
        services.TryAddSingleton<WalletPages>();
        services.TryAddSingleton<CallbackClient>();
        services.TryAddSingleton<CallbackSender>();
        services.TryAddSingleton<CallbackResender>();
        services.AddHostedService(p => p.GetRequiredService<CallbackSender>());
        return services;
    }

    /// <summary>Maps everything the simulator answers to, as one group to which the host can attach its conventions.</summary>
    public static RouteGroupBuilder MapChannelSimulator(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("");
        var providers = group.MapGroup("").WithSimulatedDate(endpoints.ServiceProvider.GetRequiredService<TimeProvider>());
        providers.MapWechatApi();
        providers.MapWechatRefunds();
        providers.MapWechatTransfers();
        providers.MapWechatBills();
        AlipayGateway.Map(providers);
        AlipayBillMethods.MapDownload(providers);
        group.MapWechatPages();
        group.MapAlipayCashier();
        group.MapControl();
        group.MapWechatControl();
        group.MapAlipayControl();
        group.MapWallet();
        return group;
    }
}
