using System.Security.Cryptography;
using System.Text;
using PayCore.Contracts.V1;

namespace PayCore.PayCenter.Cashier;

/// <summary>A wish for another way to pay, as the form carries it.</summary>
/// <param name="OutAttemptNo">Its number: the repeat of a number asks the channel for nothing new.</param>
/// <param name="Way">How the user wants to pay.</param>
internal sealed record AttemptWish(string OutAttemptNo, PayWay Way)
{
    /// <summary>
    /// The wish to pay this way instead of what the page shows now. Its number follows from what it replaces, so a double click, a
    /// reloaded page and a second tab all ask once, and nothing has to be remembered.
    /// </summary>
    public static AttemptWish Replacing(CashierView shown, PayWay way)
    {
        var attempt = shown.Source.Attempt;
        if (attempt is { State: Attempt.Types.State.Sent, OutAttemptNo.Length: > 0 } && way == shown.Way)
        {
            // No answer yet: the same call again, never a new number.
            return new AttemptWish(attempt.OutAttemptNo, way);
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{attempt?.AttemptNo}\n{way.Method}\n{way.Scene}"));
        return new AttemptWish($"C{Convert.ToHexString(hash.AsSpan(0, 16))}", way);
    }

    /// <summary>What came from a form is a number that the contract allows.</summary>
    public bool IsValid =>
        OutAttemptNo.Length is > 0 and <= 64 && OutAttemptNo.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && Way.Method.Length <= 64;
}
