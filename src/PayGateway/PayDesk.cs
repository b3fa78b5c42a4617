using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.Payments;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Telemetry;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayGateway;

/// <summary>
/// What merchants' calls and inner calls have in common: asking the channel once for an attempt, beginning another one, and closing.
/// From the committed intent on, nobody's cancellation applies: call and record run to their own limits.
/// </summary>
internal sealed class PayDesk(
    DatabaseClient database,
    ChannelClients channels,
    AttemptChecker checker,
    CallTurn turn,
    Routes routes,
    IdFactory ids,
    IOptions<PayOptions> options,
    IOptions<PublicOptions> publicOptions,
    TimeProvider time,
    ILogger<PayDesk> log)
{
    /// <summary>An attempt to be saved together with its intent to call the channel.</summary>
    public NewAttempt NewAttempt(MerchantApp app, string method, Scene scene, string buyer, string clientIp, Timestamp expireTime, string outAttemptNo)
    {
        var route = routes.Choose(app, method, scene);
        return new NewAttempt
        {
            AttemptNo = ids.NewAttemptNo(),
            OutAttemptNo = outAttemptNo,
            Method = method,
            Scene = scene,
            Channel = route.Channel,
            Account = route.Account,
            Buyer = buyer,
            ClientIp = clientIp,
            ExpireTime = expireTime,
            CallLeaseTime = turn.LeaseEnd(),
            TraceParent = PaymentTrace.Current,
        };
    }

    /// <summary>
    /// Gets the answer for a saved attempt: the one that is stored, the one that this call gets from the channel, or the one that an equal call is
    /// getting at this moment.
    /// </summary>
    /// <param name="stored">The order with the attempt.</param>
    /// <param name="attemptNo">The attempt.</param>
    /// <param name="mine">This call saved the attempt and has the right to call.</param>
    public async Task<PayAnswer> AnswerAsync(StoredOrder stored, string attemptNo, bool mine)
    {
        var attempt = Find(stored, attemptNo);
        PaymentTrace.About(new TraceSubject(stored.Order.Id, attemptNo));
        if (attempt.Attempt.State != AttemptState.Sent || stored.Order.State != OrderState.Paying || stored.Order.CloseRequested)
        {
            return Reply(stored, attempt);
        }

        if (!mine && attempt.Attempt.Scene == Scene.Barcode && (attempt.OpenCalls > 0 || attempt.ReverseTime is not null))
        {
            // The user's code was shown once and is asked for once: a second call could take the money twice. Only a call that never left is made again.
            var seen = await checker.CheckAsync(stored, attempt);
            return Reply(seen.Order, Find(seen.Order, attemptNo));
        }

        if (!mine)
        {
            var claim = await database.ClaimCallAsync(new ClaimCallRequest { AttemptNo = attemptNo, LeaseTime = turn.LeaseEnd(), ForPay = true });
            if (!claim.Claimed)
            {
                return await WaitForAnswerAsync(claim.Order, attemptNo);
            }

            stored = claim.Order;
            attempt = Find(stored, attemptNo);
        }

        var answer = await AskChannelAsync(stored, attempt);
        MoveReply recorded;
        using (PayTrace.Source.StartActivity("pay.record"))
        {
            recorded = await database.RecordAnswerAsync(answer);
        }

        if (answer.Unknown is { NothingSent: true } && recorded.Order.Order.State == OrderState.Paying)
        {
            throw PayErrors.Refuse(
                StatusCode.Unavailable, ErrorReason.ChannelUnavailable, "The channel could not be reached; nothing was sent. Repeat the same request.");
        }

        if (answer.Unknown is { Code: QueryNow })
        {
            // The channel says that the number is paid or ended: its word is asked for, not believed.
            var check = await checker.CheckAsync(recorded.Order, Find(recorded.Order, attemptNo));
            return Reply(check.Order, Find(check.Order, attemptNo));
        }

        return Reply(recorded.Order, Find(recorded.Order, attemptNo));
    }

    /// <summary>
    /// Begins another attempt, or continues the one that has this number and content. The attempts before are closed first; when that cannot be certain yet, a second
    /// payment is surplus and found as such.
    /// </summary>
    public async Task<PayAnswer> BeginAsync(StoredOrder stored, MerchantApp app, CreateAttemptRequest request)
    {
        PayRules.CheckAttempt(request, stored.Order);
        var scene = request.Scene == Scene.Unspecified ? stored.Order.Scene : request.Scene;
        var method = request.Method.Length == 0 ? stored.Order.Method : request.Method;
        if (stored.Attempts.Any(a => a.Attempt.OutAttemptNo == request.OutAttemptNo))
        {
            return await ContinueAsync(stored);
        }

        foreach (var open in stored.Attempts.Where(a => AttemptTransitions.IsOpen(a.Attempt.State)).ToList())
        {
            stored = (await CloseAttemptAsync(open.Attempt.AttemptNo)).Order;
        }

        DemandOpen(stored.Order);
        var attempt = NewAttempt(app, method, scene, request.Buyer, request.ClientIp, stored.Order.ExpireTime, request.OutAttemptNo);
        var begun = await database.BeginAttemptAsync(new BeginAttemptRequest { OrderId = stored.Order.Id, Attempt = attempt });
        return begun.Result switch
        {
            MoveResult.Moved => await AnswerAsync(begun.Order, attempt.AttemptNo, mine: true),
            MoveResult.Already => await ContinueAsync(begun.Order),
            _ => throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.OrderNotOpen, $"There is no new attempt: {begun.Reason}."),
        };

        Task<PayAnswer> ContinueAsync(StoredOrder order)
        {
            var before = order.Attempts.Single(a => a.Attempt.OutAttemptNo == request.OutAttemptNo);
            DemandSame("method", before.Attempt.Method == method);
            DemandSame("scene", before.Attempt.Scene == scene);
            DemandSame("buyer", before.Buyer == request.Buyer);
            return AnswerAsync(order, before.Attempt.AttemptNo, mine: false);
        }

        // The address is not asked about: the same buyer may come back by another network.
        static void DemandSame(string field, bool holds)
        {
            if (!holds)
            {
                throw PayErrors.Differs(field, $"out_attempt_no was used before with another {field}. Nothing was changed.");
            }
        }
    }

    /// <summary>
    /// Query → close → query of one attempt; a barcode payment is taken back instead of closed. CLOSED only when the channel confirmed the close and the query after it is not paid.
    /// </summary>
    public async Task<CheckResult> CloseAttemptAsync(string attemptNo)
    {
        var lease = turn.LeaseEnd();
        var claim = await database.ClaimCallAsync(new ClaimCallRequest { AttemptNo = attemptNo, LeaseTime = lease });
        var attempt = Find(claim.Order, attemptNo);
        if (!claim.Claimed)
        {
            // Decided already, or somebody is calling the channel for it right now.
            return new CheckResult(ChannelPayState.ChannelUnknown, claim.Order);
        }

        try
        {
            var check = await checker.CheckAsync(claim.Order, attempt);
            if (!AttemptTransitions.IsOpen(Find(check.Order, attemptNo).Attempt.State))
            {
                return check;
            }

            if (attempt.Attempt.Scene == Scene.Barcode)
            {
                return await ReverseAsync(attemptNo);
            }

            var closed = await AskCloseAsync(attempt);
            if (closed.Outcome != Outcome.Yes && closed.State is ChannelPayState.Unspecified or ChannelPayState.ChannelUnknown)
            {
                return check;
            }

            check = await checker.CheckAsync(check.Order, attempt);
            var confirmed = closed.Outcome == Outcome.Yes && check.State == ChannelPayState.ChannelNotPaid;
            return confirmed ? await checker.RecordClosedAsync(attemptNo, "close", check.State) : check;
        }
        finally
        {
            await database.ReleaseCallAsync(new ReleaseCallRequest { AttemptNo = attemptNo, LeaseTime = lease });
        }
    }

    /// <summary>Ends an order: asked for first, then every open attempt is closed as far as the channel confirms it.</summary>
    /// <param name="orderId">The order.</param>
    /// <param name="cause">What ends it, as the records say it.</param>
    /// <param name="by">The person who wants it; empty: none does.</param>
    /// <param name="reason">Why they do.</param>
    public async Task<StoredOrder> CloseOrderAsync(string orderId, string cause, string by = "", string reason = "")
    {
        var asked = await database.RequestCloseAsync(new RequestCloseRequest { OrderId = orderId, Cause = cause, By = by, Reason = reason });
        if (asked.Result == MoveResult.NotAllowed)
        {
            throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.OrderPaid, "The order is PAID; refund it instead.");
        }

        var stored = asked.Order;
        foreach (var open in stored.Attempts.Where(a => AttemptTransitions.IsOpen(a.Attempt.State)).ToList())
        {
            stored = (await CloseAttemptAsync(open.Attempt.AttemptNo)).Order;
        }

        return stored;
    }

    /// <summary>The answer to whoever wants a way to pay, as the order stands.</summary>
    public PayAnswer Reply(StoredOrder stored, StoredAttempt? attempt)
    {
        PayAnswer answer;
        if (!stored.CreateAnswer.IsEmpty && attempt is not null && attempt.Attempt.OutAttemptNo.Length == 0)
        {
            // The first definite answer, as it was.
            answer = PayAnswer.Parser.ParseFrom(stored.CreateAnswer);
        }
        else
        {
            answer = new PayAnswer { Order = stored.Order, AttemptNo = attempt?.Attempt.AttemptNo ?? "" };
            switch (attempt?.Attempt.State)
            {
                case var _ when stored.Order.State == OrderState.Paid:
                    answer.Result = PayAnswer.Types.Result.AlreadyPaid;
                    break;
                case AttemptState.Open:
                    answer.Result = PayAnswer.Types.Result.Action;
                    answer.Action = attempt.Attempt.Action;
                    break;
                case AttemptState.Refused:
                    answer.Result = PayAnswer.Types.Result.Declined;
                    answer.DeclineCode = attempt.Attempt.RefusalCode;
                    answer.DeclineMessage = attempt.Attempt.RefusalMessage;
                    break;
                case AttemptState.Closed:
                    answer.Result = PayAnswer.Types.Result.Declined;
                    answer.DeclineCode = "CLOSED";
                    answer.DeclineMessage = "The attempt was closed unpaid.";
                    break;
                case null:
                    answer.Result = PayAnswer.Types.Result.Action;
                    answer.Action = new Contracts.V1.Action { RedirectUrl = publicOptions.Value.CashierUrl(stored.PageToken) };
                    break;
                default:
                    answer.Result = PayAnswer.Types.Result.Processing;
                    break;
            }
        }

        answer.CashierUrl = publicOptions.Value.CashierUrl(stored.PageToken);
        return answer;
    }

    private async Task<RecordAnswerRequest> AskChannelAsync(StoredOrder stored, StoredAttempt attempt)
    {
        var request = new ChannelPayRequest
        {
            Account = attempt.Account,
            AttemptNo = attempt.Attempt.AttemptNo,
            Scene = attempt.Attempt.Scene,
            AmountMinor = attempt.Attempt.AmountMinor,
            Currency = attempt.Attempt.Currency,
            Subject = stored.Order.Subject,
            CallbackUrl = publicOptions.Value.CallbackUrl(attempt.Channel, attempt.Account),
            ReturnUrl = publicOptions.Value.ReturnUrl(stored.PageToken),
            ClientIp = attempt.ClientIp,
            Buyer = attempt.Buyer,
            ExpireTime = attempt.Attempt.ExpireTime,
        };
        var began = time.GetTimestamp();
        var said = await CallPayAsync(attempt.Channel, request);
        var unanswered = said.Outcome == Outcome.Unknown && !said.NothingSent;
        var again = attempt.Attempt.Scene != Scene.Barcode && said.Outcome == Outcome.Unknown && !said.QueryNow;
        if (again && time.GetElapsedTime(began) < options.Value.RepeatWithin)
        {
            said = await CallPayAsync(attempt.Channel, request);
            if (unanswered && said.Outcome == Outcome.No)
            {
                // The first call may have arrived: a refusal of the second decides nothing.
                said = new ChannelPayReply { Outcome = Outcome.Unknown, Code = said.Code, Message = said.Message };
            }

            said.NothingSent &= !unanswered;
        }

        var answer = new RecordAnswerRequest { AttemptNo = attempt.Attempt.AttemptNo };
        switch (said.Outcome)
        {
            case Outcome.Yes when said.Action is not null:
                answer.Action = said.Action;
                break;
            case Outcome.No:
                answer.Refusal = new Refusal { Code = said.Code, Message = said.Message };
                break;
            default:
                log.LogWarning(
                    "Channel {Channel} gave no usable answer for {AttemptNo}: {Code} {Message} (trace {TraceId})",
                    attempt.Channel, attempt.Attempt.AttemptNo, said.Code, said.Message, said.TraceId);
                answer.Unknown = new UnknownAnswer
                {
                    Code = said.QueryNow ? QueryNow : said.Code,
                    Message = said.Message,
                    NothingSent = said.NothingSent,
                };
                break;
        }

        return answer;
    }

    private async Task<ChannelPayReply> CallPayAsync(string channel, ChannelPayRequest request)
    {
        using var step = PayTrace.Source.StartActivity("pay.ask_channel");
        try
        {
            return await channels.For(channel).PayAsync(request);
        }
        catch (RpcException e)
        {
            // UNAVAILABLE alone does not prove that nothing was sent: the channel's service may have died after sending.
            return new ChannelPayReply { Outcome = Outcome.Unknown, Code = $"{e.StatusCode}", Message = "The channel's service did not answer." };
        }
    }

    /// <summary>
    /// Takes a payment by barcode back. That moves money where the buyer has paid meanwhile, so it is committed before the call that from now on nothing but the channel's
    /// refusal makes this a payment. Without an answer the next look goes on.
    /// </summary>
    private async Task<CheckResult> ReverseAsync(string attemptNo)
    {
        var asked = await database.RequestReverseAsync(new RequestReverseRequest { AttemptNo = attemptNo });
        var attempt = Find(asked.Order, attemptNo);
        if (asked.Result == MoveResult.NotAllowed)
        {
            return new CheckResult(ChannelPayState.ChannelUnknown, asked.Order);
        }

        var outcome = Outcome.Unknown;
        try
        {
            outcome = (await channels.For(attempt.Channel).ReverseAsync(new ChannelReverseRequest { Account = attempt.Account, AttemptNo = attemptNo })).Outcome;
        }
        catch (RpcException e)
        {
            log.LogWarning("Channel {Channel} did not answer a reverse of {AttemptNo}: {Status}", attempt.Channel, attemptNo, e.Status);
        }

        return outcome == Outcome.Yes
            ? await checker.RecordClosedAsync(attemptNo, "reverse", ChannelPayState.ChannelClosed)
            : await checker.CheckAsync(asked.Order, attempt, reverseRefused: outcome == Outcome.No);
    }

    private async Task<ChannelCloseReply> AskCloseAsync(StoredAttempt attempt)
    {
        try
        {
            return await channels.For(attempt.Channel).CloseAsync(
                new ChannelCloseRequest { Account = attempt.Account, AttemptNo = attempt.Attempt.AttemptNo });
        }
        catch (RpcException)
        {
            return new ChannelCloseReply { Outcome = Outcome.Unknown };
        }
    }

    /// <summary>Waits for the answer that an equal call is getting. Not getting it in time is PROCESSING.</summary>
    private async Task<PayAnswer> WaitForAnswerAsync(StoredOrder stored, string attemptNo)
    {
        stored = await turn.WaitAsync(
            stored,
            s => Find(s, attemptNo).CallLeaseTime,
            s => Find(s, attemptNo).Attempt.State != AttemptState.Sent,
            async () => await database.ReadOrderAsync(new ReadOrderRequest { OrderId = stored.Order.Id }));
        return Reply(stored, Find(stored, attemptNo));
    }

    private void DemandOpen(PayOrder order)
    {
        if (order.State == OrderState.Paid)
        {
            throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.OrderPaid, "The order is PAID.");
        }

        if (!OrderTransitions.IsOpen(order.State) || order.CloseRequested)
        {
            throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.OrderNotOpen, "The order has ended or is being closed.");
        }

        if (order.ExpireTime.ToDateTimeOffset() - time.GetUtcNow() < PayRules.AttemptTimeMin)
        {
            throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.OrderExpired, "The order has less than a minute left; make a new one.");
        }
    }

    private static StoredAttempt Find(StoredOrder stored, string attemptNo) => stored.Attempts.Single(a => a.Attempt.AttemptNo == attemptNo);

    private const string QueryNow = "QUERY_NOW";
}
