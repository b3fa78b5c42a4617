using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace PayCore.TestKit;

/// <summary>
/// Free ports on loopback, for servers that must be told their port before they start. They are below the range of outgoing connections, since one of those may
/// borrow a port between the choice and the start, and no port is given twice in a process.
/// </summary>
public static class FreePorts
{
    private const int First = 10_000;
    private const int Count = 22_000;

    private static int _last = RandomNumberGenerator.GetInt32(Count);

    public static int[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    private static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there; the next one then.
            }
        }
    }
}
