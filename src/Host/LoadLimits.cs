using System.Threading.RateLimiting;
using Grpc.Core;
using Microsoft.Extensions.Options;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Host;

/// <summary>
/// How many requests of a kind a process serves at once (section <c>Limits</c>). Each kind has its own bound, far above what it takes to be busy: a process beyond it is
/// stuck or flooded, and does better for the others to refuse one more than to take it.
/// </summary>
internal sealed class LimitsOptions
{
    /// <summary>Merchants' calls, REST and gRPC. Default 1,000.</summary>
    public int Merchant { get; set; } = 1000;

    /// <summary>Providers' callbacks, which come again. Default 500.</summary>
    public int Callback { get; set; } = 500;

    /// <summary>Pages: shop, cashier, and what else comes to the web port. Default 1,000.</summary>
    public int Page { get; set; } = 1000;

    /// <summary>The operators' console; a page that is open is one. Default 500.</summary>
    public int Console { get; set; } = 500;

    /// <summary>Calls between services. Default 4,000.</summary>
    public int Inner { get; set; } = 4000;
}

/// <summary>Refuses a request beyond its kind's bound before anything was done for it: safe to repeat, and said so.</summary>
internal sealed class LoadLimits(RequestDelegate next, IOptions<LimitsOptions> options, ILogger<LoadLimits> log) : IDisposable
{
    private const string RetryAfterSeconds = "1";

    private readonly Dictionary<LoadKind, ConcurrencyLimiter> _limiters = new Dictionary<LoadKind, int>
    {
        [LoadKind.Merchant] = options.Value.Merchant,
        [LoadKind.Callback] = options.Value.Callback,
        [LoadKind.Page] = options.Value.Page,
        [LoadKind.Console] = options.Value.Console,
        [LoadKind.Inner] = options.Value.Inner,
    }.ToDictionary(l => l.Key, l => new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = l.Value, QueueLimit = 0 }));

    public async Task InvokeAsync(HttpContext http)
    {
        var kind = LoadKinds.Of(http);
        if (!_limiters.TryGetValue(kind, out var limiter))
        {
            await next(http);
            return;
        }

        using var lease = limiter.AttemptAcquire();
        if (lease.IsAcquired)
        {
            await next(http);
            return;
        }

        log.LogWarning("A request is refused for load: {Kind} has reached its limit", kind);
        await RefuseAsync(http, kind);
    }

    public void Dispose()
    {
        foreach (var limiter in _limiters.Values)
        {
            limiter.Dispose();
        }
    }

    private static Task RefuseAsync(HttpContext http, LoadKind kind)
    {
        if (kind == LoadKind.Inner)
        {
            // Without a reason of merchants': what the caller has done before this call it knows itself.
            return http.RefuseCallAsync(StatusCode.Unavailable, "Too many calls at once; nothing was done.");
        }

        http.Response.Headers.RetryAfter = RetryAfterSeconds;
        if (kind == LoadKind.Merchant)
        {
            return http.WriteErrorAsync(MerchantErrors.ToStatus(
                StatusCode.ResourceExhausted, ErrorReason.Overloaded, "Too many requests at this moment. Nothing was done; repeat the same request after a pause."));
        }

        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }
}
