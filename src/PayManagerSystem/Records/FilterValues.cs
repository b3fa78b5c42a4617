using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using PayCore.Contracts.V1;
using PayCore.Payments;

namespace PayCore.PayManagerSystem.Records;

/// <summary>The filters of a list as an address has them. What makes no sense is refused by name, never left out.</summary>
public sealed class FilterValues
{
    private const int WordsMax = 128;

    private readonly Dictionary<string, StringValues> _values;
    private readonly TimeZoneInfo _zone;

    /// <summary>Reads them.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="zone">Whose days are meant.</param>
    public FilterValues(string query, TimeZoneInfo zone) => (_values, _zone) = (QueryHelpers.ParseQuery(query), zone);

    /// <summary>Whether a filter is set.</summary>
    public bool Has(string key) => Words(key).Length > 0;

    /// <summary>Typed words; empty: not set.</summary>
    public string Words(string key)
    {
        var words = _values.GetValueOrDefault(key).ToString().Trim();
        return words.Length <= WordsMax ? words : throw new FilterException(RecordTexts.FilterTooLong, key);
    }

    /// <summary>Each of the chosen words.</summary>
    public IReadOnlyList<string> Chosen(string key) => [.. _values.GetValueOrDefault(key).Where(v => !string.IsNullOrEmpty(v)).Select(v => v!)];

    /// <summary>Asked for.</summary>
    public bool Only(string key) => Words(key) == "1";

    /// <summary>The values of the chosen words.</summary>
    public IEnumerable<T> AnyOf<T>(string key)
        where T : struct, System.Enum =>
        Chosen(key).Select(word => EnumText<T>.Find(word) ?? throw new FilterException(RecordTexts.FilterWord, key));

    /// <summary>A whole number; 0: not set.</summary>
    public int Count(string key) => Words(key) is not { Length: > 0 } text ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : throw new FilterException(RecordTexts.FilterCount, key);

    /// <summary>Minor units; 0: not set. Typed in the currency that is chosen beside it, else in CNY.</summary>
    public long Amount(string key, string currencyKey) => Words(key) is not { Length: > 0 } text ? 0
        : Amounts.TryParse(text, Words(currencyKey) is { Length: > 0 } currency ? currency : "CNY", out var minor) ? minor : throw new FilterException(RecordTexts.FilterAmount, key);

    /// <summary>When a day begins.</summary>
    public Timestamp? From(string key) => DayOf(key) is { } day ? StartOf(day) : null;

    /// <summary>When a day is over.</summary>
    public Timestamp? Before(string key) => DayOf(key) is { } day ? StartOf(day.AddDays(1)) : null;

    /// <summary>Which page the address asks for.</summary>
    public ListPage Page(int limit) => new() { OlderThan = Place(RecordAddress.OlderKey), NewerThan = Place(RecordAddress.NewerKey), Limit = limit };

    private ListPlace? Place(string key) => Words(key) is { Length: > 0 } text ? RecordAddress.PlaceOf(text) ?? throw new FilterException(RecordTexts.FilterPlace, key) : null;

    private DateOnly? DayOf(string key) => Words(key) is not { Length: > 0 } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 9000 ? day
        : throw new FilterException(RecordTexts.FilterDay, key);

    private Timestamp StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        // A day that begins within an hour that clocks leave out begins after it.
        var start = _zone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return Timestamp.FromDateTimeOffset(new DateTimeOffset(start, _zone.GetUtcOffset(start)));
    }
}
