using PayCore.Host.CommandLine;
using PayCore.Host.Demonstration;
using PayCore.Host.Demonstration.Tour;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Host.Cluster;

/// <summary>Which processes a cluster has, where each listens, and what each is told. What is written once for all of them is written here, too.</summary>
internal sealed class ClusterPlan
{
    /// <summary>Where a process says, on its operations port, whether it can work.</summary>
    public const string HealthPath = "/health/ready";

    private static readonly TimeSpan _certificateLife = TimeSpan.FromDays(365);

    private readonly string[] _settings;
    private readonly DemoMerchant _demo;

    /// <summary>The plan of a layout.</summary>
    /// <param name="layout">Ports and passwords.</param>
    /// <param name="settings">Settings for every role besides the plan's own (<c>--Section:Name=value</c>).</param>
    public ClusterPlan(ClusterLayout layout, string[] settings)
    {
        (Layout, _settings) = (layout, settings);
        _demo = new DemoMerchant(layout.Folder, Web, Simulator, DemoWay.All);
        Tour = new TourMerchant(layout.Folder, layout.Port("tour"));
        Parts =
        [
            ClusterServers.MariaDb(layout), ClusterServers.Etcd(layout), ClusterServers.Epmd(layout), ClusterServers.RabbitMq(layout),
            .. Instances.Select(NewPart), NewIngress(),
        ];
    }

    /// <summary>The instances of every role: two, but for the simulator, which plays somebody else.</summary>
    public static IReadOnlyList<RoleInstance> Instances { get; } =
        [.. Role.All.SelectMany(r => Enumerable.Range(1, r.Name == RoleNames.ChannelSimulator ? 1 : 2).Select(n => new RoleInstance(r, n)))];

    /// <summary>What runs this program again.</summary>
    public static IReadOnlyList<string> Self { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, typeof(ClusterPlan).Assembly.Location]
        : [Environment.ProcessPath!];

    /// <summary>Ports and passwords.</summary>
    public ClusterLayout Layout { get; }

    /// <summary>Every process but the supervisor.</summary>
    public IReadOnlyList<ClusterPart> Parts { get; }

    /// <summary>Where browsers, merchants and providers reach it.</summary>
    public string Web => Local(Layout.Port("web"));

    /// <summary>Where merchants' gRPC calls reach it.</summary>
    public string MerchantGrpc => Local(Layout.Port("merchant grpc"));

    /// <summary>Where the simulated providers are.</summary>
    public string Simulator => Address(Instances.Single(i => i.Role.Name == RoleNames.ChannelSimulator), "simulator");

    /// <summary>The merchant of the tour, whom the cluster knows from its start.</summary>
    public TourMerchant Tour { get; }

    /// <summary>What a process of no role is told. It may call whatever a role may.</summary>
    public Dictionary<string, string> ClientSettings => SettingsOf("client", certificate: null, Role.All.Where(r => r.InnerPort is not null));

    private string Certificates => Layout.At("certificates");

    /// <summary>The address of one of an instance's ports.</summary>
    public string Address(RoleInstance instance, string kind) => Local(Port(instance, kind));

    /// <summary>Makes the certificates by which the roles know one another, anew at each start.</summary>
    public async Task WriteCertificatesAsync()
    {
        if (Directory.Exists(Certificates))
        {
            Directory.Delete(Certificates, recursive: true);
        }

        using var authority = new DevelopmentAuthority(TimeProvider.System, RandomSource.System, _certificateLife);
        await CertificateCommands.WriteAsync(authority, Certificates, [.. CertificateCommands.Roles]);
    }

    /// <summary>Registers the demo merchant with the simulated providers and writes the documents of both merchants.</summary>
    public async Task WriteDocumentsAsync()
    {
        await using var client = new ClusterClient(this);
        using var control = new HttpClient { BaseAddress = new Uri(Simulator) };
        await _demo.WriteDocumentsAsync(new ProvidersElsewhere(control), client.Documents);
        await Demonstration.Tour.Tour.WriteDocumentsAsync(client.Documents, Tour);
    }

    private static string Local(int port) => $"http://127.0.0.1:{port}";

    private static IEnumerable<Role> CalledBy(Role role) => Role.All.Where(r => RoleCalls.Allow(role.Name, r.Name));

    /// <summary>What a role calls comes first, so that nobody's log begins with failures. The simulator registers the merchants whose documents the others read.</summary>
    private static string[] After(Role role) => role.Name switch
    {
        RoleNames.PayDatabase => ["MariaDB"],
        RoleNames.ChannelSimulator => ["etcd"],
        _ => [$"{RoleNames.ChannelSimulator}-1", .. CalledBy(role).Select(r => $"{r.Name}-1")],
    };

    /// <summary>The port that the status shows.</summary>
    private static string MainKind(Role role) => (role.InnerPort, role.PublicPorts) switch
    {
        (not null, _) => "inner",
        (_, [PortKind.Simulator]) => "simulator",
        (_, [PortKind.Web, ..]) => "web",
        (_, [PortKind.Console]) => "console",
        _ => "operations",
    };

    private static string Kind(PortKind kind) => kind switch { PortKind.Web => "web", PortKind.MerchantGrpc => "grpc", PortKind.Console => "console", _ => "simulator" };

    /// <summary>Whether an instance is told a setting of the demo merchant. The shop keeps its orders in a file for one process: the second PayCenter is a cashier only.</summary>
    private static bool IsFor(RoleInstance instance, string key) => key.Split(':') switch
    {
        ["PayCenter", "Shop", ..] => instance is { Role.Name: RoleNames.PayCenter, Number: 1 },
        ["PayCenter", ..] => instance.Role.Name == RoleNames.PayCenter,
        ["Simulator", ..] => instance.Role.Name == RoleNames.ChannelSimulator,
        _ => true,
    };

    private static void Take(Dictionary<string, string> settings, IEnumerable<string> arguments)
    {
        foreach (var argument in arguments)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            settings[argument[2..equals]] = argument[(equals + 1)..];
        }
    }

    private int Port(RoleInstance instance, string kind) => Layout.Port($"{instance.Name} {kind}");

    private ClusterPart NewPart(RoleInstance instance)
    {
        var name = instance.Role.Name;
        var layer = name is RoleNames.PayDatabase or RoleNames.ChannelSimulator ? ClusterPart.Storage : ClusterPart.Roles;
        return new ClusterPart(instance.Name, layer, Port(instance, MainKind(instance.Role)), Self[0], [.. Self.Skip(1), $"--roles={name}"])
        {
            Environment = Variables(SettingsOf(instance)),
            After = After(instance.Role),
            AnswersAsync = Probe.Http(Address(instance, "operations") + HealthPath),
            WhenReadyAsync = name == RoleNames.ChannelSimulator ? WriteDocumentsAsync : null,
        };
    }

    private ClusterPart NewIngress() =>
        new("Ingress", ClusterPart.Roles + 1, Layout.Port("web"), Self[0], [.. Self.Skip(1), "cluster", "ingress", $"--Data={Layout.Folder}"])
        {
            Environment = Variables([]),
            AnswersAsync = Probe.Http(Local(Layout.Port("Ingress operations")) + HealthPath),
        };

    private Dictionary<string, string> SettingsOf(RoleInstance instance)
    {
        var role = instance.Role;
        var settings = SettingsOf(instance.Name, role.Name, CalledBy(role));
        settings["Ports:Operations"] = $"{Port(instance, "operations")}";
        settings["Public:BaseUrl"] = Web;
        settings["Public:TrustedProxies:0"] = "127.0.0.1";
        foreach (var kind in role.PublicPorts)
        {
            settings[$"Ports:{kind}"] = $"{Port(instance, Kind(kind))}";
        }

        if (role.InnerPort is not null)
        {
            settings[$"Ports:Inner:{role.Name}"] = $"{Port(instance, "inner")}";
        }

        foreach (var (key, value) in _demo.Settings().Where(s => IsFor(instance, s.Key)))
        {
            settings[key] = value!;
        }

        settings["Outbound:AllowPrivateAddresses:1"] = Tour.Authority;
        // Passwords go to those who need them.
        switch (role.Name)
        {
            case RoleNames.PayDatabase:
                settings["Database:Provider"] = "mysql";
                settings["Database:ConnectionString"] = ClusterServers.DatabaseConnection(Layout);
                break;
            case RoleNames.NotifyGateway:
                settings["Queue:Provider"] = "rabbitmq";
                settings["Queue:RabbitMq:Uri"] = ClusterServers.QueueUri(Layout);
                break;
        }

        Take(settings, _settings);
        return settings;
    }

    /// <summary>What every process is told.</summary>
    /// <param name="name">The process.</param>
    /// <param name="certificate">The role that its certificate speaks for; null for all of them.</param>
    /// <param name="called">The roles that it calls.</param>
    private Dictionary<string, string> SettingsOf(string name, string? certificate, IEnumerable<Role> called)
    {
        var settings = new Dictionary<string, string>
        {
            ["Data"] = Layout.At("roles", name),
            ["Config:Backend"] = "etcd",
            ["Config:Etcd:Endpoints"] = ClusterServers.EtcdEndpoint(Layout),
            ["Demo:ClockFile"] = Layout.At("clock"),
            // No clock but the cluster's is wound forward: the database's and the providers' Date stay behind it.
            ["Clock:Tolerance"] = "36500.00:00:00",
        };
        foreach (var role in called)
        {
            settings[$"Services:{role.Name}"] = string.Join(',', Instances.Where(i => i.Role == role).Select(i => $"https://127.0.0.1:{Port(i, "inner")}"));
        }

        Take(settings, CertificateCommands.Settings(Certificates, certificate));
        return settings;
    }

    /// <summary>Settings as the environment has them.</summary>
    private Dictionary<string, string> Variables(Dictionary<string, string> settings) => new(settings.Select(s => KeyValuePair.Create(s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value)))
    {
        // Two dozen processes on one machine: small heaps.
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_GCgen0size"] = "0x400000",
        ["DOTNET_TieredPGO"] = "0",
        // Where the keys of forms are: those of one PayCenter are known to the other.
        ["HOME"] = Layout.At("home"),
    };
}

/// <summary>One process of a role.</summary>
/// <param name="Role">The role.</param>
/// <param name="Number">From 1.</param>
internal sealed record RoleInstance(Role Role, int Number)
{
    /// <summary>As progress, logs and the status write it.</summary>
    public string Name => $"{Role.Name}-{Number}";
}
