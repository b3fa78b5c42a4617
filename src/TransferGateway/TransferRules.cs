using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using static PayCore.MerchantApi.FieldRules;

namespace PayCore.TransferGateway;

/// <summary>What a request for transfers must be before anything is saved: one reason each, in the order of the contract's fields. Pure.</summary>
internal static class TransferRules
{
    /// <summary>Transfers in one request.</summary>
    public const int BatchMax = 100;

    private const int PayeeMax = 128;
    private const int TextMax = 32;

    /// <summary>Checks one transfer.</summary>
    public static void Check(CreateTransferRequest request, string appId, MerchantApp app, AddressGuard addresses)
    {
        CheckApp(request.AppId, appId);
        CheckNumber(request.OutTransferNo, "out_transfer_no");
        CheckAmount(request.AmountMinor, app.Limits.TransferMinorMax);
        CheckCurrency(request.Currency);
        CheckMethod(request.Method);
        CheckPayee(request.Payee);
        Demand(
            request.Title.Length is >= 1 and <= TextMax && IsPlainText(request.Title) && !string.IsNullOrWhiteSpace(request.Title), "title", ErrorReason.TitleInvalid,
            $"has 1 to {TextMax} characters, none of them a control character or beyond the Basic Multilingual Plane");
        Demand(
            request.Remark.Length <= TextMax && IsPlainText(request.Remark), "remark", ErrorReason.TitleInvalid,
            $"has at most {TextMax} characters, none of them a control character or beyond the Basic Multilingual Plane");
        if (request.NotifyUrl.Length > 0)
        {
            var problem = addresses.CheckUrl(request.NotifyUrl);
            Demand(problem is null, "notify_url", ErrorReason.NotifyUrlInvalid, problem ?? "");
        }
    }

    /// <summary>Checks what the transfers of a batch have in common; each is checked by itself.</summary>
    public static void CheckBatch(CreateTransferBatchRequest request)
    {
        CheckNumber(request.OutBatchNo, "out_batch_no");
        Demand(request.Transfers.Count is >= 1 and <= BatchMax, "transfers", ErrorReason.BatchInvalid, $"has 1 to {BatchMax} entries");
        Demand(
            request.Transfers.Select(t => t.OutTransferNo).Distinct(StringComparer.Ordinal).Count() == request.Transfers.Count, "transfers", ErrorReason.BatchInvalid,
            "has one out_transfer_no twice");
    }

    /// <summary>What the channel says that it can pay, compared before anything is saved.</summary>
    public static void CheckChannel(CreateTransferRequest request, DescribeReply channel)
    {
        if (!channel.Transfers)
        {
            throw PayErrors.Refuse(Grpc.Core.StatusCode.FailedPrecondition, ErrorReason.TransferNotSupported, "The channel of this route pays nobody out.");
        }

        Demand(
            channel.PayeeKinds.Contains(request.Payee.Kind), "payee.kind", ErrorReason.PayeeInvalid,
            $"is one of {string.Join(", ", channel.PayeeKinds.Select(PayeeKindName))} for this channel");
        Demand(
            request.AmountMinor >= channel.TransferMinMinor, "amount_minor", ErrorReason.AmountInvalid, $"is at least {channel.TransferMinMinor} for this channel");
        Demand(
            channel.TransferMaxMinor == 0 || request.AmountMinor <= channel.TransferMaxMinor, "amount_minor", ErrorReason.AmountTooLarge,
            $"is at most {channel.TransferMaxMinor} for this channel");
    }

    private static void CheckPayee(Payee? payee)
    {
        Demand(payee is not null, "payee", ErrorReason.PayeeInvalid, "is required");
        Demand(payee!.Kind != Payee.Types.Kind.Unspecified && Enum.IsDefined(payee.Kind), "payee.kind", ErrorReason.PayeeInvalid, "is OPEN_ID, USER_ID, LOGIN_ID or BANK_ACCOUNT");
        Demand(payee.Id.Length is >= 1 and <= PayeeMax && IsPlainText(payee.Id), "payee.id", ErrorReason.PayeeInvalid, $"has 1 to {PayeeMax} characters");
        Demand(payee.Name.Length <= PayeeMax && IsPlainText(payee.Name), "payee.name", ErrorReason.PayeeInvalid, $"has at most {PayeeMax} characters");
        Demand(
            payee.Name.Length > 0 || payee.Kind is Payee.Types.Kind.OpenId or Payee.Types.Kind.UserId, "payee.name", ErrorReason.PayeeInvalid, "is required by this kind of payee");
        Demand(payee.Bank.Length <= PayeeMax && IsPlainText(payee.Bank), "payee.bank", ErrorReason.PayeeInvalid, $"has at most {PayeeMax} characters");
        Demand(payee.Bank.Length == 0 || payee.Kind == Payee.Types.Kind.BankAccount, "payee.bank", ErrorReason.PayeeInvalid, "goes with BANK_ACCOUNT only");
    }

    private static string PayeeKindName(Payee.Types.Kind kind) => kind switch
    {
        Payee.Types.Kind.OpenId => "OPEN_ID",
        Payee.Types.Kind.UserId => "USER_ID",
        Payee.Types.Kind.LoginId => "LOGIN_ID",
        Payee.Types.Kind.BankAccount => "BANK_ACCOUNT",
        _ => "",
    };
}
