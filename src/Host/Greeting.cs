using Grpc.Core;
using Microsoft.Extensions.Options;
using PayCore.PayCenter;
using PayCore.PayManagerSystem;
using PayCore.PayManagerSystem.People;
using PayCore.ServiceDefaults;

namespace PayCore.Host;

/// <summary>What a person reads after the start: where everything is, and what to do next.</summary>
internal static class Greeting
{
    /// <summary>Writes it.</summary>
    public static async Task WriteAsync(WebApplication app, TextWriter output)
    {
        output.WriteLine($"PayCore runs: {string.Join(", ", PayCoreHost.Roles(app).Select(r => r.Name))}");
        WriteShop(app, output);
        if (app.Services.GetService<SetupLinks>() is { } links)
        {
            await WriteLinkAsync(links, output);
        }
    }

    private static async Task WriteLinkAsync(SetupLinks links, TextWriter output)
    {
        try
        {
            if (await links.CreateAsync() is { } link)
            {
                output.WriteLine($"""

                    The console has no operator yet. Open this link within 24 hours; it works once:
                    {link}
                    """);
            }
        }
        catch (RpcException)
        {
            // PayDatabase is a process of its own, and not there yet.
            output.WriteLine("The console's first link, if it has no operator yet: ./paycore console setup-link");
        }
    }

    private static void WriteShop(WebApplication app, TextWriter output)
    {
        if (app.Services.GetService<IOptions<PayCenterOptions>>()?.Value is not { Shop: not null, WalletUrl: { } wallet } center)
        {
            return;
        }

        var web = app.Services.GetRequiredService<IOptions<PublicOptions>>().Value.BaseUrl;
        var console = app.Services.GetService<SetupLinks>() is null ? "" : $"\n  Console    {app.Services.GetRequiredService<IOptions<ConsoleOptions>>().Value.BaseUrl}    for operators";
        output.WriteLine($"""

              Shop       {web}/shop      ← open this, buy something, pay it in the wallet
              Wallet     {wallet}    a simulated phone: WeChat and Alipay
              REST API   {web}/v1/pay-orders, described by {web}/openapi.json{console}
              Data       {Path.GetDirectoryName(Path.GetFullPath(center.Shop.DataFolder))}

            Stop with Ctrl+C. Everything is kept and goes on at the next start.
            """);
    }
}
