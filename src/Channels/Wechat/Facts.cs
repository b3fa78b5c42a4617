using System.Globalization;
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
            PaidTime = Time(transaction.SuccessTime),
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

    /// <summary>RFC 3339 with any offset and an optional fraction (11). The time proves nothing, so one that cannot be read is absent, not a refusal of money.</summary>
    private static Timestamp? Time(string? text) =>
        DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Timestamp.FromDateTimeOffset(time)
            : null;
}
