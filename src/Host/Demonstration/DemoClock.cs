using System.IO.MemoryMappedFiles;

namespace PayCore.Host.Demonstration;

/// <summary>
/// The system's clock, which can be wound forward: what waits for a time finds it come, timers too. The ladders of minutes are shown in seconds that way, and between
/// two windings everything runs at its real speed. Processes that name the same file share how far it was wound: one winds, and the clocks of all stand forward at
/// once; each looks fifty times a second whether its timers are due now.
/// </summary>
internal sealed class DemoClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly HashSet<WoundTimer> _timers = [];
    private readonly MemoryMappedFile _memory;
    private readonly MemoryMappedViewAccessor _wound;
    private readonly ITimer? _looking;
    private long _seenTicks;

    /// <summary>A clock of this process alone, or with a file the one of all processes that name it.</summary>
    public DemoClock(string? file = null)
    {
        _memory = file is null ? MemoryMappedFile.CreateNew(null, sizeof(long)) : Open(file);
        _wound = _memory.CreateViewAccessor(0, sizeof(long));
        _seenTicks = WoundTicks;
        _looking = file is null ? null : System.CreateTimer(_ => RearmAfterWinding(), null, _look, _look);
    }

    /// <summary>How far it was wound in all.</summary>
    public TimeSpan Wound => TimeSpan.FromTicks(WoundTicks);

    private long WoundTicks => _wound.ReadInt64(0);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Winds it forward. One at a time does so.</summary>
    public void Wind(TimeSpan by)
    {
        lock (_lock)
        {
            _wound.Write(0, WoundTicks + by.Ticks);
        }

        RearmAfterWinding();
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Wound;

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + WoundTicks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WoundTimer(this, callback, state);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _looking?.Dispose();
        _wound.Dispose();
        _memory.Dispose();
    }

    private static MemoryMappedFile Open(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        return MemoryMappedFile.CreateFromFile(stream, null, sizeof(long), MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
    }

    private void RearmAfterWinding()
    {
        WoundTimer[] timers;
        lock (_lock)
        {
            var wound = WoundTicks;
            if (wound == _seenTicks)
            {
                return;
            }

            _seenTicks = wound;
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Arm();
        }
    }

    private void Forget(WoundTimer timer)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>A timer that is due by the wound clock, on a timer of the system that is set anew whenever the clock is wound.</summary>
    private sealed class WoundTimer : ITimer
    {
        private readonly Lock _lock = new();
        private readonly DemoClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private long? _dueAt;

        public WoundTimer(DemoClock clock, TimerCallback callback, object? state)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _timer = System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                _period = period;
                _dueAt = dueTime == Timeout.InfiniteTimeSpan ? null : _clock.GetTimestamp() + dueTime.Ticks;
            }

            return Arm();
        }

        public bool Arm()
        {
            lock (_lock)
            {
                var wait = _dueAt is { } due ? TimeSpan.FromTicks(Math.Max(0, due - _clock.GetTimestamp())) : Timeout.InfiniteTimeSpan;
                return _timer.Change(wait, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            _clock.Forget(this);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _clock.Forget(this);
            return _timer.DisposeAsync();
        }

        private void Fire()
        {
            lock (_lock)
            {
                if (_dueAt is not { } due || due > _clock.GetTimestamp())
                {
                    // Changed in the meantime.
                    Arm();
                    return;
                }

                _dueAt = _period > TimeSpan.Zero ? due + _period.Ticks : null;
                Arm();
            }

            _callback(_state);
        }
    }
}
