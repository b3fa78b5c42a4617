using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using static PayCore.MerchantApi.FieldRules;

namespace PayCore.RefundGateway;

/// <summary>What a request for a refund must be before anything is looked up: one reason each, in the order of the contract's fields. Pure.</summary>
internal static class RefundRules
{
    private const int ReasonMax = 80;
    private const int KeyLength = 29;

    // What JSON can say exactly; the payment's rest is the real limit, and is asked for where it is kept.
    private const long AmountMax = (1L << 53) - 1;

    /// <summary>Checks a request.</summary>
    public static void Check(CreateRefundRequest request, string appId, AddressGuard addresses)
    {
        CheckApp(request.AppId, appId);
        CheckNumber(request.OutRefundNo, "out_refund_no");
        Demand(
            request.OrderId.Length > 0 || request.OutTradeNo.Length > 0, "order_id", ErrorReason.PaymentUnnamed, "or out_trade_no names the payment; neither is there");
        CheckAmount(request.AmountMinor, AmountMax);
        if (request.Currency.Length > 0)
        {
            CheckCurrency(request.Currency);
        }

        CheckReason(request.Reason);
        if (request.NotifyUrl.Length > 0)
        {
            var problem = addresses.CheckUrl(request.NotifyUrl);
            Demand(problem is null, "notify_url", ErrorReason.NotifyUrlInvalid, problem ?? "");
        }
    }

    /// <summary>Checks what a person wants.</summary>
    public static void Check(CreateRefundByPersonRequest request)
    {
        CheckAmount(request.AmountMinor, AmountMax);
        CheckReason(request.Reason);
        Demand(
            request.Key.Length == KeyLength && request.Key.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)), "key", ErrorReason.NumberInvalid,
            $"has {KeyLength} characters of 0-9 A-Z");
    }

    private static void CheckReason(string reason) => Demand(
        reason.Length <= ReasonMax && IsPlainText(reason), "reason", ErrorReason.ReasonInvalid,
        $"has at most {ReasonMax} characters, none of them a control character or beyond the Basic Multilingual Plane");
}
