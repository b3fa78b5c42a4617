using System.Data.Common;
using Dapper;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PayCore.PayDatabase;

/// <summary>
/// Keeps the figures of quarters that are over, so that a first page over weeks reads some thousand rows and not millions. A quarter is counted when it has been over
/// for half an hour, and again whenever it has aged by a quarter of its age, for a month: what is paid, refused or notified later comes in. Each
/// step counts an hour at most. Several processes at once count the same twice at worst: a figure is what the orders say, whoever counted.
/// </summary>
public sealed class FigureKeeper(SqlDatabase database, WriteLoops writes, TimeProvider time, ILogger<FigureKeeper> log) : BackgroundService
{
    // An hour of a busy system is counted in far less than a statement's limit.
    private const int QuartersAtOnce = 4;

    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(1);

    /// <summary>From the end of a quarter to its first count.</summary>
    private static readonly TimeSpan _settles = TimeSpan.FromMinutes(30);

    /// <summary>How far back quarters are counted that nobody counted yet.</summary>
    private static readonly TimeSpan _back = TimeSpan.FromDays(62);

    /// <summary>When a quarter is left as it is.</summary>
    private static readonly TimeSpan _oldest = TimeSpan.FromDays(35);

    private static readonly TimeSpan _againMin = TimeSpan.FromMinutes(5);

    /// <summary>Counts what is missing, the newest first, or else what is due.</summary>
    /// <param name="cancellation">Stops it before anything is written.</param>
    /// <param name="most">Quarters to count at once.</param>
    /// <returns>False: there was nothing to do.</returns>
    public async Task<bool> StepAsync(CancellationToken cancellation, int most = QuartersAtOnce)
    {
        var now = time.GetUtcNow().Ms();
        IReadOnlyList<FigureRow> rows;
        List<long> quarters;
        await using (var connection = await database.OpenAsync(cancellation))
        {
            quarters = await NextAsync(connection, now, most);
            if (quarters.Count == 0)
            {
                return false;
            }

            rows = await connection.CountAsync(quarters[0], quarters[^1] + Figures.Quarter, database.IsMySql);
        }

        await writes.WriteAsync(async write =>
        {
            await write.ExecuteAsync("DELETE FROM quarter_figure WHERE at IN @quarters", new { quarters });
            await write.ExecuteAsync("DELETE FROM figure_quarter WHERE at IN @quarters", new { quarters });
            foreach (var row in rows)
            {
                await write.WriteOneAsync(
                    "INSERT INTO quarter_figure (at, kind, subject, word, entries, amount_minor) VALUES (@At, @Kind, @Subject, @Word, @Entries, @AmountMinor)", row);
            }

            foreach (var at in quarters)
            {
                await write.WriteOneAsync("INSERT INTO figure_quarter (at, due_at) VALUES (@at, @due)", new { at, due = AgainAt(at, now) });
            }

            return true;
        }, alone: true);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(_pause, time, stoppingToken);
            try
            {
                while (await StepAsync(stoppingToken))
                {
                }
            }
            catch (Exception e) when (e is DbException or RpcException or DuplicateKeyException)
            {
                log.LogWarning("The figures were not counted ({Error}); again in a minute", e.Message);
            }
#pragma warning disable CA1031 // A bug in counting must not take the process, which writes payments, with it.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(e, "The figures were not counted; again in a minute");
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>Quarters that follow one another, to be counted next.</summary>
    private static async Task<List<long>> NextAsync(DbConnection connection, long now, int most)
    {
        var end = Figures.Begin(now - (long)_settles.TotalMilliseconds);
        if (await connection.ExecuteScalarAsync<long?>("SELECT MIN(created_at) FROM pay_order") is not { } oldest)
        {
            return [];
        }

        var begin = Figures.Begin(Math.Max(oldest, now - (long)_back.TotalMilliseconds));
        var counted = (await connection.QueryAsync<long>("SELECT at FROM figure_quarter WHERE at >= @begin AND at < @end", new { begin, end })).ToHashSet();
        for (var at = end - Figures.Quarter; at >= begin; at -= Figures.Quarter)
        {
            if (!counted.Contains(at))
            {
                var missing = new List<long>();
                for (; missing.Count < most && at >= begin && !counted.Contains(at); at -= Figures.Quarter)
                {
                    missing.Insert(0, at);
                }

                return missing;
            }
        }

        return await connection.QueryFirstOrDefaultAsync<long?>("SELECT at FROM figure_quarter WHERE due_at <= @now ORDER BY due_at, at LIMIT 1", new { now }) is { } due ? [due] : [];
    }

    private static long? AgainAt(long at, long now)
    {
        var age = now - at - Figures.Quarter;
        return age > _oldest.TotalMilliseconds ? null : now + Math.Max(age / 4, (long)_againMin.TotalMilliseconds);
    }
}
