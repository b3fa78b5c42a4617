using System.Globalization;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Placing an order (wechat-pay-v3.md 3). The caller's cancellation does not apply: what was begun runs to its own limit (invariants, ground rule 4).
internal sealed partial class WechatChannel
{
    private const int CodeUrlCharsMax = 512;

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

        if (WechatRules.Refuse(request) is var (code, message))
        {
            return NotSent(Outcome.No, code, message);
        }

        var response = await client.SendAsync(account, HttpMethod.Post, "/v3/pay/transactions/native", PayBody(account, request), CancellationToken.None);
        return response.Status == 200 && response.Kind == WechatResponseKind.Answer ? Placed(response) : NotPlaced(response);
    }

    private static byte[] PayBody(WechatAccount account, ChannelPayRequest request) => WechatJson.Write(new NativeRequest(
        account.AppId,
        account.MchId,
        request.Subject,
        request.AttemptNo,
        request.ExpireTime is null ? null : ChinaTime(request.ExpireTime.ToDateTimeOffset()),
        request.CallbackUrl,
        new NativeAmount(request.AmountMinor, WechatRules.Currency)));

    private static ChannelPayReply Placed(WechatResponse response) =>
        WechatJson.Read<NativeAnswer>(response.Body)?.CodeUrl is { Length: > 0 and <= CodeUrlCharsMax } codeUrl
            ? new ChannelPayReply { Outcome = Outcome.Yes, Action = new Contracts.V1.Action { QrCodeText = codeUrl }, TraceId = response.RequestId }
            : new ChannelPayReply
            {
                Outcome = Outcome.Unknown, Code = response.Code, Message = "The answer holds no code_url that can be used.", TraceId = response.RequestId,
            };

    private static ChannelPayReply NotPlaced(WechatResponse response)
    {
        var (code, message) = Words(response);
        var meaning = response.Kind == WechatResponseKind.Answer ? ErrorMap.OfPay(response.Status, code) : PayErrorClass.Unknown;
        return new ChannelPayReply
        {
            Outcome = meaning == PayErrorClass.Refused ? Outcome.No : Outcome.Unknown,
            Code = code,
            Message = message,
            QueryNow = meaning == PayErrorClass.QueryNow,
            NothingSent = response.Kind == WechatResponseKind.NothingSent,
            TraceId = response.RequestId,
        };
    }

    private static ChannelPayReply NotSent(Outcome outcome, string code, string message) =>
        new() { Outcome = outcome, Code = code, Message = message, NothingSent = true };

    /// <summary>RFC 3339 in whole seconds with +08:00 (wechat-pay-v3.md 11). Rounded down: never later than what we promised.</summary>
    private static string ChinaTime(DateTimeOffset when) =>
        when.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
