using System.Diagnostics;
using MySqlConnector;

namespace PayCore.TestKit;

/// <summary>
/// A real MariaDB on loopback with its data in a temporary folder. One for all tests of a process, started on first use and stopped by its process id.
/// A machine without MariaDB fails the test: nothing is skipped.
/// </summary>
public sealed class MariaDbServer : IAsyncDisposable
{
    private static readonly Lazy<Task<MariaDbServer>> _shared = new(StartAsync);

    private readonly TemporaryFolder _folder;
    private readonly Process _process;

    private MariaDbServer(TemporaryFolder folder, Process process, int port)
    {
        _folder = folder;
        _process = process;
        Port = port;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    public static Task<MariaDbServer> SharedAsync() => _shared.Value;

    public int Port { get; }

    /// <summary>Makes an empty database and answers its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Guid.NewGuid():N}";
        await using var connection = new MySqlConnection(ConnectionString(""));
        await connection.OpenAsync();
        await using var command = new MySqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _folder.Dispose();
    }

    public static async Task<MariaDbServer> StartAsync()
    {
        var folder = new TemporaryFolder();
        await RunAsync("chown", "mysql", folder.Path);
        await RunAsync(
            "mariadb-install-db", "--no-defaults", "--user=mysql", $"--datadir={folder.Path}", "--auth-root-authentication-method=normal", "--skip-test-db");
        var port = FreePorts.Take(1)[0];
        var start = new ProcessStartInfo(Find("mariadbd"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])
                 [
                     "--no-defaults", "--user=mysql", $"--datadir={folder.Path}", $"--socket={folder.File("s.sock")}", $"--port={port}",
                     "--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=1", "--max-connections=400",
                     $"--log-error={folder.File("error.log")}", $"--pid-file={folder.File("pid")}",
                 ])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new MariaDbServer(folder, process, port);
        await server.WaitUntilItAnswersAsync();
        return server;
    }

    private async Task WaitUntilItAnswersAsync()
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = new MySqlConnection(ConnectionString(""));
                await connection.OpenAsync();
                return;
            }
            catch (MySqlException) when (!_process.HasExited && TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(50);
            }
        }
    }

    private string ConnectionString(string database) => new MySqlConnectionStringBuilder
    {
        Server = "127.0.0.1",
        Port = (uint)Port,
        UserID = "root",
        Database = database,
        SslMode = MySqlSslMode.None,
        AllowPublicKeyRetrieval = true,
    }.ConnectionString;

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await error}");
        }
    }

    private static string Find(string program) =>
        ((string[])["/usr/sbin", "/usr/bin", "/bin", "/usr/local/bin"]).Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"{program} is not installed. ./test installs what the tests need; on Debian: apt-get install mariadb-server");
}
