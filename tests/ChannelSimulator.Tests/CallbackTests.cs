using System.Net.Http.Json;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

public sealed class CallbackTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callback_Refused_IsRepeatedBySchedule()
    {
        var time = new FakeTimeProvider();
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync(500);
        await host.Client.PlaceAsync(notify: receiver.Url);
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");
        int[] pauses = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];

        var first = await receiver.NextAsync();
        var signatures = new HashSet<string> { first.Headers["Wechatpay-Signature"] };
        foreach (var (index, pause) in pauses.Index())
        {
            await host.DueAtAsync(index + 1, time.GetUtcNow().AddSeconds(pause));
            time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            host.Callbacks.Sends.Should().HaveCount(index + 1);
            time.Advance(TimeSpan.FromMilliseconds(1));
            var again = await receiver.NextAsync();
            again.Id.Should().Be(first.Id);
            PlatformCheck.Verify(again.Headers, again.Body, host.Client.Trusted, time).Should().BeNull();
            signatures.Add(again.Headers["Wechatpay-Signature"]).Should().BeTrue();
        }

        await host.DueAtAsync(16, null);
        host.Callbacks.Sends.Should().HaveCount(16).And.OnlyContain(s => s.HttpStatus == 500 && !s.Delivered);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(201, false)]
    [InlineData(302, false)]
    [InlineData(400, false)]
    [InlineData(500, false)]
    public async Task Callback_Answered_CountsAsDeliveredOnlyBy200Or204(int status, bool delivered)
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync(status);
        await host.Client.PlaceAsync(notify: receiver.Url);
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");

        (await host.Callbacks.WaitForSendAsync(s => s.Attempt == 1, Cancellation)).Delivered.Should().Be(delivered);
    }

    [Fact]
    public async Task Callback_NotAnsweredWithinFiveSeconds_IsGivenUpAndRepeated()
    {
        var time = new FakeTimeProvider();
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync();
        receiver.Answer = async (_, gone) =>
        {
            await Task.Delay(Timeout.Infinite, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 204;
        };
        await host.Client.PlaceAsync(notify: receiver.Url);
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");
        await receiver.NextAsync();

        time.Advance(TimeSpan.FromSeconds(5));

        var send = await host.Callbacks.WaitForSendAsync(_ => true, Cancellation);
        (send.HttpStatus, send.Error).Should().Be((null, "no answer within 5 seconds"));
        receiver.Answer = (_, _) => Task.FromResult(200);
        await host.DueAtAsync(1, time.GetUtcNow().AddSeconds(15));
        time.Advance(TimeSpan.FromSeconds(15));
        (await host.Callbacks.WaitForSendAsync(s => s.Attempt == 2, Cancellation)).Delivered.Should().BeTrue();
    }

    [Fact]
    public async Task Callback_ToNobody_IsAnErrorInTheLog()
    {
        await using var host = await SimulatorHost.StartAsync(scale: 0.001);
        await host.Client.PlaceAsync();
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");

        // The schedule is scaled: the second send comes after 15 milliseconds.
        var second = await host.Callbacks.WaitForSendAsync(s => s.Attempt == 2, Cancellation);

        second.Error.Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task Resend_ManyAtOnce_AllArriveWithTheSameId()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync();
        await host.Client.PlaceAsync(notify: receiver.Url);
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");
        var first = await receiver.NextAsync();
        var arrived = 0;
        var all = new TaskCompletionSource();
        receiver.Answer = async (_, _) =>
        {
            // Nobody is answered before all five are there: so they were on their way at once.
            if (Interlocked.Increment(ref arrived) == 5)
            {
                all.SetResult();
            }

            await all.Task;
            return 204;
        };

        using var answer = await host.Client.Http.PostAsJsonAsync("/control/callbacks/resend", new { out_trade_no = "ORDER00001", times = 5 });

        answer.EnsureSuccessStatusCode();
        for (var i = 0; i < 5; i++)
        {
            (await receiver.NextAsync()).Id.Should().Be(first.Id);
        }

        host.Callbacks.Sends.Count(s => s.Attempt == 0 && s.Delivered).Should().Be(5);
    }
}
