using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Telemetry;
using Contract = PayCore.Contracts.V1.PayDatabase;

namespace PayCore.PayDatabase;

/// <summary>
/// The rpcs of <c>pay_database.proto</c>, each kind in a part of its own: <c>.Orders.cs</c> and <c>.Moves.cs</c> for orders and attempts, <c>.Refunds.cs</c>,
/// <c>.Transfers.cs</c>, <c>.Callbacks.cs</c>, <c>.Exceptions.cs</c>, <c>.Due.cs</c>, <c>.Deliveries.cs</c>, <c>.Lists.cs</c>, <c>.Feed.cs</c>,
/// <c>.Timeline.cs</c> and <c>.Statements.cs</c>.
/// </summary>
public sealed partial class PayDatabaseService(SqlDatabase database, WriteLoops writes, DatabaseMetrics metrics, IdFactory ids, TimeProvider time)
    : Contract.PayDatabaseBase
{
    /// <inheritdoc/>
    public override Task<ReadClockReply> ReadClock(ReadClockRequest request, ServerCallContext context) =>
        Task.FromResult(new ReadClockReply { Time = time.GetUtcNow().ToTimestamp() });

    /// <summary>Runs moves of refunds in one transaction, with one time for all of it.</summary>
    private Task<T> WriteRefundAsync<T>(Func<WriteContext, RefundMoves, Task<T>> work) => WriteAsync(write => new RefundMoves(write, ids, time.GetUtcNow()), work);

    /// <summary>Runs moves of transfers in one transaction, with one time for all of it.</summary>
    private Task<T> WriteTransferAsync<T>(Func<WriteContext, TransferMoves, Task<T>> work) => WriteAsync(write => new TransferMoves(write, ids, time.GetUtcNow()), work);

    /// <summary>Runs moves in one transaction, with one time for all of it.</summary>
    private Task<T> WriteAsync<T>(Func<WriteContext, OrderMoves, Task<T>> work) => WriteAsync("", work);

    /// <summary>Runs moves that begin by locking an attempt's order.</summary>
    private Task<T> WriteAsync<T>(string attemptNo, Func<WriteContext, OrderMoves, Task<T>> work) =>
        WriteAsync(write => new OrderMoves(write, ids, time.GetUtcNow()), work, attemptNo);

    /// <summary>What moved is counted when it is durable.</summary>
    private async Task<T> WriteAsync<TMoves, T>(Func<WriteContext, TMoves> begin, Func<WriteContext, TMoves, Task<T>> work, string attemptNo = "")
        where TMoves : Moves
    {
        TMoves? moves = null;
        var result = await writes.WriteAsync(RunAsync, attemptNo);
        moves!.Counts.ForEach(count => count(metrics));
        return result;

        async Task<T> RunAsync(WriteContext write)
        {
            moves = begin(write);
            var done = await work(write, moves);
            await moves.SaveAsync();
            return done;
        }
    }

    /// <summary>A context as the columns keep it.</summary>
    private static string Sane(string traceParent) => PaymentTrace.Read(traceParent) is null ? "" : traceParent;
}
