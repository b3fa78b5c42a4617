using Microsoft.Extensions.Options;

namespace PayCore.CallbackGateway;

/// <summary>
/// Says whether one more rejected callback of an account is kept: at an even pace, and as many at once as the burst has. What proves nothing can come from anybody, without end;
/// what is proven does not ask here. Safe for concurrent use.
/// </summary>
internal sealed class KeepPace(IOptions<CallbackOptions> options, TimeProvider time)
{
    /// <summary>Accounts that are remembered at once.</summary>
    internal const int AccountsMax = 10_000;

    private readonly Lock _lock = new();

    /// <summary>For each account, from when on the next one is kept.</summary>
    private readonly Dictionary<(string Channel, string Account), long> _next = [];

    /// <summary>Takes a place for one. False: it is not kept.</summary>
    public bool TryTake(string channel, string account)
    {
        var apart = time.TimestampFrequency / options.Value.RejectedPerSecond;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var whole = now - ((options.Value.RejectedBurst - 1) * apart);
            var isKnown = _next.TryGetValue((channel, account), out var next);
            next = isKnown ? Math.Max(next, whole) : whole;
            if (next > now || (!isKnown && !HasRoom(whole)))
            {
                return false;
            }

            _next[(channel, account)] = next + apart;
            return true;
        }
    }

    /// <summary>A channel that says of every name that it is an account's must not grow this without end: those whose burst is whole are as if they had never been.</summary>
    private bool HasRoom(long whole)
    {
        if (_next.Count >= AccountsMax)
        {
            foreach (var account in _next.Where(n => n.Value <= whole).Select(n => n.Key).ToList())
            {
                _next.Remove(account);
            }
        }

        return _next.Count < AccountsMax;
    }
}
