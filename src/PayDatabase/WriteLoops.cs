using System.Data.Common;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PayCore.PayDatabase;

/// <summary>
/// All writes go through one queue and the loops that empty it, so every commit of the system is made in one method,
/// <see cref="CommitAsync"/>. A command is acknowledged after its commit. The caller's cancellation does not reach a command that a loop
/// has begun.
/// </summary>
public sealed class WriteLoops(SqlDatabase database, IOptions<DatabaseOptions> options, ILogger<WriteLoops> log) : BackgroundService
{
    private const int DeadlockRunsMax = 3;

    private readonly Channel<Command> _queue = Channel.CreateBounded<Command>(
        new BoundedChannelOptions(options.Value.QueueMax) { FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Runs a command in a transaction of its own and answers when it is durable.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the database or its queue does not take it now. It may or may not have happened;
    /// every command is safe to repeat.</exception>
    /// <exception cref="DuplicateKeyException">A unique key was there already; nothing was written.</exception>
    public async Task<T> WriteAsync<T>(Func<WriteContext, Task<T>> work)
    {
        var command = new Command<T>(work);
        if (!_queue.Writer.TryWrite(command))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The database has too many writes waiting."));
        }

        return await command.Result;
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // What is queued is still written; nothing new is taken.
        _queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loops = database.IsMySql ? Math.Clamp(options.Value.Writers, 1, 64) : 1;
        return Task.WhenAll(Enumerable.Range(0, loops).Select(_ => LoopAsync()));
    }

    private async Task LoopAsync()
    {
        DbConnection? connection = null;
        await foreach (var command in _queue.Reader.ReadAllAsync())
        {
            for (var run = 1; ; run++)
            {
                try
                {
                    connection ??= await database.OpenWriterAsync(CancellationToken.None);
                    await CommitAsync(connection, command);
                    break;
                }
                catch (Exception e) when (SqlDatabase.IsDeadlock(e) && run < DeadlockRunsMax)
                {
                    // The whole transaction is undone and runs again.
                }
#pragma warning disable CA1031 // Whatever went wrong belongs to the one who waits for this command, not to the loop.
                catch (Exception e)
                {
                    if (connection is not null && !SqlDatabase.IsDuplicateKey(e) && e is not RpcException)
                    {
                        await connection.DisposeAsync();
                        connection = null;
                    }

                    command.Fail(Translate(e));
                    break;
                }
#pragma warning restore CA1031
            }
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>The one place that commits.</summary>
    private async Task CommitAsync(DbConnection connection, Command command)
    {
        await using var transaction = await SqlDatabase.BeginAsync(connection, CancellationToken.None);
        try
        {
            await command.RunAsync(new WriteContext(connection, transaction, database.ForUpdate));
        }
        catch
        {
            // A lock wait timeout alone undoes only its own statement.
            await RollbackAsync(transaction);
            throw;
        }

        await transaction.CommitAsync();
        command.Complete();
    }

    private static async Task RollbackAsync(DbTransaction transaction)
    {
        try
        {
            await transaction.RollbackAsync();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // The connection is gone, and with it the transaction.
        }
    }

    private Exception Translate(Exception e)
    {
        switch (e)
        {
            case RpcException:
                return e;
            case DbException when SqlDatabase.IsDuplicateKey(e):
                return new DuplicateKeyException(e);
            case DbException or TimeoutException or IOException:
                log.LogError(e, "A write failed");
                return new RpcException(new Status(StatusCode.Unavailable, "The database does not answer."));
            default:
                return e;
        }
    }

    private abstract class Command
    {
        public abstract Task RunAsync(WriteContext context);

        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private sealed class Command<T>(Func<WriteContext, Task<T>> work) : Command
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;

        public Task<T> Result => _done.Task;

        public override async Task RunAsync(WriteContext context) => _value = await work(context);

        public override void Complete() => _done.TrySetResult(_value!);

        public override void Fail(Exception e) => _done.TrySetException(e);
    }
}

/// <summary>A unique key was there already; the transaction was undone.</summary>
public sealed class DuplicateKeyException(Exception inner) : Exception("A unique key was there already.", inner);
