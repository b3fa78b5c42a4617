using static PayCore.Contracts.V1.PayOrder.Types;

namespace PayCore.Payments;

/// <summary>Which states a pay order may go through (invariants, section 3).</summary>
public static class OrderTransitions
{
    /// <summary>The table.</summary>
    public static TransitionTable<State> Table { get; } = new(
        new Dictionary<State, int>
        {
            [State.Created] = 0,
            [State.Paying] = 1,
            [State.Failed] = 2,
            [State.Closed] = 2,
            [State.Paid] = 3,
        },
        [
            new(null, State.Created, "request accepted; the merchant number is unique for ever"),
            new(State.Created, State.Paying, "committed before the channel is called"),
            new(State.Created, State.Failed, "refused before any call"),
            new(State.Created, State.Closed, "expired or closed, no call was made"),
            new(State.Paying, State.Paid, "verified callback or signed query answer, all declared fields equal"),
            new(State.Paying, State.Closed, "expired or close requested, and every attempt is CLOSED or REFUSED"),
            new(State.Paying, State.Failed, "its single attempt is REFUSED and the scene is not CASHIER"),
            new(State.Closed, State.Paid, "the same proof, late: exception item, event with `late`"),
            new(State.Failed, State.Paid, "the same proof, late: exception item, event with `late`"),
        ]);

    /// <summary>The merchant is told of the order's move there.</summary>
    public static bool IsTerminal(State state) => state is State.Paid or State.Closed or State.Failed;

    /// <summary>The order can still get an attempt.</summary>
    public static bool IsOpen(State state) => state is State.Created or State.Paying;
}
