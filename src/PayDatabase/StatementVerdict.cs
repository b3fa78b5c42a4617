using PayCore.Contracts.V1;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using ItemKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase;

/// <summary>What comparing one line of a statement with our rows came to. Pure.</summary>
/// <param name="Item">For a person, when they differ.</param>
/// <param name="MayRepair">A query may settle it: the statement shows money that moved, and we do not know that it did.</param>
internal sealed record StatementVerdict(ExceptionItem? Item, bool MayRepair)
{
    private static readonly StatementVerdict _equal = new(null, false);
    private static readonly StatementVerdict _undecided = new(null, true);

    /// <summary>The word that the line keeps.</summary>
    public string Word => Item is null ? MayRepair ? "UNDECIDED" : "EQUAL" : EnumText<ItemKind>.Of(Item.Kind);

    /// <summary>A payment, or one that was taken back.</summary>
    /// <param name="day">The statement's day.</param>
    /// <param name="line">The line.</param>
    /// <param name="attempt">Ours by its number, of an account whose entries the statement lists; null when there is none.</param>
    /// <param name="reversed">The statement also shows that it was taken back.</param>
    public static StatementVerdict OfPayment(string day, StatementLine line, AttemptRow? attempt, bool reversed)
    {
        if (attempt is null)
        {
            return TheirsOnly(day, line);
        }

        var item = new ExceptionItem { AppId = attempt.AppId, OrderId = attempt.OrderId, AttemptNo = attempt.AttemptNo };
        var isPaid = AttemptTransitions.IsPaid(EnumText<AttemptState>.Parse(attempt.State));
        if (line.What == StatementRow.Types.Kind.Reversal)
        {
            return isPaid ? Differs(item, ItemKind.StatementState, $"the statement of {day} shows it taken back, ours is {attempt.State}") : _equal;
        }

        return OtherAmount(day, item, line, attempt.AmountMinor, attempt.Currency)
            ?? (isPaid || reversed ? _equal
                : IsReversed(attempt) ? _undecided // What went back may stand in another day's statement, or as a refund: the channel says whether it did.
                : Differs(item, ItemKind.StatementState, $"the statement of {day} shows it paid, ours is {attempt.State}", mayRepair: true));
    }

    /// <summary>A refund. One that the provider took may be listed before it is done.</summary>
    /// <param name="day">The statement's day.</param>
    /// <param name="line">The line.</param>
    /// <param name="refund">Ours by its number, of an account whose entries the statement lists; null when there is none.</param>
    /// <param name="attempt">The payment that it names; null when it is none of ours.</param>
    public static StatementVerdict OfRefund(string day, StatementLine line, RefundRow? refund, AttemptRow? attempt)
    {
        if (refund is null)
        {
            // Some providers list what they gave back when we reversed a payment as a refund that has no number of ours.
            return attempt is not null && IsReversed(attempt) && line.AmountMinor == attempt.AmountMinor ? _equal : TheirsOnly(day, line);
        }

        var item = new ExceptionItem { AppId = refund.AppId, OrderId = refund.OrderId, AttemptNo = refund.AttemptNo, RefundId = refund.Id };
        var state = EnumText<RefundState>.Parse(refund.State);
        return OtherAmount(day, item, line, refund.AmountMinor, refund.Currency)
            ?? state switch
            {
                RefundState.Succeeded => _equal,
                RefundState.Sent or RefundState.Abnormal => _undecided,
                _ => Differs(item, ItemKind.StatementState, $"the statement of {day} shows the refund, ours is {refund.State}"),
            };
    }

    /// <summary>A transfer.</summary>
    public static StatementVerdict OfTransfer(string day, StatementLine line, TransferRow? transfer)
    {
        if (transfer is null)
        {
            return TheirsOnly(day, line);
        }

        var item = new ExceptionItem { AppId = transfer.AppId, TransferId = transfer.Id };
        var state = EnumText<TransferState>.Parse(transfer.State);
        return OtherAmount(day, item, line, transfer.AmountMinor, transfer.Currency)
            ?? (state is TransferState.Succeeded or TransferState.Returned ? _equal
                : Differs(
                    item, ItemKind.StatementState, $"the statement of {day} shows the transfer, ours is {transfer.State}",
                    mayRepair: TransferTransitions.IsUndecided(state)));
    }

    private static bool IsReversed(AttemptRow attempt) => attempt is { State: "CLOSED", ReverseAt: not null };

    /// <summary>A fee or the like: no order of ours.</summary>
    public static StatementVerdict OfOther() => _equal;

    private static StatementVerdict TheirsOnly(string day, StatementLine line) => Differs(
        new ExceptionItem(), ItemKind.StatementTheirsOnly,
        $"the statement of {day} lists {line.Kind} {line.AmountMinor} {line.Currency} that is not ours: number {Number(line)}, the provider's {TheirNumber(line)}");

    private static StatementVerdict? OtherAmount(string day, ExceptionItem item, StatementLine line, long amount, string currency) =>
        line.AmountMinor == amount && line.Currency == currency ? null
            : Differs(item, ItemKind.StatementAmount, $"the statement of {day} has {line.AmountMinor} {line.Currency}, ours is {amount} {currency}");

    private static StatementVerdict Differs(ExceptionItem item, ItemKind kind, string detail, bool mayRepair = false)
    {
        item.Kind = kind;
        item.Detail = detail;
        return new StatementVerdict(item, mayRepair);
    }

    private static string Number(StatementLine line) => line.What switch
    {
        StatementRow.Types.Kind.Refund => line.RefundNo,
        StatementRow.Types.Kind.Transfer => line.TransferNo,
        _ => line.AttemptNo,
    };

    private static string TheirNumber(StatementLine line) => line.What switch
    {
        StatementRow.Types.Kind.Refund => line.ChannelRefundId,
        StatementRow.Types.Kind.Transfer => line.ChannelTransferId,
        _ => line.ChannelOrderId,
    };
}
