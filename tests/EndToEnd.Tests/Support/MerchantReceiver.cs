using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PayCore.MerchantApi;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>One notification as a merchant got it.</summary>
public sealed record Received(string Id, string Timestamp, string Signature, byte[] Body, DateTimeOffset At)
{
    public System.Text.Json.JsonElement Json => System.Text.Json.JsonDocument.Parse(Body).RootElement;
}

/// <summary>A merchant's webhook endpoint on a port of its own: keeps what it gets, and answers as the test says.</summary>
public sealed class MerchantReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();

    private MerchantReceiver(WebApplication app) => _app = app;

    public string Secret { get; } = WebhookSecret.Create(System.Security.Cryptography.RandomNumberGenerator.Fill);

    public string Url => $"{_app.Urls.Single()}/hook";

    public string Authority => new Uri(Url).Authority;

    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>What the endpoint answers; default: acknowledged.</summary>
    public Func<Received, HttpContext, Task> Answer { get; set; } = (_, http) => http.Response.WriteAsync("success");

    public static async Task<MerchantReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new MerchantReceiver(builder.Build());
        receiver._app.MapPost("/hook", receiver.TakeAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>The message verifies, by the Standard Webhooks rule.</summary>
    public bool Verifies(Received received) =>
        new StandardWebhook([WebhookSecret.Parse(Secret)], TimeProvider.System)
            .Verify(received.Id, received.Timestamp, received.Signature, received.Body) == WebhookVerdict.Verified;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var received = new Received(
            http.Request.Headers["webhook-id"].ToString(), http.Request.Headers["webhook-timestamp"].ToString(),
            http.Request.Headers["webhook-signature"].ToString(), body.ToArray(), DateTimeOffset.UtcNow);
        _received.Enqueue(received);
        await Answer(received, http);
    }
}
