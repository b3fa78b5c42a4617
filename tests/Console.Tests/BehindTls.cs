using System.Net;
using System.Text.RegularExpressions;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;

namespace PayCore.Console.Tests;

/// <summary>The console behind a proxy that ends TLS, as it stands in production.</summary>
public sealed partial class BehindTls(Chromium chromium)
{
    [Fact]
    public async Task LogIn_OverTls_GivesCookiesBoundToTheHost()
    {
        await using var office = await Office.OpenAsync(chromium, "sqlite", "--Public:TrustedProxies:0=127.0.0.1");
        var ada = await office.HireAsync("ada", "admin");
        using var client = ClientOf(office, "https");
        var jar = new Dictionary<string, string>();

        var login = await SendAsync(client, jar, HttpMethod.Get, "/login", null);
        login.Headers.GetValues("Strict-Transport-Security").Should().ContainSingle();
        var half = await SendAsync(client, jar, HttpMethod.Post, "/login", await FieldsAsync(login, "login", ("Name", "ada"), ("Password", Office.Password)));
        DemandBound(half, "__Host-paycore-console-login");
        var code = await SendAsync(client, jar, HttpMethod.Get, "/login/code", null);
        var whole = await SendAsync(client, jar, HttpMethod.Post, "/login/code", await FieldsAsync(code, "code", ("Code", office.CodeOf(ada.Secret))));
        DemandBound(whole, "__Host-paycore-console");

        (await SendAsync(client, jar, HttpMethod.Get, "/", null)).StatusCode.Should().Be(HttpStatusCode.OK);
        jar["paycore-console"] = jar["__Host-paycore-console"];
        jar.Remove("__Host-paycore-console");
        (await SendAsync(client, jar, HttpMethod.Get, "/", null)).StatusCode.Should().Be(HttpStatusCode.Redirect, "a name that others may set opens nothing over TLS");
    }

    [Fact]
    public async Task PlainHttp_FromElsewhere_IsRefused()
    {
        await using var office = await Office.OpenAsync(chromium, "sqlite", "--Public:TrustedProxies:0=127.0.0.1");
        using var client = ClientOf(office, "http");

        foreach (var path in new[] { "/login", "/", "/setup/x" })
        {
            using var answer = await client.GetAsync(path);
            answer.StatusCode.Should().Be(HttpStatusCode.Forbidden, path);
            answer.Headers.Contains("Set-Cookie").Should().BeFalse();
        }
    }

    private static HttpClient ClientOf(Office office, string scheme)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = office.World.Console };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        return client;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, Dictionary<string, string> jar, HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", jar.Select(c => $"{c.Key}={c.Value}")));
        var answer = await client.SendAsync(request);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            cookie.Should().Contain("secure").And.Contain("path=/").And.NotContain("domain=");
            var pair = cookie.Split(';')[0].Split('=', 2);
            jar[pair[0]] = pair[1];
        }

        return answer;
    }

    private static void DemandBound(HttpResponseMessage answer, string name)
    {
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith(name + "=", StringComparison.Ordinal) && !c.StartsWith(name + "=;", StringComparison.Ordinal));
        cookie.Should().Contain("; secure").And.Contain("; httponly").And.Contain("; samesite=strict").And.Contain("path=/").And.NotContain("domain=").And.NotContain("expires=");
    }

    private static async Task<FormUrlEncodedContent> FieldsAsync(HttpResponseMessage page, string form, params (string Name, string Value)[] fields)
    {
        var token = TokenRule().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        return new FormUrlEncodedContent([new("_handler", form), new("__RequestVerificationToken", token), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))]);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex TokenRule();
}
