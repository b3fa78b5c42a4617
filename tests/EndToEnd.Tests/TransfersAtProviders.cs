using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using Decision = PayCore.Contracts.V1.DecideTransferRequest.Types.Decision;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>Transfers at the providers themselves: WeChat Pay's payee confirms, Alipay's does not; each moves money at most once in the provider's own book (invariants, I5).</summary>
public sealed class TransfersAtProviders
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    public static TheoryData<string> Databases => World.Providers;

    public static TheoryData<string, string> Everywhere => Provider.Everywhere;

    [Theory]
    [InlineData("sqlite", false)]
    [InlineData("mysql", false)]
    [InlineData("sqlite", true)]
    [InlineData("mysql", true)]
    public async Task Wechat_ThePayeeConfirms_IsPaidOnceByCallbackOrByTheLadder(string database, bool callbacksLost)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        if (callbacksLost)
        {
            provider.Fail("transfer_callback", FaultKinds.Lost, count: -1);
        }

        var waiting = await provider.TransferAsync(provider.NewTransfer("confirm"));
        waiting.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", waiting.Text);
        var transfer = waiting.Json["transfer"]!;
        transfer["state"]!.GetValue<string>().Should().Be("WAIT_PAYEE");
        transfer["action"]!.ToJsonString().Should().Contain(provider.World.Ledger.Transfers.All.Single().PackageInfo, "the merchant's client opens the page with it");
        var id = transfer["id"]!.GetValue<string>();

        provider.World.Ledger.Transfers.Confirm(World.Account, id);
        var seconds = await BecomesAsync(provider, "confirm", TransferState.Succeeded, 600);

        // With callbacks lost the ladder's looks are at 10, 30 and 60 s, then at 5 minutes.
        seconds.Should().BeLessThan(callbacksLost ? 70 : 10);
        (await provider.ReadTransferAsync("confirm")).History[^1].Cause.Should().Be(callbacksLost ? "query" : "callback");
        provider.Accounts.EffectsOf("transfer", id).Should().Be(1);
        await provider.ToldAsync(_clock, 1);
        provider.EventsReceived.Should().Equal("transfer.succeeded");
    }

    /// <summary>
    /// The state of a transfer is known by a query, and what opens the payee's page is in the answer to the request alone (wechat-pay-v3.md 7.1, 7.4): that answer was
    /// lost, or it came while the transfer was only accepted (7.2).
    /// </summary>
    [Theory]
    [InlineData("sqlite", true)]
    [InlineData("mysql", true)]
    [InlineData("sqlite", false)]
    [InlineData("mysql", false)]
    public async Task Wechat_NoAnswerSaidWhatOpensThePage_ItIsAskedForAgainAndThePayeeConfirms(string database, bool answerIsLost)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        if (answerIsLost)
        {
            provider.Fail("transfer", FaultKinds.EffectThenDrop);
        }
        else
        {
            provider.PlanTransfers(new SettlementPlan { Stays = "ACCEPTED" });
        }

        var early = await provider.TransferAsync(provider.NewTransfer("opens"));
        early.Json["result"]!.GetValue<string>().Should().Be("PROCESSING", early.Text);
        var id = Id(early);
        if (!answerIsLost)
        {
            provider.World.Ledger.Transfers.Advance(World.Account, id);
        }

        (await BecomesAsync(provider, "opens", TransferState.WaitPayee, 30)).Should().BeLessThan(20, "the first look is after 10 s");
        var without = await provider.TransferAsync(provider.NewTransfer("opens"));
        (without.Json["result"]!.GetValue<string>(), without.Json["transfer"]!["action"]).Should().Be(("PROCESSING", null), "there is more to come");
        var seconds = await _clock.PassAsync(120, async () => (await provider.ReadTransferAsync("opens")).Transfer.Action is not null);

        seconds.Should().BeLessThan(65, "it is asked for a minute after the first call");
        var package = provider.World.Ledger.Transfers.All.Single().PackageInfo;
        var with = await provider.TransferAsync(provider.NewTransfer("opens"));
        with.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", with.Text);
        with.Json["transfer"]!["action"]!.ToJsonString().Should().Contain(package);
        (await provider.World.Merchant.GetAnswerAsync("/v1/transfers?out_transfer_no=opens")).Json["transfer"]!["action"]!.ToJsonString().Should().Contain(package);
        provider.World.Ledger.Transfers.Confirm(World.Account, id);
        await BecomesAsync(provider, "opens", TransferState.Succeeded, 60);
        (await provider.ReadTransferAsync("opens")).Transfer.State.Should().Be(TransferState.Succeeded);
        (await provider.TransferAsync(provider.NewTransfer("opens"))).Text.Should().Be(with.Text, "the first definite answer is the answer");
        provider.Accounts.EffectsOf("transfer", id).Should().Be(1);
        provider.World.Ledger.Transfers.All.Single().RequestedCount.Should().Be(2);
    }

    /// <summary>Nothing opens the page, and nothing can be asked for again: a person is told, and the merchant can take it back.</summary>
    [Fact]
    public async Task Wechat_NobodyCanOpenThePage_IsListedAskedForEverMoreRarelyAndCanBeTakenBack()
    {
        await using var provider = await Provider.StartAsync("sqlite", "wechat", _clock);
        provider.Fail("transfer", FaultKinds.EffectThenDrop, count: -1);
        var id = Id(await provider.TransferAsync(provider.NewTransfer("shut")));

        await _clock.PassAsync(1_000, async () => (await provider.ExceptionsAsync()).Any(e => e.Kind == ExceptionKind.TransferOverdue && e.TransferId == id));

        (await provider.ExceptionsAsync()).Should().ContainSingle(e => e.TransferId == id).Which.Detail.Should().Contain("what opens the wallet's page");
        provider.World.Ledger.Transfers.All.Single().RequestedCount.Should().BeInRange(4, 7, "each minute at first, then at 5 and 15 minutes");
        await provider.World.Merchant.PostTextAsync($"/v1/transfers/{id}:cancel", "{}");
        await BecomesAsync(provider, "shut", TransferState.Cancelled, 60);
        (await provider.ReadTransferAsync("shut")).Transfer.State.Should().Be(TransferState.Cancelled);
        provider.Accounts.Sum(World.Account, "transfer", "transfer_returned").Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Wechat_ThePayeeDeclines_HasFailedWithItsReasonAndTheMoneyIsBack(string database)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        var before = provider.Accounts.Balance(World.Account, WechatTransfers.Account);
        var id = Id(await provider.TransferAsync(provider.NewTransfer("declined")));

        provider.World.Ledger.Transfers.Decline(World.Account, id);
        await BecomesAsync(provider, "declined", TransferState.Failed, 60);

        var transfer = (await provider.ReadTransferAsync("declined")).Transfer;
        transfer.State.Should().Be(TransferState.Failed);
        transfer.FailureCode.Should().Be("OTHER_FAIL_REASON_TYPE");
        provider.Accounts.Balance(World.Account, WechatTransfers.Account).Should().Be(before);
        await provider.ToldAsync(_clock, 1);
        provider.EventsReceived.Should().Equal("transfer.failed");
    }

    [Theory]
    [InlineData("sqlite", false)]
    [InlineData("mysql", false)]
    [InlineData("sqlite", true)]
    public async Task Wechat_TheMerchantTakesItBack_IsCancelledWhenTheProviderConfirms(string database, bool answerIsLost)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        var id = Id(await provider.TransferAsync(provider.NewTransfer("back")));
        if (answerIsLost)
        {
            provider.Fail("cancel_transfer", FaultKinds.EffectThenDrop);
            provider.Fail("transfer_callback", FaultKinds.Lost, count: -1);
        }

        var cancel = await provider.World.Merchant.PostTextAsync($"/v1/transfers/{id}:cancel", "{}");
        cancel.Status.Should().Be(200, cancel.Text);
        await BecomesAsync(provider, "back", TransferState.Cancelled, 60);

        (await provider.ReadTransferAsync("back")).Transfer.State.Should().Be(TransferState.Cancelled);
        (await provider.World.Merchant.PostTextAsync($"/v1/transfers/{id}:cancel", "{}")).Json["result"]!.GetValue<string>().Should().Be("CANCELLED");
        var confirm = () => provider.World.Ledger.Transfers.Confirm(World.Account, id);
        confirm.Should().Throw<InvalidOperationException>("what was taken back is not paid");
        provider.Accounts.Sum(World.Account, "transfer", "transfer_returned").Should().Be(0);
        await provider.ToldAsync(_clock, 1);
        provider.EventsReceived.Should().Equal("transfer.cancelled");
    }

    [Fact]
    public async Task Wechat_ThePayeeConfirmsBeforeTheMerchantTakesItBack_IsPaid()
    {
        await using var provider = await Provider.StartAsync("sqlite", "wechat", _clock);
        provider.Fail("transfer_callback", FaultKinds.Lost, count: -1);
        var id = Id(await provider.TransferAsync(provider.NewTransfer("too-late")));
        provider.World.Ledger.Transfers.Confirm(World.Account, id);

        await provider.World.Merchant.PostTextAsync($"/v1/transfers/{id}:cancel", "{}");
        await BecomesAsync(provider, "too-late", TransferState.Succeeded, 120);

        (await provider.ReadTransferAsync("too-late")).Transfer.State.Should().Be(TransferState.Succeeded);
        (await provider.World.Merchant.PostTextAsync($"/v1/transfers/{id}:cancel", "{}")).ShouldBe(400, "TRANSFER_NOT_CANCELLABLE");
        provider.Accounts.EffectsOf("transfer", id).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Wechat_TheNameIsNotThePayees_HasFailedAndTheNameIsSealedOnTheWire(string database)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        provider.World.Ledger.Transfers.Payees.Set(new ChannelSimulator.Payee { Account = "oPayee7", Name = "王小明" });

        var right = await provider.TransferAsync(provider.NewTransfer("right", name: "王小明"));
        right.Json["transfer"]!["state"]!.GetValue<string>().Should().Be("WAIT_PAYEE", right.Text);
        provider.World.Ledger.Transfers.All.Single().UserName.Should().Be("王小明", "the provider, and nobody else, opens it");
        await provider.TransferAsync(provider.NewTransfer("wrong", name: "李四"));
        await BecomesAsync(provider, "wrong", TransferState.Failed, 60);

        var wrong = (await provider.ReadTransferAsync("wrong")).Transfer;
        (wrong.State, wrong.FailureCode).Should().Be((TransferState.Failed, "NAME_NOT_CORRECT"));
        provider.Accounts.EffectsOf("transfer", wrong.Id).Should().Be(0);
        (await provider.World.Merchant.GetAnswerAsync("/v1/transfers?out_transfer_no=wrong")).Text.Should().NotContain("李四").And.NotContain("oPayee7");
        (await provider.World.Merchant.GetAnswerAsync("/v1/events?after=0")).Text.Should().NotContain("李四").And.NotContain("oPayee7");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Alipay_Answers_PaidAndRefusedAtOnce(string database)
    {
        await using var provider = await Provider.StartAsync(database, "alipay", _clock);
        provider.World.AlipayLedger.Transfers.Payees.Set(new ChannelSimulator.Payee { Account = "2088000000000004", Name = "王小明" });

        var paid = await provider.TransferAsync(provider.NewTransfer("paid", payee: "1234", name: "王小明"));
        paid.Json["result"]!.GetValue<string>().Should().Be("DONE", paid.Text);
        var refused = await provider.TransferAsync(provider.NewTransfer("refused", payee: "1234", name: "李四"));
        refused.Json["result"]!.GetValue<string>().Should().Be("DECLINED", refused.Text);
        refused.Json["transfer"]!["failure_code"]!.GetValue<string>().Should().Be("PAYEE_USER_INFO_ERROR");

        provider.Accounts.EffectsOf("transfer", Id(paid)).Should().Be(1);
        provider.Accounts.EffectsOf("transfer", Id(refused)).Should().Be(0);
        (await provider.TransferAsync(provider.NewTransfer("refused", payee: "1234", name: "李四"))).Text.Should().Be(refused.Text);
        await provider.ToldAsync(_clock, 2);
        provider.EventsReceived.Should().BeEquivalentTo(["transfer.succeeded", "transfer.failed"]);
    }

    [Theory]
    [InlineData("sqlite", "SUCCESS", true)]
    [InlineData("mysql", "SUCCESS", false)]
    [InlineData("mysql", "SUCCESS", true)]
    [InlineData("sqlite", "FAIL", true)]
    [InlineData("sqlite", "FAIL", false)]
    public async Task Alipay_Dealing_IsFoundByNotifyOrByTheLadder(string database, string outcome, bool notifiesLost)
    {
        await using var provider = await Provider.StartAsync(database, "alipay", _clock);
        provider.PlanTransfers(new SettlementPlan { Outcome = outcome, DelayMs = 15_000, FailReason = outcome == "FAIL" ? "PAYEE_ACC_OCUPIED" : null });
        if (notifiesLost)
        {
            provider.Fail("transfer_callback", FaultKinds.Lost, count: -1);
        }

        var dealing = await provider.TransferAsync(provider.NewTransfer("dealing"));
        dealing.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", dealing.Text);
        var end = outcome == "FAIL" ? TransferState.Failed : TransferState.Succeeded;
        var seconds = await BecomesAsync(provider, "dealing", end, 120);

        // It is looked at after 10 s, when it is still on its way, and after 30 s.
        seconds.Should().BeInRange(14, notifiesLost ? 40 : 22);
        var transfer = (await provider.ReadTransferAsync("dealing")).Transfer;
        (transfer.State, transfer.FailureCode).Should().Be((end, outcome == "FAIL" ? "PAYEE_ACC_OCUPIED" : ""));
        (await provider.ReadTransferAsync("dealing")).History[^1].Cause.Should().Be(notifiesLost ? "query" : "callback");
        provider.Accounts.EffectsOf("transfer", transfer.Id).Should().Be(1);
        provider.Accounts.EffectsOf("transfer_returned", transfer.Id).Should().Be(outcome == "FAIL" ? 1 : 0);
    }

    [Fact]
    public async Task Alipay_SentBackByTheBank_IsReturnedAndListed()
    {
        await using var provider = await Provider.StartAsync("sqlite", "alipay", _clock);
        var id = Id(await provider.TransferAsync(provider.NewTransfer("returned")));

        provider.World.AlipayLedger.Transfers.Settle(provider.TransferAccount, id, "REFUND", "MID_ACCOUNT_CARD_INFO_ERROR");
        await BecomesAsync(provider, "returned", TransferState.Returned, 60);

        (await provider.ReadTransferAsync("returned")).Transfer.State.Should().Be(TransferState.Returned);
        (await provider.ExceptionsAsync()).Should().ContainSingle(e => e.Kind == ExceptionKind.TransferReturned && e.TransferId == id);
        await provider.ToldAsync(_clock, 2);
        provider.EventsReceived.Should().BeEquivalentTo(["transfer.succeeded", "transfer.returned"]);
    }

    /// <summary>Sent back a day later, and the message of it is lost.</summary>
    [Fact]
    public async Task Alipay_SentBackByTheBankAndNotTold_IsFoundByTheLadder()
    {
        await using var provider = await Provider.StartAsync("sqlite", "alipay", _clock);
        provider.Fail("transfer_callback", FaultKinds.Lost, count: -1);
        var request = provider.NewTransfer("returned");
        request["payee"] = new JsonObject { ["kind"] = "BANK_ACCOUNT", ["id"] = "6222020000000000", ["name"] = "张三", ["bank"] = "招商银行" };
        var id = Id(await provider.TransferAsync(request));
        await BecomesAsync(provider, "returned", TransferState.Succeeded, 120);

        provider.World.AlipayLedger.Transfers.Settle(provider.TransferAccount, id, "REFUND", "MID_ACCOUNT_CARD_INFO_ERROR");
        _clock.Advance(TimeSpan.FromHours(24));
        await BecomesAsync(provider, "returned", TransferState.Returned, 120);

        (await provider.ReadTransferAsync("returned")).History[^1].Cause.Should().Be("query");
        (await provider.ExceptionsAsync()).Should().ContainSingle(e => e.Kind == ExceptionKind.TransferReturned && e.TransferId == id);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Transfer_AboveTheLimit_IsSentOnceAfterAPersonApproved(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        var large = await provider.TransferAsync(provider.NewTransfer("large", 150_000));
        large.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", large.Text);
        large.Json["transfer"]!["state"]!.GetValue<string>().Should().Be("CREATED");
        await _clock.PassAsync(TimeSpan.FromSeconds(90));
        provider.Accounts.Entries.Should().BeEmpty("nobody approved");

        // As `paycore transfer approve` does.
        await provider.World.Database.DecideTransferAsync(new DecideTransferRequest { TransferId = Id(large), Decision = Decision.Approve, By = "li" });
        await BecomesAsync(provider, "large", method == "wechat" ? TransferState.WaitPayee : TransferState.Succeeded, 60);

        provider.Accounts.EffectsOf("transfer", Id(large)).Should().Be(1);
        (await provider.ReadTransferAsync("large")).ApprovedBy.Should().Be("li");
        (await provider.TransferAsync(provider.NewTransfer("large", 150_000))).Status.Should().Be(200, "a repeat sends nothing");
        provider.Accounts.EffectsOf("transfer", Id(large)).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Transfer_TheBalanceDoesNotSuffice_WaitsWithItsReasonAndIsSentUnderTheSameNumberWhenItDoes(string database, string method)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        provider.Accounts.SetBalance(provider.TransferMerchant, TransferBook(provider), 100);

        var poor = await provider.TransferAsync(provider.NewTransfer("poor"));
        poor.Json["transfer"]!["state"]!.GetValue<string>().Should().Be("SENT", "neither yes nor no: " + poor.Text);
        poor.Json["transfer"]!["failure_code"]!.GetValue<string>().Should().NotBeEmpty();
        (await provider.ExceptionsAsync()).Should().ContainSingle(e => e.Kind == ExceptionKind.NoBalance && e.TransferId == Id(poor), "a person is told at once");
        provider.Accounts.EffectsOf("transfer", Id(poor)).Should().Be(0);

        provider.Accounts.SetBalance(provider.TransferMerchant, TransferBook(provider), 1_000_000);
        var seconds = await BecomesAsync(provider, "poor", method == "wechat" ? TransferState.WaitPayee : TransferState.Succeeded, 3_900);

        seconds.Should().BeLessThan(3_900);
        provider.Accounts.EffectsOf("transfer", Id(poor)).Should().Be(1);
    }

    /// <summary>The provider answers that it did not execute the call, for it is asked too often (alipay.md 3.3 and 8.1, wechat-pay-v3.md 7.6).</summary>
    [Theory]
    [InlineData("sqlite", "alipay", FaultKinds.Code40005, "")]
    [InlineData("mysql", "alipay", FaultKinds.BusinessError, "RESOURCE_LIMIT_EXCEED")]
    [InlineData("sqlite", "wechat", FaultKinds.BusinessError, "FREQUENCY_LIMITED")]
    public async Task Transfer_TheProviderIsAskedTooOften_IsSentEverMoreRarelyUntilItIsTaken(string database, string method, string kind, string subCode)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock);
        var limit = provider.World.Faults.Add(new Fault { Operation = method == "wechat" ? "transfer" : "alipay.transfer", Kind = kind, SubCode = subCode, Count = 5 });

        var early = await provider.TransferAsync(provider.NewTransfer("later"));
        early.Json["result"]!.GetValue<string>().Should().Be("PROCESSING", early.Text);
        early.Json["transfer"]!["failure_code"]!.GetValue<string>().Should().NotBeEmpty("it says why it waits");
        for (var repeat = 0; repeat < 3; repeat++)
        {
            (await provider.TransferAsync(provider.NewTransfer("later"))).Json["result"]!.GetValue<string>().Should().Be("PROCESSING");
        }

        await _clock.PassAsync(240, () => Task.FromResult(limit.Fired > 2));
        limit.Fired.Should().Be(2, "once more after a minute, and then not before five");
        foreach (var (minutes, calls) in new[] { (2, 3), (10, 4), (45, 5) })
        {
            _clock.Advance(TimeSpan.FromMinutes(minutes));

            // The clock leaps again only when the provider's answer is on record: the leap would end the call's deadline.
            await _clock.PassAsync(60, async () => limit.Fired == calls && await OpenCallsAsync() == 0);
            (limit.Fired, await OpenCallsAsync()).Should().Be((calls, 0), "at the looks of the first call: 5 and 15 minutes, an hour");
        }

        _clock.Advance(TimeSpan.FromHours(1));
        var end = method == "wechat" ? TransferState.WaitPayee : TransferState.Succeeded;
        await BecomesAsync(provider, "later", end, 120);

        var transfer = (await provider.ReadTransferAsync("later")).Transfer;
        (transfer.State, transfer.FailureCode).Should().Be((end, ""));
        provider.Accounts.EffectsOf("transfer", Id(early)).Should().Be(1);

        async Task<int> OpenCallsAsync() => (await provider.ReadTransferAsync("later")).OpenCalls;
    }

    [Fact]
    public async Task Balance_IsThatOfTheProvidersBook()
    {
        await using var provider = await Provider.StartAsync("sqlite", "alipay", _clock);
        provider.Accounts.SetBalance(provider.TransferMerchant, AlipayLedger.Account, 123_456);
        await provider.TransferAsync(provider.NewTransfer("spent", 456));

        var answer = await provider.World.Merchant.GetAnswerAsync("/v1/balances/alipay");

        var balance = answer.Json["balances"]!.AsArray().Should().ContainSingle(answer.Text).Subject!;
        balance["available_minor"]!.GetValue<long>().Should().Be(123_000);
        balance["account"]!.GetValue<string>().Should().Be(provider.TransferAccount);
        (await provider.World.Merchant.GetAnswerAsync("/v1/balances/wechat")).ShouldBe(503, "CHANNEL_UNAVAILABLE");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Batch_AtAlipay_GivesEachItsOwnResultAndARepeatPaysNothingTwice(string database)
    {
        await using var provider = await Provider.StartAsync(database, "alipay", _clock);
        provider.World.AlipayLedger.Transfers.Payees.Set(new ChannelSimulator.Payee { Account = "2088000000000009", Refusal = "PAYEE_NOT_EXIST" });
        JsonObject[] wishes =
        [
            provider.NewTransfer("b1"), provider.NewTransfer("b2", payee: "unknown99"), provider.NewTransfer("b3", 0), provider.NewTransfer("b4", 700),
            provider.NewTransfer("b5", 200_000), provider.NewTransfer("b1"),
        ];
        string Batch(int count) => new JsonObject
        {
            ["out_batch_no"] = "payday", ["transfers"] = new JsonArray([.. wishes.Take(count).Select(w => w.DeepClone())]),
        }.ToJsonString();

        var twice = await provider.World.Merchant.PostTextAsync("/v1/transfer-batches", Batch(6));
        twice.Status.Should().Be(400, "a number stands in a batch once");
        provider.Accounts.Entries.Should().BeEmpty();
        var first = await provider.World.Merchant.PostTextAsync("/v1/transfer-batches", Batch(5));
        var repeat = await provider.World.Merchant.PostTextAsync("/v1/transfer-batches", Batch(5));

        first.Json["items"]!.AsArray().Select(i => i!["answer"]?["result"]?.GetValue<string>() ?? $"{i["error_field"]} {i["error_reason"]}").Should().Equal(
            ["DONE", "DECLINED", "amount_minor AMOUNT_INVALID", "DONE", "ACCEPTED"], first.Text);
        repeat.Text.Should().Be(first.Text);
        provider.Accounts.Entries.Where(e => e.Kind == "transfer").Select(e => e.Amount).Should().BeEquivalentTo([-500, -700]);
    }

    private static string Id(RestAnswer answer) => answer.Json["transfer"]!["id"]!.GetValue<string>();

    private static string TransferBook(Provider provider) => provider.Method == "wechat" ? WechatTransfers.Account : AlipayLedger.Account;

    private Task<int> BecomesAsync(Provider provider, string number, TransferState state, int secondsMax) =>
        _clock.PassAsync(secondsMax, async () => (await provider.ReadTransferAsync(number)).Transfer.State == state);
}
