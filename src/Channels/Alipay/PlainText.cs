namespace PayCore.Channels.Alipay;

/// <summary>Text of others, made fit for logs, replies and pages.</summary>
internal static class PlainText
{
    /// <summary>Longest text of the platform that is passed on, in characters.</summary>
    public const int CharsMax = 255;

    /// <summary>The text without control characters, cut to the length.</summary>
    public static string Clip(string? text, int charsMax = CharsMax)
    {
        var plain = string.Concat((text ?? "").Take(charsMax).Where(c => !char.IsControl(c)));
        // A pair must not be cut in two: half of it is no text that can be sent.
        return plain.Length > 0 && char.IsHighSurrogate(plain[^1]) ? plain[..^1] : plain;
    }
}
