using Microsoft.Extensions.Primitives;

namespace PayCore.MerchantApi;

/// <summary>The value of a header field as RFC 9421, 2.1 wants it.</summary>
internal static class HeaderText
{
    /// <summary>All lines of the field, each without white space around it, joined by a comma and a space.</summary>
    public static string Join(this StringValues lines) =>
        lines.Count switch
        {
            0 => "",
            1 => (lines[0] ?? "").Trim(' ', '\t'),
            _ => string.Join(", ", lines.Select(line => (line ?? "").Trim(' ', '\t'))),
        };
}
