using static PayCore.Contracts.V1.Refund.Types;

namespace PayCore.Payments;

/// <summary>Which states a refund may go through (invariants, section 3).</summary>
public static class RefundTransitions
{
    /// <summary>The table.</summary>
    public static TransitionTable<State> Table { get; } = new(
        new Dictionary<State, int>
        {
            [State.Created] = 0,
            [State.Sent] = 1,
            [State.Abnormal] = 2,
            [State.Succeeded] = 3,
            [State.Failed] = 3,
        },
        [
            new(null, State.Created, "reserved on the attempt by one conditional update, number committed"),
            new(State.Created, State.Sent, "committed before the call"),
            new(State.Created, State.Failed, "refused by us; reservation freed"),
            new(State.Sent, State.Succeeded, "callback or query says done; reserved becomes refunded"),
            new(State.Sent, State.Failed, "definite signed refusal, or the query says closed; reservation freed"),
            new(State.Sent, State.Abnormal, "the channel took it and cannot pay the payer; reservation kept, alert"),
            new(State.Abnormal, State.Succeeded, "the channel's later word, or two people with evidence"),
            new(State.Abnormal, State.Failed, "the channel's later word, or two people with evidence"),
        ]);

    /// <summary>The merchant is told of the refund's move there.</summary>
    public static bool IsTold(State state) => state is State.Succeeded or State.Failed or State.Abnormal;

    /// <summary>It keeps its reservation.</summary>
    public static bool IsOpen(State state) => state is State.Created or State.Sent or State.Abnormal;
}
