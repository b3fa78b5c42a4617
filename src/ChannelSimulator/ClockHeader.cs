using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>The Date header of the providers' answers: by the simulator's clock, not by the machine's.</summary>
internal static class ClockHeader
{
    private static readonly object _skew = new();

    /// <summary>Every answer of these endpoints, also one that is sent late, has the time of its sending.</summary>
    public static TBuilder WithSimulatedDate<TBuilder>(this TBuilder endpoints, TimeProvider time)
        where TBuilder : IEndpointConventionBuilder => endpoints.AddEndpointFilter((invocation, next) =>
    {
        var context = invocation.HttpContext;
        context.Response.OnStarting(() =>
        {
            var skew = context.Items.TryGetValue(_skew, out var asked) ? (TimeSpan)asked! : TimeSpan.Zero;
            context.Response.Headers.Date = (time.GetUtcNow() + skew).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        return next(invocation);
    });

    /// <summary>Puts the clock of this answer forward or back.</summary>
    public static void Skew(HttpContext context, TimeSpan by) => context.Items[_skew] = by;
}
