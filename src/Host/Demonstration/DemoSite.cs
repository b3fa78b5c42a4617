using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grpc.Core;
using PayCore.ServiceDefaults;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using QueryClient = PayCore.Contracts.V1.QueryGatewayInner.QueryGatewayInnerClient;

namespace PayCore.Host.Demonstration;

/// <summary>What the demo walks through: the shop and cashier as a browser sees them, the simulated provider's control API, the records of PayDatabase, and what operators ask QueryGateway.</summary>
internal sealed class DemoSite : IDisposable
{
    private readonly HttpClient _browser;
    private readonly HttpClient _provider;

    /// <summary>A running system.</summary>
    /// <param name="center">Where PayCenter's pages are.</param>
    /// <param name="provider">Where the simulated provider is.</param>
    /// <param name="invokerFor">The inner calls of a role.</param>
    /// <param name="time">The clock.</param>
    public DemoSite(Uri center, Uri provider, Func<string, CallInvoker> invokerFor, TimeProvider time)
    {
        Time = time;
        Database = new DatabaseClient(invokerFor(RoleNames.PayDatabase));
        Queries = new QueryClient(invokerFor(RoleNames.QueryGateway));
        _browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = center };
        _provider = new HttpClient { BaseAddress = provider };
    }

    /// <summary>Where PayCenter's pages are.</summary>
    public Uri Center => _browser.BaseAddress!;

    /// <summary>The clock that the records were made with.</summary>
    public TimeProvider Time { get; }

    /// <summary>The records.</summary>
    public DatabaseClient Database { get; }

    /// <summary>What operators ask.</summary>
    public QueryClient Queries { get; }

    /// <summary>Opens a page.</summary>
    public async Task<string> OpenAsync(string path)
    {
        using var answer = await _browser.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute));
        var page = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode == HttpStatusCode.OK ? page : throw new DemoFailedException($"open {path}", $"status {(int)answer.StatusCode}");
    }

    /// <summary>Sends a form and answers where the browser is led.</summary>
    public async Task<string> SendAsync(string path, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        using var answer = await _browser.PostAsync(new Uri(path, UriKind.Relative), content);
        return answer.Headers.Location?.OriginalString ?? throw new DemoFailedException($"send {path}", $"status {(int)answer.StatusCode} leads nowhere");
    }

    /// <summary>Opens an address, the provider's or ours, and the page that its redirects lead to.</summary>
    public async Task<string> FollowAsync(string address)
    {
        var at = new Uri(address);
        for (var hops = 0; hops < 5; hops++)
        {
            using var answer = await _browser.GetAsync(at);
            if (answer.Headers.Location is not { } next)
            {
                return await answer.Content.ReadAsStringAsync();
            }

            at = new Uri(at, next);
        }

        throw new DemoFailedException($"open {address}", "it redirects for ever");
    }

    /// <summary>Presses the button of a form with one hidden field on a page of the provider, and answers where the browser is led.</summary>
    public async Task<Uri> SubmitAsync(string page, Regex form)
    {
        var fields = form.Match(page).Groups;
        using var content = new FormUrlEncodedContent([KeyValuePair.Create(fields[2].Value, WebUtility.HtmlDecode(fields[3].Value))]);
        using var answer = await _browser.PostAsync(new Uri(_provider.BaseAddress!, fields[1].Value), content);
        return answer.Headers.Location is { } next
            ? new Uri(_provider.BaseAddress!, next)
            : throw new DemoFailedException("pay", $"the provider's page answered {(int)answer.StatusCode}");
    }

    /// <summary>Asks the provider's control API.</summary>
    public async Task<JsonElement> ProviderAsync(string path) => await _provider.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative));

    /// <summary>Tells the provider's control API.</summary>
    public async Task<JsonElement> TellProviderAsync(string path, object what)
    {
        using var answer = await _provider.PostAsJsonAsync(new Uri(path, UriKind.Relative), what, DemoJson.Options);
        var said = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return answer.IsSuccessStatusCode ? said : throw new DemoFailedException(path, said.ToString());
    }

    /// <summary>The provider misbehaves no more.</summary>
    public async Task ForgiveProviderAsync()
    {
        using var answer = await _provider.DeleteAsync(new Uri("/control/faults", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Reads until it is as wanted, for at most 20 seconds.</summary>
    public async Task<T> UntilAsync<T>(string step, Func<Task<T>> read, Func<T, bool> wanted)
    {
        var began = Time.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (wanted(value))
            {
                return value;
            }

            if (Time.GetElapsedTime(began) > TimeSpan.FromSeconds(20))
            {
                throw new DemoFailedException(step, "it did not happen within 20 s");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), Time);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _browser.Dispose();
        _provider.Dispose();
    }
}
