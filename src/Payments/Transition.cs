namespace PayCore.Payments;

/// <summary>One legal step.</summary>
/// <param name="From">Null for the step that makes the row.</param>
/// <param name="To">Where it leads.</param>
/// <param name="When">What must have happened, for docs and people.</param>
public sealed record Transition<TState>(TState? From, TState To, string When)
    where TState : struct, Enum;

/// <summary>The answer to whoever wants to take a step. A step answers the same way every time.</summary>
public enum Step
{
    /// <summary>Legal from here.</summary>
    Allowed,

    /// <summary>The row is there already.</summary>
    AlreadyThere,

    /// <summary>Not in the table.</summary>
    NotAllowed,
}

/// <summary>
/// A table of legal steps. Ranks strictly rise along every step, so a history can be checked without replaying it.
/// Guards in PayDatabase, docs/states.md and the tests all come from it.
/// </summary>
public sealed class TransitionTable<TState>
    where TState : struct, Enum
{
    private readonly Dictionary<TState, int> _ranks;
    private readonly HashSet<(TState? From, TState To)> _legal;

    internal TransitionTable(IReadOnlyDictionary<TState, int> ranks, IReadOnlyList<Transition<TState>> steps)
    {
        _ranks = new Dictionary<TState, int>(ranks);
        _legal = [.. steps.Select(s => (s.From, s.To))];
        Steps = steps;
    }

    /// <summary>Every legal step.</summary>
    public IReadOnlyList<Transition<TState>> Steps { get; }

    /// <summary>Every state.</summary>
    public IReadOnlyCollection<TState> States => _ranks.Keys;

    /// <summary>The state's rank; it rises with every step.</summary>
    public int Rank(TState state) => _ranks[state];

    /// <summary>May a row in <paramref name="from"/> (null: no row yet) go to <paramref name="to"/>?</summary>
    public Step Check(TState? from, TState to) =>
        _legal.Contains((from, to)) ? Step.Allowed
        : from is { } state && EqualityComparer<TState>.Default.Equals(state, to) ? Step.AlreadyThere
        : Step.NotAllowed;

    /// <summary>No step leads out of it.</summary>
    public bool IsFinal(TState state) => Steps.All(s => s.From is not { } from || !EqualityComparer<TState>.Default.Equals(from, state));
}
