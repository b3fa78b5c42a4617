namespace PayCore.ChannelSimulator;

/// <summary>
/// The bills of both providers: made from their ledgers when they are first asked for, and the same from then on. Differences can be planted, and a day's bill
/// can be made ready before its time.
/// </summary>
public sealed class SimulatedBills
{
    private readonly Lock _lock = new();
    private readonly List<BillDifference> _differences = [];
    private readonly HashSet<(string Provider, string Merchant, DateOnly Day)> _ready = [];
    private readonly Dictionary<(string Provider, string Merchant, DateOnly Day), IReadOnlyList<BillRow>> _made = [];
    private readonly Dictionary<string, BillFile> _offered = [];
    private readonly TimeProvider _time;
    private readonly SimulatorRandom _random;

    internal SimulatedBills(TimeProvider time, SimulatorRandom random) => (_time, _random) = (time, random);

    /// <summary>Plants a difference. A bill of that day that was made already is made anew.</summary>
    public void Plant(BillDifference difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        if (difference.Provider is not ("wechat" or "alipay") || difference.Kind is not ("extra" or "missing" or "amount" or "state")
            || (difference.Kind == "state" && (difference.State is null || difference.Provider == "alipay")))
        {
            throw new ArgumentException("The provider is wechat or alipay; the kind is extra, missing, amount, or at WeChat Pay state.", nameof(difference));
        }

        lock (_lock)
        {
            _differences.Add(difference);
            _made.Remove((difference.Provider, difference.Merchant, difference.Day));
        }
    }

    /// <summary>Makes a day's bill ready now, whatever the hour; one that was made already is made anew.</summary>
    public void MakeReady(string provider, string merchant, DateOnly day)
    {
        lock (_lock)
        {
            _ready.Add((provider, merchant, day));
            _made.Remove((provider, merchant, day));
        }
    }

    /// <summary>Takes back all differences and every readiness.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _differences.Clear();
            _ready.Clear();
            _made.Clear();
        }
    }

    /// <summary>Whether there can be a bill of the day: from an hour of the next day on.</summary>
    internal bool IsReady(string provider, string merchant, DateOnly day, int hour)
    {
        lock (_lock)
        {
            return _ready.Contains((provider, merchant, day)) || _time.GetUtcNow() >= WireTime.Start(day.AddDays(1)).AddHours(hour);
        }
    }

    /// <summary>Everything that the bills of a day hold, in order of time.</summary>
    internal IReadOnlyList<BillRow> Rows(string provider, string merchant, DateOnly day, Func<IEnumerable<BillRow>> ledger)
    {
        lock (_lock)
        {
            var key = (provider, merchant, day);
            if (!_made.TryGetValue(key, out var rows))
            {
                var planted = _differences.Where(d => d.Provider == provider && d.Merchant == merchant && d.Day == day);
                rows = [.. planted.Aggregate(ledger().Where(r => WireTime.Date(r.At) == day), Planted).OrderBy(r => r.At)];
                _made[key] = rows;
            }

            return rows;
        }
    }

    /// <summary>Offers a file for download and names it.</summary>
    internal string Offer(BillFile file)
    {
        var token = _random.Text(40);
        lock (_lock)
        {
            _offered[token] = file;
        }

        return token;
    }

    /// <summary>The file, or null when there is none or its address has ended.</summary>
    internal BillFile? Find(string token)
    {
        lock (_lock)
        {
            return _offered.TryGetValue(token, out var file) && _time.GetUtcNow() < file.Until ? file : null;
        }
    }

    private static IEnumerable<BillRow> Planted(IEnumerable<BillRow> rows, BillDifference difference) => difference.Kind switch
    {
        "missing" => rows.Where(r => r.Number != difference.Number),
        "amount" => rows.Select(r => r.Number == difference.Number ? r with { Amount = difference.Amount } : r),
        "state" => rows.Select(r => r.Number == difference.Number ? r with { State = difference.State! } : r),
        _ => rows.Append(Extra(difference)),
    };

    private static BillRow Extra(BillDifference difference)
    {
        var noon = WireTime.Start(difference.Day).AddHours(12);
        return new BillRow
        {
            At = noon,
            Created = noon,
            OutTradeNo = difference.RefundOf ?? difference.Number,
            Transaction = "4200000000" + WireTime.Day(noon) + "0000000001",
            OutRefundNo = difference.RefundOf is null ? null : difference.Number,
            RefundId = difference.RefundOf is null ? null : "50300" + WireTime.Day(noon) + "0000000000000001",
            Amount = difference.Amount,
            State = "SUCCESS",
        };
    }
}

/// <summary>A file that can be downloaded for a while.</summary>
internal sealed record BillFile(string Merchant, byte[] Content, DateTimeOffset Until);
