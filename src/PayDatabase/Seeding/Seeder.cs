using Dapper;
using Grpc.Core;

namespace PayCore.PayDatabase.Seeding;

/// <summary>
/// Fills a database with made-up orders that look as if they had come over weeks: in the rhythm of days and weeks, with all that belongs to them, by the rules of
/// docs/states.md. Nothing of it is left due but a few rows. For trying and measuring; it never mixes with what is there unless it is told to.
/// </summary>
public sealed class Seeder(SqlDatabase database, WriteLoops writes, FigureKeeper figures, TimeProvider time)
{
    private const int BatchOrders = 1000;
    private const int AtOnce = 3;
    private const int QuartersAtOnce = 48;

    // UTC+8, where most of the shops are: the night is quiet, noon and evening are not.
    private static readonly double[] _hours = [2, 1, 0.6, 0.4, 0.4, 0.8, 2, 4, 6, 7, 8, 10, 12, 9, 7, 7, 8, 10, 13, 15, 14, 11, 7, 4];

    /// <summary>Fills it.</summary>
    /// <param name="plan">With what.</param>
    /// <param name="progress">Is told how many orders are written.</param>
    /// <param name="cancellation">Stops it between two batches; what is written stays.</param>
    /// <exception cref="RpcException">FAILED_PRECONDITION: there are orders already, and <see cref="SeedPlan.Add"/> is not set.</exception>
    public async Task<SeedResult> RunAsync(SeedPlan plan, IProgress<int> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(progress);
        var feeds = await DemandAsync(plan, cancellation);
        var random = new SeedRandom((ulong)plan.Number);
        var now = time.GetUtcNow().Ms();
        var stories = new SeedStories(plan, random, feeds, now);
        var (written, rows) = (0, 0L);
        var running = new Queue<(Task<bool> Task, int Orders)>();
        var batch = new SeedBatch();
        var inBatch = 0;
        foreach (var at in Times(plan, random, now))
        {
            stories.Tell(batch, at);
            if (++inBatch == BatchOrders)
            {
                await SendAsync();
            }
        }

        stories.Close(batch);
        await SendAsync();
        while (running.Count > 0)
        {
            await TakeAsync();
        }

        while (await figures.StepAsync(cancellation, QuartersAtOnce))
        {
            // The quarters of all these days.
        }

        return stories.Result with { Rows = rows };

        async Task SendAsync()
        {
            cancellation.ThrowIfCancellationRequested();
            var full = batch;
            rows += full.Count;
            running.Enqueue((writes.WriteAsync(async write =>
            {
                await full.WriteAsync(write);
                return true;
            }, alone: true), inBatch));
            (batch, inBatch) = (new SeedBatch(), 0);
            if (running.Count == AtOnce)
            {
                await TakeAsync();
            }
        }

        async Task TakeAsync()
        {
            var (task, orders) = running.Dequeue();
            await task;
            progress.Report(written += orders);
        }
    }

    /// <summary>Where the feeds of the apps are.</summary>
    private async Task<Dictionary<string, long>> DemandAsync(SeedPlan plan, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        if (!plan.Add && await connection.QueryFirstOrDefaultAsync<string>("SELECT id FROM pay_order LIMIT 1") is not null)
        {
            throw Refusals.FailedPrecondition("There are orders in this database already; --add would mix made-up ones with them.");
        }

        return (await connection.QueryAsync<(string AppId, long Last)>("SELECT app_id, last_number FROM app_feed")).ToDictionary(f => f.AppId, f => f.Last);
    }

    /// <summary>When the orders were created, oldest first.</summary>
    private static IEnumerable<long> Times(SeedPlan plan, SeedRandom random, long now)
    {
        const long Hour = 3_600_000;
        var begin = now - (plan.Days * 24 * Hour);
        var weights = Enumerable.Range(0, plan.Days * 24).Select(h =>
        {
            var local = DateTimeOffset.FromUnixTimeMilliseconds(begin + (h * Hour)).ToOffset(TimeSpan.FromHours(8));
            return _hours[local.Hour] * (local.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1.3 : 1) * (1 + (0.3 * h / (plan.Days * 24)));
        }).ToList();
        var (sum, passed, told) = (weights.Sum(), 0.0, 0);
        for (var h = 0; h < weights.Count; h++)
        {
            passed += weights[h];
            var until = h == weights.Count - 1 ? plan.Orders : (int)Math.Round(plan.Orders * passed / sum);
            var from = begin + (h * Hour);
            foreach (var at in Enumerable.Range(0, until - told).Select(_ => random.Between(from, from + Hour - 2000)).Order().ToList())
            {
                yield return at;
            }

            told = until;
        }
    }
}

/// <summary>A clock that stands at the moment that is told of, for ids that sort by it.</summary>
internal sealed class StoryClock : TimeProvider
{
    /// <summary>The moment.</summary>
    public long At { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(At);
}
