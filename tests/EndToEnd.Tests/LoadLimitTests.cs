using System.Net.Http.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;
using PayGatewayClient = PayCore.Contracts.V1.PayGateway.PayGatewayClient;

namespace PayCore.EndToEnd.Tests;

/// <summary>A process that has too much says so before it does anything, and each kind of request has its own room.</summary>
public sealed class LoadLimitTests
{
    [Fact]
    public async Task Merchants_BeyondTheirBound_AreRefusedWithoutEffect_AndNobodyElseIs()
    {
        await using var world = await World.StartAsync("sqlite", settings: "--Limits:Merchant=1");
        var held = world.Faults.Add(new Fault { Operation = "place", Kind = "hold" });
        var first = world.CreateAsync();
        await world.Faults.WaitForFiredAsync(held.Id, TestContext.Current.CancellationToken);
        var rows = await world.CountAsync();
        var second = world.NewOrder();

        using (var refused = await world.Merchant.PostAsJsonAsync(Refusals.OrdersPath, second, TestContext.Current.CancellationToken))
        {
            refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
            (await refused.ReadAnswerAsync()).ShouldBe(503, ErrorReason.Overloaded);
        }

        using (var channel = GrpcChannel.ForAddress(
            world.MerchantGrpc, new GrpcChannelOptions { HttpHandler = world.SigningHandlerOf(World.AppId), DisposeHttpClient = true }))
        {
            var error = await Assert.ThrowsAsync<RpcException>(() => new PayGatewayClient(channel).CreatePayOrderAsync(new CreatePayOrderRequest()).ResponseAsync);
            error.StatusCode.Should().Be(StatusCode.ResourceExhausted);
            MerchantErrors.Info(error.GetRpcStatus())!.Reason.Should().Be(ErrorReason.Overloaded);
        }

        (await world.CountAsync()).Should().Be(rows);
        (await world.Anonymous.GetAnswerAsync("/health/ready")).Status.Should().Be(200);
        (await world.Anonymous.GetAnswerAsync("/shop")).Status.Should().Be(200);
        using (var callback = await world.Anonymous.GetAsync($"/callback/wechat/{World.Account}", TestContext.Current.CancellationToken))
        {
            callback.Headers.RetryAfter.Should().BeNull("the channel answers it");
        }

        world.Faults.Release(held.Id);
        await first;
        (await world.CreateAsync(second))["result"]!.GetValue<string>().Should().Be("ACTION", "it is safe to repeat");
    }

    [Fact]
    public async Task ClientAddress_IsThatOfTheConnection_UnlessATrustedProxyNamesAnother()
    {
        (await SeenAddressesAsync()).Should().Equal("127.0.0.1");
        (await SeenAddressesAsync("--Public:TrustedProxies:0=192.0.2.1")).Should().Equal("127.0.0.1");
        (await SeenAddressesAsync("--Public:TrustedProxies:0=127.0.0.0/8", "--Public:TrustedProxies:1=198.51.100.7")).Should().Equal("203.0.113.9");
    }

    private static async Task<IReadOnlyList<string>> SeenAddressesAsync(params string[] settings)
    {
        var filter = new SeenAddresses();
        using var folder = new TemporaryFolder();
        var port = FreePorts.Take(1)[0];
        await using var app = PayCoreHost.Build(
            ["--roles=CallbackGateway", $"--Data={folder.Path}", $"--Ports:Web={port}", "--Ports:Operations=0", "--Logging:LogLevel:Default=None", .. settings],
            builder => builder.Services.AddSingleton<IStartupFilter>(filter));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        // The first is the client's own word, the last the nearest proxy's.
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "10.9.9.9, 203.0.113.9, 198.51.100.7");
        await client.GetStringAsync("/health/live");
        await app.StopAsync(TestContext.Current.CancellationToken);
        return filter.Seen;
    }

    private sealed class SeenAddresses : IStartupFilter
    {
        public List<string> Seen { get; } = [];

        public System.Action<IApplicationBuilder> Configure(System.Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (http, then) =>
            {
                await then();
                Seen.Add($"{http.Connection.RemoteIpAddress}");
            });
            next(app);
        };
    }
}
