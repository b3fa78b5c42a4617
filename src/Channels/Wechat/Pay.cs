using System.Globalization;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// Placing an order (wechat-pay-v3.md 3). The caller's cancellation does not apply: what was begun runs to its own limit.
internal sealed partial class WechatChannel
{
    private async Task<ChannelPayReply> PayAsync(ChannelPayRequest request)
    {
        var account = Find(request.Account);
        if (account is null || !account.Enabled)
        {
            return Refused("ACCOUNT_UNKNOWN", account is null ? "There is no such account in configuration." : "The account is switched off.");
        }

        if (request.Scene != Scene.Qr || request.Currency != "CNY" || request.AmountMinor < 1)
        {
            return Refused("NOT_SUPPORTED", "This channel takes QR payments of at least 1 fen in CNY.");
        }

        var body = WechatJson.Write(new NativeRequest(
            account.AppId, account.MchId, request.Subject, request.AttemptNo, ChinaTime(request.ExpireTime.ToDateTimeOffset()), request.CallbackUrl,
            new NativeAmount(request.AmountMinor, "CNY")));
        var response = await client.SendAsync(account, HttpMethod.Post, "/v3/pay/transactions/native", body, CancellationToken.None);
        var reply = new ChannelPayReply { Outcome = Outcome.Unknown, TraceId = response.RequestId, Code = $"HTTP_{response.Status}", Message = response.Problem };
        switch (response.Kind)
        {
            case WechatResponseKind.NothingSent:
                reply.Code = "NOT_SENT";
                reply.NothingSent = true;
                return reply;

            case WechatResponseKind.Unusable:
                reply.Code = "NO_USABLE_ANSWER";
                return reply;
        }

        if (response.Status == 200)
        {
            if (WechatJson.Read<NativeAnswer>(response.Body)?.CodeUrl is { Length: > 0 and <= 512 } codeUrl)
            {
                reply.Outcome = Outcome.Yes;
                reply.Action = new Contracts.V1.Action { QrCodeText = codeUrl };
                (reply.Code, reply.Message) = ("", "");
            }

            return reply;
        }

        var error = WechatJson.Read<ErrorAnswer>(response.Body);
        (reply.Code, reply.Message) = (error?.Code ?? reply.Code, error?.Message ?? "");
        switch (ErrorMap.OfPay(response.Status, error?.Code))
        {
            case PayErrorClass.Refused:
                reply.Outcome = Outcome.No;
                break;
            case PayErrorClass.QueryNow:
                reply.QueryNow = true;
                break;
        }

        return reply;
    }

    private static ChannelPayReply Refused(string code, string message) => new() { Outcome = Outcome.No, Code = code, Message = message };

    /// <summary>RFC 3339 in whole seconds with +08:00 (wechat-pay-v3.md 11).</summary>
    private static string ChinaTime(DateTimeOffset when) =>
        when.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
