using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Channels.Alipay;

// Reading a callback (alipay.md 6): the form is decoded, which the signature needs, and verified before any of its values means anything. It has no rule of
// age: the platform repeats for 25 hours.
internal sealed partial class AlipayChannel
{
    private const int MessageIdCharsMax = 64;
    private static readonly RawAnswer _success = new() { Status = 200, ContentType = "text/plain", Body = ByteString.CopyFromUtf8("success") };

    private ReadCallbackReply Read(ReadCallbackRequest request)
    {
        var account = accounts.Find(request.Account);
        if (account is null)
        {
            return Rejected(404, "there is no such account");
        }

        var reply = Read(account, request);
        reply.AccountKnown = true;
        return reply;
    }

    private static ReadCallbackReply Read(AlipayAccount account, ReadCallbackRequest request)
    {
        if (request.HttpMethod != "POST")
        {
            return Rejected(405, "callbacks are POST");
        }

        if (NotifyForm.Read(request.Body.Span) is not { } form)
        {
            return Rejected(400, "the body is no form that has one meaning");
        }

        if (form.Text("sign_type") != "RSA2")
        {
            return Rejected(401, "sign_type is not RSA2");
        }

        if (form.Text("sign") is not { } sign)
        {
            return Rejected(401, "the signature is missing");
        }

        return form.SignedTexts().Any(text => account.Verify(text, sign)) ? Read(form) : Rejected(401, "the signature does not verify");
    }

    /// <summary>Reads what the platform signed.</summary>
    private static ReadCallbackReply Read(NotifyForm form)
    {
        if (form.Text("notify_id") is not { } notifyId)
        {
            return Rejected(400, "notify_id is missing");
        }

        switch (form.Text("msg_method"))
        {
            case "alipay.fund.trans.order.changed":
                return ReadTransfer(form, notifyId);
            case "alipay.trade.refund.depositback.completed":
                return Nothing(notifyId, "what a bank did with a refund; the refund stays as it is");
        }

        if (form.Text("notify_type") != "trade_status_sync")
        {
            return Nothing(notifyId, "a message other than of a trade; it changes nothing here");
        }

        var notify = TradeNotify.Of(form);
        if (StatusMap.Of(notify.TradeStatus, notify.WasPaid) != ChannelPayState.ChannelPaid)
        {
            return Nothing(notifyId, $"trade_status {StatusMap.Name(notify.TradeStatus)} changes nothing");
        }

        var amount = Yuan.Read(notify.TotalAmount);
        if (notify.TotalAmount is not null && amount is null)
        {
            return Rejected(400, "total_amount is no amount in yuan");
        }

        // A refund's message proves the payment as well, which may be the first that is heard of it. Without the refund's number it is no more than that.
        var isRefund = notify is { HasRefund: true, RefundNo: not null };
        var reply = Answer(isRefund ? Verdict.Refund : Verdict.Payment, "", 500);
        reply.MessageId = MessageId(notifyId);
        reply.State = ChannelPayState.ChannelPaid;
        reply.Facts = Facts.Of(notify, amount);
        reply.Refund = isRefund ? Facts.OfRefund(notify) : null;
        return reply;
    }

    /// <summary>Reads what the platform signed about a transfer (8.3).</summary>
    private static ReadCallbackReply ReadTransfer(NotifyForm form, string notifyId)
    {
        var transfer = form.Text("biz_content") is { } content ? AlipayJson.Read<TransferAnswer>(Encoding.UTF8.GetBytes(content)) : null;
        var amount = Yuan.Read(transfer?.TransAmount);
        if (transfer is null || (transfer.TransAmount is not null && amount is null))
        {
            return Rejected(400, "biz_content is no transfer that can be read");
        }

        var state = StatusMap.OfTransfer(transfer.Status);
        if (transfer.OutBizNo is null || state == ChannelTransferState.TransferUnknown)
        {
            return Nothing(notifyId, "a transfer without a number of ours or a status that counts");
        }

        var reply = Answer(Verdict.Transfer, "", 500);
        reply.MessageId = MessageId(notifyId);
        reply.Transfer = Facts.Of(transfer, amount);
        reply.Transfer.State = state;
        (reply.Code, reply.Message) = WhyOf(transfer);
        if (form.Text("app_id") is { } appId)
        {
            reply.Transfer.AccountIds[Facts.AppId] = appId;
        }

        return reply;
    }

    private static ReadCallbackReply Rejected(int status, string reason)
    {
        var reply = Answer(Verdict.Rejected, reason, status);
        // What is not proven is never acknowledged.
        reply.Success = reply.Failure;
        return reply;
    }

    private static ReadCallbackReply Nothing(string notifyId, string reason)
    {
        var reply = Answer(Verdict.Nothing, reason, 500);
        reply.MessageId = MessageId(notifyId);
        return reply;
    }

    /// <summary>The platform's ids may have 128 characters (6.2); a long one is told by its digest, the same on its repeats.</summary>
    private static string MessageId(string notifyId) =>
        notifyId.Length <= MessageIdCharsMax ? notifyId : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(notifyId)));

    /// <summary>Delivered is status 200 with exactly <c>success</c>; anything else brings the callback again (6.6).</summary>
    private static ReadCallbackReply Answer(Verdict verdict, string reason, int failureStatus) => new()
    {
        Verdict = verdict,
        Reason = reason,
        State = ChannelPayState.ChannelUnknown,
        Success = _success.Clone(),
        Failure = new RawAnswer { Status = failureStatus, ContentType = "text/plain", Body = ByteString.CopyFromUtf8("fail") },
    };
}
