using System.Text;
using Google.Protobuf;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Channels.Wechat;

// Reading a callback (wechat-pay-v3.md 5): the raw bytes are verified before anything is parsed.
internal sealed partial class WechatChannel
{
    private ReadCallbackReply Read(ReadCallbackRequest request)
    {
        var account = Find(request.Account);
        if (account is null)
        {
            return Rejected(404, "there is no such account");
        }

        if (request.HttpMethod != "POST")
        {
            return Rejected(405, "callbacks are POST");
        }

        var headers = new WechatSignatureHeaders(
            Header(request, "Wechatpay-Timestamp"), Header(request, "Wechatpay-Nonce"), Header(request, "Wechatpay-Signature"),
            Header(request, "Wechatpay-Serial"), request.Headers.Any(h => Is(h, "Wechatpay-Signature-Type")) ? Header(request, "Wechatpay-Signature-Type") ?? "" : null);
        var refusal = account.Keys.Refuse(headers, request.Body.Span, time.GetUtcNow());
        if (refusal is not null)
        {
            return Rejected(401, refusal);
        }

        var envelope = WechatJson.Read<CallbackEnvelope>(request.Body.Span);
        if (envelope is not { Id.Length: > 0, EventType.Length: > 0, Resource: { } resource })
        {
            return Rejected(400, "the envelope is not readable");
        }

        if (envelope.EventType != "TRANSACTION.SUCCESS")
        {
            return Nothing(envelope.Id, $"event {Clip(envelope.EventType)} changes nothing here");
        }

        if (resource.Algorithm != "AEAD_AES_256_GCM" || resource.OriginalType is not (null or "transaction"))
        {
            return Rejected(400, "the resource is not an AEAD_AES_256_GCM transaction");
        }

        if (Decrypt(account, resource) is not { } plain)
        {
            // The commonest cause: the APIv3 key was changed in the merchant console and not here.
            return Rejected(500, "the resource does not open with the APIv3 key");
        }

        if (WechatJson.Read<Transaction>(plain) is not { } transaction)
        {
            return Rejected(400, "the transaction is not readable");
        }

        if (transaction.TradeState != "SUCCESS")
        {
            return Nothing(envelope.Id, $"trade_state {Clip(transaction.TradeState ?? "")} changes nothing");
        }

        var reply = Answer(Verdict.Payment, "", 500);
        reply.MessageId = envelope.Id;
        reply.State = ChannelPayState.ChannelPaid;
        reply.Facts = Facts.Of(transaction);
        return reply;
    }

    private static byte[]? Decrypt(WechatAccount account, CallbackResource resource)
    {
        try
        {
            return account.Open(
                Encoding.UTF8.GetBytes(resource.Nonce ?? ""), Convert.FromBase64String(resource.Ciphertext ?? ""),
                Encoding.UTF8.GetBytes(resource.AssociatedData ?? ""));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static ReadCallbackReply Rejected(int status, string reason) => Answer(Verdict.Rejected, reason, status);

    private static ReadCallbackReply Nothing(string messageId, string reason)
    {
        var reply = Answer(Verdict.Nothing, reason, 500);
        reply.MessageId = messageId;
        return reply;
    }

    /// <summary>The status decides, not the body: 204 is delivered, 4xx and 5xx bring the callback again (5.4).</summary>
    private static ReadCallbackReply Answer(Verdict verdict, string reason, int failureStatus) => new()
    {
        Verdict = verdict,
        Reason = reason,
        Success = new RawAnswer { Status = 204 },
        Failure = new RawAnswer
        {
            Status = failureStatus,
            ContentType = "application/json",
            Body = ByteString.CopyFrom(WechatJson.Write(new ErrorAnswer("FAIL", reason.Length == 0 ? "not recorded" : reason))),
        },
    };

    private static string? Header(ReadCallbackRequest request, string name) =>
        request.Headers.Where(h => Is(h, name)).Select(h => h.Value).ToList() is [var value] ? value : null;

    private static bool Is(RawHeader header, string name) => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase);

    private static string Clip(string text) => text.Length <= 64 ? text : text[..64];
}
