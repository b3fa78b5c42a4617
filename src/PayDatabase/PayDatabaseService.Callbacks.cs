using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Callbacks that change no state.
public sealed partial class PayDatabaseService
{
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
}
