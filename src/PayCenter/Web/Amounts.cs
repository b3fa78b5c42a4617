using System.Globalization;

namespace PayCore.PayCenter.Web;

/// <summary>Writes money for people. Whole numbers only: no rounding can happen.</summary>
internal static class Amounts
{
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

    /// <summary>How many digits stand after the point, by ISO 4217.</summary>
    public static int Exponent(string currency) => currency switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "UYI" or "VND" or "VUV" or "XAF"
            or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        "CLF" or "UYW" => 4,
        _ => 2,
    };
}
