using System.Globalization;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>Amounts as they stand on the wire: yuan with exactly two decimals (alipay.md 4.1); here always fen.</summary>
internal static partial class AlipayAmount
{
    private const long Most = 100_000_000_00;

    public static string Text(long fen) => string.Create(CultureInfo.InvariantCulture, $"{fen / 100}.{fen % 100:D2}");

    /// <summary>Null when it is not written as it must be or not between 0.01 and 100000000.00.</summary>
    public static long? Parse(string text) =>
        Form().IsMatch(text) && long.Parse(text.Remove(text.Length - 3, 1), CultureInfo.InvariantCulture) is >= 1 and <= Most and var fen ? fen : null;

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,8})\.[0-9]{2}\z")]
    private static partial Regex Form();
}
