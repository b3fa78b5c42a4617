using PayCore.Configuration;

namespace PayCore.Channels.Alipay;

/// <summary>What is wrong with an account document, in both languages. Outside this channel it is an <see cref="InvalidDocumentException"/>.</summary>
internal sealed class AccountDefectException : Exception
{
    private AccountDefectException(string check, string field, string reason, string reasonZh)
        : base($"{field}: {reason}") => (Check, Field, Reason, ReasonZh) = (check, field, reason, reasonZh);

    /// <summary>The check of <see cref="Checks"/> that it fails.</summary>
    public string Check { get; }

    /// <summary>The member at fault.</summary>
    public string Field { get; }

    /// <summary>What is wrong with it, beginning with a verb; never a secret.</summary>
    public string Reason { get; }

    /// <summary>The same in Chinese.</summary>
    public string ReasonZh { get; }

    /// <summary>Refuses the document unless it holds.</summary>
    /// <exception cref="AccountDefectException">It does not hold.</exception>
    public static void Demand(bool holds, string check, string field, string reason, string reasonZh)
    {
        if (!holds)
        {
            throw new AccountDefectException(check, field, reason, reasonZh);
        }
    }

    /// <summary>A defect to throw.</summary>
    public static AccountDefectException Of(string check, string field, string reason, string reasonZh) => new(check, field, reason, reasonZh);
}
