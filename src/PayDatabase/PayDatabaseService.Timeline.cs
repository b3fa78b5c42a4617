using System.Data.Common;
using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// What happened to an order.
public sealed partial class PayDatabaseService
{
    // An order that was tried for days has a few hundred calls; nobody reads more.
    private const int TimelineMax = 1000;

    private const string CallColumns =
        "call_id, order_id, attempt_no, refund_id, transfer_id, operation, channel, account, started_at, duration_ms, outcome, code, trace_id";

    /// <inheritdoc/>
    public override async Task<KeepChannelCallsReply> KeepChannelCalls(KeepChannelCallsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return await writes.WriteAsync(write => KeepCallsAsync(write, request.Calls));
        }
        catch (DuplicateKeyException)
        {
            // A repeat at this very moment keeps them.
            return new KeepChannelCallsReply();
        }
    }

    /// <inheritdoc/>
    public override async Task<TimelineRows> ReadTimeline(ReadTimelineRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var order = await connection.ReadAsync(new ReadOrderRequest { OrderId = request.OrderId, WithHistory = true }) ?? throw Refusals.NotFound("order");
        var of = new { orderId = request.OrderId, max = TimelineMax };
        var calls = await connection.QueryAsync<CallRow>(
            $"{Archive.Both(at => $"SELECT {CallColumns} FROM channel_call{at} WHERE order_id = @orderId")} ORDER BY started_at, call_id LIMIT @max", of);
        var callbacks = await connection.QueryAsync<KeptCallbackRow>(
            $"""
            {Archive.Both(at => $"SELECT callback_id, received_at, state, reason, attempt_no, message_id FROM callback{at} WHERE order_id = @orderId")}
            ORDER BY callback_id LIMIT @max
            """,
            of);
        var exceptions = await connection.QueryAsync<ExceptionRow>(
            $"SELECT {ExceptionRow.Columns} FROM exception_item WHERE order_id = @orderId ORDER BY exception_id LIMIT @max", of);
        return new TimelineRows
        {
            Order = order,
            Refunds = { await RefundsOfAsync(connection, request.OrderId) },
            Calls = { calls.Select(c => c.ToCall()) },
            Callbacks = { callbacks.Select(c => c.ToCallback()) },
            Deliveries = { await DeliveriesAsync(connection, DeliveriesOfOrder(), of) },
            Exceptions = { exceptions.Select(e => e.ToItem()) },
        };
    }

    private static async Task<KeepChannelCallsReply> KeepCallsAsync(WriteContext write, IEnumerable<ChannelCall> calls)
    {
        var rows = calls.Select(CallRow.From).DistinctBy(c => c.CallId).ToList();
        var there = (await write.QueryAsync<string>("SELECT call_id FROM channel_call WHERE call_id IN @ids", new { ids = rows.Select(r => r.CallId) })).ToHashSet();
        var orders = (await write.QueryAsync<(string AttemptNo, string OrderId)>(
            Archive.Both(at => $"SELECT attempt_no, order_id FROM pay_attempt{at} WHERE attempt_no IN @nos"), new { nos = rows.Select(r => r.AttemptNo).Distinct().OrNone() }))
            .ToDictionary(a => a.AttemptNo, a => a.OrderId);
        foreach (var row in rows.Where(r => !there.Contains(r.CallId)))
        {
            // Callers know the attempt that they asked about, and not always whose it is.
            row.OrderId = row.OrderId.Length > 0 ? row.OrderId : orders.GetValueOrDefault(row.AttemptNo, "");
            await write.WriteOneAsync(
                $"""
                INSERT INTO channel_call ({CallColumns})
                VALUES (@CallId, @OrderId, @AttemptNo, @RefundId, @TransferId, @Operation, @Channel, @Account, @StartedAt, @DurationMs, @Outcome, @Code, @TraceId)
                """,
                row);
        }

        return new KeepChannelCallsReply();
    }

    private static async Task<IReadOnlyList<StoredRefund>> RefundsOfAsync(DbConnection connection, string orderId)
    {
        var rows = await connection.QueryAsync<RefundRow>(
            $"{Archive.Both(at => $"SELECT {RefundRow.Columns} FROM refund{at} WHERE order_id = @orderId")} ORDER BY created_at, id", new { orderId });
        var refunds = rows.Select(r => r.ToStored()).ToList();
        foreach (var refund in refunds)
        {
            refund.History.AddRange(await connection.RefundHistoryAsync(refund.Refund.Id));
        }

        return refunds;
    }

    private sealed record KeptCallbackRow
    {
        public string CallbackId { get; init; } = "";
        public long ReceivedAt { get; init; }
        public string State { get; init; } = "";
        public string Reason { get; init; } = "";
        public string AttemptNo { get; init; } = "";
        public string MessageId { get; init; } = "";

        public CallbackRow ToCallback() => new()
        {
            CallbackId = CallbackId,
            ReceiveTime = Times.ToTimestamp(ReceivedAt),
            State = State,
            Reason = Reason,
            AttemptNo = AttemptNo,
            MessageId = MessageId,
        };
    }

    private sealed record CallRow
    {
        public string CallId { get; init; } = "";
        public string OrderId { get; set; } = "";
        public string AttemptNo { get; init; } = "";
        public string RefundId { get; init; } = "";
        public string TransferId { get; init; } = "";
        public string Operation { get; init; } = "";
        public string Channel { get; init; } = "";
        public string Account { get; init; } = "";
        public long StartedAt { get; init; }
        public long DurationMs { get; init; }
        public string Outcome { get; init; } = "";
        public string Code { get; init; } = "";
        public string TraceId { get; init; } = "";

        public static CallRow From(ChannelCall call) => new()
        {
            CallId = call.CallId,
            OrderId = call.OrderId,
            AttemptNo = call.AttemptNo,
            RefundId = call.RefundId,
            TransferId = call.TransferId,
            Operation = Moves.Clip(call.Operation, 32),
            Channel = Moves.Clip(call.Channel, 32),
            Account = Moves.Clip(call.Account, 128),
            StartedAt = call.StartTime.Ms(),
            DurationMs = call.DurationMs,
            Outcome = Moves.Clip(call.Outcome, 32),
            Code = Moves.Clip(call.Code, 64),
            TraceId = Moves.Clip(call.TraceId, 128),
        };

        public ChannelCall ToCall() => new()
        {
            CallId = CallId,
            OrderId = OrderId,
            AttemptNo = AttemptNo,
            RefundId = RefundId,
            TransferId = TransferId,
            Operation = Operation,
            Channel = Channel,
            Account = Account,
            StartTime = Times.ToTimestamp(StartedAt),
            DurationMs = DurationMs,
            Outcome = Outcome,
            Code = Code,
            TraceId = TraceId,
        };
    }
}
