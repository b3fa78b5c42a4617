using System.Globalization;

namespace PayCore.ChannelSimulator;

/// <summary>The faults that wait to strike.</summary>
public sealed class Faults
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private int _lastId;

    internal Faults()
    {
    }

    /// <summary>All faults, also those that have struck out, the oldest first.</summary>
    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Select(e => e.Fault)];
            }
        }
    }

    /// <summary>Adds a fault and gives it an id. Its <see cref="Fault.Fired"/> counts on while it strikes.</summary>
    public Fault Add(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (!FaultKinds.All.Contains(fault.Kind) || !FaultKinds.Operations.Contains(fault.Operation) || !FaultKinds.Fits(fault.Kind, fault.Operation))
        {
            throw new ArgumentException($"There is no fault '{fault.Kind}' of '{fault.Operation}'.", nameof(fault));
        }

        lock (_lock)
        {
            if (fault.Id.Length == 0)
            {
                fault.Id = "fault-" + (++_lastId).ToString(CultureInfo.InvariantCulture);
            }

            if (_entries.Any(e => e.Fault.Id == fault.Id))
            {
                throw new ArgumentException($"There is a fault '{fault.Id}' already.", nameof(fault));
            }

            _entries.Add(new Entry(fault));
            return fault;
        }
    }

    /// <summary>Removes all faults and lets go what they hold.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _entries.ForEach(e => e.Released.TrySetResult());
            _entries.Clear();
        }
    }

    /// <summary>Lets go what a <c>hold</c> holds, now and later. False when there is no such fault.</summary>
    public bool Release(string id)
    {
        lock (_lock)
        {
            return _entries.Find(e => e.Fault.Id == id)?.Released.TrySetResult() is not null;
        }
    }

    /// <summary>Waits until the fault has struck once; one that struck already counts.</summary>
    public Task WaitForFiredAsync(string id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var entry = _entries.Find(e => e.Fault.Id == id) ?? throw new ArgumentException($"There is no fault '{id}'.", nameof(id));
            return entry.Fired.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes the oldest fault that is meant for this.</summary>
    internal Strike? Take(string operation, string? outTradeNo)
    {
        lock (_lock)
        {
            var entry = _entries.Find(e =>
                (e.Fault.Operation == operation || e.Fault.Operation == "any")
                && FaultKinds.Fits(e.Fault.Kind, operation)
                && (e.Fault.OutTradeNo is null || e.Fault.OutTradeNo == outTradeNo)
                && (e.Fault.Count < 0 || e.Taken < e.Fault.Count));
            if (entry is null)
            {
                return null;
            }

            entry.Taken++;
            return new Strike(this, entry);
        }
    }

    /// <summary>One strike of a fault.</summary>
    internal sealed class Strike(Faults faults, Entry entry)
    {
        public string Kind => entry.Fault.Kind;

        public TimeSpan Delay => TimeSpan.FromMilliseconds(entry.Fault.DelayMs);

        public string SubCode => entry.Fault.SubCode;

        public Task Released => entry.Released.Task;

        /// <summary>Tells those who wait that it has struck.</summary>
        public void Fire()
        {
            lock (faults._lock)
            {
                entry.Fault.Fired++;
            }

            entry.Fired.TrySetResult();
        }
    }

    /// <summary>A fault and who waits for it.</summary>
    internal sealed class Entry(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int Taken { get; set; }

        public TaskCompletionSource Fired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
