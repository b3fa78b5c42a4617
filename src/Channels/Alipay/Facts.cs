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
    public static PaymentFacts Of(Trade trade, long? amountMinor) => Of(
        trade.OutTradeNo, amountMinor, trade.TradeNo, trade.SendPayDate, StatusMap.IsRefunded(trade.TradeStatus, trade.SendPayDate is not null));

    /// <summary>Of a callback.</summary>
    /// <param name="notify">The callback.</param>
    /// <param name="amountMinor">Its amount, read.</param>
    public static PaymentFacts Of(TradeNotify notify, long? amountMinor)
    {
        var facts = Of(notify.OutTradeNo, amountMinor, notify.TradeNo, notify.PaidTime, notify.IsRefunded);
        if (notify.AppId is not null)
        {
            facts.AccountIds[AppId] = notify.AppId;
        }

        if (notify.SellerId is not null)
        {
            facts.AccountIds[SellerId] = notify.SellerId;
        }

        return facts;
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
