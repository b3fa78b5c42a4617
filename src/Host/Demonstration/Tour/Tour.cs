using System.Globalization;
using System.Text.Json;
using PayCore.Configuration;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.Host.Demonstration.Tour;

/// <summary>
/// <c>./demo --all</c>: every scene of both providers, and what PayCore does when answers, callbacks, merchants and statements go wrong. Each entry is judged by what really
/// happened, with us and in the provider's own book.
/// </summary>
internal static class Tour
{
    /// <summary>So many entries that fail one after another have one cause: each of the others would wait as long to say the same.</summary>
    private const int FailuresInARowMax = 3;

    private static IEnumerable<TourEntry> Entries => Scenes.All.Concat(MoneyStories.All);

    /// <summary>Runs it through an all-in-one of its own.</summary>
    /// <returns>0 when every entry is as it should be.</returns>
    public static async Task<int> RunAsync(string folder, string[] settings, bool json)
    {
        using var clock = new DemoClock();
        await using var merchant = new TourMerchant(folder, FreePorts.Take(1)[0]);
        await using var system = await AllInOneSystem.StartAsync(
            folder,
            [
                // No clock but the demo's is wound forward: the providers' Date stays behind it. The statements are asked for by the entries themselves.
                "--Clock:Tolerance=36500.00:00:00", "--Monitor:StatementsAt=1.00:00:00", $"--Outbound:AllowPrivateAddresses:1={merchant.Authority}", .. settings,
            ],
            clock,
            backend => WriteDocumentsAsync(backend, merchant));
        using var site = system.Site;
        return await RunAsync(site, merchant, clock, json);
    }

    /// <summary>Runs it through a system that has <see cref="WriteDocumentsAsync"/> behind it and goes by this clock.</summary>
    /// <returns>0 when every entry is as it should be.</returns>
    public static async Task<int> RunAsync(DemoSite site, TourMerchant merchant, DemoClock clock, bool json)
    {
        await merchant.StartAsync(site.Center, clock);
        var before = clock.Wound;
        var stage = new Stage(site, merchant, clock);
        var results = new List<TourResult>();
        var entries = Entries.ToList();
        foreach (var entry in entries)
        {
            await stage.BeginAsync();
            var result = await PlayAsync(entry, stage);
            results.Add(result);
            if (!json)
            {
                Write(result);
            }

            if (results.Count >= FailuresInARowMax && results.TakeLast(FailuresInARowMax).All(r => !r.Ok))
            {
                break;
            }
        }

        var ok = results.All(r => r.Ok);
        var notPlayed = entries.Count - results.Count;
        var wound = clock.Wound - before;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { Ok = ok, WoundSeconds = wound.TotalSeconds, NotPlayed = notPlayed, Entries = results }, DemoJson.Options));
        }
        else
        {
            if (notPlayed > 0)
            {
                Console.WriteLine($"{FailuresInARowMax} entries in a row failed: the other {notPlayed} are not played.");
            }

            Console.WriteLine($"{results.Count(r => r.Ok)} of {results.Count} entries are ok. The demo's clock was wound forward by {wound.TotalMinutes:0} minutes where the system waits.");
        }

        return ok ? 0 : 1;
    }

    /// <summary>Writes what the tour needs besides the demo merchant's documents, which are there.</summary>
    public static async Task WriteDocumentsAsync(IConfigBackend backend, TourMerchant merchant)
    {
        await TourAccounts.GrantAsync(backend);
        await merchant.WriteDocumentAsync(backend);
    }

    private static async Task<TourResult> PlayAsync(TourEntry entry, Stage stage)
    {
        string? error = null;
        try
        {
            await entry.PlayAsync(stage);
        }
        catch (Exception e) when (e is DemoFailedException or HttpRequestException or InvalidOperationException or KeyNotFoundException or Grpc.Core.RpcException)
        {
            error = e.Message;
        }

        return new TourResult(entry.Name, error is null, stage.Elapsed.TotalSeconds, error, [.. stage.Steps]);
    }

    private static void Write(TourResult result)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(result.Ok ? "ok  " : "FAIL")} {result.Seconds,7:0.00} s  {result.Name}{(result.Error is null ? "" : $": {result.Error}")}"));
        if (!result.Ok)
        {
            foreach (var step in result.Steps)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"     {step.AtSeconds,7:0.00} s    {step.Name}: {step.Evidence}"));
            }
        }
    }
}

/// <summary>An entry of the tour.</summary>
/// <param name="Name">As it is printed.</param>
/// <param name="PlayAsync">Plays it; an exception is its failure.</param>
internal sealed record TourEntry(string Name, Func<Stage, Task> PlayAsync);

/// <summary>What became of an entry. Seconds are those of the demo's clock, which is wound forward where the system waits for a time.</summary>
internal sealed record TourResult(string Name, bool Ok, double Seconds, string? Error, IReadOnlyList<TourStep> Steps);
