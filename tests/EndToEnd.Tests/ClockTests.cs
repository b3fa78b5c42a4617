using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Clock;

namespace PayCore.EndToEnd.Tests;

/// <summary>I28: with a clock that is off by more than 60 s the process serves no money, against a real database server and a real HTTP <c>Date</c>.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task Clock_FarFromTheDatabaseServers_TakesNoOrderUntilItIsRight()
    {
        var clock = new OffsetClock { Offset = TimeSpan.FromSeconds(-90) };
        await using var world = await World.StartAsync("mysql", clock, null, "--Clock:Tolerance=00:01:00", "--Clock:CompareEvery=00:00:00.100");
        var order = world.NewOrder();

        using (var refused = await world.Merchant.PostAsJsonAsync(Refusals.OrdersPath, order))
        {
            (await refused.ReadAnswerAsync()).ShouldBe(503, ErrorReason.ServiceUnavailable);
        }

        // Every clock but ours is right, and which of them the problem names is chance.
        var guard = world.App.Services.GetRequiredService<ClockGuard>();
        guard.Problem.Should().Contain("90 s behind that of");
        guard.Skews().Should().ContainKey("the database server").WhoseValue.Should().BeCloseTo(TimeSpan.FromSeconds(-90), TimeSpan.FromSeconds(5));
        world.ProviderCalls.Calls.Should().BeEmpty("nobody is asked for money");

        clock.Offset = TimeSpan.Zero;
        await UntilAsync(() => guard.Problem is null);
        (await world.CreateAsync(order))["result"]!.GetValue<string>().Should().Be("ACTION");
    }

    [Fact]
    public async Task Clock_FarFromTheChannels_TakesNoOrder()
    {
        var clock = new OffsetClock { Offset = TimeSpan.FromSeconds(75) };
        await using var world = await World.StartAsync("sqlite", clock, null, "--Clock:Tolerance=00:01:00", "--Clock:CompareEvery=00:00:00.100");

        await UntilAsync(() => world.App.Services.GetRequiredService<ClockGuard>().Problem is not null);

        world.App.Services.GetRequiredService<ClockGuard>().Problem.Should().MatchRegex("ahead of that of (WeChat Pay|Alipay)");
        using var refused = await world.Merchant.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder());
        (await refused.ReadAnswerAsync()).ShouldBe(503, ErrorReason.ServiceUnavailable);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(10);
        }
    }

    /// <summary>The system's clock, shifted.</summary>
    private sealed class OffsetClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
