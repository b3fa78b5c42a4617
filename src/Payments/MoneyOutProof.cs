using PayCore.Contracts.V1;

namespace PayCore.Payments;

/// <summary>
/// What must be equal before a provider's word about a refund or transfer counts (invariants, ground rule 12). Providers leave out much in these
/// messages: what is there must be equal, and the number must be there.
/// </summary>
public static class MoneyOutProof
{
    /// <summary>The first field that differs, or null when the facts are about this refund.</summary>
    /// <param name="refund">The refund that the message names.</param>
    /// <param name="facts">What the message says.</param>
    /// <param name="accountIds">The account's identities from configuration.</param>
    /// <returns>A text for a person that names the field and both values; they are no secrets.</returns>
    public static string? FirstDifference(StoredRefund refund, RefundFacts facts, IReadOnlyDictionary<string, string> accountIds)
    {
        ArgumentNullException.ThrowIfNull(refund);
        ArgumentNullException.ThrowIfNull(facts);
        var ours = refund.Refund;
        return Required("refund_no", ours.Id, facts.HasRefundNo ? facts.RefundNo : null)
            ?? Difference("attempt_no", ours.AttemptNo, facts.HasAttemptNo ? facts.AttemptNo : null)
            ?? Account(facts.AccountIds, accountIds)
            ?? Difference("amount_minor", $"{ours.AmountMinor}", facts.HasAmountMinor ? $"{facts.AmountMinor}" : null)
            ?? Difference("currency", ours.Currency, facts.HasCurrency ? facts.Currency : null);
    }

    /// <summary>The first field that differs, or null when the facts are about this transfer.</summary>
    /// <param name="transfer">The transfer that the message names.</param>
    /// <param name="facts">What the message says.</param>
    /// <param name="accountIds">The account's identities from configuration.</param>
    /// <returns>A text for a person that names the field and both values; they are no secrets.</returns>
    public static string? FirstDifference(StoredTransfer transfer, TransferFacts facts, IReadOnlyDictionary<string, string> accountIds)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        ArgumentNullException.ThrowIfNull(facts);
        var ours = transfer.Transfer;
        return Required("transfer_no", ours.Id, facts.HasTransferNo ? facts.TransferNo : null)
            ?? Account(facts.AccountIds, accountIds)
            ?? Difference("amount_minor", $"{ours.AmountMinor}", facts.HasAmountMinor ? $"{facts.AmountMinor}" : null)
            ?? Difference("currency", ours.Currency, facts.HasCurrency ? facts.Currency : null);
    }

    private static string? Account(IEnumerable<KeyValuePair<string, string>> said, IReadOnlyDictionary<string, string> ours) => said
        .Select(id => ours.TryGetValue(id.Key, out var value) ? Difference(id.Key, value, id.Value) : $"{id.Key}: the account has none")
        .FirstOrDefault(d => d is not null);

    private static string? Required(string field, string ours, string? theirs) =>
        theirs is null ? $"{field}: ours is {ours}, the message has none" : Difference(field, ours, theirs);

    private static string? Difference(string field, string ours, string? theirs) =>
        theirs is null || theirs == ours ? null : $"{field}: ours is {ours}, the message says {(theirs.Length <= 64 ? theirs : theirs[..64])}";
}
