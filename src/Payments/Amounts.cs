using System.Globalization;

namespace PayCore.Payments;

/// <summary>Writes money for people and reads what they type. Whole numbers only: no rounding can happen.</summary>
public static class Amounts
{
    // With four digits after the point this is still a long.
    private const int TypedDigitsMax = 12;

    /// <summary><c>¥12.34</c>; <c>JPY 1,200</c>; <c>BHD 1.234</c>.</summary>
    /// <param name="amountMinor">Minor units.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    public static string Format(long amountMinor, string currency)
    {
        var sign = amountMinor < 0 ? "-" : "";
        var minor = amountMinor < 0 ? (ulong)(-(Int128)amountMinor) : (ulong)amountMinor;
        var symbol = currency == "CNY" ? "¥" : $"{currency} ";
        var digits = Exponent(currency);
        ulong unit = 1;
        for (var i = 0; i < digits; i++)
        {
            unit *= 10;
        }

        var whole = (minor / unit).ToString("N0", CultureInfo.InvariantCulture);
        return digits == 0
            ? $"{sign}{symbol}{whole}"
            : $"{sign}{symbol}{whole}.{(minor % unit).ToString($"D{digits}", CultureInfo.InvariantCulture)}";
    }

    /// <summary>
    /// Reads an amount as a person types it: digits, and at most as many after one point as the currency has. Full-width digits and points are read as what they
    /// mean, blanks around it do not count. Signs, commas, exponents, and what is not exact are refused.
    /// </summary>
    /// <param name="text">As typed.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    /// <param name="amountMinor">Minor units, at least 1.</param>
    public static bool TryParse(string text, string currency, out long amountMinor)
    {
        ArgumentNullException.ThrowIfNull(text);
        amountMinor = 0;
        var parts = string.Concat(text.Trim().Select(Narrow)).Split('.');
        var exponent = Exponent(currency);
        if (parts.Length > 2 || parts[0].Length is 0 or > TypedDigitsMax)
        {
            return false;
        }

        var fraction = parts.Length == 2 ? parts[1] : "";
        if (fraction.Length > exponent || (parts.Length == 2 && fraction.Length == 0))
        {
            return false;
        }

        var digits = parts[0] + fraction.PadRight(exponent, '0');
        return digits.All(char.IsAsciiDigit) && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out amountMinor) && amountMinor > 0;
    }

    /// <summary>How many digits stand after the point, by ISO 4217.</summary>
    public static int Exponent(string currency) => currency switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "UYI" or "VND" or "VUV" or "XAF"
            or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        "CLF" or "UYW" => 4,
        _ => 2,
    };

    private static char Narrow(char c) => c switch
    {
        >= '０' and <= '９' => (char)(c - '０' + '0'),
        '．' or '。' => '.',
        _ => c,
    };
}
