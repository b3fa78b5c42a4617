using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PayCore.Alipay.Tests;

/// <summary>A request as it came over the wire.</summary>
internal sealed record Received(
    string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body, IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Form, string? SignatureProblem)
{
    public string Call => Query.GetValueOrDefault("method", "");

    /// <summary>The business parameters, exactly as signed.</summary>
    public string Content => Form.GetValueOrDefault("biz_content", "");

    /// <summary>Completes when the request ended; true when the client went away first.</summary>
    public Task<bool> Aborted { get; init; } = Task.FromResult(false);

    /// <summary>Completes when half of the body went out, see <see cref="FakeAnswer.InBody"/>.</summary>
    public Task HalfSent { get; init; } = Task.CompletedTask;
}

/// <summary>What to answer, and how wrongly.</summary>
/// <param name="Node">The response node, verbatim.</param>
internal sealed record FakeAnswer(string Node)
{
    public int Status { get; init; } = 200;

    public bool Signed { get; init; } = true;

    public RSA Key { get; init; } = Keys.Alipay;

    /// <summary>The node's name, when it is another than the method's.</summary>
    public string? NodeName { get; init; }

    /// <summary>The certificate's serial, in certificate mode.</summary>
    public string? CertificateSerial { get; init; }

    /// <summary>The text signed, when it is another than the one sent.</summary>
    public string? NodeSigned { get; init; }

    /// <summary>The whole body from node name and signature, when it is not the usual one.</summary>
    public Func<string, string, string>? Whole { get; init; }

    /// <summary>A file, sent as it is instead of a node.</summary>
    public byte[]? File { get; init; }

    /// <summary>The platform's clock against ours.</summary>
    public TimeSpan ClockOff { get; init; }

    /// <summary>Cut the connection instead of answering.</summary>
    public bool Cut { get; init; }

    /// <summary>Send half of the body, wait for this, and cut the connection.</summary>
    public Task? InBody { get; init; }

    /// <summary>Answer only when this completes.</summary>
    public Task Until { get; init; } = Task.CompletedTask;
}

/// <summary>
/// Alipay as a rude server on a real port: checks the request's signature and signs its answers with code of its own, written from alipay.md 1.4 and 3.2, and
/// answers wrongly on request.
/// </summary>
internal sealed class FakeAlipay : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider _time;
    private readonly Channel<Received> _arrivals = System.Threading.Channels.Channel.CreateUnbounded<Received>();
    private readonly List<Received> _requests = [];

    private FakeAlipay(WebApplication app, TimeProvider time) => (_app, _time) = (app, time);

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Decides the answer.</summary>
    public Func<Received, FakeAnswer> Answer { get; set; } = _ => new FakeAnswer("{}") { Status = 500, Signed = false };

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

    public static async Task<FakeAlipay> StartAsync(TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeAlipay(app, time);
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

    public static string Sign(RSA key, byte[] text) => Convert.ToBase64String(key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>What is wrong with the signature of a call, or null (1.4).</summary>
    public static string? Check(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var all = parameters.ToDictionary(p => p.Key, p => p.Value);
        if (!all.TryGetValue("sign", out var sign) || all.GetValueOrDefault("sign_type") != "RSA2")
        {
            return "no signature by RSA2";
        }

        var lines = all.Where(p => p.Key != "sign" && p.Value.Length > 0).Select(p => p.Key + "=" + p.Value).ToArray();
        Array.Sort(lines, string.CompareOrdinal);
        return sign.Length == 344 && Keys.App.VerifyData(
            Encoding.UTF8.GetBytes(string.Join("&", lines)), Convert.FromBase64String(sign), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            ? null
            : "isv.invalid-signature";
    }

    /// <summary>A query or a form, decoded once.</summary>
    public static Dictionary<string, string> Decode(string text) =>
        text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).ToDictionary(p => WebUtility.UrlDecode(p[0]), p => WebUtility.UrlDecode(p[1]));

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var aborted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var halfSent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = http.RequestAborted.Register(() => aborted.TrySetResult(true));
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var query = Decode(target.Split('?', 2) is [_, var text] ? text : "");
        var form = Decode(body);
        var received = new Received(http.Request.Method, target, headers, body, query, form, Check(query.Concat(form)))
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

        await WriteAsync(http.Response, answer, received.Call, half: answer.InBody is not null);
        if (answer.InBody is { } inBody)
        {
            halfSent.SetResult();
            await Task.WhenAny(inBody, aborted.Task);
            http.Abort();
            return;
        }

        aborted.TrySetResult(false);
    }

    private async Task WriteAsync(HttpResponse response, FakeAnswer answer, string call, bool half)
    {
        var sign = Sign(answer.Key, Encoding.UTF8.GetBytes(answer.NodeSigned ?? answer.Node));
        var name = answer.NodeName ?? call.Replace('.', '_') + "_response";
        var serial = answer.CertificateSerial is { } sn ? $",\"alipay_cert_sn\":\"{sn}\"" : "";
        var usual = $"{{\"{name}\":{answer.Node}{serial}{(answer.Signed ? $",\"sign\":\"{sign}\"" : "")}}}";
        var bytes = answer.File ?? Encoding.UTF8.GetBytes(answer.Whole?.Invoke(name, sign) ?? usual);
        response.StatusCode = answer.Status;
        response.ContentType = "text/html;charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers["trace_id"] = "0b0a1f3d16";
        response.Headers.Date = (_time.GetUtcNow() + answer.ClockOff).ToString("R");
        if (answer.Status is 302)
        {
            response.Headers.Location = "/elsewhere";
        }

        await response.Body.WriteAsync(half ? bytes.AsMemory(0, bytes.Length / 2) : bytes);
        await response.Body.FlushAsync();
    }
}
