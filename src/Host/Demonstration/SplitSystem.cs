using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Net.Client;
using PayCore.Configuration;
using PayCore.ServiceDefaults.Ports;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.Host.Demonstration;

/// <summary>
/// Every role in a process of its own, speaking HTTP/2 on loopback, as <c>./demo --split</c> shows it. The database is SQLite unless settings name another.
/// </summary>
internal sealed class SplitSystem : DemoSystem
{
    private const int LinesMax = 100;

    private readonly List<Process> _processes;
    private readonly GrpcChannel _channel;
    private readonly ConcurrentQueue<string> _lines;

    private SplitSystem(List<Process> processes, GrpcChannel channel, ConcurrentQueue<string> lines) => (_processes, _channel, _lines) = (processes, channel, lines);

    /// <inheritdoc/>
    public override IEnumerable<string> Lines => _lines;

    /// <summary>Starts a process for each role and waits until all of them listen.</summary>
    public static async Task<DemoSystem> StartAsync(string folder, string[] settings)
    {
        var time = TimeProvider.System;
        var roles = Role.All;
        var ports = new Queue<int>(FreePorts.Take(3 * roles.Count));
        var inner = roles.Where(r => r.InnerPort is not null).ToDictionary(r => r.Name, _ => ports.Dequeue());
        var web = roles.Where(r => r.PublicPorts.Contains(PortKind.Web)).ToDictionary(r => r.Name, _ => ports.Dequeue());
        var simulator = ports.Dequeue();
        var center = $"http://127.0.0.1:{web["PayCenter"]}";
        var provider = $"http://127.0.0.1:{simulator}";
        var demo = new DemoMerchant(folder, center, provider, DemoWay.All);

        string[] common =
        [
            $"--Data={folder}", "--Security:Internal=none", $"--Public:BaseUrl={center}", $"--Public:CallbackBaseUrl=http://127.0.0.1:{web["CallbackGateway"]}",
            .. inner.Select(p => $"--Ports:Inner:{p.Key}={p.Value}"), .. inner.Select(p => $"--Services:{p.Key}=http://127.0.0.1:{p.Value}"),
            .. demo.Settings().Select(s => $"--{s.Key}={s.Value}"), $"--PayCenter:ApiBaseUrl=http://127.0.0.1:{web["PayGateway"]}",
            .. settings,
        ];
        var processes = new List<Process>();
        var lines = new ConcurrentQueue<string>();
        var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{inner["PayDatabase"]}");
        try
        {
            // The provider is first: it issues the keys that the documents name.
            processes.Add(Start("ChannelSimulator", [.. common, $"--Ports:Simulator={simulator}"], lines));
            using var control = new HttpClient { BaseAddress = new Uri(provider) };
            await UntilAsync(time, "ChannelSimulator", async () => (await control.GetAsync(new Uri("/control/faults", UriKind.Relative))).IsSuccessStatusCode);
            await demo.WriteDocumentsAsync(
                new ProvidersElsewhere(control), new FolderConfigBackend(new ConfigOptions { Folder = Path.Combine(folder, "config") }.BaseFolder, time));

            foreach (var role in roles.Where(r => r.Name != "ChannelSimulator"))
            {
                processes.Add(Start(role.Name, [.. common, $"--Ports:Web={web.GetValueOrDefault(role.Name)}", $"--Ports:MerchantGrpc={ports.Dequeue()}"], lines));
            }

            foreach (var port in inner.Values.Concat(web.Values))
            {
                await UntilAsync(time, $"port {port}", () => ListensAsync(port));
            }
        }
        catch
        {
            processes.ForEach(p => p.Kill());
            foreach (var line in lines)
            {
                Console.Error.WriteLine(line);
            }

            throw;
        }

        return new SplitSystem(processes, channel, lines) { Site = new DemoSite(new Uri(center), new Uri(provider), new DatabaseClient(channel), time) };
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _channel.Dispose();
    }

    private static Process Start(string role, string[] arguments, ConcurrentQueue<string> lines)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(SplitSystem).Assembly.Location);
        start.ArgumentList.Add($"--roles={role}");
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        void Keep(object sender, DataReceivedEventArgs said)
        {
            if (said.Data is { } line)
            {
                lines.Enqueue($"{role}: {line}");
                if (lines.Count > LinesMax)
                {
                    lines.TryDequeue(out _);
                }
            }
        }

        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, port);
        return true;
    }

    private static async Task UntilAsync(TimeProvider time, string what, Func<Task<bool>> holds)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or System.Net.Sockets.SocketException)
            {
                // Not yet.
            }

            if (time.GetElapsedTime(began) > TimeSpan.FromSeconds(60))
            {
                throw new DemoFailedException("start", $"{what} does not answer within 60 s");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        }
    }
}
