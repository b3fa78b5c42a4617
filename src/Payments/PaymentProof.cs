using PayCore.Contracts.V1;

namespace PayCore.Payments;

/// <summary>
/// What must be equal before a payment counts (invariants, ground rule 12). Whatever the channel declares for a kind of message must be
/// there and equal; one difference and nothing changes.
/// </summary>
public static class PaymentProof
{
    /// <summary>The first field that is missing or different, or null when the facts prove the payment.</summary>
    /// <param name="attempt">The attempt that the message names.</param>
    /// <param name="facts">What the message says.</param>
    /// <param name="declared">What this kind of message carries.</param>
    /// <param name="accountIds">The account's identities from configuration.</param>
    /// <returns>A text for a person that names the field and both values; they are no secrets.</returns>
    public static string? FirstDifference(
        StoredAttempt attempt, PaymentFacts facts, IEnumerable<ProofField> declared, IReadOnlyDictionary<string, string> accountIds)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(accountIds);

        var fields = declared.ToHashSet();
        if (!fields.Contains(ProofField.ProofAttemptNo) || !fields.Contains(ProofField.ProofAmount))
        {
            return "the channel declares neither number nor amount for this message";
        }

        if (!facts.HasAttemptNo || facts.AttemptNo != attempt.Attempt.AttemptNo)
        {
            return Text("attempt_no", attempt.Attempt.AttemptNo, facts.HasAttemptNo ? facts.AttemptNo : null);
        }

        if (fields.Contains(ProofField.ProofAccount))
        {
            if (accountIds.Count == 0)
            {
                return "the account has no identities to compare with";
            }

            foreach (var (name, value) in accountIds)
            {
                var said = facts.AccountIds.GetValueOrDefault(name);
                if (said != value)
                {
                    return Text(name, value, said);
                }
            }
        }

        if (!facts.HasAmountMinor || facts.AmountMinor != attempt.Attempt.AmountMinor)
        {
            return Text("amount_minor", $"{attempt.Attempt.AmountMinor}", facts.HasAmountMinor ? $"{facts.AmountMinor}" : null);
        }

        if (fields.Contains(ProofField.ProofCurrency) && (!facts.HasCurrency || facts.Currency != attempt.Attempt.Currency))
        {
            return Text("currency", attempt.Attempt.Currency, facts.HasCurrency ? facts.Currency : null);
        }

        return null;
    }

    private static string Text(string field, string ours, string? theirs) =>
        theirs is null ? $"{field}: ours is {ours}, the message has none" : $"{field}: ours is {ours}, the message says {Clip(theirs)}";

    private static string Clip(string text) => text.Length <= 64 ? text : text[..64];
}
