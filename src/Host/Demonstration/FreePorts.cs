using System.Net;
using System.Net.Sockets;
using PayCore.ServiceDefaults;

namespace PayCore.Host.Demonstration;

/// <summary>
/// Free ports on loopback for processes that must know their port before they start. They are taken from below the range that systems give to outgoing
/// connections, since a port of that range may be lent to a connection between the choice and the start.
/// </summary>
internal static class FreePorts
{
    private const int First = 10_000;
    private const int Last = 32_000;

    /// <summary>Different ports that nobody listens on at this moment.</summary>
    public static int[] Take(int count)
    {
        var ports = new HashSet<int>();
        while (ports.Count < count)
        {
            var port = First + (int)(RandomSource.System.NextDouble() * (Last - First));
            if (IsFree(port))
            {
                ports.Add(port);
            }
        }

        return [.. ports];
    }

    /// <summary>Nobody listens on it at this moment.</summary>
    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
