using PayCore.ServiceDefaults;

namespace PayCore.PayCenter.Web;

/// <summary>Numbers for forms: whatever one form orders, it orders once.</summary>
internal static class FormNumber
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A number of so many digits and letters, five random bits each.</summary>
    public static string New(RandomSource random, int length)
    {
        var bytes = new byte[length];
        random.Fill(bytes);
        return string.Concat(bytes.Select(b => Alphabet[b & 31]));
    }
}
