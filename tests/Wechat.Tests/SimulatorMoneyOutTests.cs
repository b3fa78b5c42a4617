using System.Text.Json.Nodes;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using SettlementPlan = PayCore.ChannelSimulator.SettlementPlan;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>Channel and simulator over real HTTP where money goes out: refunds and transfers, from asking to the end, and into each fault of the menu.</summary>
public sealed class SimulatorMoneyOutTests
{
    private const int UntilSettled = -1;

    [Theory]
    [InlineData("SUCCESS", ChannelRefundState.RefundDone)]
    [InlineData("ABNORMAL", ChannelRefundState.RefundAbnormal)]
    [InlineData("CLOSED", ChannelRefundState.RefundRefused)]
    public async Task Refund_FromAskingToItsEnd_IsUnderstoodOnBothSides(string outcome, ChannelRefundState expected)
    {
        await using var simulator = await PaidAsync();
        var world = simulator.World;
        (await world.QueryRefundAsync()).State.Should().Be(ChannelRefundState.RefundNotFound);

        var asked = await RefundAsync(simulator);
        var pending = await world.QueryRefundAsync();
        (asked.State, pending.State).Should().Be((ChannelRefundState.RefundPending, ChannelRefundState.RefundPending), asked.Message);
        (asked.Facts.RefundNo, asked.Facts.AttemptNo, asked.Facts.AmountMinor, asked.Facts.Currency).Should().Be((World.RefundNo, World.AttemptNo, 30, "CNY"));

        var settled = simulator.Ledger.Refunds.Settle(Keys.MchId, World.RefundNo, outcome);
        var queried = await world.QueryRefundAsync();
        var told = await world.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());

        (queried.State, told.Verdict, told.Refund.State, told.MessageId).Should().Be((expected, Verdict.Refund, expected, settled.Callback!.Id));
        told.Refund.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["mch_id"] = Keys.MchId });
        told.Refund.ChannelRefundId.Should().Be(settled.RefundId).And.Be(queried.Facts.ChannelRefundId);
        (told.Refund.RefundNo, told.Refund.AttemptNo, told.Refund.AmountMinor, told.Refund.SuccessTime).Should()
            .Be((World.RefundNo, World.AttemptNo, 30, queried.Facts.SuccessTime));
        (settled.Reason, settled.Total).Should().Be(("too small", 100));
        var payment = await world.QueryAsync();
        (payment.State, payment.Facts.Refunded).Should().Be((ChannelPayState.ChannelPaid, true));
    }

    [Fact]
    public async Task Refund_AgainWithOtherContentTooMuchOrWithoutBalance_IsWhatTheLedgerSays()
    {
        await using var simulator = await PaidAsync();
        var world = simulator.World;

        var first = await RefundAsync(simulator);
        var again = await RefundAsync(simulator);
        var other = await RefundAsync(simulator, r => r.AmountMinor = 31);
        var tooMuch = await RefundAsync(simulator, r => (r.RefundNo, r.AmountMinor) = ("R2", 71));
        simulator.Ledger.Accounts.SetBalance(Keys.MchId, WechatRefunds.Account, 0);
        var poor = await RefundAsync(simulator, r => r.RefundNo = "R3");
        simulator.Ledger.Accounts.SetBalance(Keys.MchId, WechatRefunds.Account, 30);
        var rich = await RefundAsync(simulator, r => r.RefundNo = "R3");
        var nobodys = await RefundAsync(simulator, r => (r.RefundNo, r.AttemptNo) = ("R4", "NOBODYS1"));

        (first.State, again.State).Should().Be((ChannelRefundState.RefundPending, ChannelRefundState.RefundPending));
        (other.State, other.Code).Should().Be((ChannelRefundState.RefundRefused, "INVALID_REQUEST"));
        (tooMuch.State, tooMuch.Code).Should().Be((ChannelRefundState.RefundRefused, "INVALID_REQUEST"));
        (poor.State, poor.Code, rich.State).Should().Be((ChannelRefundState.RefundNoBalance, "NOT_ENOUGH", ChannelRefundState.RefundPending));
        (nobodys.State, nobodys.Code).Should().Be((ChannelRefundState.RefundRefused, "RESOURCE_NOT_EXISTS"));
        (await world.QueryRefundAsync("R2")).State.Should().Be(ChannelRefundState.RefundNotFound);
        simulator.Ledger.Accounts.EffectsOf("refund", World.RefundNo).Should().Be(1);
    }

    // The rest of the menu is that of an answer that is as it should be.
    public static TheoryData<string> KindsOf(string operation) =>
        [.. FaultKinds.All.Where(k => k is not (FaultKinds.ClockSkew or FaultKinds.BusinessError) && FaultKinds.Fits(k, operation))];

    [Theory]
    [MemberData(nameof(KindsOf), "refund")]
    public async Task Refund_WithAFault_IsUnknownUntilTheSameNumberIsRepeated(string kind)
    {
        await using var simulator = await PaidAsync();

        var reply = await SimulatorFaultTests.CallAsync(simulator, "refund", kind, () => RefundAsync(simulator));

        if (SimulatorFaultTests.IsContent(kind))
        {
            var isOurs = reply.Facts.RefundNo == World.RefundNo && reply.Facts.AmountMinor == 30;
            (reply.State, isOurs).Should().Be((ChannelRefundState.RefundPending, false), "signed, so it is passed on, and the caller compares");
        }
        else
        {
            (reply.State, reply.Facts, reply.NothingSent).Should().Be((ChannelRefundState.RefundUnknown, null!, false));
        }

        (await RefundAsync(simulator)).State.Should().Be(ChannelRefundState.RefundPending);
        simulator.Ledger.Accounts.EffectsOf("refund", World.RefundNo).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "query_refund")]
    public async Task QueryRefund_WithAFault_IsUnknownOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await PaidAsync();
        await RefundAsync(simulator);

        var reply = await SimulatorFaultTests.CallAsync(simulator, "query_refund", kind, () => simulator.World.QueryRefundAsync());

        var isOurs = reply.Facts is { AmountMinor: 30, RefundNo: World.RefundNo };
        (reply.State, isOurs).Should().Be((SimulatorFaultTests.IsContent(kind) ? ChannelRefundState.RefundPending : ChannelRefundState.RefundUnknown, false));
    }

    [Theory]
    [MemberData(nameof(KindsOf), "refund_callback")]
    public async Task RefundCallback_WithAFault_IsRefusedOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await PaidAsync();
        await RefundAsync(simulator);
        simulator.Faults.Add(new Fault { Operation = "refund_callback", Kind = kind, Count = -1 });
        simulator.Ledger.Refunds.Settle(Keys.MchId, World.RefundNo, "SUCCESS");
        if (IsNeverSent(kind))
        {
            return;
        }

        var reply = await simulator.World.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());

        var isOurs = reply.Refund is { AmountMinor: 30, RefundNo: World.RefundNo } refund && refund.AccountIds["mch_id"] == Keys.MchId;
        (reply.Verdict, isOurs).Should().Be(
            IsForged(kind) ? (Verdict.Rejected, false) : (Verdict.Refund, !SimulatorFaultTests.IsContent(kind) || kind == FaultKinds.Twice));
    }

    [Theory]
    [InlineData(WechatKeyMode.PublicKey)]
    [InlineData(WechatKeyMode.Certificate)]
    [InlineData(WechatKeyMode.Migration)]
    public async Task Transfer_FromAskingToPaid_IsUnderstoodInEveryKeyMode(WechatKeyMode mode)
    {
        await using var simulator = await Simulator.StartAsync(mode, d =>
        {
            PaysOut(d);
            if (mode == WechatKeyMode.Certificate)
            {
                d.Remove("public_key");
                d.Remove("public_key_id");
            }
            else if (mode == WechatKeyMode.Migration)
            {
                d["platform_certificates"] = true;
            }
        });
        var world = simulator.World;
        (await world.QueryTransferAsync()).State.Should().Be(ChannelTransferState.TransferNotFound);

        var asked = await TransferAsync(simulator, r => r.Payee.Name = "张三");
        var waiting = await world.QueryTransferAsync();
        (asked.State, waiting.State).Should().Be((ChannelTransferState.TransferWaitPayee, ChannelTransferState.TransferWaitPayee), asked.Message);
        var transfer = simulator.Ledger.Transfers.Find(Keys.MchId, World.TransferNo)!;
        (transfer.UserName, transfer.Amount, transfer.Remark, transfer.OpenId).Should().Be(("张三", 1000, "佣金 November", World.OpenId));
        asked.Action.ClientParameters.Values["package"].Should().Be(transfer.PackageInfo);

        var paid = simulator.Ledger.Transfers.Confirm(Keys.MchId, World.TransferNo);
        simulator.World.Time.Advance(TimeSpan.FromSeconds(1));
        var told = await world.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());
        var queried = await world.QueryTransferAsync();

        (told.Verdict, told.Transfer.State, queried.State).Should().Be((Verdict.Transfer, ChannelTransferState.TransferDone, ChannelTransferState.TransferDone));
        (told.Transfer.TransferNo, told.Transfer.AmountMinor, told.Transfer.ChannelTransferId).Should().Be((World.TransferNo, 1000, paid.TransferBillNo));
        told.Transfer.AccountIds["mch_id"].Should().Be(Keys.MchId);
        queried.Facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["mch_id"] = Keys.MchId, ["app_id"] = Keys.AppId });
        told.Transfer.SuccessTime.Should().Be(queried.Facts.SuccessTime).And.NotBeNull();
    }

    [Fact]
    public async Task Transfer_DeclinedOverdueOrWithAnotherName_FailsAndSaysWhy()
    {
        await using var simulator = await Simulator.StartAsync(document: PaysOut);
        var world = simulator.World;
        simulator.Ledger.Transfers.Payees.Set(new ChannelSimulator.Payee { Account = World.OpenId, Name = "张三" });

        await TransferAsync(simulator);
        simulator.Ledger.Transfers.Decline(Keys.MchId, World.TransferNo);
        await TransferAsync(simulator, r => (r.TransferNo, r.Payee.Name) = ("T2", "李四"));
        simulator.World.Time.Advance(TimeSpan.FromSeconds(1));
        await simulator.Ledger.Transfers.WaitAsync(t => t is { OutBillNo: "T2", State: "FAIL" }, TestContext.Current.CancellationToken);

        var (declined, unnamed) = (await world.QueryTransferAsync(), await world.QueryTransferAsync("T2"));
        (declined.State, declined.Code).Should().Be((ChannelTransferState.TransferRefused, "OTHER_FAIL_REASON_TYPE"));
        (unnamed.State, unnamed.Code).Should().Be((ChannelTransferState.TransferRefused, "NAME_NOT_CORRECT"));
    }

    [Fact]
    public async Task Transfer_TakenBack_IsCancelledOnceTheQuerySaysSo()
    {
        await using var simulator = await Simulator.StartAsync(document: PaysOut);
        var world = simulator.World;
        simulator.Ledger.Transfers.Plan(new SettlementPlan { DelayMs = UntilSettled });
        (await world.CancelTransferAsync()).State.Should().Be(ChannelTransferState.TransferNotFound);
        await TransferAsync(simulator);

        var cancel = await world.CancelTransferAsync();
        var again = await world.CancelTransferAsync();
        simulator.Ledger.Transfers.Advance(Keys.MchId, World.TransferNo);
        var told = await world.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());

        (cancel.State, again.State).Should().Be((ChannelTransferState.TransferPending, ChannelTransferState.TransferPending));
        (await world.QueryTransferAsync()).State.Should().Be(ChannelTransferState.TransferCancelled);
        (told.Verdict, told.Transfer.State).Should().Be((Verdict.Transfer, ChannelTransferState.TransferCancelled));
        (await world.CancelTransferAsync()).State.Should().Be(ChannelTransferState.TransferCancelled);
    }

    [Fact]
    public async Task Transfer_RefusedWithoutBalanceOrTooLateToTakeBack_IsWhatTheLedgerSays()
    {
        await using var simulator = await Simulator.StartAsync(document: d =>
        {
            PaysOut(d);
            d["transfer_scene_id"] = "1099";
        });
        var refused = await TransferAsync(simulator);
        simulator.World.Configure(d =>
        {
            (d["public_key_id"], d["public_key"]) = (simulator.Given.PublicKeyId, simulator.Given.PublicKeyPem);
            PaysOut(d);
        });
        simulator.Ledger.Accounts.SetBalance(Keys.MchId, WechatTransfers.Account, 0);
        var poor = await TransferAsync(simulator);
        simulator.Ledger.Accounts.SetBalance(Keys.MchId, WechatTransfers.Account, 1000);
        var rich = await TransferAsync(simulator);
        var other = await TransferAsync(simulator, r => r.AmountMinor = 1001);
        simulator.Ledger.Transfers.Confirm(Keys.MchId, World.TransferNo);
        var late = await simulator.World.CancelTransferAsync();

        (refused.State, refused.Code, refused.NothingSent).Should().Be((ChannelTransferState.TransferRefused, "INVALID_REQUEST", false));
        (poor.State, poor.Code).Should().Be((ChannelTransferState.TransferNoBalance, "NOT_ENOUGH"));
        rich.State.Should().Be(ChannelTransferState.TransferWaitPayee);
        other.State.Should().Be(ChannelTransferState.TransferWaitPayee, "the number is in use there, so a refusal says nothing of it");
        (late.State, late.Code).Should().Be((ChannelTransferState.TransferUnknown, "INVALID_REQUEST"));
        simulator.Ledger.Accounts.EffectsOf("transfer", World.TransferNo).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "transfer")]
    public async Task Transfer_WithAFault_IsUnknownUntilTheSameNumberIsRepeated(string kind)
    {
        await using var simulator = await Simulator.StartAsync(document: PaysOut);

        var reply = await SimulatorFaultTests.CallAsync(simulator, "transfer", kind, () => TransferAsync(simulator));

        if (SimulatorFaultTests.IsContent(kind))
        {
            (reply.State, reply.Facts.TransferNo == World.TransferNo).Should().Be((ChannelTransferState.TransferWaitPayee, false));
        }
        else
        {
            (reply.State, reply.Facts, reply.NothingSent).Should().Be((ChannelTransferState.TransferUnknown, null!, false));
        }

        (await TransferAsync(simulator)).State.Should().Be(ChannelTransferState.TransferWaitPayee);
        simulator.Ledger.Accounts.EffectsOf("transfer", World.TransferNo).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "query_transfer")]
    public async Task QueryTransfer_WithAFault_IsUnknownOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await Simulator.StartAsync(document: PaysOut);
        await TransferAsync(simulator);

        var reply = await SimulatorFaultTests.CallAsync(simulator, "query_transfer", kind, () => simulator.World.QueryTransferAsync());

        var isOurs = reply.Facts is { AmountMinor: 1000, TransferNo: World.TransferNo } facts && facts.AccountIds["mch_id"] == Keys.MchId;
        (reply.State, isOurs).Should().Be((SimulatorFaultTests.IsContent(kind) ? ChannelTransferState.TransferWaitPayee : ChannelTransferState.TransferUnknown, false));
    }

    [Theory]
    [MemberData(nameof(KindsOf), "transfer_callback")]
    public async Task TransferCallback_WithAFault_IsRefusedOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await Simulator.StartAsync(document: PaysOut);
        await TransferAsync(simulator);
        simulator.Faults.Add(new Fault { Operation = "transfer_callback", Kind = kind, Count = -1 });
        simulator.Ledger.Transfers.Decline(Keys.MchId, World.TransferNo);
        if (IsNeverSent(kind))
        {
            return;
        }

        var reply = await simulator.World.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());

        var isOurs = reply.Transfer is { AmountMinor: 1000, TransferNo: World.TransferNo } facts && facts.AccountIds["mch_id"] == Keys.MchId;
        (reply.Verdict, isOurs).Should().Be(
            IsForged(kind) ? (Verdict.Rejected, false) : (Verdict.Transfer, !SimulatorFaultTests.IsContent(kind) || kind == FaultKinds.Twice));
    }

    private static bool IsForged(string kind) => kind is FaultKinds.Garbage or FaultKinds.NotSigned or FaultKinds.BadSignature or FaultKinds.OldTimestamp
        or FaultKinds.ProbeSignature or FaultKinds.BodyChanged or FaultKinds.OtherKey;

    /// <summary>It waits for a clock or a person: there is nothing to read.</summary>
    private static bool IsNeverSent(string kind) => kind is FaultKinds.Lost or FaultKinds.Hold or FaultKinds.Late;

    private static async Task<Simulator> PaidAsync()
    {
        var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();
        simulator.PayInWallet();
        await simulator.NextCallbackAsync();
        simulator.Ledger.Refunds.Plan(new SettlementPlan { DelayMs = UntilSettled });
        return simulator;
    }

    private static Task<ChannelRefundReply> RefundAsync(Simulator simulator, Action<ChannelRefundRequest>? change = null) => simulator.World.RefundAsync(r =>
    {
        r.CallbackUrl = simulator.CallbackUrl;
        change?.Invoke(r);
    });

    private static Task<ChannelTransferReply> TransferAsync(Simulator simulator, Action<ChannelTransferRequest>? change = null) => simulator.World.TransferAsync(r =>
    {
        r.CallbackUrl = simulator.CallbackUrl;
        change?.Invoke(r);
    });

    private static void PaysOut(JsonObject document)
    {
        document["transfer_scene_id"] = "1005";
        document["transfer_report_infos"] = new JsonObject { ["岗位类型"] = "导购", ["报酬说明"] = "十一月佣金" };
    }
}
