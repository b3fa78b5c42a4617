using System.Diagnostics.CodeAnalysis;
using PayCore.Contracts.V1;

namespace PayCore.NotifyGateway;

/// <summary>A delivery that was claimed and has no place yet.</summary>
internal sealed record TakenDelivery(Delivery Delivery, DateTimeOffset TakenAt);

/// <summary>A try under way. Two that began at the same instant are two.</summary>
internal sealed class RunningTry(Endpoint endpoint, DateTimeOffset startedAt)
{
    public Endpoint Endpoint => endpoint;

    public DateTimeOffset StartedAt => startedAt;
}

/// <summary>What this process knows of one endpoint (scheme, host and port): it starts empty, and belongs to the worker's loop alone.</summary>
internal sealed class Endpoint(string name)
{
    private const double NewestWeight = 0.3;
    private static readonly TimeSpan _firstGuess = TimeSpan.FromMilliseconds(100);

    private TimeSpan? _average;

    public string Name => name;

    public HashSet<RunningTry> Running { get; } = [];

    public Queue<TakenDelivery> Waiting { get; } = [];

    public int FailuresInRow { get; private set; }

    /// <summary>In probe mode: not tried before.</summary>
    public DateTimeOffset NextProbe { get; set; }

    /// <summary>Deliveries may be waiting in its line in the database.</summary>
    public bool HasLine { get; set; }

    /// <summary>Some of its line are being pulled.</summary>
    public bool Pulling { get; set; }

    public bool IsIdle => Running.Count == 0 && Waiting.Count == 0;

    public void Ended(TimeSpan duration, bool delivered)
    {
        _average = _average is { } average ? average + ((duration - average) * NewestWeight) : duration;
        FailuresInRow = delivered ? 0 : FailuresInRow + 1;
    }

    /// <summary>It answered before, and nothing that runs has been waiting for long.</summary>
    public bool IsQuick(DateTimeOffset now, TimeSpan quick) => _average <= quick && Running.All(r => now - r.StartedAt <= quick);

    /// <summary>How long one more delivery would wait for a place.</summary>
    public TimeSpan ExpectedWait(DateTimeOffset now, int places) => Pace(now, places) * (Waiting.Count + 1);

    /// <summary>From the end of one try to the end of the next, when all places are taken.</summary>
    public TimeSpan Pace(DateTimeOffset now, int places) => TypicalTry(now) / places;

    // What runs for long already says more than the average of those that ended.
    private TimeSpan TypicalTry(DateTimeOffset now)
    {
        var typical = _average ?? _firstGuess;
        foreach (var running in Running)
        {
            typical = now - running.StartedAt is var age && age > typical ? age : typical;
        }

        return typical;
    }
}

/// <summary>
/// The endpoints and their places. Merchants share a process: none may take more than its places, one that fails for long is only probed, and when
/// places become scarce, endpoints that are not known to be quick have one each. What finds no place waits in its endpoint's line in the database, where
/// it is in nobody's way (docs/decisions/0020-lines-of-endpoints.md). Belongs to the worker's loop alone.
/// </summary>
internal sealed class EndpointBook(NotifyOptions options)
{
    private const int EndpointsMax = 10_000;

    // One claim's worth: what is pulled comes before what is new of others.
    private const int PullMax = 256;
    private static readonly TimeSpan _quick = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Endpoint> _all = new(StringComparer.OrdinalIgnoreCase);

    // Those that have a try, a waiting delivery or a probe to wait for: the only ones to look through.
    private readonly HashSet<Endpoint> _busy = [];

    /// <summary>Tries under way.</summary>
    public int InFlight { get; private set; }

    /// <summary>Places that are free.</summary>
    public int Free => options.InFlightMax - InFlight;

    /// <summary>The endpoint of an address.</summary>
    public Endpoint Of(string url)
    {
        var name = Uri.TryCreate(url, UriKind.Absolute, out var uri) ? $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}" : "unknown";
        if (!_all.TryGetValue(name, out var endpoint))
        {
            _all.Add(name, endpoint = new Endpoint(name));
        }

        return endpoint;
    }

    public bool IsProbed(Endpoint endpoint) => endpoint.FailuresInRow >= options.ProbeAfterFailures;

    /// <summary>True when a try of this delivery may start now.</summary>
    public bool HasPlace(Endpoint endpoint, Delivery delivery, DateTimeOffset now)
    {
        if (Free <= 0)
        {
            return false;
        }

        if (IsProbed(endpoint) && !IsAskedFor(delivery))
        {
            // Whoever waits in its line has waited longer.
            return endpoint.Running.Count == 0 && now >= endpoint.NextProbe && (!endpoint.HasLine || delivery.WaitsFor.Length > 0);
        }

        return HasFreePlace(endpoint, now);
    }

    /// <summary>True when a delivery may wait here for a place.</summary>
    public bool MayWait(Endpoint endpoint, Delivery delivery, DateTimeOffset now) =>
        (!IsProbed(endpoint) || IsAskedFor(delivery)) && endpoint.ExpectedWait(now, options.InFlightPerEndpointMax) <= options.WaitMax;

    /// <summary>The turns in its endpoint's line of deliveries that may neither start nor wait here: none before the first, and how far they are apart.</summary>
    public (DateTimeOffset First, TimeSpan Every) Turns(Endpoint endpoint, DateTimeOffset now) => IsProbed(endpoint)
        // A sweep apart from the probes: whose turn it is, is found up to a sweep late, and the next one must not be too early for its probe.
        ? (endpoint.NextProbe > now ? endpoint.NextProbe : now, options.ProbeEvery + options.SweepEvery)
        : (now + endpoint.ExpectedWait(now, options.InFlightPerEndpointMax), endpoint.Pace(now, options.InFlightPerEndpointMax));

    /// <summary>How many of its line an endpoint that acknowledges could use now: as many as would start or wait, and 0 while it has enough to do.</summary>
    public int RoomForLine(Endpoint endpoint, DateTimeOffset now)
    {
        if (!endpoint.HasLine || endpoint.Pulling || endpoint.Waiting.Count > 0 || !HasFreePlace(endpoint, now))
        {
            return 0;
        }

        var mayWait = options.WaitMax / endpoint.Pace(now, options.InFlightPerEndpointMax);
        return 1 + (int)Math.Min(mayWait, PullMax - 1);
    }

    public RunningTry Start(Endpoint endpoint, DateTimeOffset now)
    {
        var running = new RunningTry(endpoint, now);
        endpoint.Running.Add(running);
        endpoint.NextProbe = now + options.ProbeEvery;
        InFlight++;
        Update(endpoint);
        return running;
    }

    public void Wait(Endpoint endpoint, TakenDelivery taken)
    {
        endpoint.Waiting.Enqueue(taken);
        Update(endpoint);
    }

    /// <summary>Ends a try.</summary>
    /// <param name="running">The try.</param>
    /// <param name="now">The time.</param>
    /// <param name="delivered">Whether the endpoint acknowledged; null when the try says nothing about the endpoint.</param>
    public void End(RunningTry running, DateTimeOffset now, bool? delivered)
    {
        var endpoint = running.Endpoint;
        endpoint.Running.Remove(running);
        InFlight--;
        if (delivered is { } acknowledged)
        {
            endpoint.Ended(now - running.StartedAt, acknowledged);
        }

        Update(endpoint);
    }

    /// <summary>The next waiting delivery that has a place now.</summary>
    public bool TryTakeWaiting(DateTimeOffset now, [NotNullWhen(true)] out Endpoint? endpoint, [NotNullWhen(true)] out TakenDelivery? taken)
    {
        endpoint = _busy.FirstOrDefault(e => e.Waiting.TryPeek(out var first) && HasPlace(e, first.Delivery, now));
        taken = endpoint?.Waiting.Dequeue();
        return taken is not null;
    }

    /// <summary>Takes out what has been waiting since before the given time, or cannot start here any more.</summary>
    public IReadOnlyList<(Endpoint Endpoint, TakenDelivery Taken)> TakeStale(DateTimeOffset takenBefore)
    {
        var stale = new List<(Endpoint, TakenDelivery)>();
        foreach (var endpoint in _busy.ToList())
        {
            while (endpoint.Waiting.TryPeek(out var taken) && (taken.TakenAt <= takenBefore || (IsProbed(endpoint) && !IsAskedFor(taken.Delivery))))
            {
                stale.Add((endpoint, endpoint.Waiting.Dequeue()));
            }

            Update(endpoint);
        }

        return stale;
    }

    /// <summary>Forgets endpoints about which there is nothing to know, when there are very many.</summary>
    public void Tidy()
    {
        if (_all.Count > EndpointsMax)
        {
            foreach (var endpoint in _all.Values.Where(e => !_busy.Contains(e)).ToList())
            {
                _all.Remove(endpoint.Name);
            }
        }
    }

    /// <summary>A person or the merchant asked for it: a sign that the endpoint works, and no backlog.</summary>
    private static bool IsAskedFor(Delivery delivery) => delivery is { Cycle: > 1, Tries: 0 };

    private bool HasFreePlace(Endpoint endpoint, DateTimeOffset now)
    {
        var scarce = InFlight > options.InFlightMax / 2;
        return Free > 0 && endpoint.Running.Count < (scarce && !endpoint.IsQuick(now, _quick) ? 1 : options.InFlightPerEndpointMax);
    }

    private void Update(Endpoint endpoint)
    {
        if (endpoint.IsIdle && !IsProbed(endpoint))
        {
            _busy.Remove(endpoint);
        }
        else
        {
            _busy.Add(endpoint);
        }
    }
}
