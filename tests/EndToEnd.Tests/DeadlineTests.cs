using System.Data.Common;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PayCore.Channels.Alipay;
using PayCore.Channels.Wechat;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host;
using PayCore.PayCenter;
using PayCore.PayDatabase;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// Who waits longest for whom (invariants, section 4): a merchant longer than we for one another, we for one another longer than for a provider, and all of them longer
/// than for the database. The other way round an answer would come to nobody.
/// </summary>
public sealed class DeadlineTests
{
    [Fact]
    public async Task Deadlines_AsTheyAreInEffect_AreNested()
    {
        await using var world = await World.StartAsync("mysql");
        var services = world.App.Services;

        var merchant = services.GetRequiredService<IHttpClientFactory>().CreateClient("ShopApi").Timeout;
        var call = services.GetRequiredService<IOptions<ServiceNetworkOptions>>().Value.CallTimeout;
        var wait = services.GetRequiredService<IOptions<CallTurnOptions>>().Value.WaitForAnswer;
        TimeSpan[] provider = [Limit(typeof(WechatExtensions).Assembly, "WechatClient"), Limit(typeof(AlipayExtensions).Assembly, "AlipayClient")];
        TimeSpan[] connect = [ConnectTimeout(services, typeof(WechatExtensions).Assembly, "WechatWire"), ConnectTimeout(services, typeof(AlipayExtensions).Assembly, "AlipayWire")];
        var sql = new DbConnectionStringBuilder
        {
            ConnectionString = (string)typeof(SqlDatabase).GetField("_connectionString", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(services.GetRequiredService<SqlDatabase>())!,
        };

        merchant.Should().Be(TimeSpan.FromSeconds(10)).And.BeGreaterThan(call);
        call.Should().Be(TimeSpan.FromSeconds(8)).And.BeGreaterThan(wait);
        wait.Should().BeGreaterThan(provider.Max(), "who waits for another caller's answer waits as long as that one may take");
        provider.Should().AllBeEquivalentTo(TimeSpan.FromSeconds(6)).And.OnlyContain(p => p < call);
        connect.Should().AllBeEquivalentTo(TimeSpan.FromSeconds(2));
        Seconds(sql, "Default Command Timeout").Should().Be(2);
        Seconds(sql, "Connection Timeout").Should().BeInRange(1, 2);
    }

    /// <summary>A provider is answered within 4 s, whatever happens: it comes again, and what it told is dealt with all the same.</summary>
    [Fact]
    public async Task Callback_ThatTakesTooLong_IsAnsweredAsFailed()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var port = FreePorts.Take(1)[0];
        await using var app = PayCoreHost.Build(
            ["--roles=CallbackGateway", $"--Data={folder.Path}", $"--Ports:Web={port}", "--Ports:Operations=0", "--Logging:LogLevel:Default=None"],
            builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var channel = new StuckChannel();
        app.Services.GetRequiredService<InProcessNetwork>().Register("ChannelStuck", b => PayChannel.BindService(b, channel), []);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var provider = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        var answering = provider.PostAsync("/callback/stuck/1", new StringContent("{}"), TestContext.Current.CancellationToken);
        await channel.Asked.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await clock.WhileAsync(answering);

        using var answer = await answering;
        ((int)answer.StatusCode).Should().Be(503);
        channel.Call!.CancellationToken.IsCancellationRequested.Should().BeFalse("the work goes on to limits of its own, which are longer");
        channel.Go.SetResult();
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private static TimeSpan Limit(Assembly assembly, string type) =>
        (TimeSpan)assembly.GetTypes().Single(t => t.Name == type).GetField("Limit", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;

    private static TimeSpan ConnectTimeout(IServiceProvider services, Assembly assembly, string wire)
    {
        var name = (string)assembly.GetTypes().Single(t => t.Name == wire).GetField("HttpName", BindingFlags.Static | BindingFlags.Public)!.GetRawConstantValue()!;
        var handler = services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(name);
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        return ((SocketsHttpHandler)handler).ConnectTimeout;
    }

    private static int Seconds(DbConnectionStringBuilder sql, string key) => int.Parse($"{sql[key]}", System.Globalization.CultureInfo.InvariantCulture);

    private sealed class StuckChannel : PayChannel.PayChannelBase
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Grpc.Core.ServerCallContext? Call { get; private set; }

        public override async Task<ReadCallbackReply> ReadCallback(ReadCallbackRequest request, Grpc.Core.ServerCallContext context)
        {
            Call = context;
            Asked.TrySetResult();
            await Go.Task;
            return new ReadCallbackReply();
        }
    }
}
