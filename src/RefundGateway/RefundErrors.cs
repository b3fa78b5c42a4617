using Grpc.Core;
using PayCore.MerchantApi;

namespace PayCore.RefundGateway;

/// <summary>The refusals of refunds.</summary>
internal static class RefundErrors
{
    /// <summary>The number was used before with other content.</summary>
    public static RpcException Differs(string field) =>
        PayErrors.Differs(field, $"out_refund_no was used before with another {field}. Nothing was changed.");

    /// <summary>Not enough of the payment is left, or it has all the refunds that it can have.</summary>
    public static RpcException NotAllowed(string reason, long leftMinor) => MerchantErrors.Create(
        StatusCode.FailedPrecondition, ErrorReason.RefundNotAllowed, $"The refund is not possible: {reason}.",
        new Dictionary<string, string> { ["left_minor"] = $"{leftMinor}" });

    /// <summary>With what went back before, it is more than one person gives back alone.</summary>
    public static RpcException NeedsApproval() => PayErrors.Refuse(
        StatusCode.FailedPrecondition, ErrorReason.RefundNeedsApproval, "With what went back of the payment before, it is more than one person may give back. Nothing was done.");

    /// <summary>Not there, or not the caller's: the two look the same.</summary>
    public static RpcException PaymentNotPaid() =>
        PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.OrderNotPaid, "The order is not paid: there is nothing to give back.");
}
