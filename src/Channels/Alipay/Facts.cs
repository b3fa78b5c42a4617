using Google.Protobuf.Collections;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>A trade as the facts of the contract: what was carried is there, what was not is absent. No message carries a currency.</summary>
internal static class Facts
{
    public const string AppId = "app_id";
    public const string SellerId = "seller_id";

    /// <summary>Of a query's answer, which names neither application nor seller.</summary>
    /// <param name="trade">The answer.</param>
    /// <param name="amountMinor">Its amount, read.</param>
    public static PaymentFacts Of(Trade trade, long? amountMinor)
    {
        var isRefunded = StatusMap.IsRefunded(trade.TradeStatus, trade.SendPayDate is not null);
        var facts = Of(trade.OutTradeNo, amountMinor, trade.TradeNo, trade.SendPayDate, isRefunded);
        facts.WhollyRefunded = isRefunded;
        return facts;
    }

    /// <summary>Of a callback.</summary>
    /// <param name="notify">The callback.</param>
    /// <param name="amountMinor">Its amount, read.</param>
    public static PaymentFacts Of(TradeNotify notify, long? amountMinor)
    {
        var facts = Of(notify.OutTradeNo, amountMinor, notify.TradeNo, notify.PaidTime, notify.IsRefunded);
        Add(facts.AccountIds, notify);
        return facts;
    }

    /// <summary>Of a callback that tells of a refund (6.8). It carries the sum of all refunds and not the amount of this one.</summary>
    public static RefundFacts OfRefund(TradeNotify notify)
    {
        var facts = new RefundFacts
        {
            RefundNo = notify.RefundNo, SuccessTime = ChinaTime.Read(notify.RefundTime), State = ChannelRefundState.RefundDone,
        };
        if (notify.OutTradeNo is not null)
        {
            facts.AttemptNo = notify.OutTradeNo;
        }

        Add(facts.AccountIds, notify);
        return facts;
    }

    /// <summary>Of whatever tells of a transfer (8).</summary>
    /// <param name="transfer">What it says.</param>
    /// <param name="amountMinor">Its amount, read.</param>
    public static TransferFacts Of(TransferAnswer transfer, long? amountMinor)
    {
        var facts = new TransferFacts
        {
            ChannelTransferId = PlainText.Clip(transfer.OrderId, 64),
            SuccessTime = ChinaTime.Read(transfer.PayDate ?? transfer.TransDate),
        };
        if (transfer.OutBizNo is not null)
        {
            facts.TransferNo = transfer.OutBizNo;
        }

        if (amountMinor is { } amount)
        {
            facts.AmountMinor = amount;
        }

        return facts;
    }

    private static void Add(MapField<string, string> accountIds, TradeNotify notify)
    {
        foreach (var (name, value) in ((string, string?)[])[(AppId, notify.AppId), (SellerId, notify.SellerId)])
        {
            if (value is not null)
            {
                accountIds[name] = value;
            }
        }
    }

    private static PaymentFacts Of(string? outTradeNo, long? amountMinor, string? tradeNo, string? paidTime, bool refunded)
    {
        var facts = new PaymentFacts { ChannelOrderId = tradeNo ?? "", PaidTime = ChinaTime.Read(paidTime), Refunded = refunded };
        if (outTradeNo is not null)
        {
            facts.AttemptNo = outTradeNo;
        }

        if (amountMinor is { } amount)
        {
            facts.AmountMinor = amount;
        }

        return facts;
    }
}
