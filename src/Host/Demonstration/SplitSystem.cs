using System.Collections.Concurrent;
using System.Diagnostics;
using PayCore.Configuration;
using PayCore.Host.CommandLine;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Host.Demonstration;

/// <summary>
/// Every role in a process of its own, speaking HTTP/2 over mutual TLS, as <c>./demo --split</c> shows it; <c>--Security:Internal=none</c> leaves the TLS out. The
/// database is SQLite unless settings name another.
/// </summary>
internal sealed class SplitSystem : DemoSystem
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _certificateLife = TimeSpan.FromDays(30);

    private readonly IReadOnlyList<RoleProcess> _processes;
    private readonly ServiceProvider _client;

    private SplitSystem(IReadOnlyList<RoleProcess> processes, ServiceProvider client) => (_processes, _client) = (processes, client);

    /// <inheritdoc/>
    public override IEnumerable<string> Lines => _processes.SelectMany(p => p.Lines);

    /// <summary>Starts a process for each role and waits until each says that it is ready.</summary>
    public static async Task<DemoSystem> StartAsync(string folder, string[] settings)
    {
        var time = TimeProvider.System;
        var roles = Role.All;
        var ports = new Queue<int>(FreePorts.Take(4 * roles.Count));
        var inner = roles.Where(r => r.InnerPort is not null).ToDictionary(r => r.Name, _ => ports.Dequeue());
        var web = roles.Where(r => r.PublicPorts.Contains(PortKind.Web)).ToDictionary(r => r.Name, _ => ports.Dequeue());
        var simulator = ports.Dequeue();
        var center = $"http://127.0.0.1:{web[RoleNames.PayCenter]}";
        var provider = $"http://127.0.0.1:{simulator}";
        var demo = new DemoMerchant(folder, center, provider, DemoWay.All);
        var tls = !settings.Contains("--Security:Internal=none");
        var certificates = Path.Combine(folder, "certificates");
        if (tls)
        {
            using var authority = new DevelopmentAuthority(time, RandomSource.System, _certificateLife);
            await CertificateCommands.WriteAsync(authority, certificates, [.. CertificateCommands.Roles]);
        }

        var services = inner.ToDictionary(p => p.Key, p => $"{(tls ? "https" : "http")}://127.0.0.1:{p.Value}");
        string[] common =
        [
            $"--Data={folder}", $"--Public:BaseUrl={center}", $"--Public:CallbackBaseUrl=http://127.0.0.1:{web[RoleNames.CallbackGateway]}",
            .. inner.Select(p => $"--Ports:Inner:{p.Key}={p.Value}"),
            .. demo.Settings().Select(s => $"--{s.Key}={s.Value}"), $"--PayCenter:ApiBaseUrl=http://127.0.0.1:{web[RoleNames.PayGateway]}",
            // What is shown is the way by callback. On a busy machine the monitor's first look, 15 s after the order, would come before it.
            "--Monitor:SweepEvery=00:01:00", .. settings,
        ];
        var processes = new List<RoleProcess>();
        RoleProcess Start(string role, params string[] more)
        {
            var process = new RoleProcess(role, ports.Dequeue(), [.. common, .. more]);
            processes.Add(process);
            return process;
        }

        var client = ClientOf(services, tls ? CertificateCommands.Settings(certificates, role: null) : ["--Security:Internal=none"]);
        var system = new SplitSystem(processes, client)
        {
            Site = new DemoSite(new Uri(center), new Uri(provider), client.GetRequiredService<ServiceNetwork>().InvokerFor, time),
        };
        try
        {
            // The provider is first: it issues the keys that the documents name.
            await Start(RoleNames.ChannelSimulator, $"--Ports:Simulator={simulator}").UntilReadyAsync(time, _startLimit, _lookEvery);
            using var control = new HttpClient { BaseAddress = new Uri(provider) };
            await demo.WriteDocumentsAsync(
                new ProvidersElsewhere(control), new FolderConfigBackend(new ConfigOptions { Folder = Path.Combine(folder, "config") }.BaseFolder, time));

            foreach (var role in roles.Where(r => r.Name != RoleNames.ChannelSimulator))
            {
                Start(
                    role.Name,
                    [
                        $"--Ports:Web={web.GetValueOrDefault(role.Name)}", $"--Ports:MerchantGrpc={ports.Dequeue()}", "--Ports:Console=0", .. services.Select(s => $"--Services:{s.Key}={s.Value}"),
                        .. tls ? CertificateCommands.Settings(certificates, role.Name) : [],
                    ]);
            }

            foreach (var process in processes)
            {
                await process.UntilReadyAsync(time, _startLimit, _lookEvery);
            }
        }
        catch (DemoFailedException)
        {
            foreach (var line in system.Lines)
            {
                await Console.Error.WriteLineAsync(line);
            }

            await system.DisposeAsync();
            throw;
        }

        return system;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Site.Dispose();
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await _client.DisposeAsync();
    }

    /// <summary>Calls as the roles do; by the settings of a process that may call whatever a role may.</summary>
    private static ServiceProvider ClientOf(Dictionary<string, string> addresses, string[] security)
    {
        var settings = new ConfigurationBuilder().AddCommandLine(security).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(settings).AddServiceDefaults();
        services.AddOptions<SecurityOptions>().BindConfiguration("Security");
        services.AddOptions<ServiceNetworkOptions>().Configure(o =>
        {
            foreach (var (role, address) in addresses)
            {
                o.Addresses[role] = address;
            }
        });
        return services.BuildServiceProvider();
    }

    /// <summary>One role's process, with what it said last.</summary>
    private sealed class RoleProcess : IAsyncDisposable
    {
        private const int LinesMax = 60;

        private readonly ConcurrentQueue<string> _lines = new();
        private readonly string _role;
        private readonly Uri _ready;
        private readonly Process _process;

        public RoleProcess(string role, int operationsPort, string[] settings)
        {
            _role = role;
            _ready = new Uri($"http://127.0.0.1:{operationsPort}/health/ready");
            string[] arguments =
            [
                typeof(SplitSystem).Assembly.Location, $"--roles={role}", $"--Ports:Operations={operationsPort}", "--Logging:Console:FormatterName=simple",
                "--Logging:Console:FormatterOptions:SingleLine=true", .. settings,
            ];
            var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
            {
                WorkingDirectory = Path.GetTempPath(), RedirectStandardOutput = true, RedirectStandardError = true,
            };
            _process = Process.Start(start)!;
            _process.OutputDataReceived += (_, line) => Keep(line.Data);
            _process.ErrorDataReceived += (_, line) => Keep(line.Data);
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public IEnumerable<string> Lines => _lines;

        public async Task UntilReadyAsync(TimeProvider time, TimeSpan limit, TimeSpan lookEvery)
        {
            using var http = new HttpClient();
            var began = time.GetTimestamp();
            var last = "it does not answer";
            while (time.GetElapsedTime(began) < limit)
            {
                if (_process.HasExited)
                {
                    throw new DemoFailedException("start", $"{_role} ended with {_process.ExitCode}");
                }

                try
                {
                    using var answer = await http.GetAsync(_ready);
                    if (answer.IsSuccessStatusCode)
                    {
                        return;
                    }

                    last = await answer.Content.ReadAsStringAsync();
                }
                catch (HttpRequestException)
                {
                    // Not yet.
                }

                await Task.Delay(lookEvery, time);
            }

            throw new DemoFailedException("start", $"{_role} is not ready within {limit.TotalSeconds:0} s: {last}");
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private void Keep(string? line)
        {
            if (line is null)
            {
                return;
            }

            _lines.Enqueue($"{_role}: {line}");
            if (_lines.Count > LinesMax)
            {
                _lines.TryDequeue(out _);
            }
        }
    }
}
