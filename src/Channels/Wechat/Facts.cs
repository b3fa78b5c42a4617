using System.Globalization;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>The platform's objects as the facts of the contract: what was carried is there, what was not is absent.</summary>
internal static class Facts
{
    public const string MchId = "mch_id";
    public const string AppId = "app_id";
    private const int IdCharsMax = 64;

    /// <summary>Of a payment (4.2).</summary>
    public static PaymentFacts Of(WechatAccount account, Transaction transaction)
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

        Add(facts.AccountIds, account, transaction.MchId, transaction.AppId);
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

    /// <summary>Of a refund (6.2, 6.5).</summary>
    public static RefundFacts Of(WechatAccount account, RefundObject refund)
    {
        var facts = new RefundFacts
        {
            ChannelRefundId = PlainText.Clip(refund.RefundId, IdCharsMax),
            SuccessTime = Time(refund.SuccessTime),
            State = StatusMap.OfRefund(refund.State),
        };
        if (refund.OutRefundNo is not null)
        {
            facts.RefundNo = refund.OutRefundNo;
        }

        if (refund.OutTradeNo is not null)
        {
            facts.AttemptNo = refund.OutTradeNo;
        }

        Add(facts.AccountIds, account, refund.MchId, null);
        if (refund.Amount?.Refund is { } amount)
        {
            facts.AmountMinor = amount;
        }

        if (refund.Amount?.Currency is { } currency)
        {
            facts.Currency = currency;
        }

        return facts;
    }

    /// <summary>Of a transfer (7.1, 7.4, 7.7). Its last change is when it was paid.</summary>
    public static TransferFacts Of(WechatAccount account, TransferBill bill)
    {
        var state = StatusMap.OfTransfer(bill.State);
        var facts = new TransferFacts
        {
            ChannelTransferId = PlainText.Clip(bill.TransferBillNo, IdCharsMax),
            SuccessTime = state == ChannelTransferState.TransferDone ? Time(bill.UpdateTime) : null,
            State = state,
        };
        if (bill.OutBillNo is not null)
        {
            facts.TransferNo = bill.OutBillNo;
        }

        Add(facts.AccountIds, account, bill.Merchant, bill.AppId);
        if (bill.TransferAmount is { } amount)
        {
            facts.AmountMinor = amount;
        }

        return facts;
    }

    /// <summary>Each AppID of the account stands for the account, which the contract knows by one of them. A stranger's stays what it is.</summary>
    private static void Add(MapField<string, string> ids, WechatAccount account, string? mchId, string? appId)
    {
        if (mchId is not null)
        {
            ids[MchId] = mchId;
        }

        if (appId is not null)
        {
            ids[AppId] = account.AppIds.Contains(appId) ? account.AppId : appId;
        }
    }

    /// <summary>RFC 3339 with any offset and an optional fraction (11). The time proves nothing, so one that cannot be read is absent, not a refusal of money.</summary>
    private static Timestamp? Time(string? text) =>
        DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Timestamp.FromDateTimeOffset(time)
            : null;
}
