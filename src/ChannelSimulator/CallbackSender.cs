using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>Owns the callbacks: each is sent until it is delivered or its provider's schedule ends.</summary>
internal sealed class CallbackSender : BackgroundService
{
    private readonly Channel<Notification> _due = Channel.CreateUnbounded<Notification>();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CallbackClient _client;
    private readonly CallbackLog _log;
    private readonly TimeProvider _time;
    private readonly double _scale;

    public CallbackSender(
        IEnumerable<INotificationSource> sources, CallbackClient client, CallbackLog log, TimeProvider time, IOptions<SimulatorOptions> options)
    {
        _client = client;
        _log = log;
        _time = time;
        _scale = options.Value.ScheduleScale;
        foreach (var source in sources)
        {
            // What a process before this one left undelivered goes on where it stood.
            foreach (var callback in source.Undelivered)
            {
                _due.Writer.TryWrite(callback);
            }

            source.Due += callback => _due.Writer.TryWrite(callback);
        }
    }

    /// <summary>Sends the callback of a paid order again, all at once, outside the schedule.</summary>
    public async Task<IReadOnlyList<CallbackSend>> ResendAsync(Notification callback, int times, CancellationToken cancellation)
    {
        var sends = await Task.WhenAll(Enumerable.Range(0, times).Select(async _ => Logged(await _client.SendAsync(callback, 0, cancellation))));
        return [.. sends.SelectMany(s => s)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var callback in _due.Reader.ReadAllAsync(stoppingToken))
            {
                var delivery = DeliverAsync(callback, stoppingToken);
                _running[delivery] = true;
                _ = delivery.ContinueWith(
                    d => _running.TryRemove(d, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        finally
        {
            await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DeliverAsync(Notification callback, CancellationToken stopping)
    {
        await Task.Yield();
        while (callback.State is { NextAt: { } dueAt } state)
        {
            if (dueAt - _time.GetUtcNow() is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _time, stopping);
            }

            var sends = await _client.SendAsync(callback, state.Attempts + 1, stopping);
            var delivered = sends.Any(s => s.Delivered && s.NotificationId == state.Id);
            DateTimeOffset? next = delivered || state.Attempts >= callback.Pauses.Count ? null : sends[^1].At + callback.Pauses[state.Attempts] * _scale;
            callback = callback.Sent(state with { Attempts = state.Attempts + 1, NextAt = next, Delivered = delivered });
            // Who waits for the send finds the ledger up to date.
            Logged(sends);
        }
    }

    private CallbackSend[] Logged(CallbackSend[] sends)
    {
        Array.ForEach(sends, _log.Add);
        return sends;
    }
}
