using PayCore.Cashier.Tests.Support;
using PayCore.Configuration;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.PayManagerSystem.Accounts;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Apps;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using Microsoft.Extensions.DependencyInjection;
using ConsoleChannels = PayCore.PayManagerSystem.Accounts.Channels;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using State = PayCore.Contracts.V1.Approval.Types.State;

namespace PayCore.Console.Tests;

/// <summary>What needs two people is asked for by one, decided by another, and happens once; on both databases.</summary>
public sealed class FourEyes(Chromium chromium)
{
    private const long Limit = 100_000;

    public static TheoryData<string> Providers => World.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RefundAboveTheLimit_ApprovedByManyAtOnce_IsGivenOnce(string provider)
    {
        await using var office = await Office.OpenAsync(chromium, provider);
        var paid = await office.PaidAsync(2 * Limit);
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "admin"));
        var asked = await AskAsync(ada, paid, Limit + 1);
        (await RefundsAsync(office, paid)).Should().BeEmpty("a second person has not decided");
        (await ada.Approvals.ApproveAsync(asked.ApprovalId, "mine")).Problem!.Text.Should().Be(ActionTexts.OwnRequest);
        (await ada.Approvals.DeclineAsync(asked.ApprovalId, "mine")).Problem!.Text.Should().Be(ActionTexts.OwnRequest);

        var others = new List<Desk>();
        for (var i = 0; i < 6; i++)
        {
            others.Add(await Desk.OfAsync(office, await office.HireAsync($"ben{i}", "finance")));
        }

        var answers = await Task.WhenAll(others.Select((o, i) => i % 3 == 2 ? o.Approvals.DeclineAsync(asked.ApprovalId, "no") : o.Approvals.ApproveAsync(asked.ApprovalId, "right")));

        answers.Should().ContainSingle(a => a.Problem == null);
        answers.Where(a => a.Problem is not null).Should().OnlyContain(a => a.Problem!.Text == ActionTexts.StateForbids);
        var decided = await ReadAsync(office, asked);
        (await RefundsAsync(office, paid)).Should().HaveCount(decided.State == State.Executed ? 1 : 0);
        decided.State.Should().BeOneOf(State.Executed, State.Declined);
        foreach (var other in others)
        {
            await other.DisposeAsync();
        }

        await office.DemandWholeAuditAsync();
    }

    /// <summary>The process died between the decision and its execution, or after the refund and before that was recorded: it is done again and given once.</summary>
    [Theory]
    [InlineData("sqlite", false)]
    [InlineData("sqlite", true)]
    [InlineData("mysql", true)]
    public async Task ApprovedRefund_WhoseEndIsUnknown_IsRunAgainAndGivenOnce(string provider, bool wasGiven)
    {
        await using var office = await Office.OpenAsync(chromium, provider);
        var paid = await office.PaidAsync(2 * Limit);
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "admin"));
        await using var ben = await Desk.OfAsync(office, await office.HireAsync("ben", "admin"));
        var asked = await AskAsync(ada, paid, Limit + 1);
        await office.Operators.DecideApprovalAsync(new DecideApprovalRequest { ApprovalId = asked.ApprovalId, Approve = true, By = "ben", Reason = "right" });
        if (wasGiven)
        {
            await office.Operators.ClaimApprovalAsync(new ClaimApprovalRequest { ApprovalId = asked.ApprovalId, LeaseTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(office.Clock.GetUtcNow().AddMinutes(2)) });
            var wish = CreateRefundByPersonRequest.Parser.ParseJson(asked.Action);
            wish.By = "ben";
            await new RefundGatewayInner.RefundGatewayInnerClient(office.World.App.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.RefundGateway)).CreateRefundByPersonAsync(wish);
            (await ben.Approvals.RunAgainAsync(asked.ApprovalId)).Problem!.Text.Should().Be(ActionTexts.StateForbids, "somebody is at it");
            office.Clock.Add(TimeSpan.FromMinutes(3));
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ben.Approvals.RunAgainAsync(asked.ApprovalId)));

        answers.Should().ContainSingle(a => a.Problem == null).Which.Value!.State.Should().Be(State.Executed);
        (await RefundsAsync(office, paid)).Should().ContainSingle().Which.AmountMinor.Should().Be(Limit + 1);
        (await ben.Approvals.RunAgainAsync(asked.ApprovalId)).Problem.Should().NotBeNull("it is done");
        await office.DemandWholeAuditAsync();
    }

    [Fact]
    public async Task SmallRefunds_ThatTogetherAreAboveTheLimit_NeedASecondPerson()
    {
        await using var office = await Office.OpenAsync(chromium);
        var paid = await office.PaidAsync(2 * Limit);
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "admin"));

        var first = await ada.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, Limit - 10, "first", Key(office));
        first.Value!.Answer!.Refund.AmountMinor.Should().Be(Limit - 10);
        var second = await ada.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, 11, "second", Key(office));
        second.Value!.Approval!.AmountMinor.Should().Be(11);
        var third = await ada.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, 12, "third", Key(office));
        third.Problem!.Text.Should().Be(ActionTexts.AskedAlready, "the decision of one is not that of another");
        var foreign = await ada.Records.RefundAsync((await office.PaidAsync(100)).Order.Id, paid.Attempts[0].Attempt.AttemptNo, 12, "of another payment", Key(office));
        foreign.Problem!.Text.Should().Be(ActionTexts.NotFound);
        (await RefundsAsync(office, paid)).Should().ContainSingle();
    }

    /// <summary>Approved, and the process that was to do it died: asked once more, it would go back twice.</summary>
    [Fact]
    public async Task ApprovedRefund_ThatIsNotDoneYet_IsNotAskedForOnceMore()
    {
        await using var office = await Office.OpenAsync(chromium);
        var paid = await office.PaidAsync(4 * Limit);
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "admin"));
        var asked = await AskAsync(ada, paid, Limit + 1);
        await office.Operators.DecideApprovalAsync(new DecideApprovalRequest { ApprovalId = asked.ApprovalId, Approve = true, By = "ben", Reason = "right" });

        var again = await ada.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, Limit + 1, "once more", Key(office));

        again.Problem!.Text.Should().Be(ActionTexts.AskedAlready);
        (await office.Operators.ListApprovalsAsync(new ListApprovalsRequest { Limit = 10 })).Approvals.Should().ContainSingle();
    }

    /// <summary>Who may change roles makes none larger than what they have themselves, and not their own.</summary>
    [Fact]
    public async Task Role_IsNotMadeLargerThanWhoMakesIt()
    {
        await using var office = await Office.OpenAsync(chromium);
        await office.Operators.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "keeper", Permissions = { "ManageRoles", "ViewPeople" } }, By = "test" });
        await using var mallory = await Desk.OfAsync(office, await office.HireAsync("mallory", "keeper"));
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "admin"));

        var own = await mallory.People.SaveRoleAsync(new OperatorRole { Name = "keeper", Permissions = { "ManageRoles" }, Version = 1 });
        var larger = await mallory.People.SaveRoleAsync(new OperatorRole { Name = "larger", Permissions = { "Refund" } });
        var smaller = await mallory.People.SaveRoleAsync(new OperatorRole { Name = "smaller", Permissions = { "ViewPeople" } });
        var another = await ada.People.SaveRoleAsync(new OperatorRole { Name = "keeper", Permissions = { "ManageRoles", "Refund" }, Version = 1 });

        own.Problem!.Text.Should().Be(ActionTexts.MoreThanOneself);
        larger.Problem!.Text.Should().Be(ActionTexts.MoreThanOneself);
        smaller.Problem.Should().BeNull();
        another.Problem.Should().BeNull();
    }

    /// <summary>One person in many tabs at the same moment: the limit holds in the records, whatever each of them read before.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task SmallRefunds_ManyAtOnce_NeverGiveMoreThanTheLimitWithoutASecondPerson(string provider)
    {
        const long amount = (Limit / 2) - 1;
        await using var office = await Office.OpenAsync(chromium, provider);
        var paid = await office.PaidAsync(10 * Limit);
        var person = await office.HireAsync("ada", "admin");
        var tabs = new List<Desk>();
        for (var i = 0; i < 10; i++)
        {
            tabs.Add(await Desk.OfAsync(office, person));
        }

        var answers = await Task.WhenAll(tabs.Select(t => t.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, amount, "The tea was stale.", Key(office))));

        (await RefundsAsync(office, paid)).Should().HaveCount(2).And.OnlyContain(r => r.AmountMinor == amount);
        answers.Should().OnlyContain(a => a.Problem == null);
        answers.Count(a => a.Value!.Answer is not null).Should().Be(2);
        answers.Where(a => a.Value!.Approval is not null).Select(a => a.Value!.Approval!.ApprovalId).Distinct().Should().ContainSingle();
        foreach (var tab in tabs)
        {
            await tab.DisposeAsync();
        }

        // What two people want is not held by the limit of one.
        await using var ben = await Desk.OfAsync(office, await office.HireAsync("ben", "finance"));
        var asked = answers.First(a => a.Value!.Approval is not null).Value!.Approval!;
        (await ben.Approvals.ApproveAsync(asked.ApprovalId, "right")).Value!.State.Should().Be(State.Executed);
        (await RefundsAsync(office, paid)).Should().HaveCount(3);
        await office.DemandWholeAuditAsync();
    }

    /// <summary>Each limit of what one person does alone, by the form and by a roll back. What one person changes meanwhile makes the approval void.</summary>
    [Fact]
    public async Task Limits_ThatDecideWhenTwoAreNeeded_RiseByTwoPeopleOnly()
    {
        await using var office = await Office.OpenAsync(chromium);
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "admin"));
        await using var ben = await Desk.OfAsync(office, await office.HireAsync("ben", "finance"));
        var low = new LimitsDocument { TransferMinorMax = 10, TransferApprovalAboveMinor = 10, RefundApprovalAboveMinor = 10 };
        (await SaveAsync(ada, low, "")).Value!.Waits.Should().BeNull("taking them down is one person's");
        var earlier = (await office.Configuration.HistoryAsync(AppDocument.Folder, World.AppId, CancellationToken.None))[0];
        (await ada.Apps.RollBackAsync(World.AppId, (await KeptAsync(ada)).Document.Version, earlier, "")).Problem!.Text.Should().Be(AppTexts.NeedsTwo);
        foreach (var raised in new[] { low with { TransferMinorMax = 11 }, low with { TransferApprovalAboveMinor = 11 }, low with { RefundApprovalAboveMinor = 11 } })
        {
            (await SaveAsync(ada, raised, "")).Problem!.Text.Should().Be(AppTexts.NeedsTwo);
            var asked = (await SaveAsync(ada, raised, "The season begins.")).Value!.Waits!;
            (await SaveAsync(ada, raised, "Again.")).Problem!.Text.Should().Be(AppTexts.AnotherWaits);
            (await ada.Approvals.ApproveAsync(asked.ApprovalId, "mine")).Problem!.Text.Should().Be(ActionTexts.OwnRequest);
            (await KeptAsync(ada)).App!.Limits.Should().Be(low);
            (await ben.Approvals.DeclineAsync(asked.ApprovalId, "no")).Problem.Should().BeNull();
        }

        var high = low with { AmountMinorMax = 99, RefundApprovalAboveMinor = 11 };
        var late = (await SaveAsync(ada, high, "The season begins.")).Value!.Waits!;
        (await SaveAsync(ada, low with { AmountMinorMax = 98 }, "")).Value!.Waits.Should().BeNull("the largest payment gives nobody money");
        (await ben.Approvals.ApproveAsync(late.ApprovalId, "yes")).Value!.State.Should().Be(State.Failed, "it is not the version that was looked at");
        (await KeptAsync(ada)).App!.Limits.Should().Be(low with { AmountMinorMax = 98 });

        var good = (await SaveAsync(ada, high, "The season begins.")).Value!.Waits!;
        (await ben.Approvals.ApproveAsync(good.ApprovalId, "yes")).Value!.State.Should().Be(State.Executed);
        (await KeptAsync(ada)).App!.Limits.Should().Be(high);
        await office.DemandWholeAuditAsync();

        static async Task<KeptApp> KeptAsync(Desk desk) => (await desk.Services.GetRequiredService<AppBook>().FindAsync(World.AppId))!;

        static async Task<ActionResult<AppChange>> SaveAsync(Desk desk, LimitsDocument limits, string reason) =>
            await desk.Apps.SaveSettingsAsync(await KeptAsync(desk), "", limits, MoneyPolicy.Accept, MoneyPolicy.Refund, reason);
    }

    /// <summary>The history holds a hundred versions of an account that is switched off: with which keys it took payments nobody knows any more, so even the same ones need two people.</summary>
    [Fact]
    public async Task Keys_OfAnAccountWhoseHistoryIsFull_NeedTwoPeople()
    {
        await using var office = await Office.OpenAsync(chromium);
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "admin"));
        await using var ben = await Desk.OfAsync(office, await office.HireAsync("ben", "admin"));
        var channel = (await ada.Services.GetRequiredService<ConsoleChannels>().FindAsync("alipay"))!;
        await SwitchOffAsync(versions: 2);
        (await SwitchOnAsync("")).Value!.Waits.Should().BeNull("it is on with the keys that it had");

        await SwitchOffAsync(versions: ConfigVersion.KeptMax + 1);

        (await SwitchOnAsync("")).Problem!.Text.Should().Be(AccountTexts.NeedsTwo);
        var asked = (await SwitchOnAsync("The shop opens again.")).Value!.Waits!;
        (await ada.Approvals.ApproveAsync(asked.ApprovalId, "mine")).Problem!.Text.Should().Be(ActionTexts.OwnRequest);
        (await KeptAsync()).IsEnabled.Should().BeFalse();
        (await ben.Approvals.ApproveAsync(asked.ApprovalId, "right")).Value!.State.Should().Be(State.Executed);
        (await KeptAsync()).IsEnabled.Should().BeTrue();
        await office.DemandWholeAuditAsync();

        async Task<KeptAccount> KeptAsync() => (await ada.Services.GetRequiredService<AccountBook>().FindAsync(channel, World.AlipayAccount))!;

        async Task<ActionResult<SettingChange>> SwitchOnAsync(string reason) =>
            await ada.Services.GetRequiredService<AccountActions>().SwitchAsync(channel, await KeptAsync(), enabled: true, reason);

        async Task SwitchOffAsync(int versions)
        {
            var members = DocumentJson.ReadMembers(World.AlipayAccount, (await KeptAsync()).Document.Content);
            members["enabled"] = false;
            for (var i = 0; i < versions; i++)
            {
                members["page_product_code"] = $"PAGE_{i}";
                await office.Configuration.WriteAsync(channel.Name, World.AlipayAccount, DocumentJson.WriteMembers(members), CancellationToken.None);
            }
        }
    }

    [Fact]
    public async Task AbnormalRefund_IsDecidedByTwoPeopleWithEvidence()
    {
        await using var office = await Office.OpenAsync(chromium);
        var refundId = await office.AbnormalRefundAsync(await office.PaidAsync(1299));
        await using var ada = await Desk.OfAsync(office, await office.HireAsync("ada", "finance"));
        await using var ben = await Desk.OfAsync(office, await office.HireAsync("ben", "finance"));

        var asked = (await ada.Records.AskRefundDecisionAsync(refundId, succeeded: true, "The bank's letter of 12 November")).Value!;
        (await ada.Approvals.ApproveAsync(asked.ApprovalId, "I know it")).Problem!.Text.Should().Be(ActionTexts.OwnRequest);
        (await office.World.Database.ReadRefundAsync(new ReadRefundRequest { RefundId = refundId })).Refund.State.Should().Be(RefundState.Abnormal);
        (await ben.Approvals.ApproveAsync(asked.ApprovalId, "I saw the letter")).Value!.State.Should().Be(State.Executed);

        (await office.World.Database.ReadRefundAsync(new ReadRefundRequest { RefundId = refundId })).Refund.State.Should().Be(RefundState.Succeeded);
        var entry = (await office.World.Database.ListAuditAsync(new ListAuditRequest { Subject = refundId })).Entries.Should().ContainSingle().Which;
        (entry.By, entry.Action).Should().Be(("ben", "refund.decide"));
        entry.After.Should().Contain("The bank's letter").And.Contain("\"ada\"");
        await office.DemandWholeAuditAsync();
    }

    private static string Key(Office office) => office.World.App.Services.GetRequiredService<IdFactory>().NewConfirmationKey();

    private static async Task<Approval> AskAsync(Desk desk, StoredOrder paid, long amountMinor)
    {
        var key = desk.Services.GetRequiredService<IdFactory>().NewConfirmationKey();
        var asked = await desk.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, amountMinor, "The tea was stale.", key);
        asked.Problem.Should().BeNull();
        (await desk.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, amountMinor, "The tea was stale.", key)).Value!.Approval.Should().Be(asked.Value!.Approval, "a second press");
        return asked.Value.Approval!;
    }

    private static async Task<Approval> ReadAsync(Office office, Approval which) => await office.Operators.ReadApprovalAsync(new ReadApprovalRequest { ApprovalId = which.ApprovalId });

    private static async Task<IReadOnlyList<Refund>> RefundsAsync(Office office, StoredOrder paid) =>
        (await office.World.Database.ListRefundsAsync(new ListRequest { AppId = World.AppId, OrderId = paid.Order.Id, Limit = 50 })).Refunds;
}
