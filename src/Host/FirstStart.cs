using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.Host;

/// <summary>
/// The all-in-one's first start: a demo merchant with fresh keys, known to the simulated provider, and a shop that signs as that merchant. Nothing ships
/// with a key. Later starts find what the first one made.
/// </summary>
internal static class FirstStart
{
    private const string AppId = "demo-shop";
    private const string KeyId = "first";
    private const string MerchantId = "demo";

    /// <summary>Only the all-in-one with the simulator makes a demo merchant.</summary>
    public static bool Applies(WebApplication app) =>
        app.Services.GetService<WechatMerchants>() is not null && app.Services.GetService<IConfigBackend>() is not null
        && app.Configuration.GetValue("Demo:Merchant", true);

    /// <summary>Makes what is missing.</summary>
    public static async Task PrepareAsync(WebApplication app)
    {
        var services = app.Services;
        var backend = services.GetRequiredService<IConfigBackend>();
        var random = services.GetRequiredService<RandomSource>();
        var there = (await backend.ReadAllAsync(CancellationToken.None)).Select(d => $"{d.Folder}/{d.Name}").ToHashSet(StringComparer.Ordinal);
        if (there.Contains($"apps/{AppId}"))
        {
            return;
        }
    }

    /// <summary>Says where everything is and what to do next.</summary>
    public static void Greet(WebApplication app)
    {
    }
}
