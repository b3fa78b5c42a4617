using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using NSec.Cryptography;
using PayCore.MerchantApi;

namespace PayCore.PayCenter.Tests;

/// <summary>Plays the merchant REST API over real HTTP: verifies each signature on the raw request and keeps what it was sent.</summary>
public sealed class FakeMerchantApi : IAsyncDisposable, IMerchantKeys
{
    private readonly WebApplication _app;
    private readonly MerchantKey _key;
    private readonly SignatureVerifier _verifier;

    private FakeMerchantApi(WebApplication app, TimeProvider time)
    {
        _app = app;
        using var key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        PrivateKeyPem = Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText));
        _key = MerchantKey.FromPublicKeyPem("teashop", "k1", MerchantKeyAlgorithm.Ed25519, Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPublicKeyText)));
        _verifier = new SignatureVerifier(this, time, new NonceMemory(time));
    }

    /// <summary>The key of <c>teashop/k1</c>.</summary>
    public string PrivateKeyPem { get; }

    /// <summary>What the verifier said of each request.</summary>
    public ConcurrentQueue<SignatureResult> Signatures { get; } = new();

    /// <summary>Where it listens.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>The requests: path, headers, raw body.</summary>
    public ConcurrentQueue<(string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)> Requests { get; } = new();

    /// <summary>The status of the answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>The body of the answers; null makes one with a cashier page.</summary>
    public string? Answer { get; set; }

    public static async Task<FakeMerchantApi> StartAsync(TimeProvider? time = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var api = new FakeMerchantApi(app, time ?? TimeProvider.System);
        app.Run(api.TakeAsync);
        await app.StartAsync();
        return api;
    }

    public MerchantKey? Find(string appId, string keyId) => (appId, keyId) == (_key.AppId, _key.KeyId) ? _key : null;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Requests.Enqueue(($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", headers, buffer.ToArray()));
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var signature = _verifier.Verify(context.Request.Method, target, context.Request.Headers, buffer.ToArray());
        Signatures.Enqueue(signature);
        if (!signature.IsVerified)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var body = JsonDocument.Parse(buffer.ToArray());
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Answer ?? $$"""{"result":"ACTION","cashier_url":"https://pay.example/pay/{{body.RootElement.GetProperty("out_trade_no").GetString()}}"}""");
    }
}
