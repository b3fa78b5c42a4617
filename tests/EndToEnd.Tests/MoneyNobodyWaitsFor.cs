using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>A payment that comes after the order's end, and a second one of the same order: always listed, and kept or given back by the app's policy (invariants, I6, I11).</summary>
public sealed class MoneyNobodyWaitsFor
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, string> Everywhere => Provider.Everywhere;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task LatePayment_KeptByPolicy_IsPaidLateListedAndStays(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        var (orderId, attemptNo) = await ClosedAsync(provider);

        provider.Pay(attemptNo);
        await LateAsync(provider, orderId);
        await _clock.PassAsync(TimeSpan.FromSeconds(180));

        (await RefundsAsync(provider, orderId)).Should().BeEmpty();
        provider.Accounts.Sum(provider.Merchant, "payment", "refund").Should().Be(10_000);
        await provider.ToldAsync(_clock, 2);
        provider.EventsReceived.Should().BeEquivalentTo(["payment.closed", "payment.paid"]);
    }

    [Theory]
    [InlineData("sqlite", "wechat", false)]
    [InlineData("mysql", "wechat", true)]
    [InlineData("sqlite", "alipay", true)]
    [InlineData("mysql", "alipay", false)]
    public async Task LatePayment_RefundedByPolicy_GoesBackOnce(string database, string method, bool answerIsLost)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock, app => app.With("late_payment", "refund"));
        if (answerIsLost)
        {
            provider.Fail("refund", FaultKinds.EffectThenDrop);
            provider.Fail("refund_callback", FaultKinds.Lost, count: -1);
        }

        var (orderId, attemptNo) = await ClosedAsync(provider);
        provider.Pay(attemptNo);
        await LateAsync(provider, orderId);

        await GoneBackAsync(provider, orderId, attemptNo, answerIsLost ? 90 : 30);
        await provider.ToldAsync(_clock, 3);
        provider.EventsReceived.Should().BeEquivalentTo(["payment.closed", "payment.paid", "refund.succeeded"]);
        provider.Accounts.Sum(provider.Merchant, "payment", "refund").Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task LatePayment_NobodyTold_IsFoundFiveMinutesAfterTheCloseAndGoesBack(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock, app => app.With("late_payment", "refund"));
        provider.Fail("callback", FaultKinds.Lost, count: -1);
        var (orderId, attemptNo) = await ClosedAsync(provider);

        provider.Pay(attemptNo);
        var seconds = await _clock.PassAsync(400, async () => (await provider.World.ReadAsync(orderId)).Order.State == OrderState.Paid);

        seconds.Should().BeInRange(290, 310);
        await LateAsync(provider, orderId);
        await GoneBackAsync(provider, orderId, attemptNo, 60);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task SurplusPayment_RefundedByPolicy_GoesBackOnceAndTheOtherStays(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        var (orderId, first, second) = await PaidTwiceAsync(provider);

        await GoneBackAsync(provider, orderId, second, 60);

        var order = await provider.World.ReadAsync(orderId);
        order.Order.AttemptNo.Should().Be(first);
        (order.Order.State, order.Order.Late).Should().Be((OrderState.Paid, false));
        provider.Accounts.Sum(provider.Merchant, "payment", "refund").Should().Be(10_000);
        (await RefundsAsync(provider, orderId)).Should().ContainSingle().Which!["by_policy"]!.GetValue<bool>().Should().BeTrue();
        (await provider.RefundAsync(orderId, "mine", 10_000)).Status.Should().Be(200, "the payment that counts can be refunded as ever");
    }

    /// <summary>The look that closes what lost finds one of them paid, and closes another one after it.</summary>
    [Theory]
    [InlineData("sqlite")]
    [InlineData("mysql")]
    public async Task SurplusPayment_FoundByTheLookThatClosesTheOthers_GoesBack(string database)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        var (orderId, first) = await provider.CreateAsync();
        provider.Fail("close", FaultKinds.Error503, count: -1);
        var second = await AnotherAsync(provider, orderId, "2");
        var third = await AnotherAsync(provider, orderId, "3");
        provider.World.Faults.Clear();
        provider.Pay(second);
        await provider.World.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);

        provider.Fail("callback", FaultKinds.Lost, count: -1);
        provider.Pay(first);
        await _clock.PassAsync(60, async () => StateOf(await provider.World.ReadAsync(orderId), first) == AttemptState.ExtraPaid);
        await GoneBackAsync(provider, orderId, first, 60);

        var order = await provider.World.ReadAsync(orderId);
        StateOf(order, third).Should().Be(AttemptState.Closed);
        order.DueTime.Should().BeNull("there is nothing left to do");
    }

    [Theory]
    [InlineData("sqlite", "wechat")]
    [InlineData("mysql", "alipay")]
    public async Task SurplusPayment_HeldByPolicy_WaitsForAPersonAndIsRefundedByItsAttempt(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock, app => app.With("surplus", "hold"));
        var (orderId, _, second) = await PaidTwiceAsync(provider);
        await _clock.PassAsync(TimeSpan.FromSeconds(180));
        (await RefundsAsync(provider, orderId)).Should().BeEmpty();
        provider.Accounts.Sum(provider.Merchant, "payment", "refund").Should().Be(20_000);

        var request = new JsonObject { ["out_refund_no"] = "second", ["order_id"] = orderId, ["attempt_no"] = second, ["amount_minor"] = 10_000 };
        var answer = await provider.World.Merchant.PostTextAsync("/v1/refunds", request.ToJsonString());

        answer.Status.Should().Be(200, answer.Text);
        await GoneBackAsync(provider, orderId, second, 60);
    }

    /// <summary>An order whose close the provider confirmed, and whose code it takes money for all the same.</summary>
    private static async Task<(string OrderId, string AttemptNo)> ClosedAsync(Provider provider)
    {
        var order = await provider.CreateAsync();
        await provider.World.Database.RequestCloseAsync(new RequestCloseRequest { OrderId = order.OrderId, Cause = "merchant" });
        await provider.World.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = order.AttemptNo, Cause = "close" });
        (await provider.World.ReadAsync(order.OrderId)).Order.State.Should().Be(OrderState.Closed);
        return order;
    }

    /// <summary>CLOSED → PAID, late, and listed once.</summary>
    private static async Task LateAsync(Provider provider, string orderId)
    {
        var order = await provider.World.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        order.Order.Late.Should().BeTrue();
        order.History.Where(h => h.AttemptNo.Length == 0).Select(h => h.ToState).Should().Equal("CREATED", "PAYING", "CLOSED", "PAID");
        (await provider.ExceptionsAsync(orderId)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.LatePayment);
    }

    /// <summary>Both codes of an order are paid, since the first could not be closed; the second one is listed.</summary>
    private async Task<(string OrderId, string First, string Second)> PaidTwiceAsync(Provider provider)
    {
        var (orderId, first) = await provider.CreateAsync();
        provider.Fail("close", FaultKinds.Error503, count: -1);
        var second = await AnotherAsync(provider, orderId, "2");

        provider.Pay(first);
        await provider.World.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        provider.Pay(second);
        await provider.World.UntilAsync(orderId, o => StateOf(o, second) == AttemptState.ExtraPaid);
        (await provider.ExceptionsAsync(orderId)).Should().ContainSingle(e => e.Kind == ExceptionKind.SurplusPayment && e.AttemptNo == second);
        return (orderId, first, second);
    }

    private static AttemptState StateOf(StoredOrder order, string attemptNo) => order.Attempts.Single(a => a.Attempt.AttemptNo == attemptNo).Attempt.State;

    private async Task<string> AnotherAsync(Provider provider, string orderId, string number)
    {
        var another = new JsonObject { ["out_attempt_no"] = number, ["method"] = provider.Method, ["scene"] = "QR" };
        var posting = provider.World.Merchant.PostTextAsync($"/v1/pay-orders/{orderId}/attempts", another.ToJsonString());
        await _clock.WhileAsync(posting);
        return (await posting).Json["attempt_no"]!.GetValue<string>();
    }

    private async Task GoneBackAsync(Provider provider, string orderId, string attemptNo, int secondsMax)
    {
        Attempt? attempt = null;
        await _clock.PassAsync(secondsMax, async () =>
        {
            attempt = (await provider.World.ReadAsync(orderId)).Attempts.Single(a => a.Attempt.AttemptNo == attemptNo).Attempt;
            return attempt.RefundedAmountMinor == attempt.PaidAmountMinor;
        });
        (attempt!.RefundedAmountMinor, attempt.RefundReservedAmountMinor).Should().Be((10_000, 0));
        var refund = (await RefundsAsync(provider, orderId)).Single(r => r!["attempt_no"]!.GetValue<string>() == attemptNo)!;
        provider.Accounts.EffectsOf("refund", refund["id"]!.GetValue<string>()).Should().Be(1);

        // Nor does it happen again.
        await _clock.PassAsync(TimeSpan.FromSeconds(120));
        provider.Accounts.Entries.Count(e => e.Kind == "refund").Should().Be(1);
    }

    private static async Task<JsonArray> RefundsAsync(Provider provider, string orderId) =>
        (await provider.World.Merchant.GetAnswerAsync($"/v1/refunds:list?order_id={orderId}")).Json["refunds"]!.AsArray();
}
