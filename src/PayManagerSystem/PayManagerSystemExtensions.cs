using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.WebEncoders;
using MudBlazor.Services;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.OutboundAddresses;
using PayCore.PayManagerSystem.Accounts;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Apps;
using PayCore.PayManagerSystem.Components;
using PayCore.PayManagerSystem.Exports;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Records;
using PayCore.PayManagerSystem.Settings;
using PayCore.PayManagerSystem.Web;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;

namespace PayCore.PayManagerSystem;

/// <summary>Offers the console to a host.</summary>
public static class PayManagerSystemExtensions
{
    /// <summary>Adds the console. Settings are checked at the start.</summary>
    public static IServiceCollection AddPayManagerSystem(this IServiceCollection services)
    {
        services.AddServiceDefaults();
        services.AddPayConfiguration();
        services.AddOptions<ConsoleOptions>().BindConfiguration("Console").ValidateDataAnnotations().ValidateOnStart();
        services.AddPayDatabaseClient();
        services.AddRoleClient(RoleNames.PayDatabase, invoker => new Operators.OperatorsClient(invoker));
        services.AddRoleClient(RoleNames.PayDatabase, invoker => new ConsoleRecords.ConsoleRecordsClient(invoker));
        services.AddRoleClient(RoleNames.PayDatabase, invoker => new Instances.InstancesClient(invoker));
        services.AddRoleClient(RoleNames.QueryGateway, invoker => new ChannelAccounts.ChannelAccountsClient(invoker));
        services.AddRoleClient(RoleNames.QueryGateway, invoker => new QueryGatewayInner.QueryGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.PayGateway, invoker => new PayGatewayInner.PayGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.RefundGateway, invoker => new RefundGatewayInner.RefundGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.TransferGateway, invoker => new TransferGatewayInner.TransferGatewayInnerClient(invoker));
        services.AddRoleClient(RoleNames.NotifyGateway, invoker => new NotifyGateway.NotifyGatewayClient(invoker));
        services.AddSingleton<ConsoleFiles>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<LoginDesk>();
        services.AddSingleton<SetupLinks>();
        services.AddSingleton<PaymentSource>();
        services.AddSingleton<RefundSource>();
        services.AddSingleton<TransferSource>();
        services.AddSingleton<DeliverySource>();
        services.AddSingleton<CallbackSource>();
        services.AddSingleton<ExceptionSource>();
        services.AddSingleton<StatementSource>();
        services.AddScoped<ActionGate>();
        services.AddScoped<PeopleActions>();
        services.AddScoped<ApprovalActions>();
        services.AddScoped<RecordActions>();
        services.AddScoped<ViewActions>();
        services.AddSingleton<ExportDesk>();
        services.AddHostedService(provider => provider.GetRequiredService<ExportDesk>());
        services.AddScoped<ExportActions>();
        services.AddScoped<IApprovedWork, ApprovedTransfers>();
        services.AddScoped<IApprovedWork, ApprovedRefunds>();
        services.AddScoped<IApprovedWork, DecidedRefunds>();
        services.AddSingleton<DocumentDesk>();
        services.AddSingleton<Deciders>();
        services.AddSingleton<Channels>();
        services.AddSingleton<AccountBook>();
        services.AddScoped<ProposedDocuments>();
        services.AddScoped<KeyChanges>();
        services.AddScoped<IApprovedWork>(provider => provider.GetRequiredService<KeyChanges>());
        services.AddScoped<AccountActions>();
        services.AddOptions<OutboundOptions>().BindConfiguration("Outbound");
        services.AddSingleton<AppBook>();
        services.AddSingleton<Upkeep>();
        services.AddScoped<LimitChanges>();
        services.AddScoped<IApprovedWork>(provider => provider.GetRequiredService<LimitChanges>());
        services.AddScoped<AppActions>();
        AddSessions(services);
        AddPages(services);
        return services;
    }

    /// <summary>Guards the console's port and says who asks there. Comes before the endpoints; requests of other ports pass.</summary>
    public static void UsePayManagerSystem(this IApplicationBuilder app)
    {
        app.Use(ConsoleGuard.InvokeAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    /// <summary>Maps pages, forms and files on the console's port.</summary>
    public static void MapPayManagerSystem(this RoleMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        map.Endpoints.ServiceProvider.GetRequiredService<ConsoleFiles>().Map(map.Endpoints);
        map.Endpoints.MapPost("/logout", LogOutAsync).WithMetadata(new RequireAntiforgeryTokenAttribute()).RequireAuthorization().On(PortKind.Console);
        map.Endpoints.MapGet("/exports/{id}", Download).RequireAuthorization($"{ConsolePages.Exports.Permission}").On(PortKind.Console);
        map.Endpoints.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .RequireAuthorization()
            .On(PortKind.Console);
    }

    private static async Task<IResult> LogOutAsync(HttpContext http, Operators.OperatorsClient operators)
    {
        if (http.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: true })
        {
            return Results.BadRequest();
        }

        await operators.EndSessionsAsync(
            new EndSessionsRequest { OperatorId = http.User.OperatorId(), SessionId = http.User.SessionId(), By = http.User.OperatorName() },
            cancellationToken: http.RequestAborted);
        SessionCookie.Session.Delete(http);
        return Results.LocalRedirect("/login");
    }

    /// <summary>The file of an export that is done, for its owner.</summary>
    private static IResult Download(string id, HttpContext http, ExportDesk exports) => exports.Find(id, http.User.OperatorId()) is { State: ExportState.Done } job && File.Exists(job.Path)
        ? Results.File(job.Path, "text/csv; charset=utf-8", job.FileName)
        : Results.NotFound();

    private static void AddSessions(IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<SessionAuthenticationOptions, SessionAuthentication>(SessionAuthentication.Scheme, null);
        services.AddAuthorizationBuilder().AddPolicies();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SessionStateProvider>();
        services.AddScoped<CircuitActivity>();
        services.TryAddEnumerable(ServiceDescriptor.Scoped<CircuitHandler, CircuitActivity>(provider => provider.GetRequiredService<CircuitActivity>()));
        services.AddHttpContextAccessor();
    }

    private static void AddPolicies(this AuthorizationBuilder authorization)
    {
        authorization.SetDefaultPolicy(new AuthorizationPolicyBuilder(SessionAuthentication.Scheme).RequireAuthenticatedUser().Build());
        foreach (var permission in Enum.GetNames<ConsolePermission>())
        {
            authorization.AddPolicy(permission, new AuthorizationPolicyBuilder(SessionAuthentication.Scheme).RequireClaim(Principals.Permission, permission).Build());
        }
    }

    private static void AddPages(IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices();
        // Chinese is written as Chinese; what is special in HTML is encoded as ever.
        services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.AddAntiforgery(options => options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        services.AddDataProtection().SetApplicationName(nameof(PayCore));
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<ConsoleOptions>>((keys, console) =>
        {
            if (console.Value.FormsKey is { } key)
            {
                (keys.XmlRepository, keys.AutoGenerateKeys) = (new FormsKey(key), false);
            }
        });
    }
}
