using System.Data.Common;
using Dapper;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>
/// A page of a list across all apps. It walks one or more indexes in the order of the list, so that nothing is sorted but a page, and a deep page costs what the first one
/// costs. Filters that no index knows are tried on the entries that the walk passes; it passes no more than <see cref="LookThrough"/> of each index, and then says how far it came.
/// </summary>
internal sealed class RecordQuery
{
    /// <summary>As many entries a page looks through for those that the filters leave.</summary>
    public const int LookThrough = 10_000;

    private const int LimitDefault = 50;
    private const int LimitMax = 200;

    // Ids are of [0-9A-Z]: these stand before and after all of them.
    private const string BeforeAllIds = "";
    private const string AfterAllIds = "~";

    private readonly string _table;
    private readonly string _key;
    private readonly string _time;
    private readonly bool _isMySql;
    private readonly ListPlace? _place;
    private readonly bool _up;
    private readonly int _limit;
    private readonly DynamicParameters _parameters = new();
    private readonly List<string> _range = [];
    private readonly List<string> _filters = [];
    private readonly List<(string Index, string Prefix)> _walks = [];

    /// <summary>Begins a query.</summary>
    /// <param name="table">The table, <c>r</c> in conditions.</param>
    /// <param name="key">Its key, by which entries of one time are in order.</param>
    /// <param name="time">The time by which the list is in order.</param>
    /// <param name="page">Which page.</param>
    /// <param name="isMySql">Which words name an index.</param>
    public RecordQuery(string table, string key, string time, ListPage? page, bool isMySql)
    {
        (_table, _key, _time, _isMySql) = (table, key, time, isMySql);
        (_place, _up) = page switch
        {
            { OlderThan: not null, NewerThan: not null } => throw Refusals.InvalidArgument("page.newer_than", "not together with older_than"),
            { NewerThan: { } newer } => (newer, true),
            _ => (page?.OlderThan, false),
        };
        _limit = page?.Limit switch
        {
            null or 0 => LimitDefault,
            < 0 or > LimitMax => throw Refusals.InvalidArgument("page.limit", $"is 1 to {LimitMax}"),
            { } limit => limit,
        };
        if (_place is not null)
        {
            if (_place.Time is null)
            {
                throw Refusals.InvalidArgument(_up ? "page.newer_than.time" : "page.older_than.time", "is missing");
            }

            _range.Add(_up
                ? $"r.{_time} >= @placeTime AND (r.{_time} > @placeTime OR r.{_key} > @placeId)"
                : $"r.{_time} <= @placeTime AND (r.{_time} < @placeTime OR r.{_key} < @placeId)");
            _parameters.AddDynamicParams(new { placeTime = _place.Time.Ms(), placeId = _place.Id });
        }
    }

    /// <summary>Walks an index from the values that <paramref name="prefix"/> gives to its first columns; then come the list's time and key.</summary>
    public RecordQuery Walk(string index, string prefix = "1 = 1")
    {
        _walks.Add((index, prefix));
        return this;
    }

    /// <summary>Only entries from a time on and before another.</summary>
    public RecordQuery Between(string fromField, Google.Protobuf.WellKnownTypes.Timestamp? from, Google.Protobuf.WellKnownTypes.Timestamp? before)
    {
        if (from is not null && before is not null && from.Ms() >= before.Ms())
        {
            throw Refusals.InvalidArgument(fromField, "is before the end of the range");
        }

        AddIf(_range, from is not null, $"r.{_time} >= @from", new { from = from.MsOrNull() });
        AddIf(_range, before is not null, $"r.{_time} < @before", new { before = before.MsOrNull() });
        return this;
    }

    /// <summary>Only entries that a condition holds for, if it was asked for.</summary>
    public RecordQuery Where(bool asked, string condition, object? parameters = null)
    {
        AddIf(_filters, asked, condition, parameters);
        return this;
    }

    /// <summary>Only entries whose column has a value, if one was asked for.</summary>
    public RecordQuery Equal(string column, string value)
    {
        if (value.Length > 0)
        {
            _filters.Add($"r.{column} = @{column}");
            _parameters.Add(column, value);
        }

        return this;
    }

    /// <summary>The value of a walk's parameter.</summary>
    public RecordQuery Bind(string name, string value)
    {
        _parameters.Add(name, value);
        return this;
    }

    /// <summary>Only amounts within both bounds; 0 is no bound.</summary>
    public RecordQuery Amounts(long least, long most)
    {
        if (least < 0)
        {
            throw Refusals.InvalidArgument("amount_minor_min", "is 0 or more");
        }

        if (most < 0 || (most > 0 && most < least))
        {
            throw Refusals.InvalidArgument("amount_minor_max", "is 0, or not below amount_minor_min");
        }

        AddIf(_filters, least > 0, "r.amount_minor >= @least", new { least });
        AddIf(_filters, most > 0, "r.amount_minor <= @most", new { most });
        return this;
    }

    /// <summary>The statements that a page takes, for whoever asks how they are carried out.</summary>
    internal (IReadOnlyList<string> Sql, DynamicParameters Parameters) Explain()
    {
        _parameters.AddDynamicParams(new { take = _limit + 1, lookThrough = LookThrough });
        return ([PageSql(null), .. _filters.Count == 0 ? [] : _walks.Select(StopSql)], _parameters);
    }

    /// <summary>The keys of a page, newest first, and where it stands.</summary>
    public async Task<(IReadOnlyList<string> Keys, ListPlaces Places)> ReadAsync(DbConnection connection)
    {
        var stop = _filters.Count == 0 ? null : await StopAsync(connection);
        _parameters.AddDynamicParams(new { take = _limit + 1, stop });
        var found = (await connection.QueryAsync<Entry>(PageSql(stop), _parameters)).ToList();
        var isFull = found.Count > _limit;
        var entries = found.Take(_limit).ToList();
        if (_up)
        {
            entries.Reverse();
        }

        var places = new ListPlaces { Stopped = !isFull && stop is not null };
        var onward = isFull ? (_up ? entries[0] : entries[^1]).ToPlace() : stop is { } at ? Place(at, _up ? AfterAllIds : BeforeAllIds) : null;
        if (_up)
        {
            (places.Newer, places.Older) = (onward, entries.Count > 0 ? entries[^1].ToPlace() : Place(_place!.Time.Ms(), AfterAllIds));
        }
        else
        {
            var back = entries.Count > 0 ? entries[0].ToPlace() : Place(_place?.Time.Ms() ?? 0, BeforeAllIds);
            (places.Older, places.Newer) = (onward, _place is null ? null : back);
        }

        return ([.. entries.Select(e => e.Id)], places);
    }

    /// <summary>The time at which the walk has passed entries enough; null when it ends before.</summary>
    private async Task<long?> StopAsync(DbConnection connection)
    {
        _parameters.Add("lookThrough", LookThrough);
        long? stop = null;
        foreach (var walk in _walks)
        {
            var (count, end) = await connection.QuerySingleAsync<(long Count, long? End)>(StopSql(walk), _parameters);
            if (count == LookThrough && end is { } at)
            {
                stop = stop is not { } other ? at : _up ? Math.Min(at, other) : Math.Max(at, other);
            }
        }

        return stop;
    }

    private string StopSql((string Index, string Prefix) walk) =>
        $"SELECT COUNT(*), {(_up ? "MAX" : "MIN")}(at) FROM (SELECT r.{_time} AS at {From(walk, null, [])} ORDER BY {Order("r.")} LIMIT @lookThrough) page";

    private string PageSql(long? stop)
    {
        var walks = _walks.Select(w => $"SELECT r.{_key} AS id, r.{_time} AS at {From(w, stop, _filters)} ORDER BY {Order("r.")} LIMIT @take").ToList();
        return walks.Count == 1
            ? walks[0]
            : $"{string.Join("\nUNION ALL\n", walks.Select(w => $"SELECT id, at FROM ({w}) page"))}\nORDER BY at {Direction}, id {Direction} LIMIT @take";
    }

    private string From((string Index, string Prefix) walk, long? stop, IEnumerable<string> filters)
    {
        string[] bound = stop is null ? [] : [$"r.{_time} {(_up ? "<=" : ">=")} @stop"];
        return $"FROM {_table} r {IndexHint.Of(walk.Index, _isMySql)} WHERE {string.Join(" AND ", [walk.Prefix, .. _range, .. bound, .. filters])}";
    }

    private string Direction => _up ? "ASC" : "DESC";

    private string Order(string of) => $"{of}{_time} {Direction}, {of}{_key} {Direction}";

    private void AddIf(List<string> to, bool asked, string condition, object? parameters)
    {
        if (asked)
        {
            to.Add(condition);
            _parameters.AddDynamicParams(parameters);
        }
    }

    private static ListPlace Place(long time, string id) => new() { Time = Times.ToTimestamp(time), Id = id };

    private sealed record Entry
    {
        public string Id { get; init; } = "";
        public long At { get; init; }

        public ListPlace ToPlace() => Place(At, Id);
    }
}
