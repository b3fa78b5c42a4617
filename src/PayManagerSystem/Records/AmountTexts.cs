using System.Globalization;
using PayCore.Payments;

namespace PayCore.PayManagerSystem.Records;

/// <summary>Amounts as people type them, and as files have them: digits and a point, without currency and commas.</summary>
internal static class AmountTexts
{
    /// <summary><c>12.34</c>; <c>1200</c> where the currency has no smaller unit.</summary>
    public static string Typed(long minor, string currency)
    {
        var digits = Amounts.Exponent(currency);
        var text = Math.Abs(minor).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        return (minor < 0 ? "-" : "") + (digits == 0 ? text : $"{text[..^digits]}.{text[^digits..]}");
    }
}
