namespace PayCore.ChannelSimulator;

/// <summary>The refunds of the WeChat ledger (wechat-pay-v3.md 6). A refund leaves the merchant's basic account when it is accepted; a closed one returns.</summary>
public sealed class WechatRefunds : LedgerBook<SimulatedRefund>
{
    /// <summary>The account that payments reach and refunds leave.</summary>
    public const string Account = "BASIC";

    private const int MostParts = 50;
    private static readonly TimeSpan _spacing = TimeSpan.FromMinutes(1);

    private readonly SettlementPlans _plans = new("SUCCESS", "ABNORMAL", "CLOSED");
    private readonly WechatLedger _ledger;
    private readonly SimulatorRandom _random;
    private readonly bool _spaced;

    internal WechatRefunds(WechatLedger ledger, Lock gate, TimeProvider time, SimulatorRandom random, SimulatorOptions options)
        : base(gate, time, new LedgerJournal<SimulatedRefund>(options.DataFolder, "wechat-refunds.jsonl"))
    {
        (_ledger, _random, _spaced) = (ledger, random, options.EnforceRefundSpacing);
        Load();
    }

    /// <summary>The refund, or null.</summary>
    public SimulatedRefund? Find(string mchId, string outRefundNo)
    {
        lock (Gate)
        {
            return Get(SimulatedRefund.KeyOf(mchId, outRefundNo));
        }
    }

    /// <summary>Says what becomes of the refunds that come from now on: SUCCESS, ABNORMAL or CLOSED.</summary>
    public void Plan(SettlementPlan plan) => _plans.Set(plan);

    /// <summary>Ends a refund that is PROCESSING, or one that is ABNORMAL and was handled by hand. Its callback is on its way afterwards.</summary>
    /// <exception cref="KeyNotFoundException">There is no such refund.</exception>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public SimulatedRefund Settle(string mchId, string outRefundNo, string outcome)
    {
        lock (Gate)
        {
            var refund = Find(mchId, outRefundNo) ?? throw new KeyNotFoundException("There is no such refund.");
            return (refund.State, outcome) switch
            {
                (_, not ("SUCCESS" or "ABNORMAL" or "CLOSED")) => throw new ArgumentException("The outcome is SUCCESS, ABNORMAL or CLOSED."),
                ("PROCESSING", _) or ("ABNORMAL", not "ABNORMAL") => Ended(refund with { Outcome = outcome }),
                _ => throw new InvalidOperationException($"The refund is {refund.State}."),
            };
        }
    }

    /// <summary>Accepts a refund. The same request again changes nothing and answers how far it has come (wechat-pay-v3.md 6.3 and 6.4).</summary>
    internal SimulatedRefund Accept(RefundRequest request)
    {
        lock (Gate)
        {
            if (Find(request.MchId, request.OutRefundNo) is { } known)
            {
                return known.ParameterDigest == request.Digest
                    ? Change("repeated", known with { RequestedCount = known.RequestedCount + 1 })
                    : throw WechatError.ChangedParameters();
            }

            var order = request.TransactionId is { } id ? _ledger.FindByTransaction(request.MchId, id) : _ledger.Find(request.MchId, request.OutTradeNo!);
            if (order is not { IsPaid: true })
            {
                throw WechatError.ResourceNotExists();
            }

            Check(order, request);
            _ledger.Refunded(order);
            var plan = _plans.Of(request.OutRefundNo);
            return Change("accepted", new SimulatedRefund
            {
                MchId = request.MchId,
                OutRefundNo = request.OutRefundNo,
                RefundId = "50300" + WireTime.Day(Now) + _random.Digits(16),
                OutTradeNo = order.OutTradeNo,
                TransactionId = order.TransactionId!,
                State = "PROCESSING",
                Amount = request.Amount,
                Total = order.Total,
                Reason = request.Reason,
                NotifyUrl = request.NotifyUrl,
                CreateTime = Now,
                Outcome = plan.Outcome,
                DueAt = plan.DueAt(Now),
                RequestedCount = 1,
                ParameterDigest = request.Digest,
            });
        }
    }

    private protected override void Step(SimulatedRefund entry) => Ended(entry);

    private protected override void Post(SimulatedRefund? before, SimulatedRefund after, DateTimeOffset at)
    {
        if (before is null)
        {
            _ledger.Post("refund", after.MchId, after.OutRefundNo, Account, -after.Amount, at);
        }
        else if (before.State != "CLOSED" && after.State == "CLOSED")
        {
            _ledger.Post("refund_returned", after.MchId, after.OutRefundNo, Account, after.Amount, at);
        }
    }

    private void Check(SimulatedOrder order, RefundRequest request)
    {
        var others = All.Where(r => r.MchId == order.MchId && r.OutTradeNo == order.OutTradeNo && r.State != "CLOSED").ToList();
        if (Now > order.SuccessTime!.Value.AddYears(1))
        {
            throw WechatError.InvalidRequest("订单已超过退款期限");
        }

        if (request.Total != order.Total)
        {
            throw WechatError.InvalidRequest("订单金额或退款金额与之前请求不一致，请核实后再试");
        }

        if (others.Sum(r => r.Amount) + request.Amount > order.Total)
        {
            throw WechatError.InvalidRequest("申请退款金额超过订单可退金额");
        }

        if (others.Count >= MostParts)
        {
            throw WechatError.InvalidRequest("单笔订单的退款次数超过50次");
        }

        if (_spaced && others.Any(r => Now < r.CreateTime + _spacing))
        {
            throw new WechatError(429, "FREQUENCY_LIMITED", "频率限制，请1分钟后再重试");
        }

        if (_ledger.Accounts.Balance(order.MchId, Account) < request.Amount)
        {
            throw WechatError.NotEnough();
        }
    }

    private SimulatedRefund Ended(SimulatedRefund refund)
    {
        var ended = Change(refund.Outcome.ToLowerInvariant(), refund with
        {
            State = refund.Outcome,
            SuccessTime = refund.Outcome == "SUCCESS" ? Now : null,
            DueAt = null,
            Callback = refund.NotifyUrl is null ? null : CallbackState.New(_random.Uuid(), Now),
        });
        Tell(ended);
        return ended;
    }
}
