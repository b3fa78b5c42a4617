using Microsoft.Extensions.DependencyInjection;
using PayCore.Host.CommandLine;
using PayCore.PayDatabase.Seeding;

namespace PayCore.Console.Tests.Support;

/// <summary>Fills an office's records with made-up trade.</summary>
public static class Trade
{
    /// <summary>The same number gives the same orders, but for their times.</summary>
    private const long Number = 7;

    /// <summary>Fills them.</summary>
    public static Task SeedAsync(this Office office, int orders) => office.World.App.Services.GetRequiredService<Seeder>().RunAsync(
        new SeedPlan { Orders = orders, Number = Number, Shops = MadeUpTrade.Shops, Ways = MadeUpTrade.Ways, Add = true }, new Unheard(), CancellationToken.None);

    private sealed class Unheard : IProgress<int>
    {
        public void Report(int value)
        {
        }
    }
}
