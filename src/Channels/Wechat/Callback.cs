using Google.Protobuf;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Channels.Wechat;

// Reading a callback (wechat-pay-v3.md 2.2, 5): the raw bytes are verified before anything is parsed.
internal sealed partial class WechatChannel
{
    private const int MessageIdCharsMax = 64;

    /// <summary>The answer to a callback is due within 4 s (invariants, section 4); a download of certificates on its way takes at most this.</summary>
    private static readonly TimeSpan _refreshLimit = TimeSpan.FromMilliseconds(2500);

    private async Task<ReadCallbackReply> ReadAsync(ReadCallbackRequest request, CancellationToken cancellation)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return Rejected(404, "there is no such account");
        }

        var reply = await ReadAsync(account, request, cancellation);
        reply.AccountKnown = true;
        return reply;
    }

    private async Task<ReadCallbackReply> ReadAsync(WechatAccount account, ReadCallbackRequest request, CancellationToken cancellation)
    {
        if (request.HttpMethod != "POST")
        {
            return Rejected(405, "callbacks are POST");
        }

        var check = await CheckAsync(account, request, cancellation);
        return check == SignatureCheck.Good ? Read(account, request.Body) : Rejected(401, WechatKeyRing.Explain(check));
    }

    private async Task<SignatureCheck> CheckAsync(WechatAccount account, ReadCallbackRequest request, CancellationToken cancellation)
    {
        var headers = WechatSignatureHeaders.Read(
            name => [.. request.Headers.Where(h => string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)]);
        var check = account.Keys.Check(headers, request.Body.Span, time.GetUtcNow());
        if (check == SignatureCheck.UnknownSerial && account.UsesCertificates)
        {
            using var limit = new CancellationTokenSource(_refreshLimit, time);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            if (await certificates.RefreshAsync(account, ended.Token))
            {
                check = account.Keys.Check(headers, request.Body.Span, time.GetUtcNow());
            }
        }

        return check;
    }

    /// <summary>Reads what the platform signed.</summary>
    private static ReadCallbackReply Read(WechatAccount account, ByteString body)
    {
        var envelope = WechatJson.Read<CallbackEnvelope>(body.Span);
        if (envelope is not { Id.Length: > 0 and <= MessageIdCharsMax, EventType.Length: > 0, Resource: { } resource })
        {
            return Rejected(400, "the envelope cannot be read");
        }

        return envelope.EventType switch
        {
            "TRANSACTION.SUCCESS" => ReadSealed<Transaction>(account, envelope, resource, "transaction", t => ReadPayment(account, envelope, t)),
            "REFUND.SUCCESS" or "REFUND.ABNORMAL" or "REFUND.CLOSED" => ReadSealed<RefundObject>(account, envelope, resource, "refund", r => ReadRefund(account, envelope, r)),
            "MCHTRANSFER.BILL.FINISHED" => ReadSealed<TransferBill>(account, envelope, resource, "mch_payment", b => ReadTransfer(account, envelope, b)),
            _ => Nothing(envelope.Id, "an event that changes nothing here"),
        };
    }

    /// <summary>Opens the resource and reads what is in it.</summary>
    private static ReadCallbackReply ReadSealed<T>(
        WechatAccount account, CallbackEnvelope envelope, CallbackResource resource, string originalType, Func<T, ReadCallbackReply> read)
        where T : class
    {
        if (envelope.ResourceType != "encrypt-resource" || resource.Algorithm != WechatAccount.SealAlgorithm
            || (resource.OriginalType is not null && resource.OriginalType != originalType))
        {
            return Rejected(400, "the resource is not what the event says, sealed by AEAD_AES_256_GCM");
        }

        if (account.Open(resource.Nonce, resource.Ciphertext, resource.AssociatedData) is not { } plain)
        {
            // The commonest cause: the APIv3 key was changed in the merchant console and not here (5.3).
            return Rejected(500, "the resource does not open with the APIv3 key");
        }

        return WechatJson.Read<T>(plain) is { } content ? read(content) : Rejected(400, "the content of the resource cannot be read");
    }

    private static ReadCallbackReply ReadPayment(WechatAccount account, CallbackEnvelope envelope, Transaction transaction)
    {
        if (transaction.TradeState != "SUCCESS")
        {
            return Nothing(envelope.Id!, $"trade_state {StatusMap.Name(transaction.TradeState)} changes nothing");
        }

        var reply = Answer(Verdict.Payment, envelope.Id!);
        reply.State = ChannelPayState.ChannelPaid;
        reply.Facts = Facts.Of(account, transaction);
        return reply;
    }

    private static ReadCallbackReply ReadRefund(WechatAccount account, CallbackEnvelope envelope, RefundObject refund)
    {
        if (envelope.EventType != $"REFUND.{refund.State}")
        {
            return Rejected(400, "the event and the refund's status contradict each other");
        }

        var reply = Answer(Verdict.Refund, envelope.Id!);
        reply.Refund = Facts.Of(account, refund);
        reply.Code = refund.State!;
        return reply;
    }

    private static ReadCallbackReply ReadTransfer(WechatAccount account, CallbackEnvelope envelope, TransferBill bill)
    {
        // "Finished" is one of the three ends (7.7); a message of anything else is about nothing that has ended.
        if (bill.State is not ("SUCCESS" or "FAIL" or "CANCELLED"))
        {
            return Nothing(envelope.Id!, "a transfer that has not ended; a query tells how it stands");
        }

        var reply = Answer(Verdict.Transfer, envelope.Id!);
        reply.Transfer = Facts.Of(account, bill);
        reply.Code = CodeOf(bill);
        return reply;
    }

    private static ReadCallbackReply Rejected(int status, string reason)
    {
        var reply = Answer(Verdict.Rejected, "", reason, status);
        // What is not proven is never acknowledged: answering 200 to a probe marks the merchant as not verifying (2.3).
        reply.Success = reply.Failure;
        return reply;
    }

    private static ReadCallbackReply Nothing(string messageId, string reason) => Answer(Verdict.Nothing, messageId, reason);

    /// <summary>The status decides, not the body: 204 is delivered, 4xx and 5xx bring the callback again (5.4).</summary>
    private static ReadCallbackReply Answer(Verdict verdict, string messageId, string reason = "", int failureStatus = 500) => new()
    {
        Verdict = verdict,
        Reason = reason,
        MessageId = messageId,
        State = ChannelPayState.ChannelUnknown,
        Success = new RawAnswer { Status = 204 },
        Failure = new RawAnswer
        {
            Status = failureStatus,
            ContentType = "application/json",
            Body = ByteString.CopyFrom(WechatJson.Write(new ErrorAnswer("FAIL", verdict == Verdict.Rejected ? reason : "not recorded"))),
        },
    };
}
