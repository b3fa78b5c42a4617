using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using StatementState = PayCore.Contracts.V1.StatementRecord.Types.State;

namespace PayCore.QueryGateway;

/// <summary>
/// Checks our records against a provider's statement of a day. A statement proves nothing by itself: where it shows money that we do not know of, the channel is asked,
/// and only its signed answer moves anything; the rest is listed for a person.
/// </summary>
internal sealed class StatementDesk(
    DatabaseClient database, ChannelClients channels, OrderQueries orders, MoneyOutQueries moneyOut, QueryBudget budget, TimeProvider time, ILogger<StatementDesk> log)
{
    private const int RowsAtOnce = 200;
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(5);

    /// <summary>So long after the day's begin, what the channel does not answer is asked again; then what differs is left to a person.</summary>
    private static readonly TimeSpan _askAgainFor = TimeSpan.FromDays(4);

    /// <summary>Fetches a day's statement, once the provider has made it.</summary>
    public async Task<FetchStatementResponse> FetchAsync(FetchStatementRequest request)
    {
        CheckDay(request.Day);
        var record = await ClaimAsync(request.Channel, request.Account, request.Day, request.Again);
        if (record.State == StatementState.Failed)
        {
            // It was not made yet, or broke off: somebody asks again.
            record = await ClaimAsync(request.Channel, request.Account, request.Day, again: true);
        }

        if (record is { State: StatementState.Fetching, Claimed: true })
        {
            record = await DownloadAsync(record, request.Overdue);
        }

        return new FetchStatementResponse
        {
            StatementId = record.StatementId,
            Ready = record.State is StatementState.Fetched or StatementState.Matched or StatementState.Empty,
            Message = record.State == StatementState.Fetching ? "somebody else is fetching it" : record.Message,
            Rows = record.Rows,
        };
    }

    /// <summary>Compares a fetched statement, repairs what a question can repair, and lists what differs.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the channel did not answer a question. What differs is listed, and the day is to be compared again.</exception>
    public async Task<MatchStatementResponse> MatchAsync(MatchStatementRequest request)
    {
        CheckDay(request.Day);
        var record = await ClaimAsync(request.Channel, request.Account, request.Day, again: false);
        if (record.State is StatementState.Fetching or StatementState.Failed)
        {
            throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.StatementNotFetched, "The statement is not there yet: fetch it first.");
        }

        var repaired = 0;
        if (record.State != StatementState.Matched)
        {
            // A day without entries at the provider may be one with entries here.
            var isEmpty = record.State == StatementState.Empty;
            (repaired, var unanswered) = isEmpty ? (0, 0) : await MatchRowsAsync(record);
            await FindMissingAsync(record.StatementId);
            if (unanswered > 0 && MayAskAgain(request.Day))
            {
                // No answer is not "not paid": a day that is done is never looked at again, and this is the last look at an order that has ended.
                throw new RpcException(new Status(StatusCode.Unavailable, $"The channel did not answer {unanswered} questions about the statement; compare it again."));
            }

            record = await MoveAsync(record, isEmpty ? StatementState.Empty : StatementState.Matched, "");
        }

        return new MatchStatementResponse { StatementId = record.StatementId, Rows = record.Rows, Differences = record.Differences, Repaired = repaired };
    }

    private async Task<StatementRecord> DownloadAsync(StatementRecord record, bool overdue)
    {
        try
        {
            var asked = new DownloadStatementRequest { Account = record.Account, Day = record.Day };
            using var download = channels.For(record.Channel).DownloadStatement(asked, deadline: time.GetUtcNow().UtcDateTime + _lease);
            var complete = false;
            await foreach (var part in download.ResponseStream.ReadAllAsync())
            {
                switch (part.Availability)
                {
                    case StatementPart.Types.Availability.Empty:
                        return await MoveAsync(record, StatementState.Empty, "");
                    case StatementPart.Types.Availability.NotReady:
                        return await FailAsync(record, "the provider has not made it yet", overdue);
                    case StatementPart.Types.Availability.Failed:
                        return await FailAsync(record, part.Message, overdue);
                }

                if (part.Rows.Count > 0)
                {
                    record = await database.AddStatementRowsAsync(new AddStatementRowsRequest { StatementId = record.StatementId, Rows = { part.Rows } });
                }

                complete |= part.Complete;
            }

            return await (complete ? MoveAsync(record, StatementState.Fetched, "") : FailAsync(record, "the download broke off", overdue));
        }
        catch (RpcException e)
        {
            log.LogWarning("The statement of {Channel}/{Account} for {Day} could not be fetched: {Status}", record.Channel, record.Account, record.Day, e.Status);
            return await FailAsync(record, e.Status.Detail, overdue);
        }
    }

    private async Task<StatementRecord> FailAsync(StatementRecord record, string reason, bool overdue) => await database.MoveStatementAsync(new MoveStatementRequest
    {
        StatementId = record.StatementId, To = StatementState.Failed, Message = reason, Overdue = overdue && await IsMissedAsync(record),
    });

    /// <summary>Whether somebody misses it: not of a channel without statements, and not of an account that was given up.</summary>
    private async Task<bool> IsMissedAsync(StatementRecord record)
    {
        try
        {
            return await channels.For(record.Channel).DescribeAsync(new DescribeRequest { Account = record.Account }) is { Statements: true, AccountIds.Count: > 0 };
        }
        catch (RpcException)
        {
            return true;
        }
    }

    /// <summary>Compares range by range. A range with something to repair is compared again once the channel was asked.</summary>
    private async Task<(int Repaired, int Unanswered)> MatchRowsAsync(StatementRecord record)
    {
        var described = await channels.For(record.Channel).DescribeAsync(new DescribeRequest { Account = record.Account });
        var (repaired, unanswered) = (0, 0);
        var line = 0;
        var again = false;
        while (true)
        {
            var reply = await database.MatchStatementRowsAsync(new MatchStatementRowsRequest
            {
                StatementId = record.StatementId, AfterLine = line, Limit = RowsAtOnce, Accounts = { described.StatementAccounts },
            });
            var (repairs, silent) = again ? (0, 0) : await RepairAsync(reply);
            repaired += repairs;
            unanswered += silent;
            if (repairs > 0)
            {
                again = true;
                continue;
            }

            again = false;
            line = reply.LastLine;
            if (reply.Done)
            {
                return (repaired, unanswered);
            }
        }
    }

    private async Task<(int Repaired, int Unanswered)> RepairAsync(MatchStatementRowsReply reply)
    {
        var (repaired, unanswered) = (0, 0);
        foreach (var attemptNo in reply.RepairableAttemptNos)
        {
            var stored = await orders.FindAsync(new ReadOrderRequest { AttemptNo = attemptNo });
            if (stored?.Attempts.Single(a => a.Attempt.AttemptNo == attemptNo) is not { } attempt)
            {
                continue;
            }

            var said = await MayAskAsync(attempt.Channel, attempt.Account) ? (await orders.CheckAsync(stored, attempt)).State : ChannelPayState.ChannelUnknown;
            repaired += said == ChannelPayState.ChannelPaid ? 1 : 0;
            unanswered += said == ChannelPayState.ChannelUnknown ? 1 : 0;
        }

        foreach (var refundId in reply.RepairableRefundIds)
        {
            if (await moneyOut.FindAsync(new ReadRefundRequest { RefundId = refundId }) is not { } stored)
            {
                continue;
            }

            var check = await MayAskAsync(stored.Channel, stored.Account) ? await moneyOut.CheckAsync(stored) : null;
            repaired += check is not null && check.Refund.Refund.State != stored.Refund.State ? 1 : 0;
            unanswered += check is null or { State: ChannelRefundState.RefundUnknown } ? 1 : 0;
        }

        foreach (var transferId in reply.RepairableTransferIds)
        {
            if (await moneyOut.FindAsync(new ReadTransferRequest { TransferId = transferId }) is not { } stored)
            {
                continue;
            }

            var check = await MayAskAsync(stored.Channel, stored.Account) ? await moneyOut.CheckAsync(stored) : null;
            repaired += check is not null && check.Transfer.Transfer.State != stored.Transfer.State ? 1 : 0;
            unanswered += check is null or { State: ChannelTransferState.TransferUnknown } ? 1 : 0;
        }

        return (repaired, unanswered);
    }

    /// <summary>Waits for a turn of the account's, as OrderMonitor's looks do. Without one nothing is asked, and so nothing answered.</summary>
    private async Task<bool> MayAskAsync(string channel, string account)
    {
        try
        {
            await budget.WaitAsync(channel, account);
            return true;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.ResourceExhausted or StatusCode.Unavailable)
        {
            return false;
        }
    }

    private bool MayAskAgain(string day) => time.GetUtcNow().UtcDateTime - DateOnly.Parse(day, CultureInfo.InvariantCulture).ToDateTime(TimeOnly.MinValue) < _askAgainFor;

    private async Task FindMissingAsync(string statementId)
    {
        var after = "";
        while (true)
        {
            var reply = await database.FindMissingInStatementAsync(
                new FindMissingInStatementRequest { StatementId = statementId, AfterId = after, Limit = RowsAtOnce });
            if (reply.Done)
            {
                return;
            }

            after = reply.LastId;
        }
    }

    private async Task<StatementRecord> ClaimAsync(string channel, string account, string day, bool again) => await database.ClaimStatementAsync(new ClaimStatementRequest
    {
        Channel = channel,
        Account = account,
        Day = day,
        LeaseTime = Timestamp.FromDateTimeOffset(time.GetUtcNow() + _lease),
        Again = again,
    });

    private async Task<StatementRecord> MoveAsync(StatementRecord record, StatementState to, string message) =>
        await database.MoveStatementAsync(new MoveStatementRequest { StatementId = record.StatementId, To = to, Message = message });

    private static void CheckDay(string day) =>
        FieldRules.Demand(DateOnly.TryParseExact(day, "yyyy-MM-dd", out _), "day", ErrorReason.FieldFormat, "is a day as yyyy-MM-dd");
}
