using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.Host.CommandLine;
using PayCore.PayDatabase.Seeding;
using PayCore.Scale.Tests;
using PayCore.TestKit;

[assembly: AssemblyFixture(typeof(FilledOffice))]

namespace PayCore.Scale.Tests;

/// <summary>The all-in-one with a console over a MariaDB of its own that holds a million made-up orders. <c>PAYCORE_SCALE_ORDERS</c> says another number, for trying.</summary>
public sealed class FilledOffice : IAsyncLifetime
{
    private const int Orders = 1_000_000;

    private readonly Chromium _chromium = new();

    /// <summary>Its database server, with a memory as a production server has.</summary>
    public MariaDbServer Server { get; private set; } = null!;

    /// <summary>The system and its console.</summary>
    public Office Office { get; private set; } = null!;

    /// <summary>Who may do everything.</summary>
    public Person Ada { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _chromium.InitializeAsync();
        Server = await MariaDbServer.StartAsync(options: ["--innodb-buffer-pool-size=4G", "--innodb-log-file-size=1G", "--log-output=TABLE"]);
        Office = await Office.OpenAsync(_chromium, "mysql", $"--Database:ConnectionString={await Server.CreateDatabaseAsync()}");
        Ada = await Office.HireAsync("ada", "admin");
        var orders = int.TryParse(Environment.GetEnvironmentVariable("PAYCORE_SCALE_ORDERS"), CultureInfo.InvariantCulture, out var asked) ? asked : Orders;
        var plan = new SeedPlan { Orders = orders, Number = 7, Shops = MadeUpTrade.Shops, Ways = MadeUpTrade.Ways };
        var watch = Stopwatch.StartNew();
        var result = await Office.World.App.Services.GetRequiredService<Seeder>().RunAsync(plan, new Nobody(), CancellationToken.None);
        System.Console.WriteLine($"{result.Orders} orders, {result.Rows} rows in {watch.Elapsed.TotalSeconds:0} s");
    }

    public async ValueTask DisposeAsync()
    {
        await Office.DisposeAsync();
        await Server.DisposeAsync();
        await _chromium.DisposeAsync();
    }

    private sealed class Nobody : IProgress<int>
    {
        public void Report(int value)
        {
            // Nobody watches.
        }
    }
}
