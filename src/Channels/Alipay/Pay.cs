using System.Globalization;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

// Placing an order; a QR code by alipay.trade.precreate (alipay.md 4.5). The caller's cancellation does not apply: what was begun runs to its own limit
// (invariants, ground rule 4).
internal sealed partial class AlipayChannel
{
    private const int QrCodeCharsMax = 512;

    private async Task<ChannelPayReply> PayAsync(ChannelPayRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            // Configuration may be on its way; no byte left, so a repeat is harmless.
            return NotSent(Outcome.Unknown, "ACCOUNT_UNKNOWN", "There is no such account in configuration.");
        }

        if (!account.Enabled)
        {
            return NotSent(Outcome.No, "ACCOUNT_DISABLED", "The account is switched off.");
        }

        if (account.Certificates is { } certificates && certificates.AppUntil <= time.GetUtcNow())
        {
            var ended = certificates.AppUntil.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            return NotSent(
                Outcome.Unknown, "APP_CERT_EXPIRED", $"app_cert of the account ended on {ended}: download a new application certificate from Alipay's console and set it.");
        }

        if (AlipayRules.Refuse(request) is var (code, message))
        {
            return NotSent(Outcome.No, code, message);
        }

        return request.Scene == Scene.Page ? PayByPage(account, request) : await PayByCodeAsync(account, request);
    }

    private async Task<ChannelPayReply> PayByCodeAsync(AlipayAccount account, ChannelPayRequest request)
    {
        var response = await client.SendAsync(
            account, "alipay.trade.precreate", Order(account, request, account.QrProductCode), CancellationToken.None, request.CallbackUrl);
        return response.IsSuccess ? Placed(request.AttemptNo, response) : NotPlaced(response);
    }

    private static string Order(AlipayAccount account, ChannelPayRequest request, string productCode) => AlipayJson.Write(new PlaceTradeRequest(
        request.AttemptNo,
        Yuan.Write(request.AmountMinor),
        AlipayRules.Subject(request.Subject),
        productCode,
        account.SellerId,
        ChinaTime.Write(request.ExpireTime.ToDateTimeOffset())));

    private static ChannelPayReply Placed(string attemptNo, AlipayResponse response) =>
        AlipayJson.Read<PrecreateAnswer>(response.Node) is { QrCode: { Length: > 0 and <= QrCodeCharsMax } code } answer && answer.OutTradeNo == attemptNo
            ? new ChannelPayReply { Outcome = Outcome.Yes, Action = new Contracts.V1.Action { QrCodeText = code }, TraceId = response.TraceId }
            : new ChannelPayReply
            {
                Outcome = Outcome.Unknown, Code = "NO_USABLE_ANSWER", Message = "The answer holds no qr_code for this number.", TraceId = response.TraceId,
            };

    private static ChannelPayReply NotPlaced(AlipayResponse response)
    {
        var (code, message) = Words(response);
        var meaning = ErrorMap.OfPay(response);
        return new ChannelPayReply
        {
            Outcome = meaning == PayErrorClass.Refused ? Outcome.No : Outcome.Unknown,
            Code = code,
            Message = message,
            QueryNow = meaning == PayErrorClass.QueryNow,
            NothingSent = response.Kind == AlipayResponseKind.NothingSent,
            TraceId = response.TraceId,
        };
    }

    private static ChannelPayReply NotSent(Outcome outcome, string code, string message) =>
        new() { Outcome = outcome, Code = code, Message = message, NothingSent = true };
}
