using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PayCore.Bench;
using PayCore.TestKit;

const int InFlight = 64;
const double OthersMax = 0.15;
var quick = args.Contains("--quick");
var json = args.Contains("--json");
var stage = TimeSpan.FromSeconds(quick ? 5 : 20);
var floorTime = TimeSpan.FromSeconds(quick ? 3 : 10);
var attempts = quick ? 2 : 4;
var shapes = args.Contains("--all-in-one") ? (bool[])[false] : args.Contains("--split") ? [true] : [true, false];

MariaDbServer server = null!;
Provider provider = null!;
Floor floor = null!;
var signatures = Signatures.Measure();
var marks = new JsonArray();
try
{
    await MeasureAllAsync();
    return 0;
}
catch (Exception e)
{
    // Caught, so that everything that was started is stopped.
    Console.Error.WriteLine(e);
    return 1;
}

async Task MeasureAllAsync()
{
    await using var database = server = await MariaDbServer.StartAsync();
    await using var wechat = provider = await Provider.StartAsync();
    floor = new Floor(await server.CreateDatabaseAsync(), InFlight);
    await floor.PrepareAsync();
    Say("Warming the floor …");
    await floor.InsertAsync(floorTime);

    var report = new JsonObject { ["machine"] = new JsonObject { ["cpus"] = Environment.ProcessorCount, ["database"] = "MariaDB, innodb_flush_log_at_trx_commit=1", ["in_flight"] = InFlight } };
    foreach (var split in shapes)
    {
        report[split ? "split" : "all_in_one"] = await MeasureAsync(split);
    }

    report["marks"] = marks;
    if (json)
    {
        Console.WriteLine(report.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}

async Task<JsonObject> MeasureAsync(bool split)
{
    var database = await server.CreateDatabaseAsync();
    await using var shape = await Shape.StartAsync(split, database, provider);
    Say($"{shape.Name}: {shape.Processes.Count} processes, first order after {shape.ToFirstOrder.TotalSeconds:0.00} s");
    var processes = shape.Processes.Append(new("mariadbd", server.ProcessId)).Append(new("bench", Environment.ProcessId)).ToDictionary(p => p.Key, p => p.Value);
    var idle = shape.MemoryMb();
    await WarmAsync(shape);

    var attemptNos = new List<string>();
    var told = 0;
    var create = await RunAsync("create order", floor.InsertAsync, signatures.OrderMs, processes, async () =>
    {
        provider.Renew();
        var requests = shape.Orders((int)(stage.TotalSeconds * 3_000));
        return () => RawHttp.SendAsync(shape.OrderPort, requests, InFlight, stage);
    }, done => attemptNos.AddRange(done.Answers.Values.Select(a => AttemptNo().Match(a).Groups[1].Value).Where(a => a.Length > 0)));
    var callback = await RunAsync("callback → PAID", floor.UpdateAsync, signatures.CallbackMs, processes, async () =>
    {
        var some = attemptNos.Take(attemptNos.Count / attempts).ToList();
        attemptNos.RemoveRange(0, some.Count);
        IReadOnlyList<byte[]> requests = [.. some.AsParallel().Select(a => provider.Callback($"127.0.0.1:{shape.CallbackPort}", a))];
        return () => RawHttp.SendAsync(shape.CallbackPort, requests, InFlight, stage);
    }, done => told += done.Answers.Count);
    if (await Floor.PaidAsync(database) != told)
    {
        throw new InvalidOperationException($"{told} callbacks were acknowledged and {await Floor.PaidAsync(database)} orders are PAID: what was measured is not what it should be.");
    }

    var loaded = shape.MemoryMb();
    Mark($"{shape.Name}: create ÷ INSERT", (double)create["ratio"]!, split ? 0.10 : 0.14, atLeast: true, (bool)create["void"]!);
    Mark($"{shape.Name}: MB of the largest process", loaded.Values.Max(), 140, atLeast: false, false);
    Mark($"{shape.Name}: s to the first order", shape.ToFirstOrder.TotalSeconds, 2, atLeast: false, false);
    return new JsonObject
    {
        ["start_to_first_order_s"] = Math.Round(shape.ToFirstOrder.TotalSeconds, 2),
        ["create_order"] = create,
        ["callback_to_paid"] = callback,
        ["memory_mb"] = new JsonObject(idle.Select(m => KeyValuePair.Create(
            m.Key, (JsonNode?)new JsonObject { ["idle"] = Math.Round(m.Value), ["loaded"] = Math.Round(loaded[m.Key]) }))),
    };
}

// The runtime compiles what runs often anew while it runs: nothing is measured before the rate stands still.
async Task WarmAsync(Shape shape)
{
    var best = 0.0;
    for (var (round, still) = (0, 0); round < 20 && still < 2; round++)
    {
        var rate = (await RawHttp.SendAsync(shape.OrderPort, shape.Orders(1_000), InFlight, TimeSpan.FromSeconds(10))).PerSecond;
        still = rate > best * 1.05 ? 0 : still + 1;
        best = Math.Max(best, rate);
    }

    Say($"  warm: {best:0} orders/s");
}

// Floor, system, floor; again when others disturbed it.
async Task<JsonObject> RunAsync(
    string what, Func<TimeSpan, Task<double>> measureFloor, double signaturesMs, IReadOnlyDictionary<string, int> processes, Func<Task<Func<Task<LoadResult>>>> prepare, Action<LoadResult> seen)
{
    for (var run = 1; ; run++)
    {
        var go = await prepare();
        var began = CpuTimes.Now(processes);
        var before = await measureFloor(floorTime);
        var counted = await floor.CountsAsync();
        var start = CpuTimes.Now(processes);
        var done = await go();
        var end = CpuTimes.Now(processes);
        var each = (await floor.CountsAsync()).ToDictionary(c => c.Key, c => Math.Round((c.Value - counted[c.Key]) / Math.Max(1.0, done.Answers.Count), 2));
        var after = await measureFloor(floorTime);
        var others = CpuTimes.Now(processes).OthersSince(began);
        seen(done);
        if (others > OthersMax && run < attempts)
        {
            Say($"  {what}: void, other processes took {others:P0} of the CPU; again");
            continue;
        }

        var least = (before + after) / 2;
        var cost = end.Since(start).Where(p => p.Value > 0).OrderByDescending(p => p.Value).ToDictionary(p => p.Key, p => Math.Round(p.Value / Math.Max(1, done.Answers.Count), 3));
        var busy = end.BusySince(start);
        var ratio = done.PerSecond / least;
        // What nobody who does this could leave out: the signatures, and what the database and the bench took.
        var unavoidable = signaturesMs + cost.GetValueOrDefault("mariadbd") + cost.GetValueOrDefault("bench");
        var atMost = Environment.ProcessorCount * 1000 / unavoidable / least;
        Say($"  {what}: {done.PerSecond:0}/s ÷ {least:0}/s = {ratio:0.000}{(others > OthersMax ? " (void)" : "")}, p50 {done.Percentile(0.5):0} ms, p99 {done.Percentile(0.99):0} ms, "
            + $"{done.Refused} refused; CPU {busy:P0} busy, ms each: {string.Join(", ", cost.Select(c => $"{c.Key} {c.Value:0.00}"))}; "
            + $"signatures {signaturesMs:0.00} of it, so that {atMost:0.000} is the most; "
            + $"database, each: {each["Questions"]:0.0} statements, {each["Com_commit"]:0.0} commits, {each["Innodb_data_fsyncs"]:0.00} writes to disk");
        return new JsonObject
        {
            ["per_second"] = Math.Round(done.PerSecond, 1),
            ["floor_per_second"] = new JsonArray(Math.Round(before, 1), Math.Round(after, 1)),
            ["ratio"] = Math.Round(ratio, 4),
            ["ratio_at_most"] = Math.Round(atMost, 4),
            ["signatures_ms_each"] = Math.Round(signaturesMs, 3),
            ["latency_ms"] = new JsonObject { ["p50"] = Math.Round(done.Percentile(0.5), 1), ["p99"] = Math.Round(done.Percentile(0.99), 1) },
            ["answered"] = done.Answers.Count,
            ["refused"] = done.Refused,
            ["cpu_ms_each"] = new JsonObject(cost.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
            ["database_each"] = new JsonObject { ["statements"] = each["Questions"], ["commits"] = each["Com_commit"], ["fsyncs"] = each["Innodb_data_fsyncs"] },
            ["cpu_busy"] = Math.Round(busy, 3),
            ["limit"] = busy > 0.9 ? $"CPU; most of it {cost.Keys.First()}" : "waiting: the database's disk, or too few writers",
            ["cpu_of_others"] = Math.Round(others, 3),
            ["void"] = others > OthersMax,
        };
    }
}

void Mark(string what, double value, double mark, bool atLeast, bool isVoid)
{
    var reached = atLeast ? value >= mark : value <= mark;
    marks.Add(new JsonObject { ["what"] = what, ["value"] = Math.Round(value, 3), ["mark"] = mark, ["reached"] = isVoid ? null : reached });
    Say($"  mark {(isVoid ? "void   " : reached ? "reached" : "missed ")} {what}: {value:0.###} ({(atLeast ? "at least" : "at most")} {mark})");
}

void Say(string line) => (json ? Console.Error : Console.Out).WriteLine(line);

internal partial class Program
{
    [GeneratedRegex("\"attempt_no\":\\s*\"(A[0-9A-Z]+)\"")]
    private static partial Regex AttemptNo();
}
