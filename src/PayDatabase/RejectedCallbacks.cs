using System.Data.Common;
using Dapper;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.PayDatabase;

/// <summary>
/// Removes rejected callbacks that belong to no order and are older than <see cref="DatabaseOptions.KeepRejectedCallbacks"/> (docs/decisions/0019-rejected-callbacks.md), a
/// hundred a second at most, so that no payment waits behind it. Several processes at once find the same ones at worst.
/// </summary>
public sealed class RejectedCallbacks(SqlDatabase database, WriteLoops writes, IOptions<DatabaseOptions> options, TimeProvider time, ILogger<RejectedCallbacks> log)
    : BackgroundService
{
    /// <summary>So many are removed in a step: with a body of 64 KB each, a few megabytes.</summary>
    public const int AtOnce = 100;

    private static readonly TimeSpan _every = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _whileThereAreMore = TimeSpan.FromSeconds(1);

    /// <summary>Removes the oldest.</summary>
    /// <param name="cancellation">Stops it before anything is written.</param>
    /// <returns>How many; <see cref="AtOnce"/>: there may be more.</returns>
    public async Task<int> StepAsync(CancellationToken cancellation)
    {
        List<string> ids;
        await using (var connection = await database.OpenAsync(cancellation))
        {
            ids = (await connection.QueryAsync<string>(
                "SELECT callback_id FROM callback WHERE state = 'REJECTED' AND received_at < @before AND order_id = '' ORDER BY received_at, callback_id LIMIT @AtOnce",
                new { before = (time.GetUtcNow() - options.Value.KeepRejectedCallbacks).Ms(), AtOnce })).AsList();
        }

        return ids.Count == 0 ? 0 : await writes.WriteAsync(write => write.ExecuteAsync("DELETE FROM callback WHERE callback_id IN @ids", new { ids }), alone: true);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = _every;
        while (true)
        {
            await Task.Delay(pause, time, stoppingToken);
            pause = _every;
            try
            {
                pause = await StepAsync(stoppingToken) == AtOnce ? _whileThereAreMore : _every;
            }
            catch (Exception e) when (e is DbException or RpcException)
            {
                log.LogWarning("Old callbacks were not removed ({Error}); again in ten minutes", e.Message);
            }
#pragma warning disable CA1031 // A bug in removing must not take the process, which writes payments, with it.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(e, "Old callbacks were not removed; again in ten minutes");
            }
#pragma warning restore CA1031
        }
    }
}
