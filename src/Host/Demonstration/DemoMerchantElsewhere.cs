using PayCore.Configuration;

namespace PayCore.Host.Demonstration;

/// <summary>
/// <c>demo merchant</c>: the merchant of the demonstration shop, where shop and simulated providers run in processes of their own. Makes its keys when they are missing,
/// registers it with the providers (<c>Demo:Simulator</c>), and writes its app and accounts. The shop is called back at <c>Demo:Shop</c>.
/// </summary>
internal static class DemoMerchantElsewhere
{
    /// <summary>Runs it.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        await using var app = PayCoreHost.BuildForCommand(args, [], _ => { });
        var settings = app.Configuration;
        var (simulator, shop) = (Demand(settings, "Demo:Simulator"), Demand(settings, "Demo:Shop"));
        var demo = new DemoMerchant(settings["Data"]!, shop, simulator, DemoMerchant.WaysOf(settings["Demo:Ways"]));
        if (settings["PayCenter:Shop:WebhookSecret"] is { Length: > 0 } secret)
        {
            demo.KeepWebhookSecret(secret);
        }

        demo.Settings();
        using var control = new HttpClient { BaseAddress = new Uri(simulator) };
        await demo.WriteDocumentsAsync(new ProvidersElsewhere(control), app.Services.GetRequiredService<IConfigBackend>());
        Console.WriteLine($"The demonstration merchant is known to {simulator}, and its documents are written.");
        return 0;
    }

    private static string Demand(IConfiguration settings, string name) =>
        settings[name] ?? throw new InvalidOperationException($"{name} is missing: the address, scheme and port included.");
}
