using System.Collections.Frozen;
using System.Text;

namespace PayCore.Channels.Alipay;

/// <summary>
/// A callback's form, decoded once (alipay.md 6.4). Values stay the bytes that the platform signed, so no charset stands between them and the signature: it may
/// as well be GBK.
/// </summary>
internal sealed class NotifyForm
{
    /// <summary>The parameters that mean something here.</summary>
    private static readonly FrozenSet<string> _meaningful = FrozenSet.Create(
        StringComparer.Ordinal,
        "app_id", "biz_content", "gmt_payment", "gmt_refund", "msg_method", "notify_id", "notify_type", "out_biz_no", "out_trade_no", "refund_fee", "seller_id", "sign",
        "sign_type", "total_amount", "trade_no", "trade_status");

    private static readonly byte[][] _boundaries = [.. _meaningful.Select(name => Encoding.ASCII.GetBytes($"&{name}="))];
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    private NotifyForm()
    {
    }

    /// <summary>
    /// Reads a form, or answers null: a percent sign without two digits, a name that is none or comes twice, or a value that could be another parameter's
    /// under the same signature.
    /// </summary>
    public static NotifyForm? Read(ReadOnlySpan<byte> body)
    {
        var form = new NotifyForm();
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            var end = pair.IndexOf((byte)'=');
            if (end < 1 || Decode(pair[..end]) is not { } name || Decode(pair[(end + 1)..]) is not { } value
                || !name.All(IsNameCharacter) || IsAmbiguous(value) || !form._values.TryAdd(Encoding.ASCII.GetString(name), value))
            {
                return null;
            }
        }

        return form;
    }

    /// <summary>A value as text; null when it is absent, empty, or no UTF-8. What is read here is plain ASCII in any charset.</summary>
    /// <param name="name">One of the parameters that mean something here.</param>
    public string? Text(string name)
    {
        if (!_meaningful.Contains(name))
        {
            throw new ArgumentOutOfRangeException(nameof(name), name, "Not watched for by IsAmbiguous.");
        }

        try
        {
            return _values.TryGetValue(name, out var value) && value.Length > 0 ? _utf8.GetString(value) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>
    /// The texts that the platform may have signed: with or without empty values, with or without <c>sign_type</c>, the usual one first. Its implementations
    /// disagree; each of them needs its key.
    /// </summary>
    public IEnumerable<byte[]> SignedTexts()
    {
        foreach (var keepsSignType in (bool[])[false, true])
        {
            yield return Join(keepsSignType, keepsEmpty: false);
            if (_values.Values.Any(v => v.Length == 0))
            {
                yield return Join(keepsSignType, keepsEmpty: true);
            }
        }
    }

    private byte[] Join(bool keepsSignType, bool keepsEmpty)
    {
        using var text = new MemoryStream();
        foreach (var (name, value) in _values)
        {
            if (name == "sign" || (name == "sign_type" && !keepsSignType) || (value.Length == 0 && !keepsEmpty))
            {
                continue;
            }

            if (text.Length > 0)
            {
                text.WriteByte((byte)'&');
            }

            text.Write(Encoding.ASCII.GetBytes(name));
            text.WriteByte((byte)'=');
            text.Write(value);
        }

        return text.ToArray();
    }

    private static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        var decoded = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                decoded[length++] = text[i] == '+' ? (byte)' ' : text[i];
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[i + 1]) || !char.IsAsciiHexDigit((char)text[i + 2]))
            {
                return null;
            }

            decoded[length++] = (byte)Convert.ToInt32(Encoding.ASCII.GetString(text.Slice(i + 1, 2)), 16);
            i += 2;
        }

        return decoded[..length];
    }

    /// <summary>
    /// The signed text joins pairs by &amp; and =, and escapes neither: a value with "&amp;total_amount=" in it has the same signature as an amount of its own
    /// and a shorter value. Such a payment is left to a query.
    /// </summary>
    private static bool IsAmbiguous(byte[] value) => _boundaries.Any(boundary => value.AsSpan().IndexOf(boundary) >= 0);

    private static bool IsNameCharacter(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or (byte)'-' or (byte)'.';
}
