using Grpc.Core;

namespace PayCore.MerchantApi;

public static partial class ErrorReason
{
    /// <summary>Field violation: <c>app_id</c> is not the app whose key signed. Leave it out.</summary>
    public const string AppMismatch = "APP_MISMATCH";

    /// <summary>The app is switched off.</summary>
    public const string AppDisabled = "APP_DISABLED";

    /// <summary>Field violation: a merchant's number is missing or has characters that it may not have.</summary>
    public const string NumberInvalid = "NUMBER_INVALID";

    /// <summary>Field violation: the amount is not a whole number of minor units of at least 1.</summary>
    public const string AmountInvalid = "AMOUNT_INVALID";

    /// <summary>Field violation: the amount is above the app's limit.</summary>
    public const string AmountTooLarge = "AMOUNT_TOO_LARGE";

    /// <summary>Field violation: no currency code.</summary>
    public const string CurrencyInvalid = "CURRENCY_INVALID";

    /// <summary>Field violation: the subject is empty, too long, or has characters that providers refuse.</summary>
    public const string SubjectInvalid = "SUBJECT_INVALID";

    /// <summary>Field violation: the wallet's name is missing or badly written.</summary>
    public const string MethodInvalid = "METHOD_INVALID";

    /// <summary>The app has no route for this wallet and scene.</summary>
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";

    /// <summary>Field violation: the scene is missing or cannot be used here.</summary>
    public const string SceneInvalid = "SCENE_INVALID";

    /// <summary>Field violation: the scene needs the buyer, or it is too long.</summary>
    public const string BuyerInvalid = "BUYER_INVALID";

    /// <summary>Field violation: the address for notifications is none that we would call.</summary>
    public const string NotifyUrlInvalid = "NOTIFY_URL_INVALID";

    /// <summary>Field violation: the address to return to is no web address.</summary>
    public const string ReturnUrlInvalid = "RETURN_URL_INVALID";

    /// <summary>Field violation: no IP address, or the scene needs one.</summary>
    public const string ClientIpInvalid = "CLIENT_IP_INVALID";

    /// <summary>Field violation: the expiry is not 5 minutes to 7 days ahead.</summary>
    public const string ExpireTimeInvalid = "EXPIRE_TIME_INVALID";

    /// <summary>Field violation: the text is too long.</summary>
    public const string AttachInvalid = "ATTACH_INVALID";

    /// <summary>Field violation: the number was used before with other content in this field. Nothing was changed.</summary>
    public const string OrderDiffers = "ORDER_DIFFERS";

    /// <summary>There is no such order of this app.</summary>
    public const string OrderNotFound = "ORDER_NOT_FOUND";

    /// <summary>The order is PAID; what was asked is not possible any more.</summary>
    public const string OrderPaid = "ORDER_PAID";

    /// <summary>The order is not PAID; there is nothing to give back.</summary>
    public const string OrderNotPaid = "ORDER_NOT_PAID";

    /// <summary>Field violation: what names the payment is missing, or its parts name different ones.</summary>
    public const string PaymentUnnamed = "PAYMENT_UNNAMED";

    /// <summary>Field violation: the reason is too long or has characters that providers refuse.</summary>
    public const string ReasonInvalid = "REASON_INVALID";

    /// <summary>Not enough of the payment is left, or it has had all its refunds. The metadata <c>left_minor</c> says what is left.</summary>
    public const string RefundNotAllowed = "REFUND_NOT_ALLOWED";

    /// <summary>The refund is not one that people decide about.</summary>
    public const string RefundNotDecidable = "REFUND_NOT_DECIDABLE";

    /// <summary>An operator's refund is, with what went back of the payment before, above the app's limit for one person. Two people decide.</summary>
    public const string RefundNeedsApproval = "REFUND_NEEDS_APPROVAL";

    /// <summary>The payment's channel gives no money back.</summary>
    public const string RefundNotSupported = "REFUND_NOT_SUPPORTED";

    /// <summary>The payment is older than the channel gives money back for.</summary>
    public const string RefundTooLate = "REFUND_TOO_LATE";

    /// <summary>There is no such refund of this app.</summary>
    public const string RefundNotFound = "REFUND_NOT_FOUND";

    /// <summary>Field violation: the payee is missing, of a kind that the channel does not pay, or lacks its name.</summary>
    public const string PayeeInvalid = "PAYEE_INVALID";

    /// <summary>Field violation: the title or remark is missing, too long, or has characters that providers refuse.</summary>
    public const string TitleInvalid = "TITLE_INVALID";

    /// <summary>The account's channel pays nobody out.</summary>
    public const string TransferNotSupported = "TRANSFER_NOT_SUPPORTED";

    /// <summary>The transfer is on its way or has ended, and cannot be taken back.</summary>
    public const string TransferNotCancellable = "TRANSFER_NOT_CANCELLABLE";

    /// <summary>Somebody else than the one who asked has to decide, and it must still wait for that.</summary>
    public const string TransferNotDecidable = "TRANSFER_NOT_DECIDABLE";

    /// <summary>There is no such transfer of this app.</summary>
    public const string TransferNotFound = "TRANSFER_NOT_FOUND";

    /// <summary>Field violation: none, too many, or one number twice.</summary>
    public const string BatchInvalid = "BATCH_INVALID";

    /// <summary>The provider's statement of that day is not there yet.</summary>
    public const string StatementNotFetched = "STATEMENT_NOT_FETCHED";

    /// <summary>Field violation: no page token of ours, or one of another list.</summary>
    public const string PageTokenInvalid = "PAGE_TOKEN_INVALID";

    /// <summary>Field violation: the page size is out of its range.</summary>
    public const string PageSizeInvalid = "PAGE_SIZE_INVALID";

    /// <summary>The order has ended or is being closed.</summary>
    public const string OrderNotOpen = "ORDER_NOT_OPEN";

    /// <summary>The order has less than a minute left.</summary>
    public const string OrderExpired = "ORDER_EXPIRED";

    /// <summary>The channel could not be reached and nothing was sent. Repeat the same request.</summary>
    public const string ChannelUnavailable = "CHANNEL_UNAVAILABLE";
}

/// <summary>The errors of pay orders, in short words.</summary>
public static class PayErrors
{
    /// <summary>One field is wrong: INVALID_ARGUMENT with a violation that names field and reason.</summary>
    public static RpcException Field(string field, string reason, string message) =>
        MerchantErrors.InvalidFields(new FieldViolation(field, reason, message));

    /// <summary>The number was used before with other content: ALREADY_EXISTS, and the field that differs.</summary>
    public static RpcException Differs(string field, string message) => MerchantErrors.Create(
        StatusCode.AlreadyExists, ErrorReason.OrderDiffers, message, violations: [new FieldViolation(field, ErrorReason.OrderDiffers, message)]);

    /// <summary>Refused for one reason that is not one field's.</summary>
    public static RpcException Refuse(StatusCode code, string reason, string message) => MerchantErrors.Create(code, reason, message);

    /// <summary>Not there, or not the caller's: the two look the same.</summary>
    public static RpcException OrderNotFound() => Refuse(StatusCode.NotFound, ErrorReason.OrderNotFound, "There is no such order.");
}
