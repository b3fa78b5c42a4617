using System.Globalization;
using System.Text.RegularExpressions;

namespace PayCore.Channels.Wechat;

/// <summary>
/// Amounts as bills write them: yuan with at most five decimals, since fees have that many (wechat-pay-v3.md 8.5). They are read as whole hundred-thousandths of a
/// yuan, so that no step is inexact.
/// </summary>
internal static partial class Yuan
{
    private const int Decimals = 5;
    private const int UnitsPerYuan = 100_000;
    private const int UnitsPerFen = 1000;

    /// <summary>Whole hundred-thousandths, or null when the text is anything but a plain number.</summary>
    public static long? Read(string text)
    {
        if (AmountRule().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var whole = long.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        var part = long.Parse(match.Groups[3].Value.PadRight(Decimals, '0'), CultureInfo.InvariantCulture);
        var units = (whole * UnitsPerYuan) + part;
        return match.Groups[1].Length > 0 ? -units : units;
    }

    /// <summary>Whole fen, not negative, or null when the text is anything else.</summary>
    public static long? ReadFen(string text) => Read(text) is >= 0 and var units && units % UnitsPerFen == 0 ? units / UnitsPerFen : null;

    /// <summary>A number of entries, which bills write as <c>20</c> or <c>20.0</c>.</summary>
    public static long? ReadCount(string text) => Read(text) is >= 0 and var units && units % UnitsPerYuan == 0 ? units / UnitsPerYuan : null;

    /// <summary>Hundred-thousandths to the nearest fen, half of one away from zero. For fees alone: what is paid has no parts of a fen.</summary>
    public static long Round(long units) => (units + (units < 0 ? -UnitsPerFen / 2 : UnitsPerFen / 2)) / UnitsPerFen;

    [GeneratedRegex(@"^(-?)(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,5}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex AmountRule();
}
