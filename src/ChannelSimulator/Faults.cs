using System.Collections.Concurrent;

namespace PayCore.ChannelSimulator;

/// <summary>Something that goes wrong on purpose.</summary>
public sealed record Fault
{
    /// <summary>Given by <see cref="Faults.Add"/>.</summary>
    public string Id { get; init; } = "";

    /// <summary><c>place</c>, <c>query</c>, <c>close</c>, <c>callback</c>, <c>certificates</c> or <c>any</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>
    /// <c>late</c>, <c>lost</c>, <c>effect_then_timeout</c>, <c>effect_then_drop</c>, <c>error_500_before</c>, <c>error_500_after</c>, <c>error_429</c>,
    /// <c>error_503</c>, <c>garbage</c>, <c>unsigned</c>, <c>bad_signature</c>, <c>old_timestamp</c>, <c>probe_signature</c>, <c>body_changed</c>,
    /// <c>twice</c>, <c>wrong_amount</c>, <c>other_mchid</c>, <c>other_out_trade_no</c>, <c>other_key</c>, <c>hold</c>, <c>hold_after_effect</c>.
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>Only for this order; null: for every one.</summary>
    public string? OutTradeNo { get; init; }

    /// <summary>How many times; -1: always. Default 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>With <c>late</c>.</summary>
    public int DelayMs { get; init; }

    /// <summary>Times it happened.</summary>
    public int Fired { get; init; }
}

/// <summary>The fault menu.</summary>
public sealed class Faults(SimulatorRandom random)
{
    /// <summary>Every kind that the simulator knows.</summary>
    public static IReadOnlyCollection<string> Kinds { get; } =
    [
        "late", "lost", "effect_then_timeout", "effect_then_drop", "error_500_before", "error_500_after", "error_429", "error_503", "garbage", "unsigned",
        "bad_signature", "old_timestamp", "probe_signature", "body_changed", "twice", "wrong_amount", "other_mchid", "other_out_trade_no", "other_key",
        "hold", "hold_after_effect",
    ];

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>What is on the menu, with what has fired.</summary>
    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Select(e => e.Fault)];
            }
        }
    }

    /// <summary>Adds a fault.</summary>
    /// <exception cref="ArgumentException">There is no such kind.</exception>
    public Fault Add(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (!Kinds.Contains(fault.Kind))
        {
            throw new ArgumentException($"There is no fault '{fault.Kind}'. Kinds: {string.Join(", ", Kinds)}.", nameof(fault));
        }

        var added = new Entry(fault with { Id = $"F{random.Text(10)}", Fired = 0 });
        lock (_gate)
        {
            _entries.Add(added);
        }

        return added.Fault;
    }

    /// <summary>Takes everything off the menu and lets go of what is held.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var entry in _entries)
            {
                entry.Released.TrySetResult();
            }

            _entries.Clear();
        }
    }

    /// <summary>Lets go of what a <c>hold</c> holds, now and in future.</summary>
    public void Release(string id) => Find(id).Released.TrySetResult();

    /// <summary>Waits until a fault has fired at least once.</summary>
    public Task WaitForFiredAsync(string id, CancellationToken cancellation) => Find(id).FiredOnce.Task.WaitAsync(cancellation);

    /// <summary>The fault that is to happen now, which counts as fired; null: all goes well.</summary>
    internal Fault? Take(string operation, string? outTradeNo)
    {
        lock (_gate)
        {
            var entry = _entries.FirstOrDefault(e =>
                (e.Fault.Operation == operation || e.Fault.Operation == "any") && (e.Fault.OutTradeNo is null || e.Fault.OutTradeNo == outTradeNo)
                && (e.Fault.Count < 0 || e.Fault.Fired < e.Fault.Count));
            if (entry is null)
            {
                return null;
            }

            entry.Fault = entry.Fault with { Fired = entry.Fault.Fired + 1 };
            entry.FiredOnce.TrySetResult();
            return entry.Fault;
        }
    }

    internal Task WaitForReleaseAsync(Fault fault, CancellationToken cancellation) => Find(fault.Id).Released.Task.WaitAsync(cancellation);

    private Entry Find(string id)
    {
        lock (_gate)
        {
            return _entries.FirstOrDefault(e => e.Fault.Id == id) ?? throw new KeyNotFoundException($"There is no fault {id}.");
        }
    }

    private sealed class Entry(Fault fault)
    {
        public Fault Fault { get; set; } = fault;

        public TaskCompletionSource FiredOnce { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>One call that the simulator received.</summary>
/// <param name="At">When.</param>
/// <param name="Operation"><c>place</c>, <c>query</c>, <c>close</c>, …</param>
/// <param name="OutTradeNo">The merchant's number, when it could be read.</param>
/// <param name="Status">The HTTP status answered; 0 when the connection was dropped.</param>
/// <param name="Code">The error code answered, or empty.</param>
/// <param name="Fault">The fault that happened, or null.</param>
public sealed record ReceivedCall(DateTimeOffset At, string Operation, string? OutTradeNo, int Status, string Code, string? Fault);

/// <summary>The calls that the simulator received, newest last. Holds no secret.</summary>
public sealed class RequestLog
{
    private const int CallsMax = 10_000;
    private readonly ConcurrentQueue<ReceivedCall> _calls = new();

    /// <summary>The newest calls.</summary>
    public IReadOnlyList<ReceivedCall> Calls => [.. _calls];

    internal void Add(ReceivedCall call)
    {
        _calls.Enqueue(call);
        while (_calls.Count > CallsMax)
        {
            _calls.TryDequeue(out _);
        }
    }
}
