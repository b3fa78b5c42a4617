using System.Globalization;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// Placing an order; a QR code by alipay.trade.precreate (alipay.md 4.5). The caller's cancellation does not apply: what was begun runs to its own limit
// (invariants, ground rule 4).
internal sealed partial class AlipayChannel
{
    private const int QrCodeCharsMax = 512;
    private const string AppCertExpired = "APP_CERT_EXPIRED";
    private const string NoUsable = "NO_USABLE_ANSWER";

    private async Task<ChannelPayReply> PayAsync(ChannelPayRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            // Configuration may be on its way; no byte left, so a repeat is harmless.
            return NotSent(Outcome.Unknown, "ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!account.Enabled)
        {
            return NotSent(Outcome.No, "ACCOUNT_DISABLED", AccountDisabled);
        }

        if (Ended(account) is { } ended)
        {
            return NotSent(Outcome.Unknown, AppCertExpired, ended);
        }

        if (AlipayRules.Refuse(request) is var (code, message))
        {
            return NotSent(Outcome.No, code, message);
        }

        return request.Scene switch
        {
            Scene.Qr => await PayByCodeAsync(account, request),
            Scene.App => PayByApp(account, request),
            Scene.Jsapi or Scene.MiniProgram => await PayInsideAsync(account, request),
            Scene.Barcode => await PayByBarcodeAsync(account, request),
            _ => PayByPage(account, request),
        };
    }

    /// <summary>Why nothing that begins something is sent: the application's certificate ended. Null when it did not, and in key mode.</summary>
    private string? Ended(AlipayAccount account) => account.Certificates is { } certificates && certificates.AppUntil <= time.GetUtcNow()
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"app_cert of the account ended on {certificates.AppUntil.UtcDateTime:yyyy-MM-dd}: download a new application certificate from Alipay's console and set it.")
        : null;

    private async Task<ChannelPayReply> PayByCodeAsync(AlipayAccount account, ChannelPayRequest request)
    {
        var response = await client.SendAsync(
            account, "alipay.trade.precreate", AlipayJson.Write(Order(account, request)), CancellationToken.None, request.CallbackUrl);
        return response.IsSuccess ? Placed(request.AttemptNo, response) : NotPlaced(response);
    }

    private static PlaceTradeRequest Order(AlipayAccount account, ChannelPayRequest request) => new(
        request.AttemptNo,
        Yuan.Write(request.AmountMinor),
        AlipayRules.Subject(request.Subject),
        account.ProductCodeOf(request.Scene),
        account.SellerId,
        ChinaTime.Write(request.ExpireTime.ToDateTimeOffset()));

    private static ChannelPayReply Placed(string attemptNo, AlipayResponse response) =>
        AlipayJson.Read<PrecreateAnswer>(response.Node) is { QrCode: { Length: > 0 and <= QrCodeCharsMax } code } answer && answer.OutTradeNo == attemptNo
            ? new ChannelPayReply { Outcome = Outcome.Yes, Action = new Contracts.V1.Action { QrCodeText = code }, TraceId = response.TraceId }
            : NoUsableAnswer("The answer holds no qr_code for this number.", response);

    private static ChannelPayReply NoUsableAnswer(string message, AlipayResponse response) =>
        new() { Outcome = Outcome.Unknown, Code = NoUsable, Message = message, TraceId = response.TraceId };

    private static ChannelPayReply NotPlaced(AlipayResponse response)
    {
        var (code, message) = Words(response);
        var meaning = ErrorMap.OfPay(response);
        return new ChannelPayReply
        {
            Outcome = meaning == ErrorClass.Refused ? Outcome.No : Outcome.Unknown,
            Code = code,
            Message = message,
            QueryNow = meaning == ErrorClass.QueryNow,
            NothingSent = response.Kind == AlipayResponseKind.NothingSent,
            TraceId = response.TraceId,
        };
    }

    private static ChannelPayReply NotSent(Outcome outcome, string code, string message) =>
        new() { Outcome = outcome, Code = code, Message = message, NothingSent = true };
}
