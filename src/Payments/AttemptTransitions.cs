using static PayCore.Contracts.V1.Attempt.Types;

namespace PayCore.Payments;

/// <summary>Which states an attempt may go through (invariants, section 3).</summary>
public static class AttemptTransitions
{
    private const string Proof = "proof of payment and the order is not PAID";
    private const string Surplus = "proof of payment and the order is PAID: exception item, refunded by policy";

    /// <summary>The table.</summary>
    public static TransitionTable<State> Table { get; } = new(
        new Dictionary<State, int>
        {
            [State.Sent] = 0,
            [State.Open] = 1,
            [State.Refused] = 2,
            [State.Closed] = 2,
            [State.Won] = 3,
            [State.ExtraPaid] = 3,
        },
        [
            new(null, State.Sent, "in one transaction with the order's CREATED → PAYING"),
            new(State.Sent, State.Open, "the channel gave an action"),
            new(State.Sent, State.Refused, "definite refusal, and every call under this number was answered"),
            new(State.Sent, State.Closed, "the channel confirmed our close and the query after it is not paid, or confirmed that it took a payment by code back; or it does not know the number 60 s after the expiry that we sent"),
            new(State.Open, State.Closed, "the channel confirmed our close and the query after it is not paid, or confirmed that it took a payment by code back; or it does not know the number 60 s after the expiry that we sent"),
            new(State.Sent, State.Won, Proof),
            new(State.Open, State.Won, Proof),
            new(State.Refused, State.Won, Proof),
            new(State.Closed, State.Won, Proof),
            new(State.Sent, State.ExtraPaid, Surplus),
            new(State.Open, State.ExtraPaid, Surplus),
            new(State.Refused, State.ExtraPaid, Surplus),
            new(State.Closed, State.ExtraPaid, Surplus),
        ]);

    /// <summary>The user may still pay it, as far as we know.</summary>
    public static bool IsOpen(State state) => state is State.Sent or State.Open;

    /// <summary>It brought money.</summary>
    public static bool IsPaid(State state) => state is State.Won or State.ExtraPaid;
}
