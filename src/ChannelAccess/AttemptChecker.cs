using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.Payments;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.ChannelAccess;

/// <summary>What a check found.</summary>
/// <param name="State">
/// What the channel said; <see cref="ChannelPayState.ChannelUnknown"/> also when its facts were not ours, <see cref="ChannelPayState.ChannelClosed"/> also when all of it went back by our reverse.
/// </param>
/// <param name="Order">The order after whatever was recorded.</param>
public sealed record CheckResult(ChannelPayState State, StoredOrder Order);

/// <summary>
/// Asks a channel what became of an attempt and records only what that proves: paid when every declared field is equal, closed when the channel
/// says that it cannot be paid or does not know it long after its expiry. Anything else changes nothing. Safe to repeat.
/// </summary>
public sealed class AttemptChecker(ChannelClients channels, DatabaseClient database, TimeProvider time, ILogger<AttemptChecker> log)
{
    /// <summary>Asks and records.</summary>
    /// <param name="order">The order.</param>
    /// <param name="attempt">Its attempt that is asked about.</param>
    /// <param name="reverseRefused">The channel has just refused to take the payment back: what it shows now stands.</param>
    public async Task<CheckResult> CheckAsync(StoredOrder order, StoredAttempt attempt, bool reverseRefused = false)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(attempt);
        var attemptNo = attempt.Attempt.AttemptNo;
        var channel = channels.For(attempt.Channel);
        var said = await QueryAsync(channel, attempt);
        var isReversed = attempt.ReverseTime is not null;
        switch (said.State)
        {
            case ChannelPayState.ChannelPaid when isReversed && said.Facts.WhollyRefunded:
                return await RecordClosedAsync(attemptNo, "reverse", ChannelPayState.ChannelClosed);

            case ChannelPayState.ChannelPaid when isReversed && !reverseRefused && AttemptTransitions.IsOpen(attempt.Attempt.State):
                // PayGateway goes on taking it back. Once that is over, nobody does: what shows as paid then is recorded, for a person.
                return new CheckResult(ChannelPayState.ChannelUnknown, order);

            case ChannelPayState.ChannelPaid:
                var account = await channel.DescribeAsync(new DescribeRequest { Account = attempt.Account });
                var difference = PaymentProof.FirstDifference(attempt, said.Facts, account.QueryCarries, account.AccountIds);
                if (difference is not null)
                {
                    await RaiseConflictAsync(order, attempt, difference);
                    return new CheckResult(ChannelPayState.ChannelUnknown, order);
                }

                var paid = await database.RecordPaidAsync(
                    new RecordPaidRequest { AttemptNo = attemptNo, Facts = said.Facts, Cause = "query", ReverseRefused = reverseRefused });
                return new CheckResult(said.State, paid.Order);

            case ChannelPayState.ChannelClosed:
                return await RecordClosedAsync(attemptNo, isReversed ? "reverse" : "query", said.State);

            case ChannelPayState.ChannelNotFound
                when time.GetUtcNow() >= attempt.Attempt.ExpireTime.ToDateTimeOffset() + CheckSchedule.UnknownAfterExpiry:
                return await RecordClosedAsync(attemptNo, "not_found", said.State);

            default:
                return new CheckResult(said.State, order);
        }
    }

    /// <summary>Records that an attempt cannot be paid any more.</summary>
    public async Task<CheckResult> RecordClosedAsync(string attemptNo, string cause, ChannelPayState said)
    {
        var closed = await database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = cause });
        return new CheckResult(said, closed.Order);
    }

    private async Task<ChannelQueryReply> QueryAsync(PayChannel.PayChannelClient channel, StoredAttempt attempt)
    {
        try
        {
            return await channel.QueryAsync(new ChannelQueryRequest { Account = attempt.Account, AttemptNo = attempt.Attempt.AttemptNo });
        }
        catch (RpcException e)
        {
            log.LogWarning("Channel {Channel} did not answer a query for {AttemptNo}: {Status}", attempt.Channel, attempt.Attempt.AttemptNo, e.Status);
            return new ChannelQueryReply { State = ChannelPayState.ChannelUnknown };
        }
    }

    private async Task RaiseConflictAsync(StoredOrder order, StoredAttempt attempt, string difference)
    {
        log.LogError("A query for {AttemptNo} says paid, but not our payment: {Difference}", attempt.Attempt.AttemptNo, difference);
        await database.RaiseExceptionAsync(new RaiseExceptionRequest
        {
            Exception = new ExceptionItem
            {
                Kind = ExceptionItem.Types.Kind.QueryConflict,
                AppId = order.Order.AppId,
                OrderId = order.Order.Id,
                AttemptNo = attempt.Attempt.AttemptNo,
                Detail = difference,
            },
        });
    }
}
