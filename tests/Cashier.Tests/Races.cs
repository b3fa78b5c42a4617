using Grpc.Core;
using PayCore.Cashier.Tests.Support;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.Cashier.Tests;

/// <summary>
/// What buyers do at the same moment: nothing is lost and nothing silently doubled. The providers' books and our records are compared after each. The
/// calls are those that the cashier's buttons make.
/// </summary>
public sealed class Races(Chromium chromium) : IAsyncLifetime
{
    private const int Rounds = 6;

    private Till _till = null!;

    public async ValueTask InitializeAsync() => _till = await Till.OpenAsync(chromium);

    public ValueTask DisposeAsync() => _till.DisposeAsync();

    [Fact]
    public async Task TwoWallets_PaidAtOnce_OneWinsAndTheOtherIsListedAsSurplus()
    {
        for (var round = 0; round < Rounds; round++)
        {
            _till.World.Faults.Add(new Fault { Operation = "close", Kind = FaultKinds.Error500Before, Count = -1 });
            var order = await _till.OrderAsync();
            var first = await _till.AskAsync(order, "wechat");
            var second = await _till.AskAsync(order, "alipay");
            await TogetherAsync(round, () => _till.Pay(first).Should().BeTrue(), () => _till.Pay(second).Should().BeTrue());
            var stored = await _till.AgreeAsync(order);
            stored.Attempts.Select(a => a.Attempt.State).Should().BeEquivalentTo([AttemptState.Won, AttemptState.ExtraPaid]);
            _till.World.Faults.Clear();
        }
    }

    [Theory]
    [InlineData("query", FaultKinds.Hold, true)]
    [InlineData("query", FaultKinds.HoldAfterEffect, true)]
    [InlineData("close", FaultKinds.Hold, true)]
    [InlineData("close", FaultKinds.HoldAfterEffect, false)]
    public async Task Switch_WhilePaying_IsPaidByTheOneOrTheOther(string operation, string kind, bool isPaidFirst)
    {
        var order = await _till.OrderAsync();
        var first = await _till.AskAsync(order, "wechat");
        // The switch stands still at this seam of query, close, query; there the buyer pays.
        var seam = _till.World.Faults.Add(new Fault { Operation = operation, Kind = kind });
        var switching = _till.AskAsync(order, "alipay");
        await _till.World.Faults.WaitForFiredAsync(seam.Id, TestContext.Current.CancellationToken);
        _till.Pay(first).Should().Be(isPaidFirst);
        _till.World.Faults.Release(seam.Id);
        string? second = null;
        try
        {
            second = await switching;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            isPaidFirst.Should().BeTrue("only a paid order has no second way to pay");
        }

        if (!isPaidFirst)
        {
            _till.Pay(second!).Should().BeTrue();
        }

        var stored = await _till.World.UntilAsync(order.Id, o => o.Order.State == OrderState.Paid);
        stored.Order.Method.Should().Be(isPaidFirst ? "wechat" : "alipay");
        await _till.AgreeAsync(order);
    }

    [Theory]
    [InlineData("wechat")]
    [InlineData("alipay")]
    public async Task Pay_AtTheSecondOfExpiry_IsPaidOrClosedAsTheProviderSays(string method)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var order = await _till.OrderAsync();
            var code = await _till.AskAsync(order, method);
            var end = (await _till.World.ReadAsync(order.Id)).Order.ExpireTime.ToDateTimeOffset();
            // Around the end by fractions of a second, on both sides.
            _till.Clock.Add(end - _till.Clock.GetUtcNow() + TimeSpan.FromMilliseconds((round - (Rounds / 2)) * 120));
            var paid = _till.Pay(code);
            var stored = await _till.World.UntilAsync(order.Id, o => o.Order.State is OrderState.Paid or OrderState.Closed || (!paid && o.Order.CloseRequested));
            (stored.Order.State == OrderState.Paid).Should().Be(paid);
            await _till.AgreeAsync(order);
        }
    }

    [Fact]
    public async Task OneForm_SentManyTimesAtOnce_AsksTheChannelOnce()
    {
        var order = await _till.OrderAsync();
        var codes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _till.AskAsync(order, "wechat", "same")));
        codes.Distinct().Should().ContainSingle();
        (await _till.World.ReadAsync(order.Id)).Attempts.Should().ContainSingle();
        _till.Pay(codes[0]).Should().BeTrue();
        await _till.World.UntilAsync(order.Id, o => o.Order.State == OrderState.Paid);
        await _till.AgreeAsync(order);
    }

    /// <summary>Both at the same moment, the one or the other begun first.</summary>
    private static Task TogetherAsync(int round, System.Action first, System.Action second)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task RunAsync(System.Action action)
        {
            await start.Task;
            action();
        }

        var both = round % 2 == 0 ? new[] { RunAsync(first), RunAsync(second) } : [RunAsync(second), RunAsync(first)];
        start.SetResult();
        return Task.WhenAll(both);
    }
}
