using System.Diagnostics;
using System.Net.Sockets;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.TestKit;

/// <summary>
/// A real RabbitMQ on loopback with its data in a temporary folder, that a test may stop and start again. Its processes are ended by their ids. A machine without
/// RabbitMQ fails the test: nothing is skipped.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    public const string User = "paycore";
    public const string Password = "broker-password-of-the-tests";

    private readonly TemporaryFolder _folder = new();
    private readonly int[] _ports = FreePorts.Take(3);
    private readonly Process _nameServer;
    private Process? _broker;

    private RabbitMqServer()
    {
        File.WriteAllText(_folder.File("plugins"), "[].\n");
        File.WriteAllText(_folder.File("rabbitmq.conf"), $"default_user = {User}\ndefault_pass = {Password}\n");
        // Erlang would leave one of its own behind.
        _nameServer = Start("/usr/bin/epmd", ["-port", $"{NameServerPort}", "-address", "127.0.0.1"], []);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    public int Port => _ports[0];

    public string Uri => $"amqp://{User}:{Password}@127.0.0.1:{Port}";

    private int NameServerPort => _ports[2];

    public static async Task<RabbitMqServer> CreateAsync()
    {
        var server = new RabbitMqServer();
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it, with the data that it had.</summary>
    public async Task StartAsync()
    {
        var program = Directory.Exists("/usr/lib/rabbitmq/bin") ? "/usr/lib/rabbitmq/bin/rabbitmq-server" : throw Missing();
        _broker = Start(program, [], new()
        {
            ["HOME"] = _folder.Path,
            ["RABBITMQ_NODENAME"] = $"n{Port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{Port}",
            ["RABBITMQ_DIST_PORT"] = $"{_ports[1]}",
            ["RABBITMQ_MNESIA_BASE"] = _folder.File("data"),
            ["RABBITMQ_LOG_BASE"] = _folder.File("log"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.File("plugins"),
            ["RABBITMQ_CONFIG_FILE"] = _folder.File("rabbitmq"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_PORT"] = $"{NameServerPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            // The script then becomes the broker, so that its process id is the broker's.
            ["RUNNING_UNDER_SYSTEMD"] = "1",
        });
        await WaitUntilItListensAsync(_broker);
    }

    /// <summary>Stops it as a power cut does.</summary>
    public async Task StopAsync()
    {
        _broker!.Kill();
        await _broker.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _broker!.WaitForExitAsync();
        await _nameServer.WaitForExitAsync();
        _folder.Dispose();
    }

    private async Task WaitUntilItListensAsync(Process broker)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (!broker.HasExited && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(90))
            {
                await Task.Delay(50);
            }
        }
    }

    private void Kill()
    {
        foreach (var process in new[] { _broker, _nameServer }.OfType<Process>().Where(p => !p.HasExited))
        {
            process.Kill();
        }
    }

    private static Process Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(File.Exists(program) ? program : throw Missing(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static InvalidOperationException Missing() =>
        new("RabbitMQ is not installed. ./test installs what the tests need; on Debian: apt-get install rabbitmq-server");
}
