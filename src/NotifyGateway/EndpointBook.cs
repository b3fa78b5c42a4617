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
    private const int UrlsMax = 32;
    private const double NewestWeight = 0.3;
    private static readonly TimeSpan _firstGuess = TimeSpan.FromMilliseconds(100);

    private readonly List<string> _urls = [];
    private TimeSpan? _average;
    private DateTimeOffset _goBackUntil;

    public string Name => name;

    /// <summary>The addresses that were seen last.</summary>
    public IReadOnlyList<string> Urls => _urls;

    public HashSet<RunningTry> Running { get; } = [];

    public Queue<TakenDelivery> Waiting { get; } = [];

    public int FailuresInRow { get; private set; }

    /// <summary>In probe mode: not tried before.</summary>
    public DateTimeOffset NextProbe { get; set; }

    /// <summary>Its deliveries were left out of the last claim.</summary>
    public bool LeftOut { get; set; }

    public bool IsIdle => Running.Count == 0 && Waiting.Count == 0;

    public void Saw(string url)
    {
        if (!_urls.Contains(url))
        {
            if (_urls.Count == UrlsMax)
            {
                _urls.RemoveAt(0);
            }

            _urls.Add(url);
        }
    }

    public void Ended(TimeSpan duration, bool delivered)
    {
        _average = _average is { } average ? average + ((duration - average) * NewestWeight) : duration;
        FailuresInRow = delivered ? 0 : FailuresInRow + 1;
    }

    /// <summary>It answered before, and nothing that runs has been waiting for long.</summary>
    public bool IsQuick(DateTimeOffset now, TimeSpan quick) => _average <= quick && Running.All(r => now - r.StartedAt <= quick);

    /// <summary>How long one more delivery would wait for a place.</summary>
    public TimeSpan ExpectedWait(DateTimeOffset now, int places) => TypicalTry(now) * (Waiting.Count + 1) / places;

    /// <summary>When a delivery that finds no place comes back: each a little after the one before, within a limit.</summary>
    public TimeSpan GoBackFor(DateTimeOffset now, int places, TimeSpan longest)
    {
        _goBackUntil = (_goBackUntil > now ? _goBackUntil : now) + (TypicalTry(now) / places);
        var wait = _goBackUntil - now;
        if (wait > longest)
        {
            // The next round begins at the front again.
            _goBackUntil = now;
            wait = longest;
        }

        return wait;
    }

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
/// places become scarce, endpoints that are not known to be quick have one each. Belongs to the worker's loop alone.
/// </summary>
internal sealed class EndpointBook(NotifyOptions options)
{
    private const int ExceptUrlsMax = 500;
    private const int EndpointsMax = 10_000;
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
        var name = Uri.TryCreate(url, UriKind.Absolute, out var uri) ? $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}" : "";
        if (!_all.TryGetValue(name, out var endpoint))
        {
            _all.Add(name, endpoint = new Endpoint(name));
        }

        endpoint.Saw(url);
        return endpoint;
    }

    public bool IsProbed(Endpoint endpoint) => endpoint.FailuresInRow >= options.ProbeAfterFailures;

    /// <summary>True when a try may start now.</summary>
    public bool HasPlace(Endpoint endpoint, DateTimeOffset now)
    {
        if (Free <= 0)
        {
            return false;
        }

        if (IsProbed(endpoint))
        {
            return endpoint.Running.Count == 0 && now >= endpoint.NextProbe;
        }

        var scarce = InFlight > options.InFlightMax / 2;
        return endpoint.Running.Count < (scarce && !endpoint.IsQuick(now, _quick) ? 1 : options.InFlightPerEndpointMax);
    }

    /// <summary>True when a delivery may wait here for a place.</summary>
    public bool MayWait(Endpoint endpoint, DateTimeOffset now) =>
        !IsProbed(endpoint) && endpoint.ExpectedWait(now, options.InFlightPerEndpointMax) <= options.WaitMax;

    /// <summary>When a delivery that may neither start nor wait should be found again.</summary>
    public TimeSpan GoBackFor(Endpoint endpoint, DateTimeOffset now) =>
        IsProbed(endpoint) && endpoint.NextProbe > now
            ? endpoint.NextProbe - now
            : endpoint.GoBackFor(now, options.InFlightPerEndpointMax, options.ProbeEvery);

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
        endpoint = _busy.FirstOrDefault(e => e.Waiting.Count > 0 && HasPlace(e, now));
        taken = endpoint?.Waiting.Dequeue();
        return taken is not null;
    }

    /// <summary>Takes out what has been waiting since before the given time, or cannot start here any more.</summary>
    public IReadOnlyList<(Endpoint Endpoint, TakenDelivery Taken)> TakeStale(DateTimeOffset takenBefore)
    {
        var stale = new List<(Endpoint, TakenDelivery)>();
        foreach (var endpoint in _busy.ToList())
        {
            while (endpoint.Waiting.TryPeek(out var taken) && (taken.TakenAt <= takenBefore || IsProbed(endpoint)))
            {
                stale.Add((endpoint, endpoint.Waiting.Dequeue()));
            }

            Update(endpoint);
        }

        return stale;
    }

    /// <summary>Addresses whose deliveries a claim should leave where they are: their endpoints have no place now.</summary>
    public IReadOnlyList<string> LeaveOut(DateTimeOffset now)
    {
        var urls = new List<string>();
        foreach (var endpoint in _busy)
        {
            endpoint.LeftOut = urls.Count < ExceptUrlsMax && (endpoint.Waiting.Count > 0 || !HasPlace(endpoint, now));
            if (endpoint.LeftOut)
            {
                urls.AddRange(endpoint.Urls.Take(ExceptUrlsMax - urls.Count));
            }
        }

        return urls;
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
