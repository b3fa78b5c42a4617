using System.Net;
using System.Net.Sockets;

namespace PayCore.OutboundAddresses;

/// <summary>
/// The handler below every client that calls addresses which somebody else named: no redirect, cookie or proxy, and a connection of its own for each call, so that the
/// address is resolved and checked each time and that address is connected.
/// </summary>
public static class GuardedHandler
{
    /// <summary>Makes one.</summary>
    /// <param name="addresses">Which addresses may be connected.</param>
    /// <param name="connectTimeout">The longest time to connect.</param>
    /// <param name="time">The clock of that limit.</param>
    public static SocketsHttpHandler Create(AddressGuard addresses, TimeSpan connectTimeout, TimeProvider time) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        // Our own trace context is nobody else's business.
        ActivityHeadersPropagator = null,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        ConnectCallback = async (context, cancellation) =>
        {
            using var limit = new CancellationTokenSource(connectTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            try
            {
                return await addresses.ConnectAsync(context, either.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                throw new SocketException((int)SocketError.TimedOut);
            }
        },
        // A connection that was used before may break under a POST, and the handler would repeat it by itself: no connection is used twice.
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = 16,
    };
}
