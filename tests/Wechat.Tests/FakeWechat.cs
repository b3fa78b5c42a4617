using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PayCore.Wechat.Tests;

/// <summary>A request as it came over the wire.</summary>
internal sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body, string? SignatureProblem)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Completes when the request ended; true when the client went away first.</summary>
    public Task<bool> Aborted { get; init; } = Task.FromResult(false);

    /// <summary>Completes when half of the body went out, see <see cref="FakeAnswer.InBody"/>.</summary>
    public Task HalfSent { get; init; } = Task.CompletedTask;
}

/// <summary>What to answer, and how wrongly.</summary>
internal sealed record FakeAnswer(int Status, string Body = "")
{
    public bool Signed { get; init; } = true;

    public RSA Key { get; init; } = Keys.Platform;

    public string Serial { get; init; } = Keys.PublicKeyId;

    /// <summary>Seconds added to the clock in the timestamp.</summary>
    public long ClockOff { get; init; }

    /// <summary>A header to leave out after signing.</summary>
    public string? Without { get; init; }

    /// <summary>A header to send twice.</summary>
    public string? Twice { get; init; }

    /// <summary>Replaces headers after signing.</summary>
    public IReadOnlyDictionary<string, string> Replace { get; init; } = new Dictionary<string, string>();

    /// <summary>The body sent, when it is another than the one signed.</summary>
    public byte[]? BodySent { get; init; }

    /// <summary>Do the signature's first characters as a probe does (wechat-pay-v3.md 2.3, 16.9).</summary>
    public bool Probe { get; init; }

    /// <summary>Cut the connection instead of answering.</summary>
    public bool Cut { get; init; }

    /// <summary>Send half of the body, wait for this, and cut the connection.</summary>
    public Task? InBody { get; init; }

    /// <summary>Answer only when this completes.</summary>
    public Task Until { get; init; } = Task.CompletedTask;
}

/// <summary>
/// WeChat Pay as a rude server on a real port: checks the request's signature and signs its answers with code of its own, written from
/// wechat-pay-v3.md 1.3 and 2.2, and answers wrongly on request.
/// </summary>
internal sealed partial class FakeWechat : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider _time;
    private readonly Channel<Received> _arrivals = System.Threading.Channels.Channel.CreateUnbounded<Received>();
    private readonly List<Received> _requests = [];

    private FakeWechat(WebApplication app, TimeProvider time)
    {
        _app = app;
        _time = time;
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Decides the answer.</summary>
    public Func<Received, FakeAnswer> Answer { get; set; } = _ => new FakeAnswer(500) { Signed = false };

    public IReadOnlyList<Received> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<FakeWechat> StartAsync(TimeProvider time, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var fake = new FakeWechat(app, time);
        app.Run(fake.HandleAsync);
        await app.StartAsync();
        fake.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return fake;
    }

    /// <summary>The next request, as soon as it is there whole.</summary>
    public async Task<Received> ArrivalAsync() => await _arrivals.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    /// <summary>The platform's signature over a message (2.2).</summary>
    public static string Sign(RSA key, string timestamp, string nonce, byte[] body)
    {
        using var message = new MemoryStream();
        message.Write(Encoding.ASCII.GetBytes(timestamp + "\n" + nonce + "\n"));
        message.Write(body);
        message.WriteByte(10);
        return Convert.ToBase64String(key.SignData(message.ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>AEAD_AES_256_GCM as 5.3 writes it.</summary>
    public static JsonObject Seal(string plain, string associatedData, string key = Keys.ApiV3Key, string nonce = "fdasflkja484")
    {
        var bytes = Encoding.UTF8.GetBytes(plain);
        var data = new byte[bytes.Length];
        var tag = new byte[16];
        using var aes = new AesGcm(Encoding.ASCII.GetBytes(key), 16);
        aes.Encrypt(Encoding.ASCII.GetBytes(nonce), bytes, data, tag, Encoding.ASCII.GetBytes(associatedData));
        return new JsonObject
        {
            ["algorithm"] = "AEAD_AES_256_GCM",
            ["nonce"] = nonce,
            ["associated_data"] = associatedData,
            ["ciphertext"] = Convert.ToBase64String([.. data, .. tag]),
        };
    }

    private async Task HandleAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var aborted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var halfSent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = http.RequestAborted.Register(() => aborted.TrySetResult(true));
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var received = new Received(http.Request.Method, target, headers, body.ToArray(), CheckAuthorization(http.Request.Method, target, headers, body.ToArray()))
        {
            Aborted = aborted.Task,
            HalfSent = halfSent.Task,
        };
        lock (_requests)
        {
            _requests.Add(received);
        }

        _arrivals.Writer.TryWrite(received);
        var answer = Answer(received);
        await Task.WhenAny(answer.Until, aborted.Task);
        if (answer.Cut)
        {
            http.Abort();
            return;
        }

        if (answer.InBody is { } inBody)
        {
            await WriteAsync(http.Response, answer, half: true);
            halfSent.SetResult();
            await Task.WhenAny(inBody, aborted.Task);
            http.Abort();
            return;
        }

        await WriteAsync(http.Response, answer);
        aborted.TrySetResult(false);
    }

    private async Task WriteAsync(HttpResponse response, FakeAnswer answer, bool half = false)
    {
        var body = Encoding.UTF8.GetBytes(answer.Body);
        response.StatusCode = answer.Status;
        response.Headers["Request-ID"] = "08F78BB5AF0610D302189F-268448896";
        if (answer.Signed)
        {
            var timestamp = (_time.GetUtcNow().ToUnixTimeSeconds() + answer.ClockOff).ToString(CultureInfo.InvariantCulture);
            const string nonce = "c5ac7061fccab6bf3e254dcf98995b8c";
            var signature = Sign(answer.Key, timestamp, nonce, body);
            const string probe = "WECHATPAY/SIGNTEST/";
            response.Headers["Wechatpay-Timestamp"] = timestamp;
            response.Headers["Wechatpay-Nonce"] = nonce;
            response.Headers["Wechatpay-Signature"] = answer.Probe ? probe + signature[probe.Length..] : signature;
            response.Headers["Wechatpay-Serial"] = answer.Serial;
            response.Headers["Wechatpay-Signature-Type"] = "WECHATPAY2-SHA256-RSA2048";
        }

        foreach (var (name, value) in answer.Replace)
        {
            response.Headers[name] = value;
        }

        if (answer.Twice is { } twice)
        {
            response.Headers[twice] = new[] { response.Headers[twice].ToString(), response.Headers[twice].ToString() };
        }

        if (answer.Without is { } without)
        {
            response.Headers.Remove(without);
        }

        var sent = answer.BodySent ?? body;
        if (answer.Status is 302)
        {
            response.Headers.Location = "/elsewhere";
        }

        if (sent.Length > 0 && answer.Status != 204)
        {
            response.ContentType = "application/json";
            response.ContentLength = sent.Length;
            await response.Body.WriteAsync(half ? sent.AsMemory(0, sent.Length / 2) : sent);
            await response.Body.FlushAsync();
        }
    }

    /// <summary>What is wrong with the request's signature, or null.</summary>
    private string? CheckAuthorization(string method, string target, Dictionary<string, string> headers, byte[] body)
    {
        var match = AuthorizationRule().Match(headers.GetValueOrDefault("Authorization", ""));
        if (!match.Success)
        {
            return "the header has another form";
        }

        var pairs = PairRule().Matches(match.Groups[1].Value).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        if (!pairs.Keys.Order().SequenceEqual(["mchid", "nonce_str", "serial_no", "signature", "timestamp"]))
        {
            return "not the five fields";
        }

        if (pairs["mchid"] != Keys.MchId || pairs["serial_no"] != Keys.MerchantSerial)
        {
            return "another merchant";
        }

        if (!NonceRule().IsMatch(pairs["nonce_str"]))
        {
            return "no nonce";
        }

        if (Math.Abs(_time.GetUtcNow().ToUnixTimeSeconds() - long.Parse(pairs["timestamp"], CultureInfo.InvariantCulture)) > 300)
        {
            return "the timestamp is stale";
        }

        using var message = new MemoryStream();
        foreach (var line in new[] { method, target, pairs["timestamp"], pairs["nonce_str"] })
        {
            message.Write(Encoding.UTF8.GetBytes(line));
            message.WriteByte(10);
        }

        message.Write(body);
        message.WriteByte(10);
        return Keys.Merchant.VerifyData(
            message.ToArray(), Convert.FromBase64String(pairs["signature"]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ? null
            : "sign not match";
    }

    [GeneratedRegex("^WECHATPAY2-SHA256-RSA2048 ((?:[a-z_]+=\"[^\"]*\",?){5})$")]
    private static partial Regex AuthorizationRule();

    [GeneratedRegex("([a-z_]+)=\"([^\"]*)\"")]
    private static partial Regex PairRule();

    [GeneratedRegex("^[0-9A-Za-z]{16,32}$")]
    private static partial Regex NonceRule();
}
