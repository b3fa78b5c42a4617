using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.Configuration;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.Host.Demonstration.Tour;

/// <summary>
/// The merchant of the tour: asks over REST with signed requests, and verifies what it is told at an endpoint of its own. Its keys are kept, so that a system that
/// was told of it once knows it on every later tour.
/// </summary>
/// <param name="dataFolder">Where its keys are kept.</param>
/// <param name="port">Where its endpoint is.</param>
internal sealed class TourMerchant(string dataFolder, int port) : IAsyncDisposable
{
    private const string AppId = "tour";
    private const string KeyId = "k1";

    private readonly ConcurrentQueue<(string Type, string About)> _told = new();
    private readonly ConcurrentDictionary<string, int> _refusals = new();
    private readonly MerchantKeyPair _key = DemoSecrets.KeepKey(Path.Combine(dataFolder, "tour"));
    private readonly string _secret = DemoSecrets.Keep(
        Path.Combine(dataFolder, "tour", "webhook-secret"), () => WebhookSecret.Create(RandomSource.System.Fill));

    private TimeProvider _time = TimeProvider.System;
    private WebApplication? _endpoint;
    private HttpClient? _client;

    /// <summary>Host and port of the endpoint.</summary>
    public string Authority => $"127.0.0.1:{port}";

    /// <summary>Opens its endpoint.</summary>
    /// <param name="api">Where PayCore is.</param>
    /// <param name="time">The clock.</param>
    public async Task StartAsync(Uri api, TimeProvider time)
    {
        _time = time;
        var signer = new RequestSigner(SigningKey.FromPrivateKeyPem(AppId, KeyId, MerchantKeyAlgorithm.Ed25519, _key.PrivateKeyPem), time, Nonce);
        _client = new HttpClient(new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = api };
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://{Authority}");
        builder.Logging.ClearProviders();
        _endpoint = builder.Build();
        _endpoint.MapPost("/told", TakeAsync);
        await _endpoint.StartAsync();
    }

    /// <summary>Its document: every scene of both providers, transfers, and money that nobody waits for given back.</summary>
    public Task WriteDocumentAsync(IConfigBackend backend)
    {
        string[] scenes = ["QR", "PAGE", "H5", "JSAPI", "MINI_PROGRAM", "APP", "BARCODE"];
        var routes = scenes.SelectMany(s => new[] { ($"wechat.{s}", TourAccounts.Wechat), ($"alipay.{s}", TourAccounts.Alipay) })
            .Append(("wechat.TRANSFER", TourAccounts.Wechat)).Append(("alipay.TRANSFER", TourAccounts.AlipayOut));
        var app = new MerchantApp
        {
            MerchantId = "tour",
            Name = "Tour",
            Keys = [new AppKeyDocument { KeyId = KeyId, Alg = "ed25519", PublicKey = _key.PublicKeyPem }],
            Webhook = new WebhookDocument { Url = $"http://{Authority}/told", Secrets = [_secret] },
            Routes = routes.ToDictionary(r => r.Item1, IReadOnlyList<RouteDocument> (r) => [new RouteDocument { Account = r.Item2 }]),
            LatePayment = MoneyPolicy.Refund,
            Surplus = MoneyPolicy.Refund,
        };
        return backend.WriteAsync("apps", AppId, JsonSerializer.SerializeToUtf8Bytes(app, DocumentJson.Options), CancellationToken.None);
    }

    /// <summary>Asks for something and gets its answer, which must be a success.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonObject request)
    {
        var (status, answer) = await TryPostAsync(path, request);
        return status == 200 ? answer : throw new DemoFailedException($"POST {path}", answer.ToJsonString());
    }

    /// <summary>Asks for something; answers status and body.</summary>
    public async Task<(int Status, JsonNode Answer)> TryPostAsync(string path, JsonObject request)
    {
        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _client!.PostAsync(new Uri(path, UriKind.Relative), content);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>Reads something of its own.</summary>
    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _client!.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    /// <summary>All of its feed.</summary>
    public async Task<string> ReadFeedAsync()
    {
        var read = new StringBuilder();
        for (string after = "0", before = ""; after != before;)
        {
            var page = await GetAsync($"/v1/events?after={after}&page_size=200");
            read.Append(page.ToJsonString());
            (before, after) = (after, page["after"]!.ToString());
        }

        return read.ToString();
    }

    /// <summary>Whether it was told, and acknowledged.</summary>
    public bool Knows(string type, string about) => _told.Contains((type, about));

    /// <summary>Answers 500 to the first so many notifications about something.</summary>
    public void RefuseFirst(string about, int times) => _refusals[about] = times;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_endpoint is not null)
        {
            await _endpoint.DisposeAsync();
        }
    }

    private static string Nonce()
    {
        Span<byte> nonce = stackalloc byte[16];
        RandomSource.System.Fill(nonce);
        return Convert.ToHexString(nonce);
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var headers = http.Request.Headers;
        var verdict = new StandardWebhook([WebhookSecret.Parse(_secret)], _time).Verify(
            headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body.ToArray());
        if (verdict != WebhookVerdict.Verified)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var json = JsonDocument.Parse(body.ToArray());
        var about = json.RootElement.GetProperty("data").GetProperty("id").GetString()!;
        if (_refusals.TryGetValue(about, out var left) && left > 0)
        {
            _refusals[about] = left - 1;
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        _told.Enqueue((json.RootElement.GetProperty("type").GetString()!, about));
        await http.Response.WriteAsync("success");
    }
}
