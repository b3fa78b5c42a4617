using static PayCore.Contracts.V1.Transfer.Types;

namespace PayCore.Payments;

/// <summary>Which states a transfer may go through (invariants, section 3).</summary>
public static class TransferTransitions
{
    private const string Definite = "definite answer only";

    /// <summary>The table.</summary>
    public static TransitionTable<State> Table { get; } = new(
        new Dictionary<State, int>
        {
            [State.Created] = 0,
            [State.Approved] = 1,
            [State.Sent] = 2,
            [State.WaitPayee] = 3,
            [State.Succeeded] = 4,
            [State.Failed] = 4,
            [State.Cancelled] = 4,
            [State.Returned] = 5,
        },
        [
            new(null, State.Created, "accepted"),
            new(State.Created, State.Approved, "by rule, or by a second person above the limit"),
            new(State.Created, State.Cancelled, "before sending"),
            new(State.Approved, State.Cancelled, "before sending"),
            new(State.Approved, State.Sent, "committed before the call"),
            new(State.Sent, State.WaitPayee, "the payee must confirm"),
            new(State.Sent, State.Succeeded, Definite),
            new(State.Sent, State.Failed, Definite),
            new(State.WaitPayee, State.Succeeded, Definite),
            new(State.WaitPayee, State.Failed, Definite),
            new(State.WaitPayee, State.Cancelled, "the channel confirmed the withdrawal"),
            new(State.Succeeded, State.Returned, "sent back by the bank"),
        ]);

    /// <summary>The merchant is told of the transfer's move there.</summary>
    public static bool IsTold(State state) => state is State.Succeeded or State.Failed or State.Cancelled or State.Returned;

    /// <summary>The channel may be moving the money.</summary>
    public static bool IsUndecided(State state) => state is State.Sent or State.WaitPayee;
}
