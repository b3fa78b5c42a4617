using System.Security.Cryptography;
using System.Text;
using PayCore.Contracts.V1;

namespace PayCore.PayCenter.Cashier;

/// <summary>A wish for another way to pay, as the form carries it.</summary>
/// <param name="OutAttemptNo">Its number: the repeat of a number asks the channel for nothing new.</param>
/// <param name="Method">The wallet.</param>
/// <param name="Scene">How the user pays with it.</param>
internal sealed record AttemptWish(string OutAttemptNo, string Method, Scene Scene)
{
    /// <summary>
    /// The wish to pay with this wallet instead of what the page shows now. Its number follows from what it replaces, so a double click, a
    /// reloaded page and a second tab all ask once, and nothing has to be remembered.
    /// </summary>
    public static AttemptWish Replacing(CashierView shown, string method)
    {
        var attempt = shown.Source.Attempt;
        if (attempt is { State: Attempt.Types.State.Sent, OutAttemptNo.Length: > 0 } && attempt.Method == method)
        {
            // No answer yet: the same call again, never a new number.
            return new AttemptWish(attempt.OutAttemptNo, method, attempt.Scene);
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{attempt?.AttemptNo}\n{method}"));
        var scene = attempt is not null && attempt.Method == method ? attempt.Scene : SceneOf(shown.Order.Scene);
        return new AttemptWish($"C{Convert.ToHexString(hash.AsSpan(0, 16))}", method, scene);
    }

    // A code works for whoever looks at the page: at a desk it is scanned, on a phone it is saved and opened in the wallet.
    private static Scene SceneOf(Scene order) => order == Scene.Cashier ? Scene.Qr : order;

    /// <summary>What came from a form is a number that the contract allows.</summary>
    public bool IsValid =>
        OutAttemptNo.Length is > 0 and <= 64 && OutAttemptNo.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && Method.Length <= 64;
}
