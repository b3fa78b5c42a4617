using System.Diagnostics;
using MySqlConnector;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.TestKit;

/// <summary>
/// A real MariaDB on loopback with its data in a temporary folder. One for all tests of a process, started on first use and stopped by its process id.
/// A machine without MariaDB fails the test: nothing is skipped.
/// </summary>
public sealed class MariaDbServer : IAsyncDisposable
{
    private static readonly Lazy<Task<MariaDbServer>> _shared = new(() => StartAsync());

    private readonly TemporaryFolder _folder;
    private readonly Process _process;

    private MariaDbServer(TemporaryFolder folder, Process process, string address, int port)
    {
        _folder = folder;
        _process = process;
        Address = address;
        Port = port;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
    }

    public static Task<MariaDbServer> SharedAsync() => _shared.Value;

    public string Address { get; }

    public int Port { get; }

    public int ProcessId => _process.Id;

    /// <summary>Makes an empty database and answers its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs statements as root.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsRootAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Asks as root for a value: of the first column, or of a named one.</summary>
    public async Task<string?> ScalarAsync(string sql, string? column = null)
    {
        await using var connection = await OpenAsRootAsync();
        await using var command = new MySqlCommand($"SET SESSION group_concat_max_len = 10000000; {sql}", connection);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? Convert.ToString(column is null ? reader[0] : reader[column], System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Ends it as a power cut does. What it has is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _folder.Dispose();
    }

    /// <summary>Starts one of its own.</summary>
    /// <param name="address">Where on loopback it listens.</param>
    /// <param name="atPort">On which port; none: a free one.</param>
    /// <param name="options">More of the server's options.</param>
    public static async Task<MariaDbServer> StartAsync(string address = "127.0.0.1", int? atPort = null, params string[] options)
    {
        var folder = new TemporaryFolder();
        var data = Directory.CreateDirectory(folder.File("data")).FullName;
        // Two that are made at once would take one another's temporary tables away.
        var temporary = Directory.CreateDirectory(folder.File("tmp")).FullName;
        await RunAsync("chown", temporary, "-R", "mysql", folder.Path);
        await RunAsync(
            "mariadb-install-db", temporary, "--no-defaults", "--user=mysql", $"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db");
        var port = atPort ?? FreePorts.Take(1)[0];
        var start = new ProcessStartInfo(Find("mariadbd"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])
                 [
                     "--no-defaults", "--user=mysql", $"--datadir={data}", $"--tmpdir={temporary}", $"--socket={folder.File("s.sock")}", $"--port={port}",
                     $"--bind-address={address}", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=1", "--max-connections=400",
                     $"--log-error={folder.File("error.log")}", $"--pid-file={folder.File("pid")}", .. options,
                 ])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new MariaDbServer(folder, process, address, port);
        await server.WaitUntilItAnswersAsync();
        return server;
    }

    private async Task<MySqlConnection> OpenAsRootAsync()
    {
        // Names of users have an @ in them.
        var connection = new MySqlConnection(ConnectionString("") + ";Allow User Variables=true");
        await connection.OpenAsync();
        return connection;
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
        Server = Address,
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

    // The shared one is nobody's to dispose, and what it holds of a process's tests may be gigabytes, in memory.
    private void End()
    {
        Kill();
        _process.WaitForExit();
        _folder.Dispose();
    }

    private static async Task RunAsync(string program, string temporary, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary;
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
