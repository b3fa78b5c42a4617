using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.WebEncoders;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.PayCenter.Cashier;
using PayCore.PayCenter.Shop;
using PayCore.PayCenter.Web;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;

namespace PayCore.PayCenter;

/// <summary>Offers shop and cashier to a host.</summary>
public static class PayCenterExtensions
{
    /// <summary>
    /// Adds the cashier, and the shop when section <c>PayCenter:Shop</c> is present. Settings are checked at the start. Safe to call twice.
    /// </summary>
    public static IServiceCollection AddPayCenter(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddOptions<PayCenterOptions>().BindConfiguration(PayCenterOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PayCenterOptions>, PayCenterOptionsRules>());

        services.AddRoleClient(RoleNames.QueryGateway, invoker => new QueryGatewayInner.QueryGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.PayGateway, invoker => new PayGatewayInner.PayGatewayInnerClient(invoker));
        services.TryAddSingleton<CashierOrders>();
        services.TryAddSingleton<CashierLimits>();
        services.TryAddSingleton<CashierWatch>();
        services.TryAddSingleton<CashierEvents>();
        services.TryAddSingleton<StoreOrders>();
        services.TryAddSingleton<Assets>();

        services.TryAddSingleton<IShopOrders>(provider => new ShopOrderFile(Shop(provider).DataFolder));
        services.TryAddSingleton<ShopKeys>();
        services.TryAddSingleton<ShopWebhook>();
        services.TryAddScoped<ShopCheckout>();
        services.AddHttpClient<ShopApi>(client => client.Timeout = ShopApi.Timeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(2),
            })
            .AddHttpMessageHandler(provider => new SigningHandler(provider.GetRequiredService<ShopKeys>().Signer));

        // Chinese is written as Chinese; what is special in HTML is encoded as ever.
        services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.AddDataProtection().SetApplicationName(nameof(PayCore));
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<PayCenterOptions>>((keys, center) =>
        {
            if (center.Value.FormsKey is { } key)
            {
                (keys.XmlRepository, keys.AutoGenerateKeys) = (new FormsKey(key), false);
            }
        });
        services.AddRazorPages().ConfigureApplicationPartManager(AddOwnPages);
        services.AddOptions<RazorPagesOptions>().Configure<IOptions<PayCenterOptions>>((pages, center) =>
        {
            if (center.Value.Shop is null)
            {
                pages.Conventions.AddFolderRouteModelConvention("/Shop", page => page.Selectors.Clear());
            }
        });
        return services;
    }

    /// <summary>Maps pages, forms, status and their files on the web port.</summary>
    public static void MapPayCenter(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var services = map.Endpoints.ServiceProvider;
        services.GetRequiredService<Assets>().Map(map.Endpoints);
        BrandColour.Map(map.Endpoints);
        CashierEndpoints.Map(map.Endpoints);
        if (services.GetRequiredService<IOptions<PayCenterOptions>>().Value.Shop is not null)
        {
            ShopWebhook.Map(map.Endpoints);
        }

        map.Endpoints.MapRazorPages().On(PortKind.Web);
    }

    private static ShopOptions Shop(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<PayCenterOptions>>().Value.Shop ?? throw new InvalidOperationException("There is no shop.");

    // A host of any SDK finds the pages; one that found them already has them once.
    private static void AddOwnPages(ApplicationPartManager manager)
    {
        var own = typeof(PayCenterExtensions).Assembly;
        if (manager.ApplicationParts.Any(part => part is CompiledRazorAssemblyPart razor && razor.Assembly == own))
        {
            return;
        }

        foreach (var part in ApplicationPartFactory.GetApplicationPartFactory(own).GetApplicationParts(own))
        {
            manager.ApplicationParts.Add(part);
        }
    }
}
