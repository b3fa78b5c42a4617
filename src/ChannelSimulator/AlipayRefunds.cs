namespace PayCore.ChannelSimulator;

/// <summary>The refunds of the Alipay ledger (alipay.md 7). A refund is done at once, unless its plan lets it wait.</summary>
public sealed class AlipayRefunds : LedgerBook<AlipayRefund>
{
    private const int MonthsToRefund = 12;
    private static readonly TimeSpan _spacing = TimeSpan.FromSeconds(3);

    private readonly SettlementPlans _plans = new("SUCCESS", "FAIL");
    private readonly AlipayLedger _ledger;
    private readonly SimulatorRandom _random;
    private readonly bool _spaced;

    internal AlipayRefunds(AlipayLedger ledger, Lock gate, TimeProvider time, SimulatorRandom random, SimulatorOptions options)
        : base(gate, time, new LedgerJournal<AlipayRefund>(options.DataFolder, "alipay-refunds.jsonl"))
    {
        (_ledger, _random, _spaced) = (ledger, random, options.EnforceRefundSpacing);
        Load();
    }

    /// <summary>The refund of an application's order, or null.</summary>
    public AlipayRefund? Find(string appId, string outTradeNo, string outRequestNo)
    {
        lock (Gate)
        {
            return _ledger.Find(appId, outTradeNo)?.TradeNo is { } trade ? Get(AlipayRefund.KeyOf(trade, outRequestNo)) : null;
        }
    }

    /// <summary>Says what becomes of the refunds that come from now on: SUCCESS or FAIL. One that waits moves nothing before its time.</summary>
    public void Plan(SettlementPlan plan) => _plans.Set(plan);

    /// <summary>Ends a refund that is PROCESSING.</summary>
    /// <exception cref="KeyNotFoundException">There is no such refund.</exception>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public AlipayRefund Settle(string appId, string outTradeNo, string outRequestNo, string outcome)
    {
        lock (Gate)
        {
            var refund = Find(appId, outTradeNo, outRequestNo) ?? throw new KeyNotFoundException("There is no such refund.");
            return refund.State == "PROCESSING" && outcome is "SUCCESS" or "FAIL"
                ? Ended(refund with { Outcome = outcome })
                : throw new InvalidOperationException($"The refund is {refund.State}, and the outcome is SUCCESS or FAIL.");
        }
    }

    /// <summary>What was refunded of a trade, in fen.</summary>
    internal long Refunded(string tradeNo) => Of(tradeNo).Where(r => r.State == "SUCCESS").Sum(r => r.Amount);

    /// <summary>Whether anything is or may be refunded of a trade.</summary>
    internal bool AnyOf(string tradeNo) => Of(tradeNo).Count > 0;

    /// <summary>The refund of a trade, or null.</summary>
    internal AlipayRefund? OfTrade(AlipayOrder trade, string outRequestNo)
    {
        lock (Gate)
        {
            return Get(AlipayRefund.KeyOf(trade.TradeNo!, outRequestNo));
        }
    }

    /// <summary>Refunds, once for each number. The same again moves nothing (alipay.md 7.1).</summary>
    /// <returns>The refund, and whether this call moved its money.</returns>
    internal (AlipayRefund Refund, bool Moved) Make(AlipayOrder trade, string appId, string? outRequestNo, long amount, string? reason)
    {
        lock (Gate)
        {
            var number = outRequestNo ?? trade.OutTradeNo;
            var known = Get(AlipayRefund.KeyOf(trade.TradeNo!, number));
            if (known is not null && known.Amount != amount)
            {
                throw AlipayError.Business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致");
            }

            if (known is { State: not "FAIL" })
            {
                return (Change("repeated", known with { RequestedCount = known.RequestedCount + 1 }), false);
            }

            Check(trade, outRequestNo, amount);
            var plan = _plans.Of(number);
            var refund = new AlipayRefund
            {
                Pid = trade.Pid,
                AppId = appId,
                OutTradeNo = trade.OutTradeNo,
                TradeNo = trade.TradeNo!,
                OutRequestNo = number,
                State = "PROCESSING",
                Amount = amount,
                Total = trade.Total,
                Reason = reason,
                CreateTime = known?.CreateTime ?? Now,
                Outcome = plan.Outcome,
                RequestedCount = (known?.RequestedCount ?? 0) + 1,
            };
            return plan is { DelayMs: 0, Outcome: "SUCCESS" }
                ? (Ended(refund), true)
                : (Change("accepted", refund with { DueAt = plan.DueAt(Now) }), false);
        }
    }

    private protected override void Step(AlipayRefund entry) => Ended(entry);

    private protected override void Post(AlipayRefund? before, AlipayRefund after, DateTimeOffset at)
    {
        if (before?.State != "SUCCESS" && after.State == "SUCCESS")
        {
            _ledger.Post("refund", after.Pid, after.OutRequestNo, -after.Amount, at);
        }
    }

    private List<AlipayRefund> Of(string tradeNo) => [.. All.Where(r => r.TradeNo == tradeNo && r.State != "FAIL")];

    private void Check(AlipayOrder trade, string? outRequestNo, long amount)
    {
        switch (trade)
        {
            case { TradeStatus: "WAIT_BUYER_PAY" }:
                throw AlipayError.TradeStatus();
            case { TradeStatus: "TRADE_CLOSED" }:
                throw AlipayError.TradeHasClose();
            case { GmtPayment: { } paid } when Now > paid.AddMonths(MonthsToRefund):
                throw AlipayError.Business("ACQ.TRADE_HAS_FINISHED", "交易已完结");
            default:
                break;
        }

        var others = Of(trade.TradeNo!);
        if (amount > trade.Total || (outRequestNo is null && amount != trade.Total))
        {
            throw AlipayError.Business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限");
        }

        if (others.Sum(r => r.Amount) + amount > trade.Total)
        {
            throw AlipayError.Business("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效");
        }

        if (_spaced && others.Any(r => Now < r.CreateTime + _spacing))
        {
            throw AlipayError.Business("ACQ.SYSTEM_ERROR", "系统错误");
        }

        _ledger.CheckBalance(trade.Pid, amount);
    }

    private AlipayRefund Ended(AlipayRefund refund)
    {
        if (refund.Outcome != "SUCCESS")
        {
            return Change("failed", refund with { State = refund.Outcome, DueAt = null });
        }

        var trade = _ledger.FindTrade(refund.Pid, refund.TradeNo, null);
        var soFar = Refunded(refund.TradeNo) + refund.Amount;
        var full = soFar == refund.Total;
        // A full refund closes the trade, and that status is told for these products only (alipay.md 6.3 and 6.8).
        var told = trade.NotifyUrl is not null && (!full || trade.Scene is "wap" or "app");
        var ended = Change("refunded", refund with
        {
            State = "SUCCESS",
            RefundedSoFar = soFar,
            GmtRefund = Now,
            DueAt = null,
            Callback = told ? CallbackState.New(WireTime.Day(Now) + "00222" + _random.Digits(21), Now) : null,
        });
        if (full)
        {
            _ledger.FullyRefunded(trade);
        }

        Tell(ended);
        return ended;
    }
}
