using System.Globalization;

namespace PayCore.PayManagerSystem.Web;

/// <summary>One thing that a page says, in both languages side by side. <c>{0}</c> is filled in.</summary>
public sealed record Text(string English, string Chinese)
{
    /// <summary>The text as the language says it. Plain text: the page encodes it.</summary>
    public string In(Language language, params ReadOnlySpan<object?> arguments)
    {
        var format = language == Language.Chinese ? Chinese : English;
        return arguments.IsEmpty ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
