using System.Globalization;
using System.Text.Json;

namespace PayCore.Host.Demonstration;

/// <summary>
/// <c>./demo</c>: starts the all-in-one on free ports with data of its own, pays an order by each wallet, scene and key mode end to end without a browser, and shows each step of the diagram
/// with its time. Every step is read off what really happened — answers, pages, the provider's log, the order's history, the deliveries' tries — and one that did
/// not happen fails the run.
/// </summary>
internal static class Demo
{
    /// <summary>Runs it.</summary>
    /// <returns>0 when all of it happened.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var json = args.Contains("--json");
        var settings = args.Where(a => a.StartsWith("--", StringComparison.Ordinal) && a.Contains('=', StringComparison.Ordinal)).ToArray();
        var folder = Directory.CreateTempSubdirectory("paycore-demo-").FullName;
        try
        {
            if (args.Contains("--all"))
            {
                return args.Contains("--split")
                    ? throw new DemoFailedException("--all", "it winds the clock of one process forward, and cannot be told of several: leave --split out")
                    : await Tour.Tour.RunAsync(folder, settings, json);
            }

            await using DemoSystem system = args.Contains("--split")
                ? await SplitSystem.StartAsync(folder, settings)
                : await AllInOneSystem.StartAsync(folder, settings);
            using var site = system.Site;
            var payments = new List<DemoPayment>();
            try
            {
                foreach (var way in DemoWay.All)
                {
                    payments.Add(await DemoWalk.PayAsync(way, site));
                }
            }
            catch (DemoFailedException)
            {
                foreach (var line in system.Lines)
                {
                    await Console.Error.WriteLineAsync(line);
                }

                throw;
            }

            Report(payments, json);
            return payments.All(p => p.Acknowledged) ? 0 : 1;
        }
        catch (DemoFailedException e)
        {
            Console.Error.WriteLine($"The demo failed at: {e.Message}");
            return 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Report(List<DemoPayment> payments, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { payments }, DemoJson.Options));
            return;
        }

        foreach (var payment in payments)
        {
            Console.WriteLine($"{payment.Name}: order {payment.OrderId}");
            foreach (var step in payment.Steps)
            {
                var arrow = $"{step.From} → {step.To}";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {step.AtMs,8:0.0} ms  {step.Name,-22} {arrow,-34} {step.Evidence}"));
            }

            Console.WriteLine(payment.Acknowledged ? "  acknowledged by the merchant" : "  NOT acknowledged");
        }
    }
}

/// <summary>A step that did not happen.</summary>
internal sealed class DemoFailedException(string step, string why) : Exception($"{step}: {why}");

/// <summary>One arrow of the diagram that was walked.</summary>
/// <param name="Name">The arrow.</param>
/// <param name="From">Who.</param>
/// <param name="To">Whom.</param>
/// <param name="AtMs">When, in milliseconds since the user opened the page.</param>
/// <param name="Evidence">What shows that it happened.</param>
internal sealed record DemoStep(string Name, string From, string To, double AtMs, string Evidence);

/// <summary>A payment that was walked.</summary>
internal sealed record DemoPayment(string Name, string OrderId, bool Acknowledged, double TotalMs, IReadOnlyList<DemoStep> Steps);

/// <summary>How the demo prints JSON.</summary>
internal static class DemoJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
