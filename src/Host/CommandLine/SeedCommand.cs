using System.CommandLine;
using System.Globalization;
using PayCore.PayDatabase.Seeding;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore seed</c>: fills a database with made-up orders, for trying and measuring.</summary>
internal sealed class SeedCommand(CommandSession session)
{
    private const int OrdersMax = 100_000_000;
    private const int ProgressEvery = 20;

    private readonly Option<int> _orders = new("--orders") { Description = "How many orders.", Required = true, HelpName = "N" };
    private readonly Option<long?> _seed = new("--seed") { Description = "The same number gives the same orders, but for their times. Default: a random one, which is printed.", HelpName = "NUMBER" };
    private readonly Option<bool> _add = new("--add") { Description = "Adds to a database that has orders. Not for one with real money in it." };

    /// <summary>The command.</summary>
    public Command Build()
    {
        _orders.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > OrdersMax)
            {
                result.AddError($"--orders is 1 to {OrdersMax}.");
            }
        });
        var seed = new Command("seed", "Fills a database with made-up orders of the last 60 days, with refunds, transfers, callbacks, notifications and exceptions.") { _orders, _seed, _add };
        seed.SetAction((arguments, cancellation) => SeedAsync(arguments, cancellation));
        return seed;
    }

    private async Task<int> SeedAsync(ParseResult arguments, CancellationToken cancellation)
    {
        session.UseOrMakeRecords();
        await session.SchemaAsync(migrator => migrator.MigrateAsync(cancellation));
        var orders = arguments.GetValue(_orders);
        var number = arguments.GetValue(_seed) ?? (long)(session.Random.NextDouble() * 1_000_000_000);
        var began = session.Time.GetTimestamp();
        var plan = new SeedPlan { Orders = orders, Number = number, Add = arguments.GetValue(_add), Shops = MadeUpTrade.Shops, Ways = MadeUpTrade.Ways };
        var result = await session.UseRecordsAsync<Seeder, SeedResult>(seeder => seeder.RunAsync(plan, new Printed(orders, number), cancellation));
        Console.WriteLine(Invariant(
            $"{result.Orders} orders ({result.Paid} paid), {result.Refunds} refunds and {result.Transfers} transfers: {result.Rows} rows in {session.Time.GetElapsedTime(began).TotalSeconds:0} s. Seed {number}."));
        return 0;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Prints how far it is, twenty times in all.</summary>
    private sealed class Printed(int orders, long number) : IProgress<int>
    {
        private int _printed;
        private bool _begun;

        public void Report(int value)
        {
            if (!_begun)
            {
                _begun = true;
                Console.WriteLine(Invariant($"Making up {orders} orders with seed {number}."));
            }

            var part = (int)((long)value * ProgressEvery / orders);
            if (part > _printed)
            {
                _printed = part;
                Console.WriteLine(Invariant($"  {100 * part / ProgressEvery,3} %  {value} orders"));
            }
        }
    }
}
