using System.Globalization;
using System.Text;

namespace PayCore.MerchantApi;

/// <summary>
/// A strict reader of the part of RFC 8941 (structured fields) that Signature-Input, Signature and Content-Digest need. Every method
/// answers whether the text was as the RFC says and moves on only then.
/// </summary>
internal ref struct FieldParser(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> text = text;

    /// <summary>Where the reader stands.</summary>
    public int Position { get; private set; }

    public readonly bool AtEnd => Position == text.Length;

    public readonly ReadOnlySpan<char> Since(int start) => text[start..Position];

    public bool Eat(char wanted)
    {
        if (AtEnd || text[Position] != wanted)
        {
            return false;
        }

        Position++;
        return true;
    }

    public int SkipSpaces()
    {
        var start = Position;
        while (!AtEnd && text[Position] == ' ')
        {
            Position++;
        }

        return Position - start;
    }

    /// <summary>Between two members: OWS "," OWS. A member must follow (section 4.2.2), which the caller finds out by reading it.</summary>
    public bool EatComma()
    {
        SkipOptionalWhitespace();
        if (!Eat(','))
        {
            return false;
        }

        SkipOptionalWhitespace();
        return true;
    }

    /// <summary>A key: lower case letter or asterisk first (section 4.2.3.3).</summary>
    public bool Key(out string key)
    {
        var start = Position;
        if (!AtEnd && (char.IsAsciiLetterLower(text[Position]) || text[Position] == '*'))
        {
            while (!AtEnd && text[Position] is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-' or '.' or '*')
            {
                Position++;
            }
        }

        key = text[start..Position].ToString();
        return key.Length > 0;
    }

    /// <summary>An integer of at most 15 digits (section 4.2.4). A decimal point behind it is for the caller to stumble over.</summary>
    public bool Integer(out long value)
    {
        var start = Position;
        Eat('-');
        var digits = Position;
        while (!AtEnd && char.IsAsciiDigit(text[Position]))
        {
            Position++;
        }

        value = 0;
        return Position - digits is >= 1 and <= 15
            && long.TryParse(text[start..Position], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A string in double quotes, printable ASCII, with \" and \\ as its only escapes (section 4.2.5).</summary>
    public bool String(out string value)
    {
        value = "";
        if (!Eat('"'))
        {
            return false;
        }

        var built = new StringBuilder();
        while (!AtEnd)
        {
            var c = text[Position++];
            if (c == '"')
            {
                value = built.ToString();
                return true;
            }

            if (c == '\\')
            {
                if (AtEnd || text[Position] is not ('"' or '\\'))
                {
                    return false;
                }

                c = text[Position++];
            }

            if (c is < ' ' or > '~')
            {
                return false;
            }

            built.Append(c);
        }

        return false;
    }

    /// <summary>A byte sequence between colons (section 4.2.7), stricter than the RFC: padded, and the one spelling of its bytes.</summary>
    public bool Bytes(out byte[] value)
    {
        value = [];
        if (!Eat(':'))
        {
            return false;
        }

        var length = text[Position..].IndexOf(':');
        if (length < 0)
        {
            return false;
        }

        var encoded = text.Slice(Position, length);
        var buffer = new byte[(length / 4 * 3) + 3];
        if (!Convert.TryFromBase64Chars(encoded, buffer, out var written))
        {
            return false;
        }

        value = buffer[..written];
        Position += length + 1;

        // Convert lets white space and loose last bits through; the way back does not.
        return encoded.SequenceEqual(Convert.ToBase64String(value));
    }

    private void SkipOptionalWhitespace()
    {
        while (!AtEnd && (text[Position] is ' ' or '\t'))
        {
            Position++;
        }
    }
}
