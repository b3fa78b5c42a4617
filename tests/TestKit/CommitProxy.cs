using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace PayCore.TestKit;

/// <summary>
/// Stands between a host and MariaDB and can stop the world at a COMMIT: before the server sees it, or after the server did it and before the host learns of
/// it. That is where a killed process hurts most.
/// </summary>
public sealed class CommitProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _serverPort;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _afterCommit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Trap? _trap;

    public CommitProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Sets the trap for the next COMMIT of a transaction that wrote to a table: others pass, since a host also commits what no test asked for.</summary>
    /// <param name="table">The table, as <c>pay_order</c>.</param>
    /// <param name="afterCommit">False: the server never sees it. True: the server commits, and its answer never arrives.</param>
    /// <returns>Completes when a COMMIT is in the trap.</returns>
    public Task TrapNextCommit(string table, bool afterCommit)
    {
        var trap = new Trap(new Regex($@"\b(INSERT INTO|UPDATE) {table}\b", RegexOptions.IgnoreCase), afterCommit);
        _trap = trap;
        return trap.Caught.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
                var silenced = new TaskCompletionSource();
                var up = ForwardCommandsAsync(client.GetStream(), server.GetStream(), silenced);
                var down = ForwardAnswersAsync(server.GetStream(), client.GetStream(), silenced.Task);
                await Task.WhenAny(up, down);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The host was killed, which is the point.
            }
        }
    }

    // A command packet: 3 bytes of length, 1 of sequence, then 0x03 and the SQL.
    private async Task ForwardCommandsAsync(NetworkStream from, NetworkStream to, TaskCompletionSource silenced)
    {
        var buffer = new byte[1 << 16];
        var wrote = "";
        while (true)
        {
            var length = await from.ReadAsync(buffer, _stop.Token);
            if (length == 0)
            {
                return;
            }

            var text = Encoding.ASCII.GetString(buffer, 0, length);
            var commits = length < 64 && text.Contains("commit", StringComparison.OrdinalIgnoreCase);
            if (_trap is { } trap && commits && trap.Wrote.IsMatch(wrote))
            {
                _trap = null;
                silenced.TrySetResult();
                if (trap.AfterCommit)
                {
                    await to.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
                    // The server's word that it is done, which the host will not hear.
                    await _afterCommit.Task.WaitAsync(TimeSpan.FromSeconds(10));
                }

                trap.Caught.TrySetResult();
                // Until the host is dead; then the server's side is closed too, as the network of a dead process is.
                while (await from.ReadAsync(buffer, _stop.Token) > 0)
                {
                }

                return;
            }

            wrote = commits || text.Contains("start transaction", StringComparison.OrdinalIgnoreCase) ? "" : wrote + text;
            await to.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
        }
    }

    private async Task ForwardAnswersAsync(NetworkStream from, NetworkStream to, Task silenced)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            var length = await from.ReadAsync(buffer, _stop.Token);
            if (length == 0)
            {
                return;
            }

            if (silenced.IsCompleted)
            {
                _afterCommit.TrySetResult();
                continue;
            }

            await to.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
        }
    }

    private sealed record Trap(Regex Wrote, bool AfterCommit)
    {
        public TaskCompletionSource Caught { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
