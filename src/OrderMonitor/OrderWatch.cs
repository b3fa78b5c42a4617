using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults.Telemetry;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.OrderMonitor;

/// <summary>
/// Looks at one due order: asks QueryGateway about its open attempts, has PayGateway close what expired and what lost, asks once more about what ended,
/// has RefundGateway give late and surplus money back where that is the policy, and says when to look again. Two watchers of the same order are harmless.
/// </summary>
internal sealed class OrderWatch(
    DatabaseClient database, QueryGatewayInner.QueryGatewayInnerClient queries, PayGatewayInner.PayGatewayInnerClient pays, TimeProvider time,
    RefundGatewayInner.RefundGatewayInnerClient refunds, ILogger<OrderWatch> log) : IWatch<StoredOrder>
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredOrder>> TakeAsync(int limit, int leaseSeconds) =>
        (await database.ClaimDueOrdersAsync(new ClaimDueOrdersRequest { Limit = limit, LeaseSeconds = leaseSeconds })).Orders;

    /// <inheritdoc/>
    public string IdOf(StoredOrder taken) => taken.Order.Id;

    /// <inheritdoc/>
    public string ChannelOf(StoredOrder taken) => (taken.Attempts.LastOrDefault(a => AttemptTransitions.IsOpen(a.Attempt.State)) ?? taken.Attempts.LastOrDefault())?.Channel ?? "";

    /// <inheritdoc/>
    public (TraceSubject Subject, string TraceParent) TraceOf(StoredOrder taken) => (new TraceSubject(taken.Order.Id), taken.Attempts.LastOrDefault()?.TraceParent ?? "");

    /// <inheritdoc/>
    public async Task LookAsync(StoredOrder taken)
    {
        var order = taken.Order;
        var claimed = taken.DueTime;
        var settled = false;
        try
        {
            settled = await SettleAsync(taken);
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.ResourceExhausted)
        {
            // Not an end: the order is due again by the schedule.
            log.LogWarning("Order {OrderId} could not be looked at: {Status}", order.Id, e.Status);
        }

        var now = await database.ReadOrderAsync(new ReadOrderRequest { OrderId = order.Id });
        await RaiseOverdueAsync(now);
        var next = CheckSchedule.Next(now, time.GetUtcNow()) ?? (settled ? null : CheckSchedule.Again(now, time.GetUtcNow()));
        await database.ScheduleOrderAsync(new ScheduleOrderRequest
        {
            OrderId = order.Id,
            ClaimedDueTime = claimed,
            NextDueTime = next is { } at ? Timestamp.FromDateTimeOffset(at) : null,
        });
    }

    /// <returns>False: the channel did not say what became of an order that has ended.</returns>
    private async Task<bool> SettleAsync(StoredOrder taken)
    {
        var order = taken.Order;
        var open = taken.Attempts.Where(a => AttemptTransitions.IsOpen(a.Attempt.State)).ToList();
        var expired = order.ExpireTime.ToDateTimeOffset() <= time.GetUtcNow();
        switch (order.State)
        {
            case OrderState.Created or OrderState.Paying when expired || order.CloseRequested:
                // Query → close → query, for every attempt.
                await pays.CloseExpiredOrderAsync(new CloseExpiredOrderRequest { OrderId = order.Id });
                break;

            case OrderState.Paying:
                foreach (var attempt in open)
                {
                    if (CheckSchedule.IsForReversal(attempt.Attempt, time.GetUtcNow()))
                    {
                        await pays.CloseAttemptAsync(new CloseAttemptRequest { AttemptNo = attempt.Attempt.AttemptNo });
                    }
                    else
                    {
                        await queries.CheckAttemptAsync(new CheckAttemptRequest { AttemptNo = attempt.Attempt.AttemptNo });
                    }
                }

                break;

            case OrderState.Paid:
                foreach (var attempt in taken.Attempts.Where(a => IsForPolicy(order, a.Attempt)))
                {
                    await refunds.RefundByPolicyAsync(new RefundByPolicyRequest { AttemptNo = attempt.Attempt.AttemptNo });
                }

                // One attempt won; the others must not be paid as well. One that turns out to be paid makes the order due at once: that look gives its money back.
                foreach (var attempt in open)
                {
                    await pays.CloseAttemptAsync(new CloseAttemptRequest { AttemptNo = attempt.Attempt.AttemptNo });
                }

                break;

            case OrderState.Closed or OrderState.Failed:
                // Paid at the very last moment all the same?
                var answered = true;
                foreach (var attempt in taken.Attempts)
                {
                    var said = await queries.CheckAttemptAsync(new CheckAttemptRequest { AttemptNo = attempt.Attempt.AttemptNo });
                    answered &= said.ChannelState != ChannelPayState.ChannelUnknown;
                }

                return answered;
        }

        return true;
    }

    /// <summary>Money that nobody waits for: RefundGateway knows what the app wants done with it.</summary>
    private static bool IsForPolicy(PayOrder order, Attempt attempt) =>
        attempt.State == Attempt.Types.State.ExtraPaid || (attempt.State == Attempt.Types.State.Won && order.Late);

    private async Task RaiseOverdueAsync(StoredOrder stored)
    {
        var late = time.GetUtcNow() - stored.Order.ExpireTime.ToDateTimeOffset();
        if (stored.Order.State != OrderState.Paying || late < CheckSchedule.OverdueAfterExpiry)
        {
            return;
        }

        var raised = await database.RaiseExceptionAsync(new RaiseExceptionRequest
        {
            Exception = new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.Overdue,
                AppId = stored.Order.AppId,
                OrderId = stored.Order.Id,
                Detail = "PAYING for more than 10 minutes after its expiry: the channel confirms neither payment nor close",
            },
        });
        if (raised.Raised)
        {
            log.LogError("Order {OrderId} is undecided for more than 10 minutes after its expiry", stored.Order.Id);
        }
    }
}
