using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PayCore.PayCenter.Tests;

/// <summary>Plays the merchant REST API over real HTTP; keeps what it was sent.</summary>
public sealed class FakeMerchantApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeMerchantApi(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>The requests: path, headers, raw body.</summary>
    public ConcurrentQueue<(string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)> Requests { get; } = new();

    /// <summary>The status of the answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>The body of the answers; null makes one with a cashier page.</summary>
    public string? Answer { get; set; }

    public static async Task<FakeMerchantApi> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var api = new FakeMerchantApi(app);
        app.Run(api.TakeAsync);
        await app.StartAsync();
        return api;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Requests.Enqueue(($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}", headers, buffer.ToArray()));
        using var body = JsonDocument.Parse(buffer.ToArray());
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Answer ?? $$"""{"result":"ACTION","cashier_url":"https://pay.example/pay/{{body.RootElement.GetProperty("out_trade_no").GetString()}}"}""");
    }
}
