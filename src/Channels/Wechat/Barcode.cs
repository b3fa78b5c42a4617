using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

// A payment by the code that the user shows, and its reversal (wechat-pay-v3.md 3.6). There is nothing for the user's client to do and no callback: who waits at
// the till asks on, and takes the payment back when it stays unknown. Neither call knows the caller's cancellation.
internal sealed partial class WechatChannel
{
    private const string UserPaying = "USERPAYING";

    private static ChannelPayReply Charged(WechatAccount account, ChannelPayRequest request, WechatResponse response)
    {
        var transaction = WechatJson.Read<Transaction>(response.Body);
        var isOurs = transaction?.OutTradeNo == request.AttemptNo && transaction.MchId == account.MchId;
        if ((response.Status == 202 && Words(response).Code == UserPaying) || (isOurs && transaction!.TradeState == UserPaying))
        {
            return new ChannelPayReply
            {
                Outcome = Outcome.Yes, Code = UserPaying, Message = "The user has to type the password in the wallet.", TraceId = response.RequestId,
            };
        }

        return isOurs && transaction!.TradeState == "SUCCESS"
            ? new ChannelPayReply { Outcome = Outcome.Yes, QueryNow = true, TraceId = response.RequestId }
            : new ChannelPayReply
            {
                Outcome = Outcome.Unknown,
                Code = isOurs ? StatusMap.Name(transaction!.TradeState) : response.Code,
                Message = isOurs ? "The payment did not succeed." : "The answer tells of another payment, or cannot be read.",
                QueryNow = true,
                TraceId = response.RequestId,
            };
    }

    private async Task<ChannelReverseReply> ReverseAsync(ChannelReverseRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return NotReversed("ACCOUNT_UNKNOWN", NoAccount);
        }

        if (!WechatRules.IsNumber(request.AttemptNo))
        {
            return NotReversed("FIELD_INVALID", WechatRules.AttemptNumber);
        }

        var body = WechatJson.Write(new Reversal(account.AppIdOf(Scene.Barcode), account.MchId));
        var response = await client.SendAsync(account, HttpMethod.Post, $"{OrderPath(request.AttemptNo)}/reverse", body, CancellationToken.None);
        ChannelReverseReply reply;
        if (response is { Kind: WechatResponseKind.Answer, Status: 200 })
        {
            // Whether money was taken, the answer does not say; the query after it does.
            var answer = WechatJson.Read<Reversal>(response.Body);
            reply = answer?.OutTradeNo == request.AttemptNo && answer.MchId == account.MchId
                ? new ChannelReverseReply { Outcome = Outcome.Yes }
                : NotReversed(response.Code, "The answer tells of another payment, or cannot be read.");
        }
        else
        {
            // Also for a number that is not known: the payment may still be on its way there.
            var (code, message) = Words(response);
            reply = NotReversed(code, message);
        }

        reply.TraceId = response.RequestId;
        return reply;
    }

    private static ChannelReverseReply NotReversed(string code, string message) => new() { Outcome = Outcome.Unknown, Code = code, Message = message };
}
