using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>Owns the callbacks: each paid order's is sent until it is delivered or the schedule ends (wechat-pay-v3.md 5.5).</summary>
internal sealed class CallbackSender : BackgroundService
{
    private readonly Channel<SimulatedOrder> _due = Channel.CreateUnbounded<SimulatedOrder>();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly WechatLedger _ledger;
    private readonly CallbackClient _client;
    private readonly CallbackLog _log;
    private readonly TimeProvider _time;
    private readonly TimeSpan[] _pauses;

    public CallbackSender(WechatLedger ledger, CallbackClient client, CallbackLog log, TimeProvider time, IOptions<SimulatorOptions> options)
    {
        _ledger = ledger;
        _client = client;
        _log = log;
        _time = time;
        _pauses = [.. Pauses().Select(p => p * options.Value.ScheduleScale)];
        // What a process before this one left undelivered goes on where it stood.
        foreach (var order in ledger.All.Where(o => o.Callback?.NextAt is not null))
        {
            _due.Writer.TryWrite(order);
        }

        ledger.Paid += order => _due.Writer.TryWrite(order);
    }

    /// <summary>Sends the callback of a paid order again, all at once, outside the schedule.</summary>
    public async Task<IReadOnlyList<CallbackSend>> ResendAsync(SimulatedOrder order, int times, CancellationToken cancellation)
    {
        var sends = await Task.WhenAll(Enumerable.Range(0, times).Select(async _ => Logged(await _client.SendAsync(order, 0, cancellation))));
        return [.. sends.SelectMany(s => s)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var order in _due.Reader.ReadAllAsync(stoppingToken))
            {
                var delivery = DeliverAsync(order, stoppingToken);
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

    private static IEnumerable<TimeSpan> Pauses()
    {
        int[] seconds = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];
        return seconds.Select(s => TimeSpan.FromSeconds(s));
    }

    private async Task DeliverAsync(SimulatedOrder order, CancellationToken stopping)
    {
        await Task.Yield();
        while (order.Callback is { NextAt: { } dueAt } callback)
        {
            if (dueAt - _time.GetUtcNow() is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _time, stopping);
            }

            var sends = await _client.SendAsync(order, callback.Attempts + 1, stopping);
            var delivered = sends.Any(s => s.Delivered);
            DateTimeOffset? next = delivered || callback.Attempts >= _pauses.Length ? null : sends[^1].At + _pauses[callback.Attempts];
            order = _ledger.CallbackSent(order, callback with { Attempts = callback.Attempts + 1, NextAt = next, Delivered = delivered });
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
