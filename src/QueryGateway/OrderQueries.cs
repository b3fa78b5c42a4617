using Grpc.Core;
using PayCore.ChannelAccess;
using PayCore.Contracts.V1;
using PayCore.Payments;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.QueryGateway;

/// <summary>Reads orders, and asks the channel about those of their attempts that are still open.</summary>
internal sealed class OrderQueries(DatabaseClient database, AttemptChecker checker, QueryBudget budget)
{
    /// <summary>The order, or null.</summary>
    public async Task<StoredOrder?> FindAsync(ReadOrderRequest key)
    {
        try
        {
            return await database.ReadOrderAsync(key);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Asks the channel about every open attempt, as far as the account's limit has room, and answers the order after that.</summary>
    public async Task<StoredOrder> RefreshAsync(StoredOrder stored)
    {
        foreach (var open in stored.Attempts.Where(a => AttemptTransitions.IsOpen(a.Attempt.State)).ToList())
        {
            if (await budget.TryRefreshAsync(open.Channel, open.Account))
            {
                stored = (await CheckAsync(stored, open)).Order;
            }
        }

        return stored;
    }

    /// <summary>Asks the channel about one attempt, whatever its state: money may come late.</summary>
    public Task<CheckResult> CheckAsync(StoredOrder stored, StoredAttempt attempt) => checker.CheckAsync(stored, attempt);
}
