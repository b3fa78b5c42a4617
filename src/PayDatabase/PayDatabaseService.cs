using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Contract = PayCore.Contracts.V1.PayDatabase;

namespace PayCore.PayDatabase;

/// <summary>
/// The rpcs of <c>pay_database.proto</c>: orders and attempts here and in <c>PayDatabaseService.Moves.cs</c>, callbacks and exceptions in
/// <c>.Callbacks.cs</c>, what is due in <c>.Due.cs</c>, deliveries in <c>.Deliveries.cs</c>.
/// </summary>
public sealed partial class PayDatabaseService(SqlDatabase database, WriteLoops writes, IdFactory ids, TimeProvider time)
    : Contract.PayDatabaseBase
{
    /// <inheritdoc/>
    public override Task<ReadClockReply> ReadClock(ReadClockRequest request, ServerCallContext context) =>
        Task.FromResult(new ReadClockReply { Time = time.GetUtcNow().ToTimestamp() });

    /// <summary>Runs moves in one transaction, with one time for all of it.</summary>
    private Task<T> WriteAsync<T>(Func<WriteContext, OrderMoves, Task<T>> work) =>
        writes.WriteAsync(write => work(write, new OrderMoves(write, ids, time.GetUtcNow())));
}
