using System.Text;
using PayCore.TestKit;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.Payments.Tests;

public sealed class TransitionTests
{
    [Fact]
    public void Order_EveryPairOfStates_IsLegalExactlyAsInvariantsSay()
    {
        // Written down a second time on purpose, from invariants.md section 3 and not from the code.
        (OrderState? From, OrderState To)[] legal =
        [
            (null, OrderState.Created),
            (OrderState.Created, OrderState.Paying), (OrderState.Created, OrderState.Failed), (OrderState.Created, OrderState.Closed),
            (OrderState.Paying, OrderState.Paid), (OrderState.Paying, OrderState.Closed), (OrderState.Paying, OrderState.Failed),
            (OrderState.Closed, OrderState.Paid), (OrderState.Failed, OrderState.Paid),
        ];
        AssertTable(OrderTransitions.Table, legal);
        OrderTransitions.Table.IsFinal(OrderState.Paid).Should().BeTrue();
    }

    [Fact]
    public void Attempt_EveryPairOfStates_IsLegalExactlyAsInvariantsSay()
    {
        (AttemptState? From, AttemptState To)[] legal =
        [
            (null, AttemptState.Sent),
            (AttemptState.Sent, AttemptState.Open), (AttemptState.Sent, AttemptState.Refused), (AttemptState.Sent, AttemptState.Closed),
            (AttemptState.Open, AttemptState.Closed),
            (AttemptState.Sent, AttemptState.Won), (AttemptState.Open, AttemptState.Won),
            (AttemptState.Refused, AttemptState.Won), (AttemptState.Closed, AttemptState.Won),
            (AttemptState.Sent, AttemptState.ExtraPaid), (AttemptState.Open, AttemptState.ExtraPaid),
            (AttemptState.Refused, AttemptState.ExtraPaid), (AttemptState.Closed, AttemptState.ExtraPaid),
        ];
        AssertTable(AttemptTransitions.Table, legal);
        AttemptTransitions.Table.IsFinal(AttemptState.Won).Should().BeTrue();
        AttemptTransitions.Table.IsFinal(AttemptState.ExtraPaid).Should().BeTrue();
    }

    [Fact]
    public void Refund_EveryPairOfStates_IsLegalExactlyAsInvariantsSay()
    {
        (RefundState? From, RefundState To)[] legal =
        [
            (null, RefundState.Created),
            (RefundState.Created, RefundState.Sent), (RefundState.Created, RefundState.Failed),
            (RefundState.Sent, RefundState.Succeeded), (RefundState.Sent, RefundState.Failed), (RefundState.Sent, RefundState.Abnormal),
            (RefundState.Abnormal, RefundState.Succeeded), (RefundState.Abnormal, RefundState.Failed),
        ];
        AssertTable(RefundTransitions.Table, legal);
        RefundTransitions.Table.IsFinal(RefundState.Succeeded).Should().BeTrue();
        RefundTransitions.Table.IsFinal(RefundState.Failed).Should().BeTrue();
    }

    [Fact]
    public void Transfer_EveryPairOfStates_IsLegalExactlyAsInvariantsSay()
    {
        (TransferState? From, TransferState To)[] legal =
        [
            (null, TransferState.Created),
            (TransferState.Created, TransferState.Approved), (TransferState.Created, TransferState.Cancelled),
            (TransferState.Approved, TransferState.Cancelled), (TransferState.Approved, TransferState.Sent),
            (TransferState.Sent, TransferState.WaitPayee), (TransferState.Sent, TransferState.Succeeded), (TransferState.Sent, TransferState.Failed),
            (TransferState.WaitPayee, TransferState.Succeeded), (TransferState.WaitPayee, TransferState.Failed), (TransferState.WaitPayee, TransferState.Cancelled),
            (TransferState.Succeeded, TransferState.Returned),
        ];
        AssertTable(TransferTransitions.Table, legal);
        TransferTransitions.Table.IsFinal(TransferState.Returned).Should().BeTrue();
    }

    [Fact]
    public void StatesPage_IsWhatTheTablesSay()
    {
        var page = Path.Combine(Repository.Root, "docs", "states.md");
        var expected = new StringBuilder("""
            # States

            Which steps a pay order, its attempts, a refund and a transfer may take. This page is written from `src/Payments`, which also guards every write of PayDatabase;
            a test compares the two. The number in brackets is the rank: it rises with every step.

            """.ReplaceLineEndings("\n")).Append('\n');
        Write(expected, "Pay order", OrderTransitions.Table);
        expected.Append('\n');
        Write(expected, "Attempt", AttemptTransitions.Table);
        expected.Append('\n');
        Write(expected, "Refund", RefundTransitions.Table);
        expected.Append('\n');
        Write(expected, "Transfer", TransferTransitions.Table);
        expected.Append('\n').Append(SendingAgain.ReplaceLineEndings("\n")).Append('\n');
        if (Environment.GetEnvironmentVariable("PAYCORE_WRITE_DOCS") == "1")
        {
            File.WriteAllText(page, expected.ToString());
        }

        File.ReadAllText(page).Should().Be(expected.ToString(), "docs/states.md is made by: PAYCORE_WRITE_DOCS=1 ./test Payments");
    }

    private static string SendingAgain => $"""
        ## Sending again

        Always under the same number, one call at a time, and never a transfer that its merchant wants back (decision 0021).

        | transfer | is sent again |
        | --- | --- |
        | SENT, a call was not answered | {TransferSchedule.ResendAfter.TotalSeconds} s after the last call and after {TransferSchedule.ResendAfterNotFounds} answers "not found"; while fewer than {TransferSchedule.ResendsMax} such calls came after the first, within {TransferSchedule.ResendWithin.TotalHours} h of the first; then a person decides |
        | SENT, every call was answered, and the channel did not take it: no balance, not executed, or nothing was sent | {TransferSchedule.ResendAfter.TotalSeconds} s after the last call, at the looks of the first one: ever more rarely |
        | SENT, the channel has it and allows the same request once more | the same |
        | WAIT_PAYEE, and what opens the wallet's page is not known | the same |
        | any other | never |

        | refund | is asked for again |
        | --- | --- |
        | CREATED | when its turn comes |
        | SENT, a call was not answered, and the channel does not show it | {RefundSchedule.RepeatAfter.TotalSeconds} s after the last call |
        | SENT, the last call was answered "not now": no balance, or not executed | {RefundSchedule.RepeatAfter.TotalSeconds} s after the last call, at the looks of the first one |
        | SENT, nothing was sent | at its looks, and at its merchant's repeat |
        | ABNORMAL or decided | never |
        """;

    private static void Write<T>(StringBuilder page, string title, TransitionTable<T> table)
        where T : struct, Enum
    {
        page.Append("## ").Append(title).Append("\n\n| from | to | when |\n| --- | --- | --- |\n");
        foreach (var step in table.Steps)
        {
            page.Append("| ").Append(step.From is { } from ? Name(from) : "—").Append(" | ").Append(Name(step.To)).Append(" [")
                .Append(table.Rank(step.To)).Append("] | ").Append(step.When).Append(" |\n");
        }
    }

    private static string Name<T>(T state)
        where T : struct, Enum =>
        string.Concat($"{state}".Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{char.ToUpperInvariant(c)}"));

    private static void AssertTable<T>(TransitionTable<T> table, (T? From, T To)[] legal)
        where T : struct, Enum
    {
        foreach (var to in table.States)
        {
            foreach (var from in table.States.Select(s => (T?)s).Prepend(null))
            {
                var expected = legal.Contains((from, to)) ? Step.Allowed
                    : from is { } same && EqualityComparer<T>.Default.Equals(same, to) ? Step.AlreadyThere
                    : Step.NotAllowed;
                table.Check(from, to).Should().Be(expected, $"{from} → {to}");
                if (expected == Step.Allowed && from is { } before)
                {
                    table.Rank(to).Should().BeGreaterThan(table.Rank(before), $"ranks rise along {from} → {to}");
                }
            }
        }
    }
}
