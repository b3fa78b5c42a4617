namespace PayCore.ChannelSimulator;

/// <summary>
/// The transfers of the WeChat ledger (wechat-pay-v3.md 7). The amount leaves the merchant's operating account when it waits for the payee, and returns when
/// the transfer fails or is cancelled.
/// </summary>
public sealed class WechatTransfers : LedgerBook<SimulatedTransfer>
{
    /// <summary>The account that transfers leave.</summary>
    public const string Account = "OPERATION";

    private static readonly TimeSpan _confirmLife = TimeSpan.FromHours(24);
    private static readonly TimeSpan _queryLife = TimeSpan.FromDays(30);

    private readonly SettlementPlans _plans = new("SUCCESS", "FAIL");
    private readonly WechatLedger _ledger;
    private readonly SimulatorRandom _random;

    internal WechatTransfers(WechatLedger ledger, Lock gate, TimeProvider time, SimulatorRandom random, SimulatorOptions options)
        : base(gate, time, new LedgerJournal<SimulatedTransfer>(options.DataFolder, "wechat-transfers.jsonl"))
    {
        (_ledger, _random) = (ledger, random);
        Load();
    }

    /// <summary>Who can be paid: a wrong name fails by NAME_NOT_CORRECT, a refusal by what it says.</summary>
    public Payees Payees { get; } = new();

    /// <summary>The transfer, or null.</summary>
    public SimulatedTransfer? Find(string mchId, string outBillNo)
    {
        lock (Gate)
        {
            return Get(SimulatedTransfer.KeyOf(mchId, outBillNo));
        }
    }

    /// <summary>Says what becomes of the transfers that come from now on, once the payee has confirmed: SUCCESS, or FAIL with a reason.</summary>
    public void Plan(SettlementPlan plan) => _plans.Set(plan);

    /// <summary>The payee confirms. The money is on its way, and by the plan it has arrived.</summary>
    /// <exception cref="InvalidOperationException">It does not wait for the payee.</exception>
    public SimulatedTransfer Confirm(string mchId, string outBillNo)
    {
        lock (Gate)
        {
            var transfer = Waiting(mchId, outBillNo);
            Change("confirmed", transfer with { State = "TRANSFERING", UpdateTime = Now, DueAt = _plans.Of(outBillNo).DueAt(Now) });
            return Find(mchId, outBillNo)!;
        }
    }

    /// <summary>The payee does not want the money.</summary>
    /// <exception cref="InvalidOperationException">It does not wait for the payee.</exception>
    public SimulatedTransfer Decline(string mchId, string outBillNo)
    {
        lock (Gate)
        {
            return Ended(Waiting(mchId, outBillNo), "FAIL", "OTHER_FAIL_REASON_TYPE");
        }
    }

    /// <summary>
    /// Leads a transfer on that stays by its plan: from ACCEPTED or PROCESSING to the payee, from TRANSFERING to its outcome, from CANCELING to CANCELLED. An
    /// outcome other than the plan's may be named.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such transfer.</exception>
    /// <exception cref="InvalidOperationException">It has ended, it waits for the payee, or the balance does not suffice.</exception>
    public SimulatedTransfer Advance(string mchId, string outBillNo, string? outcome = null, string? failReason = null)
    {
        lock (Gate)
        {
            var transfer = Find(mchId, outBillNo) ?? throw new KeyNotFoundException("There is no such transfer.");
            return transfer.State switch
            {
                "ACCEPTED" or "PROCESSING" when outcome is null => _ledger.Accounts.Balance(mchId, Account) >= transfer.Amount
                    ? AtThePayee("locked", transfer)
                    : throw new InvalidOperationException("The balance does not suffice."),
                "ACCEPTED" or "PROCESSING" => Ended(transfer, "FAIL", failReason),
                "TRANSFERING" => (outcome ?? transfer.Outcome) == "FAIL"
                    ? Ended(transfer, "FAIL", failReason ?? transfer.OutcomeReason)
                    : Ended(transfer, "SUCCESS", null),
                "CANCELING" => Ended(transfer, "CANCELLED", null),
                _ => throw new InvalidOperationException($"The transfer is {transfer.State}."),
            };
        }
    }

    internal SimulatedTransfer? FindByPackage(string package) => All.FirstOrDefault(t => t.PackageInfo == package);

    /// <summary>The transfer as the API still knows it (wechat-pay-v3.md 7.4).</summary>
    internal SimulatedTransfer Query(SimulatedTransfer? transfer) =>
        transfer is not null && Now <= transfer.CreateTime + _queryLife ? transfer : throw new WechatError(404, "NOT_FOUND", "记录不存在");

    internal SimulatedTransfer? FindByBillNo(string mchId, string billNo) => All.FirstOrDefault(t => t.MchId == mchId && t.TransferBillNo == billNo);

    /// <summary>Accepts a transfer. The same request again changes nothing and answers how far it has come (wechat-pay-v3.md 7.2 and 7.6).</summary>
    internal SimulatedTransfer Accept(TransferRequest request)
    {
        lock (Gate)
        {
            if (Find(request.MchId, request.OutBillNo) is { } known)
            {
                return known.ParameterDigest == request.Digest
                    ? Change("repeated", known with { RequestedCount = known.RequestedCount + 1 })
                    : throw WechatError.ChangedParameters();
            }

            var plan = _plans.Of(request.OutBillNo);
            if (plan.Stays is null && _ledger.Accounts.Balance(request.MchId, Account) < request.Amount)
            {
                throw WechatError.NotEnough();
            }

            var refusal = Payees.Refusal(request.OpenId, request.UserName, "NAME_NOT_CORRECT");
            var transfer = new SimulatedTransfer
            {
                MchId = request.MchId,
                AppId = request.AppId,
                OutBillNo = request.OutBillNo,
                TransferBillNo = "13300" + WireTime.Day(Now) + _random.Digits(19),
                OpenId = request.OpenId,
                UserName = request.UserName,
                Amount = request.Amount,
                Remark = request.Remark,
                NotifyUrl = request.NotifyUrl,
                State = plan.Stays ?? "ACCEPTED",
                PackageInfo = "affffddafdfafddffda==" + _random.Text(32),
                CreateTime = Now,
                UpdateTime = Now,
                Outcome = refusal is null ? plan.Outcome : "FAIL",
                OutcomeReason = refusal ?? plan.FailReason,
                RequestedCount = 1,
                ParameterDigest = request.Digest,
            };
            return plan.Stays is not null ? Change("accepted", transfer)
                : refusal is not null ? Change("accepted", transfer with { DueAt = Now })
                : AtThePayee("accepted", transfer);
        }
    }

    /// <summary>Takes back what the payee has not confirmed. A repeat answers how far that has come.</summary>
    internal SimulatedTransfer Cancel(string mchId, string outBillNo)
    {
        lock (Gate)
        {
            var transfer = Query(Find(mchId, outBillNo));
            return transfer.State switch
            {
                "CANCELING" or "CANCELLED" => transfer,
                "ACCEPTED" or "PROCESSING" => Ended(transfer, "CANCELLED", null),
                "WAIT_USER_CONFIRM" => Change(
                    "canceling", transfer with { State = "CANCELING", UpdateTime = Now, DueAt = _plans.Of(outBillNo).DueAt(Now) }),
                _ => throw WechatError.InvalidRequest("转账单状态不允许撤销"),
            };
        }
    }

    private protected override void Step(SimulatedTransfer entry)
    {
        switch (entry.State)
        {
            case "WAIT_USER_CONFIRM":
                Ended(entry, "FAIL", "OVERDUE_CLOSE");
                break;
            case "CANCELING":
                Ended(entry, "CANCELLED", null);
                break;
            default:
                Ended(entry, entry.Outcome, entry.Outcome == "FAIL" ? entry.OutcomeReason : null);
                break;
        }
    }

    private protected override void Post(SimulatedTransfer? before, SimulatedTransfer after, DateTimeOffset at)
    {
        var (had, has) = (before is not null && IsLocked(before.State), IsLocked(after.State));
        if (!had && has)
        {
            _ledger.Post("transfer", after.MchId, after.OutBillNo, Account, -after.Amount, at);
        }
        else if (had && !has)
        {
            _ledger.Post("transfer_returned", after.MchId, after.OutBillNo, Account, after.Amount, at);
        }
    }

    private static bool IsLocked(string state) => state is "WAIT_USER_CONFIRM" or "TRANSFERING" or "SUCCESS" or "CANCELING";

    private SimulatedTransfer AtThePayee(string change, SimulatedTransfer transfer) =>
        Change(change, transfer with { State = "WAIT_USER_CONFIRM", UpdateTime = Now, DueAt = Now + _confirmLife });

    private SimulatedTransfer Waiting(string mchId, string outBillNo)
    {
        var transfer = Find(mchId, outBillNo) ?? throw new KeyNotFoundException("There is no such transfer.");
        return transfer.State == "WAIT_USER_CONFIRM" ? transfer : throw new InvalidOperationException($"The transfer is {transfer.State}.");
    }

    private SimulatedTransfer Ended(SimulatedTransfer transfer, string state, string? reason)
    {
        var ended = Change(state.ToLowerInvariant(), transfer with
        {
            State = state,
            FailReason = state == "FAIL" ? reason ?? "OTHER_FAIL_REASON_TYPE" : null,
            UpdateTime = Now,
            DueAt = null,
            Callback = transfer.NotifyUrl is null ? null : CallbackState.New(_random.Uuid(), Now),
        });
        Tell(ended);
        return ended;
    }
}
