using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.QueryGateway;

/// <summary>Hosts QueryGateway.</summary>
public static class QueryGatewayExtensions
{
    /// <summary>Adds the service.</summary>
    public static IServiceCollection AddQueryGateway(this IServiceCollection services)
    {
        services.AddChannelAccess();
        services.AddMerchantApi();
        services.AddMerchantApps();
        services.AddOptions<QueryOptions>().BindConfiguration("Query")
            .Validate(o => o.BudgetShare is > 0 and <= 1, "Query:BudgetShare is more than 0 and at most 1.")
            .Validate(o => o.RefreshShare is > 0 and <= 1, "Query:RefreshShare is more than 0 and at most 1.")
            .Validate(o => o.BudgetWaitMax >= TimeSpan.Zero && o.BudgetWaitMax <= TimeSpan.FromSeconds(5), "Query:BudgetWaitMax is 0 to 5 s.")
            .ValidateOnStart();
        services.AddSingleton<QueryBudget>();
        services.AddSingleton<OrderQueries>();
        services.AddSingleton<MoneyOutQueries>();
        services.AddSingleton<StatementDesk>();
        services.AddSingleton<QueryService>();
        services.AddSingleton<QueryInnerService>();
        services.AddSingleton<ChannelAccountsService>();
        return services;
    }

    /// <summary>Offers the merchant API on the merchant ports, and the inner calls to the other roles.</summary>
    public static void MapQueryGateway(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints.MapGrpcService<QueryService>().OnMerchantPorts().RequireMerchantSignature();
        map.Inner<QueryInnerService>(QueryGatewayInner.BindService);
        map.Inner<ChannelAccountsService>(ChannelAccounts.BindService);
    }
}
