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
        if (app.Services.GetService<IOptions<PayCenterOptions>>()?.Value is not { Shop: not null, WalletUrl: { } wallet } center)
        {
            return;
        }

        var console = app.Services.GetRequiredService<IOptions<ConsoleOptions>>().Value.BaseUrl;
        var web = app.Services.GetRequiredService<IOptions<PublicOptions>>().Value.BaseUrl;
        output.WriteLine($"""

              Shop       {web}/shop      ← open this, buy something, pay it in the wallet
              Wallet     {wallet}    a simulated phone: WeChat and Alipay
              REST API   {web}/v1/pay-orders, described by {web}/openapi.json
              Console    {console}    for operators
              Data       {Path.GetDirectoryName(Path.GetFullPath(center.Shop.DataFolder))}

            Stop with Ctrl+C. Everything is kept and goes on at the next start.
            """);
        if (await app.Services.GetRequiredService<SetupLinks>().CreateAsync() is { } link)
        {
            output.WriteLine($"""

                The console has no operator yet. Open this link within 24 hours; it works once:
                {link}
                """);
        }
    }
}
