using PayCore.Contracts.V1;
using PayCore.Payments;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.PayDatabase;

/// <summary>What a channel's word about a refund means for its row. Pure.</summary>
internal static class RefundWord
{
    /// <summary>The state that a word proves, or null when it proves none.</summary>
    public static RefundState? Proves(ChannelRefundState word) => word switch
    {
        ChannelRefundState.RefundDone => RefundState.Succeeded,
        ChannelRefundState.RefundRefused => RefundState.Failed,
        ChannelRefundState.RefundAbnormal => RefundState.Abnormal,
        _ => null,
    };

    /// <summary>Why a message must not move the refund, or null: a fact that is not ours, or a word that no legal step follows.</summary>
    public static string? Contradiction(Refund refund, ChannelRefundState word, RefundFacts? facts)
    {
        if (facts is not null && FirstDifference(refund, facts) is { } difference)
        {
            return difference;
        }

        var impossible = Proves(word) is { } proven
            ? RefundTransitions.Table.Check(refund.State, proven) == Step.NotAllowed
            : word == ChannelRefundState.RefundPending && refund.State == RefundState.Failed;
        return impossible ? $"the refund is {EnumText<RefundState>.Of(refund.State)} and the channel says {EnumText<ChannelRefundState>.Of(word)}" : null;
    }

    private static string? FirstDifference(Refund refund, RefundFacts facts)
    {
        (string Field, bool Said, string Ours, string Theirs)[] fields =
        [
            ("refund_no", facts.HasRefundNo, refund.Id, facts.RefundNo),
            ("attempt_no", facts.HasAttemptNo, refund.AttemptNo, facts.AttemptNo),
            ("amount_minor", facts.HasAmountMinor, $"{refund.AmountMinor}", $"{facts.AmountMinor}"),
            ("currency", facts.HasCurrency, refund.Currency, facts.Currency),
        ];
        var different = fields.FirstOrDefault(f => f.Said && f.Ours != f.Theirs);
        return different.Field is null ? null : $"{different.Field}: ours is {different.Ours}, the message says {different.Theirs}";
    }
}
