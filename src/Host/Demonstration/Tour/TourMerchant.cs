using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.Configuration;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.Host.Demonstration.Tour;

/// <summary>The merchant of the tour: asks over REST with signed requests, and verifies what it is told at an endpoint of its own.</summary>
internal sealed class TourMerchant : IAsyncDisposable
{
    private const string AppId = "tour";
    private const string KeyId = "k1";

    private readonly ConcurrentQueue<(string Type, string About)> _told = new();
    private readonly ConcurrentDictionary<string, int> _refusals = new();
    private readonly MerchantKeyPair _key = MerchantKeyPair.CreateEd25519();
    private readonly string _secret = WebhookSecret.Create(RandomSource.System.Fill);
    private readonly TimeProvider _time;
    private readonly WebApplication _endpoint;
    private HttpClient? _client;

    private TourMerchant(WebApplication endpoint, TimeProvider time) => (_endpoint, _time) = (endpoint, time);

    /// <summary>Host and port of the endpoint.</summary>
    public string Authority => new Uri(_endpoint.Urls.Single()).Authority;

    /// <summary>Starts its endpoint.</summary>
    public static async Task<TourMerchant> StartAsync(TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var endpoint = builder.Build();
        var merchant = new TourMerchant(endpoint, time);
        endpoint.MapPost("/told", merchant.TakeAsync);
        await endpoint.StartAsync();
        return merchant;
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

    /// <summary>Says where PayCore is.</summary>
    public void Connect(Uri api)
    {
        var signer = new RequestSigner(
            SigningKey.FromPrivateKeyPem(AppId, KeyId, MerchantKeyAlgorithm.Ed25519, _key.PrivateKeyPem), _time, Nonce);
        _client = new HttpClient(new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = api };
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

    /// <summary>Whether it was told, and acknowledged.</summary>
    public bool Knows(string type, string about) => _told.Contains((type, about));

    /// <summary>Answers 500 to the first so many notifications about something.</summary>
    public void RefuseFirst(string about, int times) => _refusals[about] = times;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _endpoint.DisposeAsync();
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
