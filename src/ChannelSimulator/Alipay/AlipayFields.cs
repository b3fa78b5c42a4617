using System.Text.Json;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>
/// Reads the business parameters of a call, each with its rule; otherwise ACQ.INVALID_PARAMETER. A member that no rule asks for is accepted, as the real
/// gateway does, and told in the log.
/// </summary>
internal sealed class AlipayFields
{
    private readonly Dictionary<string, JsonElement> _members;
    private readonly HashSet<string> _asked = [];
    private readonly string _path;

    public AlipayFields(JsonElement element, string path = "")
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw AlipayError.Parameter(path, "不是对象");
        }

        _path = path;
        _members = element.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
    }

    /// <summary>The members that no rule asked for.</summary>
    public IReadOnlyList<string> Unknown => [.. _members.Keys.Where(n => !_asked.Contains(n))];

    public string RequiredText(string name, int most, Regex? form = null) => Text(name, most, form) ?? throw Refused(name, "缺失");

    public string? Text(string name, int most, Regex? form = null)
    {
        if (Take(name, JsonValueKind.String) is not { } element)
        {
            return null;
        }

        var text = ReadText(element, name);
        if (text.Length == 0 || text.EnumerateRunes().Count() > most)
        {
            throw Refused(name, $"长度不在1到{most}之间");
        }

        return form is null || form.IsMatch(text) ? text : throw Refused(name, "格式错误");
    }

    /// <summary>An amount in fen.</summary>
    public long? Amount(string name) => Take(name, JsonValueKind.String) is { } element
        ? AlipayAmount.Parse(ReadText(element, name)) ?? throw Refused(name, "不是两位小数的金额")
        : null;

    public long RequiredAmount(string name) => Amount(name) ?? throw Refused(name, "缺失");

    public void Choice(string name, params ReadOnlySpan<string> values)
    {
        if (Text(name, 64) is { } text && !values.Contains(text))
        {
            throw Refused(name, "取值错误");
        }
    }

    public AlipayFields? Object(string name) =>
        Take(name, JsonValueKind.Object) is { } element ? new AlipayFields(element, Path(name)) : null;

    public IEnumerable<JsonElement> Array(string name, int most)
    {
        if (Take(name, JsonValueKind.Array) is not { } element)
        {
            return [];
        }

        return element.GetArrayLength() <= most ? element.EnumerateArray() : throw Refused(name, $"多于{most}项");
    }

    /// <summary>A member of which only the presence is known here.</summary>
    public void Skip(string name) => _asked.Add(name);

    public AlipayError Refused(string name, string issue) => AlipayError.Parameter(Path(name), issue);

    private string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private string ReadText(JsonElement element, string name)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as an escape, is JSON but not a text.
            throw Refused(name, "不是文本");
        }
    }

    private JsonElement? Take(string name, JsonValueKind kind)
    {
        _asked.Add(name);
        if (!_members.TryGetValue(name, out var element))
        {
            return null;
        }

        return element.ValueKind == kind ? element : throw Refused(name, "类型错误");
    }
}
