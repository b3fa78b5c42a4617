using PayCore.Contracts.V1;
using PayCore.Payments;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase;

/// <summary>What a channel's word about a transfer means for its row. Pure.</summary>
internal static class TransferWord
{
    /// <summary>
    /// The steps that a word proves, in order; none when it changes nothing; null when no legal steps follow it. Who was taken back had waited for the payee, and
    /// what the bank sent back had been paid, also when nobody told us of it.
    /// </summary>
    public static IReadOnlyList<TransferState>? Steps(TransferState state, ChannelTransferState word)
    {
        switch (word)
        {
            case ChannelTransferState.TransferWaitPayee:
                return IsPaid(state) ? [] : Step(state, TransferState.WaitPayee);
            case ChannelTransferState.TransferDone:
                return state == TransferState.Returned ? [] : Step(state, TransferState.Succeeded);
            case ChannelTransferState.TransferRefused:
                return Step(state, TransferState.Failed);
            case ChannelTransferState.TransferCancelled:
                return state == TransferState.Sent ? [TransferState.WaitPayee, TransferState.Cancelled] : Step(state, TransferState.Cancelled);
            case ChannelTransferState.TransferReturned:
                return TransferTransitions.IsUndecided(state) ? [TransferState.Succeeded, TransferState.Returned] : Step(state, TransferState.Returned);
            case ChannelTransferState.TransferPending:
                return IsPaid(state) || TransferTransitions.IsUndecided(state) ? [] : null;
            default:
                return [];
        }
    }

    /// <summary>The first fact that is not ours, or null.</summary>
    public static string? FirstDifference(Transfer transfer, TransferFacts? facts)
    {
        if (facts is null)
        {
            return null;
        }

        (string Field, bool Said, string Ours, string Theirs)[] fields =
        [
            ("transfer_no", facts.HasTransferNo, transfer.Id, facts.TransferNo),
            ("amount_minor", facts.HasAmountMinor, $"{transfer.AmountMinor}", $"{facts.AmountMinor}"),
            ("currency", facts.HasCurrency, transfer.Currency, facts.Currency),
        ];
        var different = fields.FirstOrDefault(f => f.Said && f.Ours != f.Theirs);
        return different.Field is null ? null : $"{different.Field}: ours is {different.Ours}, the message says {different.Theirs}";
    }

    private static bool IsPaid(TransferState state) => state is TransferState.Succeeded or TransferState.Returned;

    private static IReadOnlyList<TransferState>? Step(TransferState from, TransferState to)
    {
        // Nothing was sent yet: a channel cannot have a word about it, although we may cancel it ourselves.
        var sent = TransferTransitions.IsUndecided(from) || IsPaid(from);
        return from == to ? [] : sent && TransferTransitions.Table.Check(from, to) == Payments.Step.Allowed ? [to] : null;
    }
}
