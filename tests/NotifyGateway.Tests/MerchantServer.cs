using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PayCore.NotifyGateway.Tests;

/// <summary>What a merchant received.</summary>
public sealed record ReceivedCall(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body, DateTimeOffset At, string ConnectionId);

/// <summary>A merchant's endpoint over real HTTP on a port that the system chose. It answers `success` until told otherwise.</summary>
public sealed class MerchantServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<ReceivedCall> _arrivals = Channel.CreateUnbounded<ReceivedCall>();
    private int _atOnce;
    private int _atOnceMax;

    private MerchantServer(WebApplication app) => _app = app;

    /// <summary>The address with a slash at the end.</summary>
    public string Url => $"{_app.Urls.Single()}/";

    /// <summary>All calls so far.</summary>
    public ConcurrentQueue<ReceivedCall> Calls { get; } = [];

    /// <summary>Most calls under way at once.</summary>
    public int AtOnceMax => _atOnceMax;

    /// <summary>What it does with a call whose body was read.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = http => http.Response.WriteAsync("success");

    /// <summary>Answers with a status and body.</summary>
    public static Func<HttpContext, Task> With(int status, string body = "", params (string Name, string Value)[] headers) => http =>
    {
        http.Response.StatusCode = status;
        Array.ForEach(headers, h => http.Response.Headers[h.Name] = h.Value);
        return http.Response.WriteAsync(body);
    };

    /// <summary>Does not answer until the caller goes away.</summary>
    public static Func<HttpContext, Task> Hang { get; } =
        http => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);

    public static async Task<MerchantServer> StartAsync(bool https = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (https)
            {
                listen.UseHttps(SelfSigned());
            }
        }));
        var app = builder.Build();
        var server = new MerchantServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>The next call that arrives.</summary>
    public async Task<ReceivedCall> NextCallAsync() =>
        await _arrivals.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var call = new ReceivedCall(
            $"{http.Request.Path}{http.Request.QueryString}",
            http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray(), DateTimeOffset.UtcNow, http.Connection.Id);
        Calls.Enqueue(call);
        var now = Interlocked.Increment(ref _atOnce);
        for (var max = _atOnceMax; now > max; max = _atOnceMax)
        {
            Interlocked.CompareExchange(ref _atOnceMax, now, max);
        }

        _arrivals.Writer.TryWrite(call);
        try
        {
            await Answer(http);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
