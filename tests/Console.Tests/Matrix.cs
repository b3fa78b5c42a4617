using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.PayManagerSystem;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Web;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.Console.Tests;

/// <summary>Every endpoint and page with every built-in role, nobody included; made from the tables.</summary>
public sealed class Matrix(Chromium chromium) : IAsyncLifetime
{
    /// <summary>Pages before the log-in.</summary>
    private static readonly string[] _open = ["/login", "/login/code", "/login/enrol", "/setup/{Token}", "/not-found"];

    private Office _office = null!;

    public static TheoryData<string> Roles => ["", .. BuiltInRoles.Table.Keys];

    public async ValueTask InitializeAsync() => _office = await Office.OpenAsync(chromium);

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    private static IEnumerable<(string Route, Type Type)> Pages => typeof(PayManagerSystemExtensions).Assembly.GetTypes()
        .SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>().Select(r => (r.Template, t)));

    /// <summary>What the components say is what the table says.</summary>
    [Fact]
    public void Pages_AreThoseOfTheTableWithTheirPermissions()
    {
        Pages.Where(p => !_open.Contains(p.Route)).Select(p => p.Route).Should().BeEquivalentTo(ConsolePages.All.Select(p => p.Route));
        foreach (var (route, type) in Pages.Where(p => !_open.Contains(p.Route)))
        {
            var policies = type.GetCustomAttributes(typeof(AuthorizeAttribute), true).Cast<AuthorizeAttribute>().Select(a => a.Policy).OfType<string>();
            policies.Should().Equal([$"{ConsolePages.All.Single(p => p.Route == route).Permission}"], route);
            type.IsDefined(typeof(AllowAnonymousAttribute), true).Should().BeFalse();
        }
    }

    [Fact]
    public void Actions_AreAllInTheTableOnce()
    {
        var declared = typeof(ConsoleActions).GetProperties().Where(p => p.PropertyType == typeof(ConsoleAction)).Select(p => (ConsoleAction)p.GetValue(null)!).ToList();

        ConsoleActions.All.Should().BeEquivalentTo(declared);
        ConsoleActions.All.Select(a => a.Name).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task EveryPage_AnswersWhomThePermissionAllows(string role)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _office.World.Console };
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        if (role.Length > 0)
        {
            client.DefaultRequestHeaders.Add("Cookie", $"paycore-console={await _office.SessionOfAsync(await _office.HireAsync(role, role))}");
        }

        foreach (var page in ConsolePages.All)
        {
            using var answer = await client.GetAsync(page.Route);
            var expected = role.Length == 0 ? HttpStatusCode.Redirect : BuiltInRoles.Table[role].Contains(page.Permission) ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
            answer.StatusCode.Should().Be(expected, $"{page.Route} for {(role.Length == 0 ? "nobody" : role)}");
            DemandGuard(answer, page.Route);
        }
    }

    /// <summary>An operator whose only role has one permission opens its pages and no others.</summary>
    [Theory]
    [InlineData(nameof(ConsolePermission.ViewAudit))]
    [InlineData(nameof(ConsolePermission.ViewPeople))]
    [InlineData(nameof(ConsolePermission.Refund))]
    public async Task CustomRole_OfOnePermission_OpensNothingElse(string permission)
    {
        await _office.Operators.SaveRoleAsync(new Contracts.V1.SaveRoleRequest { Role = new Contracts.V1.OperatorRole { Name = "one", Permissions = { permission } }, By = "test" });
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _office.World.Console };
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        client.DefaultRequestHeaders.Add("Cookie", $"paycore-console={await _office.SessionOfAsync(await _office.HireAsync("one", "one"))}");

        foreach (var page in ConsolePages.All)
        {
            using var answer = await client.GetAsync(page.Route);
            answer.StatusCode.Should().Be($"{page.Permission}" == permission ? HttpStatusCode.OK : HttpStatusCode.Forbidden, page.Route);
        }
    }

    [Fact]
    public async Task EveryEndpoint_ForNobody_IsALogInAFileOrRefused()
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _office.World.Console };
        var endpoints = _office.World.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<PortRequirement>()?.Kind == PortKind.Console).ToList();
        endpoints.Should().HaveCountGreaterThan(10);
        foreach (var endpoint in endpoints)
        {
            var path = endpoint.RoutePattern.RawText!;
            var isOpen = _open.Any(o => o.Trim('/') == path.Trim('/')) || path.Contains("console-assets", StringComparison.Ordinal);
            (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).Should().Be(isOpen, path);
            (endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null || isOpen).Should().BeTrue(path);
        }
    }

    [Fact]
    public async Task Post_WithoutTheFormsToken_ChangesNothing()
    {
        var ada = await _office.HireAsync("ada", "admin");
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _office.World.Console };
        client.DefaultRequestHeaders.Add("Cookie", $"paycore-console={await _office.SessionOfAsync(ada)}");
        var forms = Pages.SelectMany(p => p.Type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Select(property => (p.Route, Form: property.GetCustomAttribute<SupplyParameterFromFormAttribute>()?.FormName)))
            .Where(f => f.Form is not null).Distinct().ToList();
        forms.Should().HaveCountGreaterThanOrEqualTo(4);
        foreach (var (path, handler) in forms.Select(f => (f.Route.Replace("{Token}", "x", StringComparison.Ordinal), f.Form!)).Append(("/logout", "")))
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = handler, ["Name"] = "ada", ["Password"] = Office.Password });
            using var answer = await client.PostAsync(path, form);
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, path);
        }

        client.DefaultRequestHeaders.Add("Accept", "text/html");
        (await client.GetAsync("/")).StatusCode.Should().Be(HttpStatusCode.OK, "nobody was logged out");
        var posts = _office.World.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<PortRequirement>()?.Kind == PortKind.Console && e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .Where(e => !e.RoutePattern.RawText!.Contains("_blazor", StringComparison.Ordinal));
        posts.Should().NotBeEmpty().And.OnlyContain(e => e.Metadata.GetMetadata<IAntiforgeryMetadata>()!.RequiresValidation, "whatever takes a POST takes it with the form's token");
    }

    private static void DemandGuard(HttpResponseMessage answer, string what)
    {
        answer.Headers.GetValues("Content-Security-Policy").Should().Equal([ConsoleGuard.Policy], what);
        answer.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
    }
}
