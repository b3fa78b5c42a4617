using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using PayCore.MerchantApi;

namespace PayCore.QueryGateway;

/// <summary>Where the next page of a list begins: after an entry, newest first. It holds no secret and grants nothing; the caller's app decides what is read.</summary>
/// <param name="CreateTime">When that entry was made.</param>
/// <param name="Id">Its id.</param>
internal sealed record PageToken(Timestamp CreateTime, string Id)
{
    private const int CharsMax = 128;

    /// <summary>Reads a token of ours; null for the first page.</summary>
    public static PageToken? Parse(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        FieldRules.Demand(
            TryRead(text, out var token), "page_token", ErrorReason.PageTokenInvalid, "is next_page_token of an answer before, unchanged");
        return token;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{CreateTime.ToDateTimeOffset().ToUnixTimeMilliseconds()}.{Id}")));

    private static bool TryRead(string text, out PageToken? token)
    {
        token = null;
        if (text.Length > CharsMax || !Base64Url.IsValid(text))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('.');
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            || ms > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() || parts[1].Length != 29)
        {
            return false;
        }

        token = new PageToken(Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(ms)), parts[1]);
        return true;
    }
}
