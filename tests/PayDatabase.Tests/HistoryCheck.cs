using PayCore.Contracts.V1;
using PayCore.Payments;

namespace PayCore.PayDatabase.Tests;

/// <summary>I9 and I10: versions run 1, 2, 3…, ranks rise, every step is legal, and the row is the last history row.</summary>
internal static class HistoryCheck
{
    public static void Assert<T>(IEnumerable<HistoryEntry> entries, TransitionTable<T> table, T state, int version)
        where T : struct, Enum
    {
        var history = entries.OrderBy(h => h.Version).ToList();
        history.Select(h => h.Version).Should().Equal(Enumerable.Range(1, history.Count));
        T? from = null;
        foreach (var entry in history)
        {
            var to = EnumText<T>.Parse(entry.ToState);
            entry.FromState.Should().Be(from is { } left ? EnumText<T>.Of(left) : "");
            table.Check(from, to).Should().Be(Step.Allowed);
            if (from is { } before)
            {
                table.Rank(to).Should().BeGreaterThan(table.Rank(before));
            }

            from = to;
        }

        from.Should().Be(state);
        history[^1].Version.Should().Be(version);
    }

    /// <summary>Of an order and its attempts.</summary>
    public static async Task AssertOrderAsync(DatabaseFixture db, string orderId)
    {
        var stored = await db.ReadAsync(orderId);
        Assert(stored.History.Where(h => h.AttemptNo.Length == 0), OrderTransitions.Table, stored.Order.State, stored.Order.Version);
        foreach (var attempt in stored.Attempts)
        {
            Assert(stored.History.Where(h => h.AttemptNo == attempt.Attempt.AttemptNo), AttemptTransitions.Table, attempt.Attempt.State, attempt.Version);
        }
    }
}
