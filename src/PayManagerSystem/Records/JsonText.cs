using System.Text.Encodings.Web;
using System.Text.Json;

namespace PayCore.PayManagerSystem.Records;

/// <summary>JSON for people to read. Plain text: the page encodes it.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions _lines = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same in lines; what is no JSON as it is.</summary>
    public static string Lines(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(document.RootElement, _lines);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
