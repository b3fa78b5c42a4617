using System.Text;

namespace PayCore.Channels.Alipay;

/// <summary>
/// A callback's form, decoded once (alipay.md 6.4). Values stay the bytes that the platform signed, so no charset stands between them and the signature: it may
/// as well be GBK.
/// </summary>
internal sealed class NotifyForm
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    private NotifyForm()
    {
    }

    /// <summary>
    /// Reads a form, or answers null: a percent sign without two digits, a name that is none or comes twice, or a value that could be cut into other
    /// parameters without changing the signed text.
    /// </summary>
    public static NotifyForm? Read(ReadOnlySpan<byte> body)
    {
        var form = new NotifyForm();
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            var end = pair.IndexOf((byte)'=');
            if (end < 1 || Decode(pair[..end]) is not { } name || Decode(pair[(end + 1)..]) is not { } value
                || !name.All(IsNameCharacter) || HoldsParameter(value) || !form._values.TryAdd(Encoding.ASCII.GetString(name), value))
            {
                return null;
            }
        }

        return form;
    }

    /// <summary>A value as text; null when it is absent, empty, or no UTF-8. What is read here is plain ASCII in any charset.</summary>
    public string? Text(string name)
    {
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
    /// The signed text joins pairs by &amp; and =, and escapes neither. A value that holds "&amp;name=" could be taken apart, or put together from parameters,
    /// under the same signature; a query decides such a payment instead.
    /// </summary>
    private static bool HoldsParameter(ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '&')
            {
                continue;
            }

            var nameLength = 0;
            while (i + 1 + nameLength < value.Length && IsNameCharacter(value[i + 1 + nameLength]))
            {
                nameLength++;
            }

            if (nameLength > 0 && i + 1 + nameLength < value.Length && value[i + 1 + nameLength] == '=')
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNameCharacter(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or (byte)'-' or (byte)'.';
}
