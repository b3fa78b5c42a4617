using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayCore.EndToEnd.Tests.Support;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>Callbacks that prove nothing can come from anybody, without end: they are kept as evidence (invariants, I17), and do not fill the database.</summary>
public sealed class CallbackFloods : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<string> _notKept = new();
    private MeterListener? _listener;

    public void Dispose() => _listener?.Dispose();

    [Theory]
    [InlineData("wechat", World.Account)]
    [InlineData("alipay", World.AlipayAccount)]
    public async Task Callbacks_UnsignedWithoutEnd_AreKeptAtAPaceAndAnsweredAlike_AndTheGenuineOnePays(string channel, string account)
    {
        await using var world = await StartAsync();
        var provider = new Provider(world, channel);
        var (orderId, attemptNo) = await provider.CreateAsync();

        var answers = await FloodAsync(world, channel, account, 60);

        answers.Distinct().Should().ContainSingle("a stranger does not learn what is kept").Which.Should().StartWith("40");
        (await RejectedAsync(world)).Should().Be(20, "the burst");
        _notKept.Should().HaveCount(40).And.AllBe($"{channel} pace");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await FloodAsync(world, channel, account, 10);
        (await RejectedAsync(world)).Should().Be(25, "five a second");

        provider.Pay(attemptNo);
        await _clock.PassAsync(10, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Paid);
        (await world.CallbacksAsync()).Where(c => c.AttemptNo == attemptNo).Select(c => c.State).Should().Equal(["APPLIED"], "what is proven is kept whatever came before");
    }

    [Fact]
    public async Task Callbacks_OfOneAccount_TakeNoRoomOfAnothers()
    {
        await using var world = await StartAsync();

        await FloodAsync(world, "wechat", World.Account, 30);
        await FloodAsync(world, "alipay", World.AlipayAccount, 30);

        (await world.CallbacksAsync()).GroupBy(c => c.Account).Select(g => (g.Key, g.Count())).Should().BeEquivalentTo([(World.Account, 20), (World.AlipayAccount, 20)]);
    }

    [Theory]
    [InlineData("wechat")]
    [InlineData("alipay")]
    public async Task Callback_ForAnAccountThatIsNone_IsCountedAndNotKept(string channel)
    {
        await using var world = await StartAsync();

        (await FloodAsync(world, channel, "1900000009", 3)).Should().AllSatisfy(a => a.Should().StartWith("404"));

        (await world.CallbacksAsync()).Should().BeEmpty();
        _notKept.Should().Equal($"{channel} no_account", $"{channel} no_account", $"{channel} no_account");
    }

    private async Task<World> StartAsync()
    {
        var world = await World.StartAsync("sqlite", _clock, null, "--Callbacks:RejectedPerSecond=5", "--Callbacks:RejectedBurst=20");
        var meters = world.App.Services.GetRequiredService<IMeterFactory>();
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "paycore_callbacks_not_kept" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => _notKept.Enqueue(string.Join(' ', tags.ToArray().OrderBy(t => t.Key).Select(t => t.Value))));
        _listener.Start();
        return world;
    }

    /// <summary>Posts what nobody signed, one after the other.</summary>
    /// <returns>Each answer's status and body.</returns>
    private static async Task<List<string>> FloodAsync(World world, string channel, string account, int times)
    {
        List<string> answers = [];
        for (var i = 0; i < times; i++)
        {
            using var answer = await world.Anonymous.PostAsync(new Uri($"/callback/{channel}/{account}", UriKind.Relative), new StringContent("made=up"));
            answers.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        return answers;
    }

    private static async Task<int> RejectedAsync(World world) => (await world.CallbacksAsync()).Count(c => c.State == "REJECTED");
}
