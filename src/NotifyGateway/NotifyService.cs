using Google.Rpc;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.NotifyGateway.Queue;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using NotifyContract = PayCore.Contracts.V1.NotifyGateway;
using Status = Google.Rpc.Status;

namespace PayCore.NotifyGateway;

/// <summary>What other roles ask of NotifyGateway. None of it moves money, and all of it is safe to repeat.</summary>
public sealed class NotifyService(DatabaseClient database, IWakeQueue queue) : NotifyContract.NotifyGatewayBase
{
    private const int LimitMax = 200;

    /// <inheritdoc/>
    public override async Task<WakeResponse> Wake(WakeRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await queue.PublishAsync(request.DeliveryIds, context.CancellationToken);
        return new WakeResponse();
    }

    /// <inheritdoc/>
    public override async Task<ResendResponse> Resend(ResendRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        if (request.DeliveryId.Length == 0)
        {
            throw InvalidArgument("delivery_id", "names a delivery");
        }

        // Begun, it is done: the caller may go, and the new cycle is still woken.
        var delivery = await database.ReopenDeliveryAsync(
            new ReopenDeliveryRequest { DeliveryId = request.DeliveryId, By = request.By, Reason = request.Reason }, cancellationToken: CancellationToken.None);
        await queue.PublishAsync([delivery.DeliveryId], CancellationToken.None);
        return new ResendResponse { Delivery = delivery };
    }

    /// <inheritdoc/>
    public override async Task<ListDeliveriesResponse> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        if (request.OrderId.Length == 0 && request.State == DeliveryState.Unspecified)
        {
            throw InvalidArgument("state", "is given when there is no order_id");
        }

        if (request.Limit is < 0 or > LimitMax)
        {
            throw InvalidArgument("limit", $"is 1 to {LimitMax}, or 0 for 50");
        }

        return await database.ReadDeliveriesAsync(request, cancellationToken: context.CancellationToken);
    }

    private static RpcException InvalidArgument(string field, string reason) => new Status
    {
        Code = (int)Code.InvalidArgument,
        Message = $"{field}: {reason}",
        Details =
        {
            Google.Protobuf.WellKnownTypes.Any.Pack(new BadRequest
            {
                FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = reason } },
            }),
        },
    }.ToRpcException();
}
