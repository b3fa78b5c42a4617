using System.Diagnostics;
using PayCore.Host.Demonstration;

namespace PayCore.Host.Cluster;

/// <summary>The servers of others that the cluster stands on, each on loopback with its data in the cluster's folder.</summary>
internal static class ClusterServers
{
    private const string User = "paycore";
    private const byte MySqlProtocol = 10;

    /// <summary>What PayDatabase connects with.</summary>
    public static string DatabaseConnection(ClusterLayout layout) =>
        $"Server=127.0.0.1;Port={layout.Port("MariaDB")};User ID={User};Password={layout.Password("MariaDB")};Database=paycore;SslMode=None";

    /// <summary>What NotifyGateway connects with.</summary>
    public static string QueueUri(ClusterLayout layout) => $"amqp://{User}:{layout.Password("RabbitMQ")}@127.0.0.1:{layout.Port("RabbitMQ")}";

    /// <summary>Where configuration is.</summary>
    public static string EtcdEndpoint(ClusterLayout layout) => $"http://127.0.0.1:{layout.Port("etcd")}";

    /// <summary>MariaDB: one database and one user, who may use nothing else.</summary>
    public static ClusterPart MariaDb(ClusterLayout layout)
    {
        var data = layout.At("mariadb");
        var users = layout.At("mariadb-users.sql");
        var port = layout.Port("MariaDB");
        return new ClusterPart("MariaDB", 0, port, Find("mariadbd", "mariadb-server"),
        [
            "--no-defaults", $"--user={Environment.UserName}", $"--datadir={data}", "--socket=mariadb.sock", "--pid-file=mariadb.pid", $"--port={port}", "--bind-address=127.0.0.1",
            "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=1", "--max-connections=400", $"--init-file={users}",
        ])
        {
            PrepareAsync = async () =>
            {
                DemoSecrets.Write(users, $"""
                    CREATE DATABASE IF NOT EXISTS paycore CHARACTER SET utf8mb4;
                    CREATE USER IF NOT EXISTS {User}@'127.0.0.1' IDENTIFIED BY '{layout.Password("MariaDB")}';
                    GRANT ALL ON paycore.* TO {User}@'127.0.0.1';
                    """);
                if (!Directory.Exists(data))
                {
                    // Whole or not at all.
                    var half = layout.At("mariadb.new");
                    Directory.CreateDirectory(layout.Folder);
                    if (Directory.Exists(half))
                    {
                        Directory.Delete(half, recursive: true);
                    }

                    await RunAsync(
                        Find("mariadb-install-db", "mariadb-server"), "--no-defaults", $"--user={Environment.UserName}", $"--datadir={half}",
                        "--auth-root-authentication-method=socket", $"--auth-root-socket-user={Environment.UserName}", "--skip-test-db");
                    Directory.Move(half, data);
                }
            },
            // The greeting comes once it takes queries: 4 bytes of length, then the protocol's version.
            AnswersAsync = Probe.Tcp(port, 4, MySqlProtocol),
        };
    }

    /// <summary>etcd: one member.</summary>
    public static ClusterPart Etcd(ClusterLayout layout)
    {
        var (clients, peers, metrics) = (EtcdEndpoint(layout), $"http://127.0.0.1:{layout.Port("etcd peers")}", $"http://127.0.0.1:{layout.Port("etcd metrics")}");
        return new ClusterPart("etcd", 0, layout.Port("etcd"), Find("etcd", "etcd-server"),
        [
            "--data-dir", layout.At("etcd"), "--listen-client-urls", clients, "--advertise-client-urls", clients, "--listen-peer-urls", peers,
            "--initial-advertise-peer-urls", peers, "--initial-cluster", $"default={peers}", "--listen-metrics-urls", metrics, "--auto-compaction-retention", "1h",
            "--logger", "zap", "--log-level", "warn",
        ])
        {
            AnswersAsync = Probe.Http($"{metrics}/health"),
        };
    }

    /// <summary>The daemon by which Erlang's programs find one another; one of the cluster's own, so that none is left behind.</summary>
    public static ClusterPart Epmd(ClusterLayout layout)
    {
        var port = layout.Port("epmd");
        return new ClusterPart("epmd", 0, port, Find("epmd", "rabbitmq-server"), ["-address", "127.0.0.1", "-port", $"{port}"]) { AnswersAsync = Probe.Tcp(port) };
    }

    /// <summary>RabbitMQ: one node.</summary>
    public static ClusterPart RabbitMq(ClusterLayout layout)
    {
        var (folder, port) = (layout.At("rabbitmq"), layout.Port("RabbitMQ"));
        var (settings, plugins) = (Path.Combine(folder, "rabbitmq.conf"), Path.Combine(folder, "enabled_plugins"));
        // The package's other program of this name changes the user.
        return new ClusterPart("RabbitMQ", 1, port, Find("rabbitmq-server", "rabbitmq-server", "/usr/lib/rabbitmq/bin"), [])
        {
            After = ["epmd"],
            Environment = new Dictionary<string, string>
            {
                ["HOME"] = folder,
                ["RABBITMQ_NODENAME"] = "paycore@localhost",
                ["RABBITMQ_DIST_PORT"] = $"{layout.Port("RabbitMQ nodes")}",
                ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
                ["RABBITMQ_LOG_BASE"] = layout.At("logs"),
                ["RABBITMQ_LOGS"] = "-",
                ["RABBITMQ_CONFIG_FILE"] = settings,
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
                ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
                ["ERL_EPMD_PORT"] = $"{layout.Port("epmd")}",
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                // On loopback only, and without schedulers that wait busily: they would take the processor from the services.
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
                // The script becomes the server, so that its process id is the server's.
                ["RUNNING_UNDER_SYSTEMD"] = "true",
            },
            PrepareAsync = () =>
            {
                DemoSecrets.Write(plugins, "[].\n");
                DemoSecrets.Write(settings, $"""
                    listeners.tcp.default = 127.0.0.1:{port}
                    default_user = {User}
                    default_pass = {layout.Password("RabbitMQ")}
                    log.console.level = warning

                    """);
                return Task.CompletedTask;
            },
            // It takes connections when all of it has started.
            AnswersAsync = Probe.Tcp(port),
        };
    }

    private static string Find(string program, string package, params string[] folders) =>
        folders.DefaultIfEmpty("/usr/sbin").Concat(["/usr/bin", "/usr/local/sbin", "/usr/local/bin"]).Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists)
        ?? throw new ClusterFailedException($"{program} is not installed; on Debian: apt-get install {package}");

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new ClusterFailedException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {string.Concat(said).Trim()}");
        }
    }
}
