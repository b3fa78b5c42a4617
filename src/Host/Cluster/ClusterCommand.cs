using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PayCore.Host.Demonstration;
using PayCore.Host.Demonstration.Tour;

namespace PayCore.Host.Cluster;

/// <summary><c>./cluster</c>: the production shape on one machine.</summary>
internal static class ClusterCommand
{
    private const string Usage = """
        ./cluster up       starts every role in processes of its own, with MariaDB, etcd and RabbitMQ, and a supervisor that starts again what dies
        ./cluster demo     plays every entry of ./demo --all through it; --json prints them as JSON
        ./cluster status   shows each process: its id, port, health and memory; --json prints them as JSON
        ./cluster down     stops all of it; --wipe removes its data as well

        --Data=FOLDER      the cluster's folder; data/cluster when absent
        --Section:Name=value   with up: a setting for every role
        """;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it.</summary>
    /// <returns>0 when it was done, and for the status when every process is healthy.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var settings = args.Skip(1).Where(a => a.StartsWith("--", StringComparison.Ordinal) && a.Contains('=', StringComparison.Ordinal)).ToList();
        var switches = args.Skip(1).Except(settings).ToList();
        var folder = Path.GetFullPath(
            settings.FindLast(s => s.StartsWith("--Data=", StringComparison.Ordinal))?[7..] ?? Path.Combine(Environment.GetEnvironmentVariable("Data") ?? "data", "cluster"));
        settings.RemoveAll(s => s.StartsWith("--Data=", StringComparison.Ordinal));
        try
        {
            return (args.FirstOrDefault(), switches) switch
            {
                ("up", []) => await UpAsync(folder, settings),
                ("demo", [] or ["--json"]) => await DemoAsync(folder, switches.Count > 0),
                ("status", [] or ["--json"]) => await StatusAsync(folder, switches.Count > 0),
                ("down", [] or ["--wipe"]) => await DownAsync(folder, switches.Count > 0),
                // What up leaves running.
                ("supervise", []) => await SuperviseAsync(folder, [.. settings]),
                ("ingress", []) => await IngressAsync(folder),
                _ => Explain(),
            };
        }
        catch (ClusterFailedException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static int Explain()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    private static async Task<int> UpAsync(string folder, List<string> settings)
    {
        var state = ClusterState.Read(folder);
        if (state is null or { IsAbandoned: true })
        {
            await StopAbandonedAsync(folder, state);
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // Says at once what is not installed.
            _ = new ClusterPlan(ClusterLayout.Open(folder, starting: true), [.. settings]);
            Console.WriteLine($"Starting the cluster in {folder}");
            StartSupervisor(folder, settings);
        }

        var plan = await FollowStartAsync(folder);
        Console.WriteLine($"""
            The cluster runs: {plan.Parts.Count} processes, and a supervisor that starts again what dies.

              Shop       {plan.Web}/shop      ← open this, buy something, pay it in the wallet
              Wallet     {plan.Simulator}/wallet    a simulated phone: WeChat and Alipay
              REST API   {plan.Web}/v1/pay-orders, described by {plan.Web}/openapi.json
              gRPC API   {plan.MerchantGrpc}
              Data       {folder}, with each process's log in logs/

            ./cluster demo, ./cluster status, ./cluster down
            """);
        return 0;
    }

    /// <summary>It is no child of this terminal: it lives on when the terminal is closed, and writes into its log.</summary>
    private static void StartSupervisor(string folder, List<string> settings)
    {
        Directory.CreateDirectory(Path.Combine(folder, "logs"));
        var start = new ProcessStartInfo("/bin/sh", ["-c", "umask 077; setsid \"$@\" >\"$SUPERVISOR_LOG\" 2>&1 </dev/null &", "sh", .. ClusterPlan.Self, "cluster", "supervise", $"--Data={folder}", .. settings]);
        start.Environment["SUPERVISOR_LOG"] = SupervisorLog(folder);
        using var shell = Process.Start(start)!;
        shell.WaitForExit();
    }

    private static string SupervisorLog(string folder) => Path.Combine(folder, "logs", "supervisor.log");

    /// <summary>Shows each part once it answers.</summary>
    private static async Task<ClusterPlan> FollowStartAsync(string folder)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var shown = new HashSet<string>();
        while (true)
        {
            var state = ClusterState.Read(folder);
            foreach (var part in state?.Parts.Where(p => p.Phase == PartPhase.Ready && shown.Add(p.Name)) ?? [])
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {part.Name,-20} answers after {part.Seconds,5:0.0} s"));
            }

            switch (state)
            {
                case { Phase: ClusterPhase.Ready }:
                    return RunningPlan(folder);
                case { Phase: ClusterPhase.Failed, Error: { } error }:
                    ClusterState.Forget(folder);
                    throw new ClusterFailedException($"The cluster does not start. {error}");
                case { IsAbandoned: true }:
                case null when time.GetElapsedTime(began) > TimeSpan.FromSeconds(30):
                    throw new ClusterFailedException($"The cluster's supervisor ended; its log is {SupervisorLog(folder)}.");
            }

            await Task.Delay(_look, time);
        }
    }

    private static async Task<int> DemoAsync(string folder, bool json)
    {
        var plan = RunningPlan(folder);
        await using var client = new ClusterClient(plan);
        using var site = client.NewSite();
        await using var merchant = plan.Tour;
        return await Tour.RunAsync(site, merchant, client.Clock, json);
    }

    private static async Task<int> StatusAsync(string folder, bool json)
    {
        var plan = RunningPlan(folder);
        var parts = await Task.WhenAll(plan.Parts.Select(p => ShowAsync(p, ClusterState.Read(folder)?.Parts.SingleOrDefault(s => s.Name == p.Name))));
        var healthy = parts.All(p => p.Health == "healthy");
        await using var client = new ClusterClient(plan);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { Healthy = healthy, WoundSeconds = client.Clock.Wound.TotalSeconds, Parts = parts }, DemoJson.Options));
            return healthy ? 0 : 1;
        }

        Console.WriteLine($"{"part",-20} {"pid",8} {"port",6} {"health",-9} {"memory",9} {"restarts",9}");
        foreach (var part in parts)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{part.Name,-20} {part.Pid,8} {part.Port,6} {part.Health,-9} {part.MemoryMb,6:0} MB {part.Restarts,9}"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{parts.Count(p => p.Health == "healthy")} of {parts.Length} are healthy, {parts.Sum(p => p.MemoryMb):0} MB; the demo wound the clock forward by {client.Clock.Wound.TotalSeconds:0} s"));
        return healthy ? 0 : 1;
    }

    private static async Task<PartStatus> ShowAsync(ClusterPart part, PartState? state)
    {
        var process = state?.Process is { IsAlive: true } alive ? alive : null;
        var health = process is null ? "down" : await part.AnswersAsync(CancellationToken.None) ? "healthy" : "unhealthy";
        return new PartStatus(part.Name, process?.Pid, part.Port, health, process?.MemoryMb ?? 0, state?.Restarts ?? 0);
    }

    private static async Task<int> DownAsync(string folder, bool wipe)
    {
        var time = TimeProvider.System;
        if (ClusterState.Read(folder) is not { } state)
        {
            Console.WriteLine($"No cluster runs in {folder}.");
        }
        else
        {
            Console.WriteLine($"Stopping the cluster in {folder}");
            // The supervisor stops the others before it ends: they get their time in turn.
            await state.Supervisor.StopAsync(TimeSpan.FromMinutes(4), time);
            await StopAbandonedAsync(folder, ClusterState.Read(folder));
            Console.WriteLine("The cluster is down.");
        }

        if (wipe && File.Exists(Path.Combine(folder, "layout.json")))
        {
            Directory.Delete(folder, recursive: true);
            Console.WriteLine($"{folder} is removed.");
        }

        return 0;
    }

    /// <summary>Stops what a supervisor that died left running.</summary>
    private static async Task StopAbandonedAsync(string folder, ClusterState? state)
    {
        if (state is not null)
        {
            if (state.Running.Count > 0)
            {
                Console.WriteLine($"Stopping {state.Running.Count} processes whose supervisor died");
            }

            await ClusterSupervisor.StopAsync(state.Running, new ClusterPlan(ClusterLayout.Open(folder, starting: false), []), TimeProvider.System);
            ClusterState.Forget(folder);
        }
    }

    private static async Task<int> SuperviseAsync(string folder, string[] settings)
    {
        // A second start at the same moment finds that there is a supervisor already, and its command follows this one.
        await using var only = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        var layout = ClusterLayout.Open(folder, starting: true);
        var plan = new ClusterPlan(layout, settings);
        layout.Save();
        using var supervisor = new ClusterSupervisor(plan, TimeProvider.System);
        return await supervisor.RunAsync();
    }

    private static async Task<int> IngressAsync(string folder)
    {
        await using var app = Ingress.Build(new ClusterPlan(ClusterLayout.Open(folder, starting: false), []));
        await app.RunAsync();
        return 0;
    }

    private static ClusterPlan RunningPlan(string folder) => ClusterState.Read(folder) is { IsAbandoned: false, Phase: ClusterPhase.Ready }
        ? new ClusterPlan(ClusterLayout.Open(folder, starting: false), [])
        : throw new ClusterFailedException($"No cluster runs in {folder}; ./cluster up starts one.");

    private sealed record PartStatus(string Name, int? Pid, int Port, string Health, double MemoryMb, int Restarts);
}
