using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace PayCore.Bench;

/// <summary>What a load brought.</summary>
/// <param name="Answers">The body of each request that was answered with success, by its place.</param>
/// <param name="Refused">How many had another status.</param>
/// <param name="Elapsed">From the first byte to the last.</param>
/// <param name="LatencyMs">Of the answered ones, in order.</param>
internal sealed record LoadResult(IReadOnlyDictionary<int, string> Answers, int Refused, TimeSpan Elapsed, IReadOnlyList<double> LatencyMs)
{
    public double PerSecond => Answers.Count / Elapsed.TotalSeconds;

    public double Percentile(double share) => LatencyMs.Count == 0 ? 0 : LatencyMs[(int)((LatencyMs.Count - 1) * share)];
}

/// <summary>HTTP/1.1 as bytes: requests are made beforehand, and sending them costs little more than the system calls.</summary>
internal static class RawHttp
{
    public static byte[] Request(string method, string target, string host, byte[] body, IEnumerable<(string Name, string Value)> headers)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(System.Globalization.CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. body];
    }

    /// <summary>Sends requests over so many connections, one in flight on each, until they or the time are used up.</summary>
    public static async Task<LoadResult> SendAsync(int port, IReadOnlyList<byte[]> requests, int connections, TimeSpan atMost)
    {
        var answers = new System.Collections.Concurrent.ConcurrentDictionary<int, string>();
        var latencies = new System.Collections.Concurrent.ConcurrentBag<double>();
        var refused = 0;
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(connections, requests.Count)).Select(async _ =>
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(System.Net.IPAddress.Loopback, port);
            var stream = client.GetStream();
            var buffer = new byte[64 * 1024];
            while (watch.Elapsed < atMost && Interlocked.Increment(ref next) is var place && place < requests.Count)
            {
                var began = watch.Elapsed;
                await stream.WriteAsync(requests[place]);
                var (status, body) = await ReadAsync(stream, buffer);
                if (status is >= 200 and <= 299)
                {
                    answers[place] = body;
                    latencies.Add((watch.Elapsed - began).TotalMilliseconds);
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }));
        return new LoadResult(answers, refused, watch.Elapsed, [.. latencies.Order()]);
    }

    private static async Task<(int Status, string Body)> ReadAsync(NetworkStream stream, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length));
            length = read > 0 ? length + read : throw new IOException("The connection was closed.");
            if (IsWhole(buffer.AsSpan(0, length), out var bodyAt))
            {
                return (int.Parse(buffer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), Encoding.UTF8.GetString(buffer, bodyAt, length - bodyAt));
            }
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer, out int bodyAt)
    {
        var headEnd = answer.IndexOf("\r\n\r\n"u8);
        bodyAt = headEnd + 4;
        if (headEnd < 0)
        {
            return false;
        }

        var head = answer[..headEnd];
        if (head.IndexOf("Transfer-Encoding: chunked"u8) >= 0)
        {
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        }

        var field = head.IndexOf("Content-Length: "u8);
        var digits = field < 0 ? "0"u8 : head[(field + 16)..];
        var end = digits.IndexOf((byte)'\r');
        return answer.Length >= bodyAt + int.Parse(end < 0 ? digits : digits[..end], System.Globalization.CultureInfo.InvariantCulture);
    }
}
