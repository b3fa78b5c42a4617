using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.GiftCard;

/// <summary>Gift cards of one shop, the smallest whole channel: codes, query, close, refunds, money put onto a card, signed callbacks.</summary>
internal sealed class GiftCardChannel(IConfigDocuments<GiftCardAccount> accounts, GiftCardIssuer issuer, TimeProvider time) : PayChannel.PayChannelBase
{
    /// <summary>The channel's name and the folder of its accounts.</summary>
    public const string Name = "giftcard";

    private const string SignatureHeader = "gift-card-signature";

    /// <inheritdoc/>
    public override Task<DescribeReply> Describe(DescribeRequest request, ServerCallContext context)
    {
        var reply = new DescribeReply
        {
            Channel = Name,
            Scenes = { Scene.Qr },
            Currencies = { "CNY" },
            SubjectMaxChars = 127,
            QueryCarries = { ProofField.ProofAttemptNo, ProofField.ProofAmount },
            CallbackCarries = { ProofField.ProofAttemptNo, ProofField.ProofAmount, ProofField.ProofAccount },
            Refunds = true,
            Transfers = true,
            PayeeKinds = { Payee.Types.Kind.UserId },
        };
        if (accounts.Find(request.Account) is { } account)
        {
            reply.AccountIds["shop_id"] = account.ShopId;
        }

        return Task.FromResult(reply);
    }

    /// <inheritdoc/>
    public override Task<ChannelPayReply> Pay(ChannelPayRequest request, ServerCallContext context)
    {
        if (accounts.Find(request.Account) is null)
        {
            return Task.FromResult(new ChannelPayReply { Outcome = Outcome.Unknown, Message = "There is no such account.", NothingSent = true });
        }

        if (request.Currency != "CNY")
        {
            return Task.FromResult(new ChannelPayReply { Outcome = Outcome.No, Code = "CURRENCY", Message = "The cards are in CNY." });
        }

        var purchase = issuer.Place(request.AttemptNo, request.AmountMinor);
        return Task.FromResult(new ChannelPayReply { Outcome = Outcome.Yes, Action = new Contracts.V1.Action { QrCodeText = $"giftcard:{purchase.Number}" } });
    }

    /// <inheritdoc/>
    public override Task<ChannelQueryReply> Query(ChannelQueryRequest request, ServerCallContext context) => Task.FromResult(issuer.Find(request.AttemptNo) switch
    {
        null => new ChannelQueryReply { State = ChannelPayState.ChannelNotFound },
        { Paid: true } paid => new ChannelQueryReply { State = ChannelPayState.ChannelPaid, Facts = Facts(paid) },
        { Closed: true } => new ChannelQueryReply { State = ChannelPayState.ChannelClosed },
        _ => new ChannelQueryReply { State = ChannelPayState.ChannelNotPaid },
    });

    /// <inheritdoc/>
    public override Task<ChannelCloseReply> Close(ChannelCloseRequest request, ServerCallContext context)
    {
        var purchase = issuer.Find(request.AttemptNo);
        if (purchase is { Paid: false })
        {
            purchase.Closed = true;
        }

        return Task.FromResult(new ChannelCloseReply { Outcome = purchase is { Closed: true } ? Outcome.Yes : Outcome.No });
    }

    /// <inheritdoc/>
    public override Task<ChannelRefundReply> Refund(ChannelRefundRequest request, ServerCallContext context)
    {
        // The number decides: a repeat gives nothing back a second time.
        var answered = issuer.Do(() => issuer.Find(request.AttemptNo)!.Refunds.TryAdd(request.RefundNo, request.AmountMinor));
        return Task.FromResult(answered ? RefundReply(request.AttemptNo, request.RefundNo) : new ChannelRefundReply { State = ChannelRefundState.RefundUnknown });
    }

    /// <inheritdoc/>
    public override Task<ChannelRefundReply> QueryRefund(ChannelQueryRefundRequest request, ServerCallContext context) =>
        Task.FromResult(RefundReply(request.AttemptNo, request.RefundNo));

    /// <inheritdoc/>
    public override Task<ChannelTransferReply> Transfer(ChannelTransferRequest request, ServerCallContext context)
    {
        if (request.Payee.Id == "nobody")
        {
            return Task.FromResult(new ChannelTransferReply { State = ChannelTransferState.TransferRefused, Code = "NO_CARD", Message = "There is no such card." });
        }

        var answered = issuer.Do(() => issuer.TopUps.TryAdd(request.TransferNo, request.AmountMinor));
        return Task.FromResult(answered ? TransferReply(request.TransferNo) : new ChannelTransferReply { State = ChannelTransferState.TransferUnknown });
    }

    /// <inheritdoc/>
    public override Task<ChannelTransferReply> QueryTransfer(ChannelQueryTransferRequest request, ServerCallContext context) =>
        Task.FromResult(TransferReply(request.TransferNo));

    /// <inheritdoc/>
    public override Task<ReadCallbackReply> ReadCallback(ReadCallbackRequest request, ServerCallContext context) => Task.FromResult(Read(request));

    /// <inheritdoc/>
    public override Task<CheckAccountReply> CheckAccount(CheckAccountRequest request, ServerCallContext context) => Task.FromResult(new CheckAccountReply());

    private ReadCallbackReply Read(ReadCallbackRequest request)
    {
        var reply = new ReadCallbackReply { Success = new RawAnswer { Status = 204 }, Failure = new RawAnswer { Status = 500 }, Verdict = ReadCallbackReply.Types.Verdict.Rejected };
        var signature = request.Headers.FirstOrDefault(h => string.Equals(h.Name, SignatureHeader, StringComparison.OrdinalIgnoreCase))?.Value;
        if (accounts.Find(request.Account) is not { } account)
        {
            reply.Reason = "there is no such account";
            return reply;
        }

        reply.AccountKnown = true;
        if (signature is null || !IsSigned(account, request.Body, signature))
        {
            reply.Reason = "not signed by its issuer";
            return reply;
        }

        // Only now is anything read of it.
        using var body = JsonDocument.Parse(request.Body.Memory);
        reply.Verdict = ReadCallbackReply.Types.Verdict.Payment;
        reply.Facts = new PaymentFacts
        {
            AttemptNo = body.RootElement.GetProperty("number").GetString(),
            AmountMinor = body.RootElement.GetProperty("amount_minor").GetInt64(),
            AccountIds = { ["shop_id"] = body.RootElement.GetProperty("shop_id").GetString() },
            PaidTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
        };
        return reply;
    }

    private ChannelRefundReply RefundReply(string attemptNo, string refundNo) => issuer.Find(attemptNo)?.Refunds.TryGetValue(refundNo, out var amount) == true
        ? new ChannelRefundReply
        {
            State = ChannelRefundState.RefundDone,
            Facts = new RefundFacts { RefundNo = refundNo, AttemptNo = attemptNo, AmountMinor = amount, SuccessTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()) },
        }
        : new ChannelRefundReply { State = ChannelRefundState.RefundNotFound };

    private ChannelTransferReply TransferReply(string transferNo) => issuer.TopUps.TryGetValue(transferNo, out var amount)
        ? new ChannelTransferReply
        {
            State = ChannelTransferState.TransferDone,
            Facts = new TransferFacts { TransferNo = transferNo, AmountMinor = amount, SuccessTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()) },
        }
        : new ChannelTransferReply { State = ChannelTransferState.TransferNotFound };

    private PaymentFacts Facts(Purchase paid) => new()
    {
        AttemptNo = paid.Number,
        AmountMinor = paid.AmountMinor,
        ChannelOrderId = $"gc-{paid.Number}",
        PaidTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
    };

    private static bool IsSigned(GiftCardAccount account, ByteString body, string signature)
    {
        var mac = HMACSHA256.HashData(Convert.FromBase64String(account.Secret), body.Span);
        var said = new byte[mac.Length];
        return Convert.TryFromBase64String(signature, said, out var length) && length == mac.Length && CryptographicOperations.FixedTimeEquals(mac, said);
    }
}
