using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Telemetry;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using Result = PayCore.Contracts.V1.RefundAnswer.Types.Result;

namespace PayCore.RefundGateway;

/// <summary>
/// What merchants' refunds and refunds by policy have in common: reserve and save, ask the channel, record, answer. A refund is only ever asked for under
/// its own number. From the committed intent on, nobody's cancellation applies: call and record run to their own limits.
/// </summary>
internal sealed class RefundDesk(
    DatabaseClient database, ChannelClients channels, RefundChecker checker, CallTurn turn, IdFactory ids,
    IOptions<PublicOptions> publicOptions, TimeProvider time, ILogger<RefundDesk> log)
{
    /// <summary>Where the channel names no limit: they take turns, and nobody needs more.</summary>
    private const int RefundsPerPaymentMax = 100;

    /// <summary>Reserves, saves and asks; an equal repeat goes on with the refund that is there.</summary>
    /// <param name="order">The order.</param>
    /// <param name="attempt">Its payment that goes back.</param>
    /// <param name="wish">out_refund_no, amount, reason and by_policy are read.</param>
    /// <param name="notifyUrl">The refund's own address for notifications; may be empty.</param>
    /// <param name="by">The person who gives it back; empty: none does.</param>
    /// <param name="totalMinorMax">With this refund at most so much of the payment goes back, minor units; null: what was paid.</param>
    public async Task<RefundAnswer> RefundAsync(StoredOrder order, StoredAttempt attempt, Refund wish, string notifyUrl, string by = "", long? totalMinorMax = null)
    {
        var channel = await DemandRefundableAsync(order, attempt, wish.OutRefundNo);
        wish.Id = ids.NewRefundId();
        wish.AppId = order.Order.AppId;
        wish.OrderId = order.Order.Id;
        wish.AttemptNo = attempt.Attempt.AttemptNo;
        wish.Currency = attempt.Attempt.Currency;
        var request = new CreateRefundRowRequest
        {
            Refund = wish,
            MerchantId = order.MerchantId,
            NotifyUrl = notifyUrl,
            DeliverUrl = notifyUrl.Length > 0 ? notifyUrl : order.DeliverUrl,
            CallLeaseTime = turn.LeaseEnd(),
            RefundsPerPaymentMax = channel.RefundsPerPaymentMax > 0 ? channel.RefundsPerPaymentMax : RefundsPerPaymentMax,
            SpacingSeconds = channel.RefundSpacingSeconds,
            TraceParent = PaymentTrace.Current,
            By = by,
        };
        if (totalMinorMax is { } total)
        {
            request.TotalMinorMax = total;
        }

        var saved = await database.CreateRefundAsync(request);
        return saved.Result switch
        {
            CreateRefundRowReply.Types.Result.Created => await AnswerAsync(saved.Refund, channel, mine: saved.Refund.Refund.State == RefundState.Sent),
            CreateRefundRowReply.Types.Result.Exists => await AnswerAsync(saved.Refund, channel, mine: false),
            CreateRefundRowReply.Types.Result.Different => throw RefundErrors.Differs(saved.DifferingField),
            CreateRefundRowReply.Types.Result.AboveTotal => throw RefundErrors.NeedsApproval(),
            _ => throw RefundErrors.NotAllowed(saved.Reason, saved.LeftMinor),
        };
    }

    /// <summary>Goes on with a refund that is not decided: calls the channel again under the same number when that is allowed now.</summary>
    public async Task<RefundAnswer> RepeatAsync(string refundId)
    {
        var stored = await database.ReadRefundAsync(new ReadRefundRequest { RefundId = refundId });
        return await AnswerAsync(stored, await DescribeAsync(stored.Channel, stored.Account), mine: false, again: true);
    }

    /// <summary>Gets the answer for a saved refund: the one that is stored, the one that this call gets, or the one that an equal call is getting.</summary>
    private async Task<RefundAnswer> AnswerAsync(StoredRefund stored, DescribeReply channel, bool mine, bool again = false)
    {
        PaymentTrace.About(new TraceSubject(stored.Refund.OrderId, stored.Refund.AttemptNo, stored.Refund.Id));
        if (stored.Refund.State is not (RefundState.Created or RefundState.Sent) || (!again && !stored.CreateAnswer.IsEmpty))
        {
            return Reply(stored);
        }

        if (!mine)
        {
            var claim = await database.ClaimRefundCallAsync(new ClaimRefundCallRequest
            {
                RefundId = stored.Refund.Id,
                LeaseTime = turn.LeaseEnd(),
                ForRefund = true,
                SpacingSeconds = channel.RefundSpacingSeconds,
            });
            if (!claim.Claimed)
            {
                return Reply(await WaitAsync(claim.Refund));
            }

            stored = claim.Refund;
        }

        var said = await AskAsync(stored);
        if (said.State is ChannelRefundState.RefundUnknown or ChannelRefundState.RefundNoBalance)
        {
            log.LogWarning(
                "Channel {Channel} did not take refund {RefundId}: {Code} {Message} (trace {TraceId})", stored.Channel, stored.Refund.Id, said.Code, said.Message, said.TraceId);
        }

        var endsCall = said.State != ChannelRefundState.RefundUnknown || said.NothingSent || said.NotExecuted;
        return Reply((await checker.RecordAsync(stored, said, "answer", endsCall)).Refund);
    }

    private async Task<ChannelRefundReply> AskAsync(StoredRefund stored)
    {
        var refund = stored.Refund;
        try
        {
            return await channels.For(stored.Channel).RefundAsync(new ChannelRefundRequest
            {
                Account = stored.Account,
                AttemptNo = refund.AttemptNo,
                ChannelOrderId = stored.ChannelOrderId,
                PaidAmountMinor = stored.PaidAmountMinor,
                RefundNo = refund.Id,
                AmountMinor = refund.AmountMinor,
                Currency = refund.Currency,
                Reason = refund.Reason,
                CallbackUrl = publicOptions.Value.CallbackUrl(stored.Channel, stored.Account),
            });
        }
        catch (RpcException e)
        {
            // UNAVAILABLE alone does not prove that nothing was sent: the channel's service may have died after sending.
            return new ChannelRefundReply { State = ChannelRefundState.RefundUnknown, Code = $"{e.StatusCode}", Message = "The channel's service did not answer." };
        }
    }

    private Task<StoredRefund> WaitAsync(StoredRefund stored) => turn.WaitAsync(
        stored,
        s => s.CallLeaseTime,
        s => s.Refund.State is not (RefundState.Created or RefundState.Sent) || !s.CreateAnswer.IsEmpty,
        async () => await database.ReadRefundAsync(new ReadRefundRequest { RefundId = stored.Refund.Id }));

    /// <summary>The answer as the refund stands; the first definite one as it was.</summary>
    private static RefundAnswer Reply(StoredRefund stored) => stored.CreateAnswer.IsEmpty
        ? new RefundAnswer
        {
            Refund = stored.Refund,
            Result = stored.Refund.State switch
            {
                RefundState.Succeeded => Result.Done,
                RefundState.Failed => Result.Declined,
                RefundState.Abnormal => Result.Accepted,
                _ => Result.Processing,
            },
        }
        : RefundAnswer.Parser.ParseFrom(stored.CreateAnswer);

    /// <summary>What can be known before anything is reserved. A repeat of a refund that was taken in time is never refused for its time.</summary>
    private async Task<DescribeReply> DemandRefundableAsync(StoredOrder order, StoredAttempt attempt, string outRefundNo)
    {
        var channel = await DescribeAsync(attempt.Channel, attempt.Account);
        if (!channel.Refunds)
        {
            throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.RefundNotSupported, "The channel of this payment gives no money back.");
        }

        var last = channel.RefundDaysMax > 0 && attempt.Attempt.PaidTime is { } paid ? paid.ToDateTimeOffset().AddDays(channel.RefundDaysMax) : DateTimeOffset.MaxValue;
        if (time.GetUtcNow() > last && !await ExistsAsync(order.Order.AppId, outRefundNo))
        {
            throw PayErrors.Refuse(
                StatusCode.FailedPrecondition, ErrorReason.RefundTooLate, $"The channel gives money back for {channel.RefundDaysMax} days after the payment.");
        }

        return channel;
    }

    private async Task<bool> ExistsAsync(string appId, string outRefundNo)
    {
        try
        {
            await database.ReadRefundAsync(new ReadRefundRequest { MerchantRefund = new MerchantRefundKey { AppId = appId, OutRefundNo = outRefundNo } });
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task<DescribeReply> DescribeAsync(string channel, string account) =>
        await channels.For(channel).DescribeAsync(new DescribeRequest { Account = account });
}
