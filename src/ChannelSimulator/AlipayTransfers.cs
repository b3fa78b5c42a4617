namespace PayCore.ChannelSimulator;

/// <summary>The transfers of the Alipay ledger (alipay.md 8). The amount leaves the merchant's account when it is accepted and returns when it fails.</summary>
public sealed class AlipayTransfers : LedgerBook<AlipayTransfer>
{
    private readonly SettlementPlans _plans = new("SUCCESS", "FAIL", "REFUND");
    private readonly AlipayLedger _ledger;
    private readonly AlipayMerchants _merchants;
    private readonly SimulatorRandom _random;

    internal AlipayTransfers(AlipayLedger ledger, Lock gate, AlipayMerchants merchants, TimeProvider time, SimulatorRandom random, SimulatorOptions options)
        : base(gate, time, new LedgerJournal<AlipayTransfer>(options.DataFolder, "alipay-transfers.jsonl"))
    {
        (_ledger, _merchants, _random) = (ledger, merchants, random);
        Load();
    }

    /// <summary>Who can be paid: a wrong name is PAYEE_USER_INFO_ERROR, a refusal the sub_code that it says.</summary>
    public Payees Payees { get; } = new();

    /// <summary>The transfer of an application's merchant, or null.</summary>
    public AlipayTransfer? Find(string appId, string outBizNo)
    {
        lock (Gate)
        {
            return _merchants.Find(appId) is { } merchant ? Get(AlipayTransfer.KeyOf(merchant.Pid, outBizNo)) : null;
        }
    }

    /// <summary>
    /// Says what becomes of the transfers that come from now on: SUCCESS, or FAIL or REFUND with a reason. With a delay they are DEALING first; without, one
    /// that fails is DEALING in the answer only.
    /// </summary>
    public void Plan(SettlementPlan plan) => _plans.Set(plan);

    /// <summary>Ends a transfer that is DEALING, or brings one back that had succeeded (REFUND). Its notify is on its way afterwards.</summary>
    /// <exception cref="KeyNotFoundException">There is no such transfer.</exception>
    /// <exception cref="InvalidOperationException">That cannot become of it.</exception>
    public AlipayTransfer Settle(string appId, string outBizNo, string outcome, string? reason = null)
    {
        lock (Gate)
        {
            var transfer = Find(appId, outBizNo) ?? throw new KeyNotFoundException("There is no such transfer.");
            return (transfer.State, outcome) is ("DEALING", "SUCCESS" or "FAIL" or "REFUND") or ("SUCCESS", "REFUND")
                ? Ended(transfer, outcome, reason)
                : throw new InvalidOperationException($"The transfer is {transfer.State}: it cannot become {outcome}.");
        }
    }

    /// <summary>Transfers, once for each number. The same request again answers how far it has come (alipay.md 8.1).</summary>
    internal AlipayTransfer Make(AlipayTransferRequest request)
    {
        lock (Gate)
        {
            if (Get(AlipayTransfer.KeyOf(request.Pid, request.OutBizNo)) is { } known)
            {
                return known.ParameterDigest == request.Digest
                    ? Change("repeated", known with { RequestedCount = known.RequestedCount + 1 })
                    : throw AlipayError.Business("PAYMENT_INFO_INCONSISTENCY", "两次请求商户单号一样，但是参数不一致");
            }

            if (Payees.Refusal(request.Identity, request.Name, "PAYEE_USER_INFO_ERROR") is { } refusal)
            {
                throw AlipayError.Business(refusal, "收款方信息有误");
            }

            if (_ledger.Accounts.Balance(request.Pid, AlipayLedger.Account) < request.Amount)
            {
                throw AlipayError.Business("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足");
            }

            var plan = _plans.Of(request.OutBizNo);
            var transfer = new AlipayTransfer
            {
                Pid = request.Pid,
                AppId = request.AppId,
                OutBizNo = request.OutBizNo,
                OrderId = WireTime.Day(Now) + "110070100000" + _random.Digits(12),
                PayFundOrderId = WireTime.Day(Now) + "110070001506" + _random.Digits(12),
                State = "DEALING",
                Amount = request.Amount,
                Identity = request.Identity,
                Name = request.Name,
                ProductCode = request.ProductCode,
                BizScene = request.BizScene,
                PassbackParams = request.PassbackParams,
                CreateTime = Now,
                Outcome = plan.Outcome,
                OutcomeReason = plan.FailReason,
                RequestedCount = 1,
                ParameterDigest = request.Digest,
            };
            return plan is { DelayMs: 0, Outcome: "SUCCESS" } ? Ended(transfer, "SUCCESS", null) : Change("accepted", transfer with { DueAt = plan.DueAt(Now) });
        }
    }

    /// <summary>The transfer that a merchant asks for, by one of its numbers.</summary>
    internal AlipayTransfer Query(string pid, Func<AlipayTransfer, bool> named) =>
        All.FirstOrDefault(t => t.Pid == pid && named(t)) ?? throw AlipayError.Business("ORDER_NOT_EXIST", "转账订单不存在");

    private protected override void Step(AlipayTransfer entry) => Ended(entry, entry.Outcome, entry.OutcomeReason);

    private protected override void Post(AlipayTransfer? before, AlipayTransfer after, DateTimeOffset at)
    {
        var (had, has) = (before?.State is "DEALING" or "SUCCESS", after.State is "DEALING" or "SUCCESS");
        if (!had && has)
        {
            _ledger.Post("transfer", after.Pid, after.OutBizNo, -after.Amount, at);
        }
        else if (had && !has)
        {
            _ledger.Post("transfer_returned", after.Pid, after.OutBizNo, after.Amount, at);
        }
    }

    private AlipayTransfer Ended(AlipayTransfer transfer, string state, string? reason)
    {
        var ended = Change(state.ToLowerInvariant(), transfer with
        {
            State = state,
            ErrorCode = state == "SUCCESS" ? null : reason ?? "PAYEE_ACCOUNT_STATUS_ERROR",
            PayDate = Now,
            DueAt = null,
            Callback = _merchants.Find(transfer.AppId)?.Registration.GatewayUrl is null
                ? null
                : CallbackState.New(WireTime.Day(Now) + "00262" + _random.Digits(21), Now),
        });
        Tell(ended);
        return ended;
    }
}
