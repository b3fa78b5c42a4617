using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>Refunds at the providers themselves: by callback, by query when nobody tells, and each of them once in the provider's own book (invariants, I3, I4).</summary>
public sealed class RefundsAtProviders
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, string> Everywhere => Provider.Everywhere;

    /// <summary>Where the answer or the call is lost, for each provider.</summary>
    public static TheoryData<string, string, string> Losses => new()
    {
        { "sqlite", "wechat", FaultKinds.EffectThenDrop },
        { "mysql", "wechat", FaultKinds.Error500After },
        { "sqlite", "wechat", FaultKinds.DropBefore },
        { "sqlite", "alipay", FaultKinds.EffectThenDrop },
        { "mysql", "alipay", FaultKinds.BadGateway },
        { "sqlite", "alipay", FaultKinds.DropBefore },
    };

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Refund_TheProviderTells_SucceedsWithoutAnybodyAsking(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        provider.PlanRefunds(new SettlementPlan { DelayMs = 2_000 });
        var (orderId, _) = await provider.PaidAsync();

        var answer = await provider.RefundAsync(orderId, "told", 2_500);
        answer.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", answer.Text);
        answer.Json["refund"]!["state"]!.GetValue<string>().Should().Be("SENT");
        var seconds = await SettledAsync(provider, "told", 20);

        seconds.Should().BeLessThan(10);
        var refund = await provider.ReadRefundAsync("told");
        refund.History[^1].Should().Match<HistoryEntry>(h => h.ToState == "SUCCEEDED" && h.Cause == "callback");
        provider.World.ProviderCalls.Calls.Should().NotContain(c => c.Operation.EndsWith("query_refund"));
        await OnceAsync(provider, orderId, "told", 2_500);
        (await provider.RefundAsync(orderId, "told", 2_500)).Text.Should().Be(answer.Text, "the first definite answer is the answer");
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Refund_WithEveryCallbackLost_IsFoundByTheLadder(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        provider.PlanRefunds(new SettlementPlan { DelayMs = 45_000 });
        var (orderId, _) = await provider.PaidAsync();
        provider.Fail("refund_callback", FaultKinds.Lost, count: -1);

        var answer = await provider.RefundAsync(orderId, "untold", 2_500);
        answer.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", answer.Text);
        var seconds = await SettledAsync(provider, "untold", 300);

        // It is looked at after 30 s, when it is not done yet, and after 2 minutes.
        seconds.Should().BeInRange(118, 130);
        (await provider.ReadRefundAsync("untold")).History[^1].Cause.Should().Be("query");
        await OnceAsync(provider, orderId, "untold", 2_500);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Refund_WhoseAnswerOrCallIsLost_IsGivenBackOnceAndFound(string database, string method, string loss)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        var (orderId, _) = await provider.PaidAsync();
        provider.Fail("refund_callback", FaultKinds.Lost, count: -1);
        provider.Fail("refund", loss);

        var lost = await provider.RefundAsync(orderId, "lost", 2_500);
        lost.Json["result"]!.GetValue<string>().Should().Be("PROCESSING", lost.Text);
        (await provider.World.ReadAsync(orderId)).Attempts.Single().Attempt.RefundReservedAmountMinor.Should().Be(2_500, "unknown keeps its reservation");
        var seconds = await SettledAsync(provider, "lost", 300);

        seconds.Should().BeInRange(25, loss == FaultKinds.DropBefore ? 135 : 45, "the query finds what was done, and what was not is asked for again after 60 s");
        await OnceAsync(provider, orderId, "lost", 2_500);
        (await provider.RefundAsync(orderId, "lost", 2_500)).Json["result"]!.GetValue<string>().Should().BeOneOf(["DONE", "ACCEPTED"], "the first definite answer");
        provider.World.ProviderCalls.Calls.Count(c => c.Operation.EndsWith("refund") && !c.Operation.Contains("query"))
            .Should().Be(loss == FaultKinds.DropBefore ? 2 : 1);
    }

    /// <summary>Alipay answers that it did not execute the call, for it is asked too often (alipay.md 3.3): nothing is in doubt, and the next refusal decides.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Refund_TheProviderIsAskedTooOften_IsAskedForLaterAndIsInNobodysWay(string database)
    {
        await using var provider = await Provider.StartAsync(database, "alipay", _clock);
        var (orderId, _) = await provider.PaidAsync();
        provider.Fail("refund", FaultKinds.Code40005);

        var limited = await provider.RefundAsync(orderId, "limited", 2_500);
        limited.Json["result"]!.GetValue<string>().Should().Be("PROCESSING", limited.Text);
        limited.Json["refund"]!["failure_code"]!.GetValue<string>().Should().NotBeEmpty("it says why it waits");
        var id = limited.Json["refund"]!["id"]!.GetValue<string>();
        var refusal = provider.World.Faults.Add(new Fault
        {
            Operation = "alipay.refund", Kind = FaultKinds.BusinessError, SubCode = "ACQ.TRADE_NOT_ALLOW_REFUND", OutTradeNo = id,
        });
        for (var repeat = 0; repeat < 3; repeat++)
        {
            (await provider.RefundAsync(orderId, "limited", 2_500)).Json["result"]!.GetValue<string>().Should().Be("PROCESSING");
        }

        await provider.RefundAsync(orderId, "other", 1_000);
        (await SettledAsync(provider, "other", 20)).Should().BeLessThan(20, "what was answered is in no other's way");
        refusal.Fired.Should().Be(0, "whoever was asked too often is not asked again at once");
        await _clock.PassAsync(150, async () => (await provider.ReadRefundAsync("limited")).Refund.State == RefundState.Failed);

        var refund = (await provider.ReadRefundAsync("limited")).Refund;
        (refund.State, refund.FailureCode).Should().Be((RefundState.Failed, "ACQ.TRADE_NOT_ALLOW_REFUND"));
        (await provider.World.ReadAsync(orderId)).Attempts.Single().Attempt.RefundReservedAmountMinor.Should().Be(0);
        provider.Accounts.EffectsOf("refund", id).Should().Be(0);
        await OnceAsync(provider, orderId, "other", 1_000);
    }

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Refund_TheProviderCannotPayTheUser_IsListedToldAndKeptUntilItsLaterWord(string database)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        provider.PlanRefunds(new SettlementPlan { Outcome = "ABNORMAL" });
        var (orderId, attemptNo) = await provider.PaidAsync();

        await provider.RefundAsync(orderId, "abnormal", 2_500);
        await _clock.PassAsync(20, async () => (await provider.ReadRefundAsync("abnormal")).Refund.State == RefundState.Abnormal);

        var refund = (await provider.ReadRefundAsync("abnormal")).Refund;
        (refund.State, refund.FailureCode).Should().Be((RefundState.Abnormal, "ABNORMAL"));
        (await provider.ExceptionsAsync(orderId)).Should().ContainSingle(e =>
            e.Kind == ExceptionKind.RefundAbnormal && e.AttemptNo == attemptNo && e.RefundId == refund.Id);
        (await provider.World.ReadAsync(orderId)).Attempts.Single().Attempt.RefundReservedAmountMinor.Should().Be(2_500, "the money is neither here nor there");
        await provider.ToldAsync(_clock, 2);

        provider.World.Ledger.Refunds.Settle(World.Account, refund.Id, "SUCCESS");
        (await SettledAsync(provider, "abnormal", 30)).Should().BeLessThan(30);
        await provider.ToldAsync(_clock, 3);
        provider.EventsReceived.Should().BeEquivalentTo(["payment.paid", "refund.abnormal", "refund.succeeded"]);
        await OnceAsync(provider, orderId, "abnormal", 2_500);
    }

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Refund_TheProviderClosed_HasFailedAndItsMoneyCanBeRefundedUnderAnotherNumber(string database)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        provider.PlanRefunds(new SettlementPlan { Outcome = "CLOSED", DelayMs = 1_000 });
        var (orderId, _) = await provider.PaidAsync();
        await provider.RefundAsync(orderId, "closed", 10_000);

        await _clock.PassAsync(60, async () => (await provider.ReadRefundAsync("closed")).Refund.State == RefundState.Failed);
        var closed = (await provider.ReadRefundAsync("closed")).Refund;
        (closed.State, closed.FailureCode).Should().Be((RefundState.Failed, "CLOSED"));
        provider.PlanRefunds(new SettlementPlan());
        await _clock.PassAsync(TimeSpan.FromSeconds(61));
        await provider.RefundAsync(orderId, "again", 10_000);

        (await SettledAsync(provider, "again", 60)).Should().BeLessThan(60);
        await OnceAsync(provider, orderId, "again", 10_000);
        provider.Accounts.Balance(provider.Merchant, WechatRefunds.Account).Should().Be(0, "all that was paid went back, once");
    }

    /// <summary>Alipay: the money did not move yet by the answer (<c>fund_change</c> N), and only the query says that it did (alipay.md 7).</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Refund_OfTheWholeAmountWithoutFundChange_IsFoundByTheRefundQuery(string database)
    {
        await using var provider = await Provider.StartAsync(database, "alipay", _clock);
        provider.PlanRefunds(new SettlementPlan { DelayMs = 10_000 });
        var (orderId, _) = await provider.PaidAsync();

        var answer = await provider.RefundAsync(orderId, "whole", 10_000);
        answer.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", answer.Text);
        var seconds = await SettledAsync(provider, "whole", 300);

        seconds.Should().BeInRange(25, 45, "a full refund closes the trade of a QR code, and of that nobody is told");
        (await provider.ReadRefundAsync("whole")).History[^1].Cause.Should().Be("query");
        await OnceAsync(provider, orderId, "whole", 10_000);
        (await provider.World.ReadAsync(orderId)).Order.State.Should().Be(PayOrder.Types.State.Paid, "nothing leaves PAID");
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Refunds_InPartsUpToTheExactRest_AreInBothBooks(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        var (orderId, _) = await provider.PaidAsync();

        foreach (var (number, amount) in new[] { ("p1", 3_333L), ("p2", 1L), ("p3", 6_666L) })
        {
            // The next one waits for its turn by the provider's spacing.
            await provider.RefundAsync(orderId, number, amount);
        }

        (await provider.RefundAsync(orderId, "p4", 1)).ShouldBe(400, "REFUND_NOT_ALLOWED");
        foreach (var number in new[] { "p1", "p2", "p3" })
        {
            (await SettledAsync(provider, number, 400)).Should().BeLessThan(400);
        }

        var payment = (await provider.World.ReadAsync(orderId)).Attempts.Single().Attempt;
        (payment.RefundedAmountMinor, payment.RefundReservedAmountMinor).Should().Be((10_000, 0));
        provider.Accounts.Sum(provider.Merchant, "refund").Should().Be(-10_000);
        await OnceAsync(provider, orderId, "p2", 1);
        (await provider.ExceptionsAsync(orderId)).Should().BeEmpty();
    }

    private Task<int> SettledAsync(Provider provider, string number, int secondsMax) =>
        _clock.PassAsync(secondsMax, async () => (await provider.ReadRefundAsync(number)).Refund.State == RefundState.Succeeded);

    /// <summary>The provider moved this money exactly once, and the records say the same.</summary>
    private static async Task OnceAsync(Provider provider, string orderId, string number, long amount)
    {
        var refund = (await provider.ReadRefundAsync(number)).Refund;
        refund.State.Should().Be(RefundState.Succeeded);
        (refund.ChannelRefundId.Length > 0).Should().Be(provider.Method == "wechat", "Alipay gives a refund no number of its own");
        refund.SuccessTime.Should().NotBeNull();
        provider.Accounts.EffectsOf("refund", refund.Id).Should().Be(1);
        provider.Accounts.Entries.Single(e => e.Kind == "refund" && e.Number == refund.Id).Amount.Should().Be(-amount);
        (await provider.World.ReadAsync(orderId)).Attempts.Single().Attempt.RefundReservedAmountMinor.Should().Be(0);
    }
}
