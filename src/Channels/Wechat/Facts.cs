using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>A transaction object as the facts of the contract: what was carried is there, what was not is absent.</summary>
internal static class Facts
{
    public const string MchId = "mch_id";
    public const string AppId = "app_id";

    public static PaymentFacts Of(Transaction transaction)
    {
        var facts = new PaymentFacts
        {
            ChannelOrderId = transaction.TransactionId ?? "",
            PaidTime = transaction.SuccessTime is { } paid ? Timestamp.FromDateTimeOffset(paid) : null,
            Refunded = transaction.TradeState == "REFUND",
        };
        if (transaction.OutTradeNo is not null)
        {
            facts.AttemptNo = transaction.OutTradeNo;
        }

        if (transaction.MchId is not null)
        {
            facts.AccountIds[MchId] = transaction.MchId;
        }

        if (transaction.AppId is not null)
        {
            facts.AccountIds[AppId] = transaction.AppId;
        }

        if (transaction.Amount?.Total is { } total)
        {
            facts.AmountMinor = total;
        }

        if (transaction.Amount?.Currency is { } currency)
        {
            facts.Currency = currency;
        }

        return facts;
    }
}
