using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using StatementState = PayCore.Contracts.V1.StatementRecord.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// The providers' bills of a day against the records, both ways: what agrees is silent, what differs is one item each, and what nobody told is found (invariants,
/// I1, I7, I11). The clock stands still, so that no other watch can find it first.
/// </summary>
public sealed class Statements
{
    private const string Today = "2026-11-22";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 2, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, string> Everywhere => Provider.Everywhere;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Day_ThatAgrees_RaisesNothingAndASecondRunChangesNothing(string database, string method)
    {
        await using var provider = await StartAsync(database, method);
        for (var i = 0; i < 3; i++)
        {
            await RefundedAsync(provider, (await provider.PaidAsync(1_000 + i)).OrderId, $"r{i}", 400 + i);
        }

        (await provider.CreateAsync()).OrderId.Should().NotBeEmpty("an order that nobody pays is in no bill");
        MakeReady(provider);

        var first = await CheckAsync(provider);
        (first.Rows, first.Repaired, first.Differences).Should().Be((6, 0, 0));
        (await provider.ExceptionsAsync()).Should().BeEmpty();
        var second = await CheckAsync(provider);
        second.Should().Be(first);
        (await StatementAsync(provider))!.State.Should().Be(StatementState.Matched);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Differences_PlantedInTheBill_AreOneItemEachOfTheRightKind(string database, string method)
    {
        await using var provider = await StartAsync(database, method);
        var (missing, other, equal) = (await provider.PaidAsync(), await provider.PaidAsync(), await provider.PaidAsync());
        var refund = await RefundedAsync(provider, equal.OrderId, "r1", 700);
        var missingRefund = await RefundedAsync(provider, other.OrderId, "r2", 800);
        var unpaid = await provider.CreateAsync();
        Plant(provider, "extra", "STRANGER1", amount: 900);
        Plant(provider, "extra", "STRANGER2", amount: 100, refundOf: equal.AttemptNo);
        Plant(provider, "extra", unpaid.AttemptNo, amount: 10_000);
        Plant(provider, "missing", missing.AttemptNo);
        Plant(provider, "missing", missingRefund.Id);
        Plant(provider, "amount", other.AttemptNo, amount: 9_999);
        Plant(provider, "amount", refund.Id, amount: 699);
        List<(ExceptionKind, string, string)> expected =
        [
            (ExceptionKind.StatementTheirsOnly, "", ""),
            (ExceptionKind.StatementTheirsOnly, "", ""),
            (ExceptionKind.StatementState, unpaid.AttemptNo, ""),
            (ExceptionKind.StatementOursOnly, missing.AttemptNo, ""),
            (ExceptionKind.StatementOursOnly, other.AttemptNo, missingRefund.Id),
            (ExceptionKind.StatementAmount, other.AttemptNo, ""),
            (ExceptionKind.StatementAmount, equal.AttemptNo, refund.Id),
        ];
        if (method == "wechat")
        {
            var reversed = await provider.PaidAsync();
            Plant(provider, "state", reversed.AttemptNo, state: "REVOKED");
            expected.Add((ExceptionKind.StatementState, reversed.AttemptNo, ""));
        }

        MakeReady(provider);
        var before = await provider.World.ReadAsync(unpaid.OrderId);

        var checkedDay = await CheckAsync(provider);

        var items = await provider.ExceptionsAsync();
        items.Select(i => (i.Kind, i.AttemptNo, i.RefundId)).Should().BeEquivalentTo(expected);
        items.Should().OnlyContain(i => !i.Resolved && i.Detail.Contains(Today));
        checkedDay.Differences.Should().Be(expected.Count);
        checkedDay.Repaired.Should().Be(0);
        (await provider.World.ReadAsync(unpaid.OrderId)).Order.Should().Be(before.Order, "a statement proves nothing by itself");
        (await CheckAsync(provider)).Should().Be(checkedDay);
        (await provider.ExceptionsAsync()).Should().HaveCount(expected.Count, "a second run raises nothing");
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Payment_NobodyToldUs_BecomesPaidByTheStatementsQuery(string database, string method)
    {
        await using var provider = await StartAsync(database, method);
        provider.Fail("callback", FaultKinds.Lost, count: -1);
        var open = await provider.CreateAsync();
        provider.Pay(open.AttemptNo);
        var closed = await provider.CreateAsync();
        await provider.World.Database.RequestCloseAsync(new RequestCloseRequest { OrderId = closed.OrderId, Cause = "merchant" });
        await provider.World.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = closed.AttemptNo, Cause = "close" });
        provider.Pay(closed.AttemptNo);
        (await provider.World.ReadAsync(open.OrderId)).Order.State.Should().Be(OrderState.Paying);
        MakeReady(provider);

        var day = await CheckAsync(provider);

        (day.Rows, day.Repaired, day.Differences).Should().Be((2, 2, 0));
        var paid = await provider.World.ReadAsync(open.OrderId);
        (paid.Order.State, paid.Order.Late, paid.Order.PaidAmountMinor).Should().Be((OrderState.Paid, false, 10_000));
        paid.History.Single(h => h.ToState == "PAID").Cause.Should().Be("query", "only the channel's signed answer moves anything");
        var late = await provider.World.ReadAsync(closed.OrderId);
        (late.Order.State, late.Order.Late).Should().Be((OrderState.Paid, true));
        (await provider.ExceptionsAsync()).Where(i => !i.Resolved).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.LatePayment);
    }

    /// <summary>The statement shows a payment of an order that has ended, and the one question about it gets no answer: the day is not done.</summary>
    [Theory]
    [InlineData("sqlite", "wechat")]
    [InlineData("mysql", "alipay")]
    public async Task Payment_NobodyToldUs_AndTheQuestionIsNotAnswered_IsAskedAboutAgain(string database, string method)
    {
        await using var provider = await StartAsync(database, method);
        provider.Fail("callback", FaultKinds.Lost, count: -1);
        var closed = await provider.CreateAsync();
        await provider.World.Database.RequestCloseAsync(new RequestCloseRequest { OrderId = closed.OrderId, Cause = "merchant" });
        await provider.World.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = closed.AttemptNo, Cause = "close" });
        provider.Pay(closed.AttemptNo);
        MakeReady(provider);
        provider.Fail("query", FaultKinds.Error503, count: -1);

        var check = () => CheckAsync(provider);
        (await check.Should().ThrowAsync<Grpc.Core.RpcException>()).Which.StatusCode.Should().Be(Grpc.Core.StatusCode.Unavailable);
        (await provider.World.ReadAsync(closed.OrderId)).Order.State.Should().Be(OrderState.Closed);
        (await provider.ExceptionsAsync()).Should().ContainSingle(i => i.Kind == ExceptionKind.StatementState && !i.Resolved, "a person may look at it meanwhile");
        (await StatementAsync(provider))!.State.Should().Be(StatementState.Fetched);

        provider.World.Faults.Clear();
        provider.Fail("callback", FaultKinds.Lost, count: -1);
        var day = await CheckAsync(provider);

        (day.Repaired, day.Differences).Should().Be((1, 0));
        var late = await provider.World.ReadAsync(closed.OrderId);
        (late.Order.State, late.Order.Late).Should().Be((OrderState.Paid, true));
        (await provider.ExceptionsAsync()).Where(i => !i.Resolved).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.LatePayment);
    }

    /// <summary>What a statement asks about keeps to the part of the account's limit that looks may take: the rest is asked about when the day is compared again.</summary>
    [Fact]
    public async Task Questions_OfAStatement_KeepToTheAccountsBudget()
    {
        await using var provider = new Provider(await World.StartAsync("sqlite", _clock, null, "--Query:BudgetShare=0.01", "--Query:BudgetWaitMax=00:00:00"), "wechat");
        provider.Fail("callback", FaultKinds.Lost, count: -1);
        var orders = new[] { await provider.CreateAsync(), await provider.CreateAsync() };
        Array.ForEach(orders, order => provider.Pay(order.AttemptNo));
        MakeReady(provider);

        var check = () => CheckAsync(provider);
        (await check.Should().ThrowAsync<Grpc.Core.RpcException>()).Which.StatusCode.Should().Be(Grpc.Core.StatusCode.Unavailable);
        (await PaidAsync()).Should().Be(1, "a hundredth of what the provider allows is one question in a second");
        (await StatementAsync(provider))!.State.Should().Be(StatementState.Fetched, "the day is not done");
        _clock.Advance(TimeSpan.FromSeconds(1));

        (await check()).Repaired.Should().Be(1);
        (await PaidAsync()).Should().Be(2);
        (await provider.ExceptionsAsync()).Should().OnlyContain(i => i.Resolved);

        async Task<int> PaidAsync() => (await Task.WhenAll(orders.Select(o => provider.World.ReadAsync(o.OrderId)))).Count(o => o.Order.State == OrderState.Paid);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Refund_NobodyToldUs_SucceedsByTheStatementsQuery(string database, string method)
    {
        await using var provider = await StartAsync(database, method);
        var (orderId, _) = await provider.PaidAsync();
        provider.Fail("refund_callback", FaultKinds.Lost, count: -1);
        provider.Fail("refund", FaultKinds.EffectThenDrop);
        await provider.RefundAsync(orderId, "lost", 600);
        (await provider.ReadRefundAsync("lost")).Refund.State.Should().Be(RefundState.Sent);
        MakeReady(provider);

        var day = await CheckAsync(provider);

        (day.Rows, day.Repaired, day.Differences).Should().Be((2, 1, 0));
        (await provider.ReadRefundAsync("lost")).Refund.State.Should().Be(RefundState.Succeeded);
        (await provider.ExceptionsAsync()).Where(i => !i.Resolved).Should().BeEmpty();
    }

    /// <summary>WeChat Pay lists money paid out in a bill of its own; the callbacks of all transfers are lost.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Transfers_NobodyToldUs_SucceedByTheStatementsQuery(string database)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        await provider.PaidAsync();
        provider.Fail("transfer_callback", FaultKinds.Lost, count: -1);
        foreach (var number in new[] { "t1", "t2" })
        {
            var answer = await provider.TransferAsync(provider.NewTransfer(number));
            provider.World.Ledger.Transfers.Confirm(World.Account, answer.Json["transfer"]!["id"]!.GetValue<string>());
            (await provider.ReadTransferAsync(number)).Transfer.State.Should().Be(TransferState.WaitPayee);
        }

        MakeReady(provider);
        var day = await CheckAsync(provider);

        (day.Rows, day.Repaired, day.Differences).Should().Be((3, 2, 0));
        (await provider.ReadTransferAsync("t1")).History[^1].Should().Match<HistoryEntry>(h => h.ToState == "SUCCEEDED" && h.Cause == "query");
        (await provider.ExceptionsAsync()).Where(i => !i.Resolved).Should().BeEmpty();
    }

    /// <summary>The download breaks off, a run dies after its first line, and two others come at the same moment: the day is checked once.</summary>
    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Run_ThatDiedInTheMiddle_IsResumed(string database, string method)
    {
        await using var provider = await StartAsync(database, method);
        var missing = await provider.PaidAsync();
        for (var i = 0; i < 4; i++)
        {
            await provider.PaidAsync();
        }

        Plant(provider, "missing", missing.AttemptNo);
        Plant(provider, "extra", "STRANGER", amount: 5);
        (await FetchAsync(provider)).Ready.Should().BeFalse("the day is not over");
        await Queries(provider).Invoking(q => q.MatchStatementAsync(Match(provider)).ResponseAsync).Should().ThrowAsync<Grpc.Core.RpcException>();
        MakeReady(provider);
        provider.Fail("download", FaultKinds.DropBefore);
        (await FetchAsync(provider)).Ready.Should().BeFalse();

        var fetched = await FetchAsync(provider);
        (fetched.Ready, fetched.Rows).Should().Be((true, 5), fetched.Message);
        await provider.World.Database.MatchStatementRowsAsync(new MatchStatementRowsRequest { StatementId = fetched.StatementId, Limit = 1 });
        var runs = await Task.WhenAll(CheckAsync(provider), CheckAsync(provider));

        runs.Should().OnlyContain(r => r.Rows == 5 && r.Differences == 2);
        (await StatementAsync(provider))!.Should().Match<StatementRecord>(s => s.State == StatementState.Matched && s.MatchedRows == 5);
        (await provider.ExceptionsAsync()).Select(i => i.Kind).Should().BeEquivalentTo([ExceptionKind.StatementTheirsOnly, ExceptionKind.StatementOursOnly]);
    }

    /// <summary>The provider says that the day has no entries, and we hold a payment of it.</summary>
    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Day_WithoutEntriesAtTheProvider_ShowsWhatWeHold(string database, string method)
    {
        await using var provider = await StartAsync(database, method);
        var paid = await provider.PaidAsync();
        Plant(provider, "missing", paid.AttemptNo);
        (await FetchAsync(provider)).Ready.Should().BeFalse("that there is none counts when the bills of the day are made");
        _clock.Advance(TimeSpan.FromHours(28));

        var day = await CheckAsync(provider);

        (await StatementAsync(provider))!.State.Should().Be(StatementState.Empty);
        day.Differences.Should().Be(1);
        (await provider.ExceptionsAsync()).Should().ContainSingle().Which.Should().Match<ExceptionItem>(
            i => i.Kind == ExceptionKind.StatementOursOnly && i.AttemptNo == paid.AttemptNo);
        (await CheckAsync(provider)).Should().Be(day);

        // The bill was late: fetched anew it has the payment, and nobody has to settle the item.
        Bills(provider).Clear();
        await FetchAsync(provider, again: true);
        (await CheckAsync(provider)).Differences.Should().Be(0);
        (await provider.ExceptionsAsync()).Should().ContainSingle().Which.Resolved.Should().BeTrue();
    }

    /// <summary>From half past ten the monitor asks for the day before, and again for what is not made yet: that Alipay has none counts from noon (alipay.md 9).</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Day_ThatIsOver_IsCheckedByItself(string database)
    {
        await using var wechat = new Provider(await World.StartAsync(database, _clock, null, "--Monitor:StatementsAt=10:30:00"), "wechat");
        var alipay = new Provider(wechat.World, "alipay");
        await wechat.PaidAsync();
        _clock.Advance(new DateTimeOffset(2026, 11, 23, 2, 25, 0, TimeSpan.Zero) - _clock.GetUtcNow());

        await StatementUntilAsync(alipay, StatementState.Failed);
        await StatementUntilAsync(wechat, StatementState.Matched);
        await StatementUntilAsync(alipay, StatementState.Empty);

        _clock.GetUtcNow().Should().BeOnOrAfter(new DateTimeOffset(2026, 11, 23, 4, 0, 0, TimeSpan.Zero), "until then it may still be made");

        (await StatementAsync(wechat))!.MatchedRows.Should().Be(1);
        (await wechat.ExceptionsAsync()).Should().BeEmpty();
    }

    /// <summary>The provider refuses the file for days: a person is told, once, before the day is given up. An account without a document is missed by nobody.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Day_WhoseStatementCannotBeHad_IsOneItemUntilItIsThere(string database)
    {
        await using var provider = new Provider(await World.StartAsync(database, _clock, null, "--Monitor:StatementsAt=10:30:00", "--Monitor:StatementsEvery=01:00:00"), "wechat");
        await provider.PaidAsync();
        provider.Fail("download", FaultKinds.Error503, count: -1);
        _clock.Advance(new DateTimeOffset(2026, 11, 25, 2, 0, 0, TimeSpan.Zero) - _clock.GetUtcNow());
        (await FetchAsync(provider)).Ready.Should().BeFalse();
        (await provider.ExceptionsAsync()).Should().BeEmpty("it may still come");

        _clock.Advance(TimeSpan.FromHours(24));
        await StepUntilAsync(async () => (await provider.ExceptionsAsync()).Count > 0);
        _clock.Advance(TimeSpan.FromHours(24));
        await Queries(provider).FetchStatementAsync(new FetchStatementRequest { Channel = "wechat", Account = provider.Account, Day = Today, Overdue = true });
        await Queries(provider).FetchStatementAsync(new FetchStatementRequest { Channel = "wechat", Account = "nobody", Day = Today, Overdue = true });

        var item = (await provider.ExceptionsAsync()).Where(i => i.Detail.Contains(Today)).Should().ContainSingle().Subject;
        (item.Kind, item.Resolved).Should().Be((ExceptionKind.StatementOverdue, false));
        item.Detail.Should().Contain($"wechat/{provider.Account}").And.Contain("503");

        provider.World.Faults.Clear();
        // Whoever asks while another is being refused gets that one's word.
        await StepUntilAsync(async () => (await FetchAsync(provider)).Ready);
        (await CheckAsync(provider)).Differences.Should().Be(0);
        (await provider.ExceptionsAsync()).Single(i => i.ExceptionId == item.ExceptionId).Should().Match<ExceptionItem>(i => i.Resolved && i.ResolvedBy == "statement");
    }

    /// <summary>A refund that is asked for before midnight and done after it stands in the next day's bill: the item of the first day settles itself.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Refund_AroundMidnight_IsListedByTheNextDayWhichSettlesTheItem(string database)
    {
        await using var provider = await StartAsync(database, "alipay");
        var (orderId, _) = await provider.PaidAsync();
        _clock.Advance(new DateTimeOffset(2026, 11, 22, 15, 59, 50, TimeSpan.Zero) - _clock.GetUtcNow());
        provider.PlanRefunds(new SettlementPlan { DelayMs = 20_000 });
        await provider.RefundAsync(orderId, "midnight", 300);
        await _clock.PassAsync(60, async () => (await provider.ReadRefundAsync("midnight")).Refund.State == RefundState.Succeeded);
        MakeReady(provider);
        MakeReady(provider, "2026-11-23");

        (await CheckAsync(provider)).Differences.Should().Be(1);
        var item = (await provider.ExceptionsAsync()).Should().ContainSingle().Subject;
        (item.Kind, item.RefundId, item.Resolved).Should().Be((ExceptionKind.StatementOursOnly, (await provider.ReadRefundAsync("midnight")).Refund.Id, false));
        (await CheckAsync(provider, "2026-11-23")).Differences.Should().Be(0);

        var settled = (await provider.ExceptionsAsync()).Should().ContainSingle().Subject;
        (settled.Resolved, settled.ResolvedBy, settled.Resolution).Should().Be((true, "statement", "repaired"));
    }

    /// <summary>One merchant with two account documents, each of another app: the provider's bill, fetched for each account, lists the payments of both.</summary>
    [Theory]
    [InlineData("sqlite", "wechat")]
    [InlineData("mysql", "alipay")]
    public async Task Merchant_WithTwoAccounts_HasBothComparedWithItsOneBill(string database, string method)
    {
        const string Second = "second";
        await using var provider = new Provider(
            await World.StartAsync(
                database, Role.All, [],
                async documents =>
                {
                    await CopyAsync(documents, method, method == "wechat" ? World.Account : World.AlipayAccount, Second, account => account);
                    await CopyAsync(documents, "apps", World.OtherAppId, World.OtherAppId, app => app.With("routes", new JsonObject { [$"{method}.QR"] = new JsonArray(new JsonObject { ["account"] = Second }) }));
                },
                _clock),
            method);
        var first = await provider.PaidAsync();
        await RefundedAsync(provider, first.OrderId, "r1", 700);
        using var created = await provider.World.OtherMerchant.PostAsJsonAsync("/v1/pay-orders", provider.World.NewOrder(method: method));
        var second = JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
        provider.Pay(second["attempt_no"]!.GetValue<string>());
        (await provider.World.UntilAsync(second["order"]!["id"]!.GetValue<string>(), o => o.Order.State == OrderState.Paid)).Attempts.Single().Account.Should().Be(Second);
        Plant(provider, "extra", "STRANGER", amount: 5);
        MakeReady(provider);

        var days = (await CheckAsync(provider), await CheckAsync(provider, account: Second));

        (days.Item1.Rows, days.Item2.Rows).Should().Be((4, 4), "the bill is the merchant's");
        (days.Item1.Differences, days.Item2.Differences).Should().Be((1, 0), "what nobody has is one difference");
        (await provider.ExceptionsAsync()).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.StatementTheirsOnly);
    }

    private static async Task CopyAsync(IConfigBackend documents, string folder, string name, string copy, Func<JsonObject, JsonObject> change)
    {
        var content = (await documents.ReadAllAsync(CancellationToken.None)).Single(d => (d.Folder, d.Name) == (folder, name)).Content;
        await documents.WriteAsync(folder, copy, JsonSerializer.SerializeToUtf8Bytes(change(JsonNode.Parse(content.Span)!.AsObject())), CancellationToken.None);
    }

    private async Task<Provider> StartAsync(string database, string method) => new(await World.StartAsync(database, _clock), method);

    private async Task<Refund> RefundedAsync(Provider provider, string orderId, string number, long amount)
    {
        await provider.RefundAsync(orderId, number, amount);
        await _clock.PassAsync(30, async () => (await provider.ReadRefundAsync(number)).Refund.State == RefundState.Succeeded);
        var refund = (await provider.ReadRefundAsync(number)).Refund;
        refund.State.Should().Be(RefundState.Succeeded);
        return refund;
    }

    private static SimulatedBills Bills(Provider provider) => provider.World.App.Services.GetRequiredService<SimulatedBills>();

    private static void MakeReady(Provider provider, string day = Today) =>
        Bills(provider).MakeReady(provider.Method, provider.Merchant, DateOnly.ParseExact(day, "yyyy-MM-dd"));

    private static void Plant(Provider provider, string kind, string number, long amount = 0, string? refundOf = null, string? state = null) =>
        Bills(provider).Plant(new BillDifference
        {
            Provider = provider.Method,
            Merchant = provider.Merchant,
            Day = DateOnly.ParseExact(Today, "yyyy-MM-dd"),
            Kind = kind,
            Number = number,
            Amount = amount,
            RefundOf = refundOf,
            State = state,
        });

    private static QueryGatewayInner.QueryGatewayInnerClient Queries(Provider provider) =>
        new(provider.World.App.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.QueryGateway));

    private static async Task<FetchStatementResponse> FetchAsync(Provider provider, string day = Today, bool again = false, string? account = null) =>
        await Queries(provider).FetchStatementAsync(new FetchStatementRequest { Channel = provider.Method, Account = account ?? provider.Account, Day = day, Again = again });

    private static MatchStatementRequest Match(Provider provider, string day = Today, string? account = null) =>
        new() { Channel = provider.Method, Account = account ?? provider.Account, Day = day };

    /// <summary>Fetched, unless it is there, and matched, as OrderMonitor and <c>paycore statement</c> do.</summary>
    private static async Task<MatchStatementResponse> CheckAsync(Provider provider, string day = Today, string? account = null)
    {
        var fetched = await FetchAsync(provider, day, account: account);
        fetched.Ready.Should().BeTrue(fetched.Message);
        var matched = await Queries(provider).MatchStatementAsync(Match(provider, day, account));
        return matched;
    }

    private static async Task<StatementRecord?> StatementAsync(Provider provider) => (await provider.World.Database.ListStatementsAsync(
        new ListStatementsRequest { Channel = provider.Method, Account = provider.Account })).Statements.SingleOrDefault(s => s.Day == Today);

    private async Task StepUntilAsync(Func<Task<bool>> isThere)
    {
        for (var minutes = 0; minutes < 600 && !await isThere(); minutes++)
        {
            await _clock.StepAsync(TimeSpan.FromMinutes(1));
        }

        (await isThere()).Should().BeTrue();
    }

    /// <summary>Lets minutes pass until the day's statement is there; each gets as much real time as the work that it makes due.</summary>
    private async Task StatementUntilAsync(Provider provider, StatementState state)
    {
        for (var minutes = 0; minutes < 600 && (await StatementAsync(provider))?.State != state; minutes++)
        {
            await _clock.StepAsync(TimeSpan.FromMinutes(1));
        }

        (await StatementAsync(provider))!.State.Should().Be(state);
    }
}
