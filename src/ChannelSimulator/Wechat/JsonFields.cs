using System.Text.Json;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>Reads the members of one JSON object strictly: every member must be asked for, each with its rule; otherwise PARAM_ERROR.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _members;
    private readonly HashSet<string> _asked = [];
    private readonly string _path;

    public JsonFields(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw WechatError.Parameter(path.Length == 0 ? "/" : path, "is not an object");
        }

        _path = path;
        _members = element.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
    }

    public string RequiredText(string name, int most, Regex? form = null) =>
        Text(name, most, form) ?? throw WechatError.Parameter(Pointer(name), "is required");

    public string? Text(string name, int most, Regex? form = null)
    {
        if (Take(name, JsonValueKind.String) is not { } element)
        {
            return null;
        }

        var text = element.GetString()!;
        // No characters beyond the Basic Multilingual Plane (wechat-pay-v3.md 1.2); so one UTF-16 unit is one character.
        if (text.Any(char.IsSurrogate))
        {
            throw WechatError.Parameter(Pointer(name), "holds a character of more than three bytes", value: text);
        }

        if (text.Length == 0 || text.Length > most)
        {
            throw WechatError.Parameter(Pointer(name), $"has not 1 to {most} characters", value: text);
        }

        return form is null || form.IsMatch(text) ? text : throw WechatError.Parameter(Pointer(name), "has not the right form", value: text);
    }

    public long RequiredInteger(string name, long least) =>
        Integer(name, least) ?? throw WechatError.Parameter(Pointer(name), "is required");

    public long? Integer(string name, long least)
    {
        if (Take(name, JsonValueKind.Number) is not { } element)
        {
            return null;
        }

        // 1.0 and 1e2 are whole numbers too, but not integers as they are written (wechat-pay-v3.md 11).
        var raw = element.GetRawText();
        if (raw.Any(c => c is '.' or 'e' or 'E') || !element.TryGetInt32(out var value))
        {
            throw WechatError.Parameter(Pointer(name), "is not an integer", value: raw);
        }

        return value >= least ? value : throw WechatError.Parameter(Pointer(name), $"is less than {least}", value: raw);
    }

    public void Flag(string name)
    {
        if (_members.TryGetValue(name, out var element) && element.ValueKind == JsonValueKind.True)
        {
            _asked.Add(name);
            return;
        }

        Take(name, JsonValueKind.False);
    }

    public JsonFields RequiredObject(string name) => Object(name) ?? throw WechatError.Parameter(Pointer(name), "is required");

    public JsonFields? Object(string name) =>
        Take(name, JsonValueKind.Object) is { } element ? new JsonFields(element, Pointer(name)) : null;

    public IEnumerable<JsonElement>? Array(string name, int least, int most)
    {
        if (Take(name, JsonValueKind.Array) is not { } element)
        {
            return null;
        }

        return element.GetArrayLength() is var length && length >= least && length <= most
            ? element.EnumerateArray()
            : throw WechatError.Parameter(Pointer(name), $"has not {least} to {most} items");
    }

    /// <summary>Call at the end: a member nobody asked for is unknown.</summary>
    public void NothingElse()
    {
        if (_members.Keys.FirstOrDefault(n => !_asked.Contains(n)) is { } unknown)
        {
            throw WechatError.Parameter(Pointer(unknown), "is unknown");
        }
    }

    private string Pointer(string name) => $"{_path}/{name}";

    private JsonElement? Take(string name, JsonValueKind kind)
    {
        _asked.Add(name);
        if (!_members.TryGetValue(name, out var element))
        {
            return null;
        }

        return element.ValueKind == kind
            ? element
            : throw WechatError.Parameter(Pointer(name), $"is not of type {kind.ToString().ToLowerInvariant()}", value: element.GetRawText());
    }
}
