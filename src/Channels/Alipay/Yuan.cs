using System.Globalization;
using System.Text.RegularExpressions;

namespace PayCore.Channels.Alipay;

/// <summary>Amounts as the platform writes them: yuan with at most two decimals (alipay.md, opening). Ours are whole fen; no step between is inexact.</summary>
internal static partial class Yuan
{
    /// <summary>Text of an amount of fen, with exactly two decimals.</summary>
    public static string Write(long amountMinor) => string.Create(CultureInfo.InvariantCulture, $"{amountMinor / 100}.{amountMinor % 100:00}");

    /// <summary>The same as <see cref="Read"/> with a sign, as statements write amounts.</summary>
    public static long? ReadSigned(string text) => text switch
    {
        ['-', .. var amount] => -Read(amount),
        ['+', .. var amount] => Read(amount),
        _ => Read(text),
    };

    /// <summary>Whole fen, or null when the text is anything but plain digits with at most two decimals: "20", "20.0" and "20.00" are equal.</summary>
    public static long? Read(string? text)
    {
        if (AmountRule().Match(text ?? "") is not { Success: true } match)
        {
            return null;
        }

        var whole = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var part = match.Groups[2].Value.PadRight(2, '0');
        return (whole * 100) + long.Parse(part, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,2}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex AmountRule();
}
