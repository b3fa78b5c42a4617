using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Callbacks that change no state, and what a person must look at.
public sealed partial class PayDatabaseService
{
    private const int ListMax = 200;

    /// <inheritdoc/>
    public override async Task<KeepCallbackReply> KeepCallback(KeepCallbackRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteAsync(async (_, moves) =>
        {
            var state = EnumText<KeepCallbackRequest.Types.State>.Of(request.State);
            await moves.KeepCallbackAsync(request.Callback, state, request.Reason, request.OrderId, request.AttemptNo);
            if (request.Exception is not null)
            {
                await moves.RaiseAsync(request.Exception);
            }

            return new KeepCallbackReply();
        });
    }

    /// <inheritdoc/>
    public override async Task<RaiseExceptionReply> RaiseException(RaiseExceptionRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return await WriteAsync(async (_, moves) => new RaiseExceptionReply { Raised = await moves.RaiseAsync(request.Exception) });
        }
        catch (DuplicateKeyException)
        {
            // The same item was raised at this very moment.
            return new RaiseExceptionReply();
        }
    }

    /// <inheritdoc/>
    public override async Task<ListExceptionsReply> ListExceptions(ListExceptionsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var byOrder = request.OrderId.Length == 0 ? "" : " AND order_id = @orderId";
        var rows = await connection.QueryAsync<ExceptionRow>(
            $"""
            SELECT exception_id, kind, app_id, order_id, attempt_no, callback_id, detail, created_at, resolved_at
              FROM exception_item WHERE exception_id > @after{byOrder} ORDER BY exception_id LIMIT @limit
            """,
            new { after = request.AfterExceptionId, orderId = request.OrderId, limit = Limit(request.Limit) });
        var reply = new ListExceptionsReply();
        reply.Exceptions.AddRange(rows.Select(r => r.ToItem()));
        return reply;
    }

    private static int Limit(int asked) => asked <= 0 ? 50 : Math.Min(asked, ListMax);
}
