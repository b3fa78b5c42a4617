using System.Text;

namespace PayCore.NotifyGateway;

/// <summary>The beginning of a merchant's answer as it is kept for a person.</summary>
internal static class AnswerText
{
    /// <summary>Characters that are kept.</summary>
    public const int LengthMax = 200;

    /// <summary>The first characters, read as UTF-8, without control characters. A pair of surrogates stays together.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(LengthMax);
        while (!body.IsEmpty)
        {
            Rune.DecodeFromUtf8(body, out var rune, out var bytes);
            body = body[bytes..];
            if (Rune.IsControl(rune))
            {
                continue;
            }

            if (text.Length + rune.Utf16SequenceLength > LengthMax)
            {
                break;
            }

            text.Append(rune);
        }

        return text.ToString();
    }
}
