using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using PayCore.Contracts.V1;

namespace PayCore.PayManagerSystem.Records;

/// <summary>The address of a list with its filters, columns and page. A page is a link: it can be kept, sent, and gone back to.</summary>
public sealed class RecordAddress
{
    /// <summary>The page after a place.</summary>
    public const string OlderKey = "older";

    /// <summary>The page before a place.</summary>
    public const string NewerKey = "newer";

    /// <summary>The columns.</summary>
    public const string ColumnsKey = "cols";

    // Chosen once and kept elsewhere: no part of what a list shows.
    private static readonly string[] _notOfTheList = ["lang", "theme"];

    private readonly Dictionary<string, StringValues> _values;

    /// <summary>Takes an address apart.</summary>
    public RecordAddress(string uri)
    {
        var parts = new Uri(uri);
        Path = parts.AbsolutePath;
        _values = QueryHelpers.ParseQuery(parts.Query).Where(v => !_notOfTheList.Contains(v.Key) && v.Value.Any(t => !string.IsNullOrWhiteSpace(t)))
            .ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>The page's path.</summary>
    public string Path { get; }

    /// <summary>The whole query string.</summary>
    public string Query => Of(_values);

    /// <summary>The query string without the page: the same list from its beginning.</summary>
    public string Filters => Of(WithoutPlace());

    /// <summary>The page is not the first one.</summary>
    public bool IsDeep => _values.ContainsKey(OlderKey) || _values.ContainsKey(NewerKey);

    /// <summary>The columns that were chosen; empty: those that are shown without choosing.</summary>
    public IReadOnlyList<string> Columns => _values.GetValueOrDefault(ColumnsKey).ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The same with another value, from the first page.</summary>
    public string With(string key, string value)
    {
        var values = WithoutPlace();
        values[key] = value;
        return Path + Of(values);
    }

    /// <summary>The same without a value, or without one of several, from the first page.</summary>
    public string Without(string key, string? value = null)
    {
        var values = WithoutPlace();
        var left = values.GetValueOrDefault(key).Where(v => value is not null && v != value).ToArray();
        values.Remove(key);
        if (left.Length > 0)
        {
            values[key] = left;
        }

        return Path + Of(values);
    }

    /// <summary>Another page of the same list.</summary>
    public string At(string key, ListPlace place)
    {
        var values = WithoutPlace();
        values[key] = Of(place);
        return Path + Of(values);
    }

    /// <summary>A place as an address has it.</summary>
    public static string Of(ListPlace place) =>
        $"{place.Time.ToDateTimeOffset().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}-{place.Id}";

    /// <summary>The place that an address has; null when it is none.</summary>
    public static ListPlace? PlaceOf(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new ListPlace { Time = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(ms)), Id = text[(dash + 1)..] }
            : null;
    }

    private Dictionary<string, StringValues> WithoutPlace() => _values.Where(v => v.Key is not (OlderKey or NewerKey)).ToDictionary(StringComparer.Ordinal);

    private static string Of(Dictionary<string, StringValues> values) => QueryHelpers.AddQueryString("", values);
}
