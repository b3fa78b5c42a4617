using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>The merchant's notify_url: keeps what arrives and answers what the test says.</summary>
internal sealed class NotifyReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();

    private NotifyReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/hook", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var arrived = new Received(headers, body.ToArray());
            await _received.Writer.WriteAsync(arrived);
            context.Response.StatusCode = await Answer(arrived, context.RequestAborted);
            if (Body.Length > 0)
            {
                await context.Response.WriteAsync(Body, context.RequestAborted);
            }
        });
    }

    public Func<Received, CancellationToken, Task<int>> Answer { get; set; } = (_, _) => Task.FromResult(204);

    /// <summary>The body of every answer.</summary>
    public string Body { get; set; } = "";

    public Uri Url { get; private set; } = null!;

    public static async Task<NotifyReceiver> StartAsync(int status = 204)
    {
        var receiver = new NotifyReceiver { Answer = (_, _) => Task.FromResult(status) };
        await receiver._app.StartAsync();
        var address = receiver._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        receiver.Url = new Uri(new Uri(address), "/hook");
        return receiver;
    }

    public ValueTask<Received> NextAsync() => _received.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal sealed record Received(IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        public JsonNode Json => JsonNode.Parse(Body)!;

        public string Id => (string)Json["id"]!;

        /// <summary>Opens the envelope; throws when it was sealed with another key.</summary>
        public JsonNode Transaction() => JsonNode.Parse(SealedContent.Open(Json["resource"]!))!;
    }
}
