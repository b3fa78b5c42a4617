using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Telemetry;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using KeepState = PayCore.Contracts.V1.KeepCallbackRequest.Types.State;

namespace PayCore.CallbackGateway;

/// <summary>
/// A provider tells us: take the raw bytes, have the channel verify and read them, compare, record, answer. Success is answered only when the effect is
/// committed, was there before, or the contradiction is on record (invariants, ground rule 11).
/// </summary>
internal sealed class CallbackEndpoint(
    ChannelClients channels, DatabaseClient database, NotifyGateway.NotifyGatewayClient notify, CallbackMetrics metrics, KeepPace pace, IdFactory ids,
    TimeProvider time, ILogger<CallbackEndpoint> log)
{
    private const int BodyBytesMax = 64 * 1024;
    private const int HeadersMax = 64;
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(4);

    /// <summary>What is answered, and the word for what the callback came to.</summary>
    private sealed record Answer(RawAnswer Raw, string Verdict);

    private static readonly RawAnswer _failure = new() { Status = StatusCodes.Status503ServiceUnavailable };

    /// <summary>Handles <c>/callback/{channel}/{account}</c>.</summary>
    public async Task HandleAsync(HttpContext http, string channel, string account)
    {
        using var activity = CallbackTrace.Source.StartActivity("callback.receive");
        if (!ChannelClients.IsName(channel) || account.Length > 128)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var body = await ReadBodyAsync(http.Request.Body, http.RequestAborted);
        if (body is null)
        {
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        // From here on the provider's patience does not matter: what it told is dealt with.
        var callback = new NewCallback
        {
            CallbackId = ids.NewCallbackId(),
            Channel = channel,
            Account = account,
            ReceiveTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            HttpMethod = http.Request.Method,
            Target = http.Features.Get<IHttpRequestFeature>()!.RawTarget,
            Body = body,
        };
        callback.Headers.AddRange(http.Request.Headers
            .SelectMany(h => h.Value, (h, value) => new RawHeader { Name = h.Key, Value = value ?? "" }).Take(HeadersMax));
        await WriteAsync(http.Response, await AnswerInTimeAsync(callback));
    }

    /// <summary>A provider waits a few seconds for its answer (invariants, section 4). It comes again where it heard of no success; the work goes on all the same.</summary>
    private async Task<RawAnswer> AnswerInTimeAsync(NewCallback callback)
    {
        try
        {
            return await AnswerAsync(callback).WaitAsync(_answerLimit, time);
        }
        catch (TimeoutException)
        {
            log.LogError("Callback {CallbackId} of {Channel} is not dealt with in time", callback.CallbackId, callback.Channel);
            return _failure;
        }
    }

    private async Task<RawAnswer> AnswerAsync(NewCallback callback)
    {
        var began = time.GetTimestamp();
        var reading = new ReadCallbackRequest
        {
            Account = callback.Account,
            HttpMethod = callback.HttpMethod,
            Target = callback.Target,
            Body = callback.Body,
        };
        reading.Headers.AddRange(callback.Headers);

        ReadCallbackReply said;
        try
        {
            using var step = CallbackTrace.Source.StartActivity("callback.verify");
            said = await channels.For(callback.Channel).ReadCallbackAsync(reading);
        }
        catch (RpcException e)
        {
            log.LogError("Channel {Channel} could not read a callback: {Status}", callback.Channel, e.Status);
            // The name may be any stranger's: only what a channel has read is shown under it.
            metrics.Answered("none", "FAILED", time.GetElapsedTime(began));
            return _failure;
        }

        Answer answer;
        try
        {
            answer = await RecordAsync(callback, said);
        }
        catch (RpcException e)
        {
            log.LogError("Callback {CallbackId} of {Channel} could not be recorded: {Status}", callback.CallbackId, callback.Channel, e.Status);
            answer = new Answer(said.Failure ?? _failure, "FAILED");
        }

        metrics.Answered(callback.Channel, answer.Verdict, time.GetElapsedTime(began));
        return answer.Raw;
    }

    private async Task<Answer> RecordAsync(NewCallback callback, ReadCallbackReply said)
    {
        callback.MessageId = said.MessageId;
        switch (said.Verdict)
        {
            case ReadCallbackReply.Types.Verdict.Payment:
                return await RecordPaymentAsync(callback, said);

            case ReadCallbackReply.Types.Verdict.Refund:
                return await RecordRefundAsync(callback, said);

            case ReadCallbackReply.Types.Verdict.Transfer:
                return await RecordTransferAsync(callback, said);

            case ReadCallbackReply.Types.Verdict.Nothing:
                await KeepAsync(callback, KeepState.Duplicate, said.Reason, "", said.Facts?.AttemptNo ?? "");
                return new Answer(said.Success, "DUPLICATE");

            default:
                await RejectAsync(callback, said);
                return new Answer(said.Failure ?? _failure, "REJECTED");
        }
    }

    /// <summary>What proves nothing is kept as evidence, but strangers fill neither database nor log (decision 0019): all names that are no account's have one pace, and are not kept.</summary>
    private async Task RejectAsync(NewCallback callback, ReadCallbackReply said)
    {
        var isWithin = pace.TryTake(callback.Channel, said.AccountKnown ? callback.Account : "");
        log.Log(
            isWithin ? LogLevel.Warning : LogLevel.Debug,
            "A callback to {Channel}/{Account} is rejected: {Reason}", callback.Channel, callback.Account, said.Reason);
        if (isWithin && said.AccountKnown)
        {
            await KeepAsync(callback, KeepState.Rejected, said.Reason, "", "");
        }
        else
        {
            metrics.NotKept(callback.Channel, said.AccountKnown ? "pace" : "no_account");
        }
    }

    private async Task<Answer> RecordPaymentAsync(NewCallback callback, ReadCallbackReply said, string foreignRefund = "")
    {
        var facts = said.Facts;
        var stored = facts.HasAttemptNo ? await FindAsync(async () => await database.ReadOrderAsync(new ReadOrderRequest { AttemptNo = facts.AttemptNo })) : null;
        if (stored is null)
        {
            return await UnknownAsync(callback, said, facts.AttemptNo);
        }

        var attempt = stored.Attempts.Single(a => a.Attempt.AttemptNo == facts.AttemptNo);
        var difference = ForeignAddress(callback, attempt.Channel, attempt.Account);
        if (difference is null)
        {
            var account = await channels.For(callback.Channel).DescribeAsync(new DescribeRequest { Account = callback.Account });
            difference = PaymentProof.FirstDifference(attempt, facts, account.CallbackCarries, account.AccountIds);
        }

        if (difference is not null)
        {
            return await ConflictAsync(callback, said, new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.CallbackConflict,
                AppId = stored.Order.AppId,
                OrderId = stored.Order.Id,
                AttemptNo = facts.AttemptNo,
                Detail = difference,
            });
        }

        using var step = Continue(attempt.TraceParent, new TraceSubject(stored.Order.Id, facts.AttemptNo));
        var paid = await database.RecordPaidAsync(
            new RecordPaidRequest { AttemptNo = facts.AttemptNo, Facts = facts, Cause = "callback", Callback = callback, ForeignRefund = foreignRefund });
        Wake(paid.DeliveryIds);
        return new Answer(said.Success, VerdictOf(paid.Result));
    }

    private async Task<Answer> RecordRefundAsync(NewCallback callback, ReadCallbackReply said)
    {
        var facts = said.Refund;
        var stored = facts.HasRefundNo ? await FindAsync(async () => await database.ReadRefundAsync(new ReadRefundRequest { RefundId = facts.RefundNo })) : null;
        if (stored is null)
        {
            // A refund that was made outside us: where the message also tells of the payment, that is recorded, and the refund is listed for a person.
            return said.Facts is null ? await UnknownAsync(callback, said, facts.RefundNo)
                : await RecordPaymentAsync(callback, said, foreignRefund: facts.HasRefundNo ? facts.RefundNo : "without a number");
        }

        var difference = ForeignAddress(callback, stored.Channel, stored.Account);
        if (difference is null)
        {
            var account = await channels.For(callback.Channel).DescribeAsync(new DescribeRequest { Account = callback.Account });
            difference = MoneyOutProof.FirstDifference(stored, facts, account.AccountIds);
        }

        if (difference is not null)
        {
            return await ConflictAsync(callback, said, new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.RefundConflict,
                AppId = stored.Refund.AppId,
                OrderId = stored.Refund.OrderId,
                AttemptNo = stored.Refund.AttemptNo,
                RefundId = stored.Refund.Id,
                Detail = difference,
            });
        }

        using var step = Continue(stored.TraceParent, new TraceSubject(stored.Refund.OrderId, stored.Refund.AttemptNo, stored.Refund.Id));
        var recorded = await database.RecordRefundAsync(new RecordRefundRequest
        {
            RefundId = stored.Refund.Id,
            State = facts.State,
            Facts = facts,
            Cause = "callback",
            Code = said.Code,
            Message = said.Message,
            Callback = callback,
        });
        Wake(recorded.DeliveryIds);
        return new Answer(said.Success, VerdictOf(recorded.Result));
    }

    private async Task<Answer> RecordTransferAsync(NewCallback callback, ReadCallbackReply said)
    {
        var facts = said.Transfer;
        var stored = facts.HasTransferNo ? await FindAsync(async () => await database.ReadTransferAsync(new ReadTransferRequest { TransferId = facts.TransferNo })) : null;
        if (stored is null)
        {
            return await UnknownAsync(callback, said, facts.TransferNo);
        }

        var difference = ForeignAddress(callback, stored.Channel, stored.Account);
        if (difference is null)
        {
            var account = await channels.For(callback.Channel).DescribeAsync(new DescribeRequest { Account = callback.Account });
            difference = MoneyOutProof.FirstDifference(stored, facts, account.AccountIds);
        }

        if (difference is not null)
        {
            return await ConflictAsync(callback, said, new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.TransferConflict,
                AppId = stored.Transfer.AppId,
                TransferId = stored.Transfer.Id,
                Detail = difference,
            });
        }

        using var step = Continue(stored.TraceParent, new TraceSubject(TransferId: stored.Transfer.Id));
        var recorded = await database.RecordTransferAsync(new RecordTransferRequest
        {
            TransferId = stored.Transfer.Id,
            State = facts.State,
            Facts = facts,
            Cause = "callback",
            Code = said.Code,
            Message = said.Message,
            Callback = callback,
        });
        Wake(recorded.DeliveryIds);
        return new Answer(said.Success, VerdictOf(recorded.Result));
    }

    private async Task<Answer> UnknownAsync(NewCallback callback, ReadCallbackReply said, string number)
    {
        log.LogError("A verified callback to {Channel}/{Account} names a number that is not ours", callback.Channel, callback.Account);
        await KeepAsync(callback, KeepState.Rejected, "unknown number", "", number);
        return new Answer(said.Failure ?? _failure, "UNKNOWN_NUMBER");
    }

    private async Task<Answer> ConflictAsync(NewCallback callback, ReadCallbackReply said, ExceptionItem item)
    {
        log.LogError("A verified callback {CallbackId} is not about what is ours: {Difference}", callback.CallbackId, item.Detail);
        item.CallbackId = callback.CallbackId;
        await KeepAsync(callback, KeepState.Conflict, item.Detail, item.OrderId, item.AttemptNo, item);
        return new Answer(said.Success, "CONFLICT");
    }

    /// <summary>The recording belongs to the trace of what it is about; that of the provider's request is linked to it.</summary>
    private static Activity? Continue(string traceParent, TraceSubject subject) =>
        PaymentTrace.Continue(CallbackTrace.Source, "callback.record", ActivityKind.Consumer, traceParent, subject);

    private static string VerdictOf(MoveResult result) => result switch
    {
        MoveResult.Moved => "APPLIED",
        MoveResult.Already => "DUPLICATE",
        _ => "CONFLICT",
    };

    /// <summary>Channel and account of the address must be those that we asked.</summary>
    private static string? ForeignAddress(NewCallback callback, string channel, string account) => callback.Channel == channel && callback.Account == account
        ? null
        : $"account: ours is {channel}/{account}, the callback came to {callback.Channel}/{callback.Account}";

    private static async Task<T?> FindAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task KeepAsync(
        NewCallback callback, KeepState state, string reason, string orderId, string attemptNo, ExceptionItem? exception = null) =>
        await database.KeepCallbackAsync(new KeepCallbackRequest
        {
            Callback = callback,
            State = state,
            Reason = reason,
            OrderId = orderId,
            AttemptNo = attemptNo.Length <= 32 ? attemptNo : attemptNo[..32],
            Exception = exception,
        });

    /// <summary>NotifyGateway is told after the commit, and cannot delay or fail the answer.</summary>
    private void Wake(RepeatedField<string> deliveryIds)
    {
        if (deliveryIds.Count > 0)
        {
            _ = WakeAsync(new WakeRequest { DeliveryIds = { deliveryIds } });
        }
    }

    private async Task WakeAsync(WakeRequest wake)
    {
        try
        {
            using var step = CallbackTrace.Source.StartActivity("callback.push");
            await notify.WakeAsync(wake);
        }
        catch (RpcException e)
        {
            log.LogDebug("NotifyGateway could not be woken, its sweep will find the deliveries: {Status}", e.Status);
        }
    }

    private static async Task<ByteString?> ReadBodyAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[BodyBytesMax + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length > BodyBytesMax ? null : ByteString.CopyFrom(buffer, 0, length);
    }

    private static async Task WriteAsync(HttpResponse response, RawAnswer answer)
    {
        response.StatusCode = answer.Status;
        if (answer.Body.Length > 0)
        {
            response.ContentType = answer.ContentType;
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body.Memory);
        }
    }
}
