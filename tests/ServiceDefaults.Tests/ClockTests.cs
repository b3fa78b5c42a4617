using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Rpc;
using Service = PayCore.Contracts.V1.NotifyGateway;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>I28: a process whose clock is off serves no money, says why, and serves again when the clock is right.</summary>
public sealed class ClockTests : IAsyncDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(_now);
    private readonly OtherClock _other = new();
    private readonly IHost _host;

    public ClockTests()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddServiceDefaults();
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<IClockSource>(_other);
        _host = builder.Build();
        _host.Services.GetRequiredService<InProcessNetwork>().Register("Probe", b => Service.BindService(b, new Probe()), [_host.Services.GetRequiredService<ClockGate>()]);
    }

    private ClockGuard Guard => _host.Services.GetRequiredService<ClockGuard>();

    private Service.NotifyGatewayClient Client => new(_host.Services.GetRequiredService<ServiceNetwork>().InvokerFor("Probe"));

    [Theory]
    [InlineData(61, "61 s behind that of the other clock")]
    [InlineData(-61, "61 s ahead of that of the other clock")]
    [InlineData(7200, "7200 s behind that of the other clock")]
    public async Task Start_WithAClockThatIsOff_ServesNothingAndNamesTheCause(int seconds, string cause)
    {
        _other.Read = () => _now.AddSeconds(seconds);

        await _host.StartAsync(TestContext.Current.CancellationToken);

        Guard.Problem.Should().Contain(cause).And.Contain("NTP");
        var refused = (await Assert.ThrowsAsync<RpcException>(() => Client.WakeAsync(new WakeRequest()).ResponseAsync)).Status;
        refused.StatusCode.Should().Be(StatusCode.Unavailable);
        refused.Detail.Should().Contain(cause);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    [InlineData(0)]
    public async Task Start_WithAClockThatIsNear_Serves(int seconds)
    {
        _other.Read = () => _now.AddSeconds(seconds);

        await _host.StartAsync(TestContext.Current.CancellationToken);

        Guard.Problem.Should().BeNull();
        await Client.WakeAsync(new WakeRequest());
    }

    [Fact]
    public async Task Clock_ThatGoesWrongWhileRunning_IsFoundWithinAMinuteAndForgivenWhenItIsRight()
    {
        _other.Read = () => _time.GetUtcNow();
        await _host.StartAsync(TestContext.Current.CancellationToken);

        _other.Read = () => _time.GetUtcNow().AddSeconds(90);
        await NextMinuteAsync(() => Guard.Problem?.Contains("90 s behind", StringComparison.Ordinal) == true);

        _other.Read = () => throw new HttpRequestException("away");
        var readings = _other.Readings;
        await NextMinuteAsync(() => _other.Readings > readings);
        Guard.Problem.Should().Contain("90 s behind", "who cannot be asked has not taken it back");

        _other.Read = () => _time.GetUtcNow();
        await NextMinuteAsync(() => Guard.Problem is null);
        await Client.WakeAsync(new WakeRequest());
    }

    [Fact]
    public async Task Source_ThatIsNoMore_IsForgotten()
    {
        _other.Read = () => _now.AddHours(1);
        await _host.StartAsync(TestContext.Current.CancellationToken);
        Guard.Problem.Should().NotBeNull();

        _other.Read = () => null;
        await NextMinuteAsync(() => Guard.Problem is null);
    }

    [Fact]
    public async Task Source_ThatCannotBeRead_IsNoJudgement()
    {
        _other.Read = () => throw new HttpRequestException("away");

        await _host.StartAsync(TestContext.Current.CancellationToken);

        Guard.Problem.Should().BeNull();
    }

    [Fact]
    public async Task Gate_OfAServer_RefusesTheCallsOfOthersButNotTheDoctor()
    {
        Guard.Record("the other clock", TimeSpan.FromSeconds(75));
        var gate = _host.Services.GetRequiredService<ClockGate>();

        var network = _host.Services.GetRequiredService<InProcessNetwork>();
        network.Register("PayDatabase", b => Contracts.V1.PayDatabase.BindService(b, new Database()), [gate]);
        network.Register("ChannelTest", b => PayChannel.BindService(b, new Doctor()), [gate]);
        var database = new Contracts.V1.PayDatabase.PayDatabaseClient(network.InvokerFor("PayDatabase", _time));
        var channel = new PayChannel.PayChannelClient(network.InvokerFor("ChannelTest", _time));

        (await Assert.ThrowsAsync<RpcException>(() => database.RecordPaidAsync(new RecordPaidRequest()).ResponseAsync)).StatusCode.Should().Be(StatusCode.Unavailable);
        (await Assert.ThrowsAsync<RpcException>(() => channel.PayAsync(new ChannelPayRequest()).ResponseAsync)).StatusCode.Should().Be(StatusCode.Unavailable);
        using (var stream = channel.DownloadStatement(new DownloadStatementRequest()))
        {
            (await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken))).StatusCode.Should().Be(StatusCode.Unavailable);
        }

        await database.ReadClockAsync(new ReadClockRequest());
        await channel.DescribeAsync(new DescribeRequest());
        await channel.CheckAccountAsync(new CheckAccountRequest());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task NextMinuteAsync(Func<bool> wanted)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        var began = TimeProvider.System.GetTimestamp();
        while (!wanted())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), $"the guard says {Guard.Problem}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private sealed class OtherClock : IClockSource
    {
        private int _readings;

        public Func<DateTimeOffset?> Read { get; set; } = () => null;

        public int Readings => Volatile.Read(ref _readings);

        public string Name => "the other clock";

        public Task<DateTimeOffset?> ReadAsync(CancellationToken cancellation)
        {
            Interlocked.Increment(ref _readings);
            return Task.FromResult(Read());
        }
    }

    private sealed class Probe : Service.NotifyGatewayBase
    {
        public override Task<WakeResponse> Wake(WakeRequest request, ServerCallContext context) => Task.FromResult(new WakeResponse());
    }

    private sealed class Database : Contracts.V1.PayDatabase.PayDatabaseBase
    {
        public override Task<ReadClockReply> ReadClock(ReadClockRequest request, ServerCallContext context) => Task.FromResult(new ReadClockReply());

        public override Task<MoveReply> RecordPaid(RecordPaidRequest request, ServerCallContext context) => Task.FromResult(new MoveReply());
    }

    private sealed class Doctor : PayChannel.PayChannelBase
    {
        public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context) => Task.FromResult(new DescribeReply());

        public override Task<CheckAccountReply> CheckAccount(CheckAccountRequest request, ServerCallContext context) => Task.FromResult(new CheckAccountReply());

        public override Task<ChannelPayReply> Pay(ChannelPayRequest request, ServerCallContext context) => Task.FromResult(new ChannelPayReply());
    }
}
