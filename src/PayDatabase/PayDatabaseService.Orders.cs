using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayDatabase;

// Creating and reading orders, and beginning attempts.
public sealed partial class PayDatabaseService
{
    /// <inheritdoc/>
    public override async Task<CreateOrderReply> CreateOrder(CreateOrderRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Order.AmountMinor <= 0)
        {
            throw Refusals.InvalidArgument("amount_minor", "is at least 1");
        }

        if (request.RepeatOnly)
        {
            return await CompareAsync(request);
        }

        try
        {
            var created = await WriteAsync((write, moves) => InsertOrderAsync(write, moves, request));
            return new CreateOrderReply { Result = CreateOrderReply.Types.Result.Created, Order = created };
        }
        catch (DuplicateKeyException)
        {
            // The unique merchant number is the judge: whoever came first is the order.
            return await CompareAsync(request);
        }
    }

    /// <inheritdoc/>
    public override async Task<StoredOrder> ReadOrder(ReadOrderRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        return await connection.ReadAsync(request) ?? throw Refusals.NotFound("order");
    }

    /// <inheritdoc/>
    public override async Task<MoveReply> BeginAttempt(BeginAttemptRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(async (write, moves) =>
        {
            var stored = await write.LockAsync(request.OrderId) ?? throw Refusals.NotFound("order");
            if (stored.Attempts.Any(a => a.Attempt.OutAttemptNo == request.Attempt.OutAttemptNo))
            {
                return Already(stored, moves);
            }

            if (!OrderTransitions.IsOpen(stored.Order.State) || stored.Order.CloseRequested)
            {
                return NotAllowed(stored, stored.Order.CloseRequested ? "the order is being closed" : $"the order is {EnumText<OrderState>.Of(stored.Order.State)}");
            }

            await write.WriteOneAsync(
                "UPDATE pay_order SET attempt_count = attempt_count + 1 WHERE id = @id AND attempt_count = @count",
                new { id = stored.Order.Id, count = stored.Attempts.Count });
            await InsertAttemptAsync(write, moves, stored, request.Attempt);
            if (stored.Order.State == OrderState.Created)
            {
                await moves.MoveOrderAsync(stored, OrderState.Paying, "attempt", "");
            }

            moves.ScheduleByLadder(stored);
            return Moved(stored, moves);
        });
    }

    private async Task<CreateOrderReply> CompareAsync(CreateOrderRequest repeat)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        var key = new MerchantOrderKey { AppId = repeat.Order.AppId, OutTradeNo = repeat.Order.OutTradeNo };
        var first = await connection.ReadAsync(new ReadOrderRequest { MerchantOrder = key }) ?? throw Refusals.NotFound("order");
        var difference = await FirstDifferenceAsync(connection, first, repeat);
        return difference is null
            ? new CreateOrderReply { Result = CreateOrderReply.Types.Result.Exists, Order = first }
            : new CreateOrderReply { Result = CreateOrderReply.Types.Result.Different, DifferingField = difference, Order = first };
    }

    private static async Task<StoredOrder> InsertOrderAsync(WriteContext write, OrderMoves moves, CreateOrderRequest request)
    {
        var stored = new StoredOrder
        {
            Order = request.Order.Clone(),
            MerchantId = request.MerchantId,
            NotifyUrl = request.NotifyUrl,
            ReturnUrl = request.ReturnUrl,
            ClientIp = request.ClientIp,
            Buyer = request.Buyer,
            PageToken = request.PageToken,
            DeliverUrl = request.DeliverUrl,
        };
        await moves.AddOrderAsync(stored, request);
        moves.Count(stored.Order, request.Attempt?.Channel ?? "");
        if (request.Attempt is not null)
        {
            await InsertAttemptAsync(write, moves, stored, request.Attempt);
            await moves.MoveOrderAsync(stored, OrderState.Paying, "create", "");
        }

        moves.ScheduleByLadder(stored);
        return stored;
    }

    private static async Task InsertAttemptAsync(WriteContext write, OrderMoves moves, StoredOrder order, NewAttempt attempt)
    {
        var stored = new StoredAttempt
        {
            Attempt = new Attempt
            {
                AttemptNo = attempt.AttemptNo,
                OutAttemptNo = attempt.OutAttemptNo,
                State = AttemptState.Sent,
                Method = attempt.Method,
                Scene = attempt.Scene,
                AmountMinor = order.Order.AmountMinor,
                Currency = order.Order.Currency,
                CreateTime = Times.ToTimestamp(moves.Now.Ms()),
                ExpireTime = attempt.ExpireTime,
            },
            OrderId = order.Order.Id,
            Channel = attempt.Channel,
            Account = attempt.Account,
            Version = 1,
            Buyer = attempt.Buyer,
            ClientIp = attempt.ClientIp,
            CallLeaseTime = attempt.CallLeaseTime,
            OpenCalls = attempt.CallLeaseTime is null ? 0 : 1,
            TraceParent = Sane(attempt.TraceParent),
        };
        order.Attempts.Add(stored);
        await write.InsertAsync(
            "pay_attempt",
            AttemptRow.Columns,
            attempt.AttemptNo,
            order.Order.Id,
            order.Attempts.Count,
            order.Order.AppId,
            attempt.OutAttemptNo,
            attempt.Channel,
            attempt.Account,
            attempt.Method,
            EnumText<Scene>.Of(attempt.Scene),
            EnumText<AttemptState>.Of(stored.Attempt.State),
            stored.Version,
            order.Order.AmountMinor,
            order.Order.Currency,
            attempt.Buyer,
            attempt.ClientIp,
            attempt.ExpireTime.Ms(),
            null,
            stored.OpenCalls,
            attempt.CallLeaseTime.MsOrNull(),
            "",
            0,
            0,
            0,
            null,
            "",
            "",
            moves.Now.Ms(),
            null,
            stored.TraceParent);
        await moves.AttemptHistoryAsync(stored, "", attempt.OutAttemptNo.Length == 0 ? "create" : "attempt", "");
    }

    /// <summary>The first field of a repeat that is not what the first request said, in the order of the contract's fields.</summary>
    private static async Task<string?> FirstDifferenceAsync(System.Data.Common.DbConnection connection, StoredOrder first, CreateOrderRequest repeat)
    {
        // The winner's method may differ from what was asked for; the row has the words of the request.
        var row = await connection.ReadRowAsync(first.Order.Id);
        (string Field, bool Equal)[] fields =
        [
            ("amount_minor", row.AmountMinor == repeat.Order.AmountMinor),
            ("currency", row.Currency == repeat.Order.Currency),
            ("subject", row.Subject == repeat.Order.Subject),
            ("method", row.Method == repeat.Order.Method),
            ("scene", row.Scene == EnumText<Scene>.Of(repeat.Order.Scene)),
            ("buyer", row.Buyer == repeat.Buyer),
            ("notify_url", row.NotifyUrl == repeat.NotifyUrl),
            ("return_url", row.ReturnUrl == repeat.ReturnUrl),
            ("client_ip", row.ClientIp == repeat.ClientIp),
            ("expire_time", row.ExpireGiven == (repeat.ExpireTimeGiven ? 1 : 0)
                && (!repeat.ExpireTimeGiven || row.ExpireAt == repeat.Order.ExpireTime.Ms())),
            ("attach", row.Attach == repeat.Order.Attach),
        ];
        return fields.FirstOrDefault(f => !f.Equal).Field;
    }

    private static MoveReply Moved(StoredOrder stored, OrderMoves moves) => Reply(MoveResult.Moved, stored, moves.DeliveryIds);

    private static MoveReply Already(StoredOrder stored, OrderMoves moves) => Reply(MoveResult.Already, stored, moves.DeliveryIds);

    private static MoveReply NotAllowed(StoredOrder stored, string reason)
    {
        var reply = Reply(MoveResult.NotAllowed, stored, []);
        reply.Reason = reason;
        return reply;
    }

    private static MoveReply Reply(MoveResult result, StoredOrder stored, IEnumerable<string> deliveryIds)
    {
        var reply = new MoveReply { Result = result, Order = stored };
        reply.DeliveryIds.AddRange(deliveryIds);
        return reply;
    }
}
