using System.Net;
using System.Net.Sockets;

namespace PayCore.ServiceDefaults.Ports;

/// <summary>
/// Free ports on loopback, for processes that must know their port before they start: those of the demonstration, of a cluster on one machine, and of tests. They are
/// below the range that systems give to outgoing connections, since a port of that range may be lent to a connection between the choice and the start.
/// Safe for concurrent use.
/// </summary>
/// <remarks>
/// Several programs that choose at the same time must not choose the same. A program therefore takes blocks of ports: a block is that of who listens on its first
/// port, until it ends. Within a program no port is given twice.
/// </remarks>
public static class FreePorts
{
    private const int First = 10_000;
    private const int Blocks = 220;
    private const int BlockSize = 100;

    private static readonly Lock _lock = new();
    private static readonly List<TcpListener> _claims = [];
    private static int _next;
    private static int _end;

    /// <summary>Different ports that nobody listens on at this moment.</summary>
    public static int[] Take(int count)
    {
        var ports = new int[count];
        lock (_lock)
        {
            for (var taken = 0; taken < count; _next++)
            {
                if (_next == _end)
                {
                    ClaimBlock();
                }

                if (IsFree(_next))
                {
                    ports[taken++] = _next;
                }
            }
        }

        return ports;
    }

    /// <summary>Nobody listens on it at this moment.</summary>
    public static bool IsFree(int port)
    {
        using var listener = Listen(port);
        return listener is not null;
    }

    private static void ClaimBlock()
    {
        var start = (int)(RandomSource.System.NextDouble() * Blocks);
        for (var i = 0; i < Blocks; i++)
        {
            var first = First + ((start + i) % Blocks * BlockSize);
            if (Listen(first) is { } claim)
            {
                _claims.Add(claim);
                (_next, _end) = (first + 1, first + BlockSize);
                return;
            }
        }

        throw new InvalidOperationException($"No ports are free on 127.0.0.1 from {First} to {First + (Blocks * BlockSize) - 1}.");
    }

    private static TcpListener? Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
