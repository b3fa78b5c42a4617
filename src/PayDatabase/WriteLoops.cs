using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ServiceDefaults;

namespace PayCore.PayDatabase;

/// <summary>
/// All writes go through one queue and the loops that empty it, so every commit of the system is made in one method,
/// <see cref="CommitAsync"/>. What waits while a commit is under way goes together into the next one, and a command that fails, fails alone: its group is undone and each
/// of the others runs by itself. A command is acknowledged after its commit. The caller's cancellation does not reach a command that a loop has begun.
/// </summary>
public sealed class WriteLoops(
    SqlDatabase database, IOptions<DatabaseOptions> options, DatabaseMetrics metrics, RandomSource random, TimeProvider time, ILogger<WriteLoops> log)
    : BackgroundService
{
    private const int RunsMax = 3;

    // Nothing is wrong with one who lost three times running: the others were only many.
    private const int DeadlockedRunsMax = 10;

    private readonly Channel<Command> _queue = Channel.CreateBounded<Command>(
        new BoundedChannelOptions(options.Value.QueueMax) { FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Commands that wait for a loop.</summary>
    internal int Waiting => _queue.Reader.Count;

    /// <summary>Runs a command in a transaction, perhaps with others, and answers when it is durable.</summary>
    /// <param name="work">The command. It may run several times, and only the last run counts.</param>
    /// <param name="attemptNo">The attempt that it begins by locking (<see cref="OrderReader.LockByAttemptAsync"/>), if it does: those of a group are then read together.</param>
    /// <param name="alone">It writes many rows, and others shall not wait for it.</param>
    /// <exception cref="RpcException">UNAVAILABLE: the database or its queue does not take it now. It may or may not have happened;
    /// every command is safe to repeat (an entry of the audit log would stand twice). Nothing is repeated here once its COMMIT was sent.</exception>
    /// <exception cref="DuplicateKeyException">A unique key was there already; nothing was written.</exception>
    public async Task<T> WriteAsync<T>(Func<WriteContext, Task<T>> work, string attemptNo = "", bool alone = false)
    {
        using var activity = Activity.Current is null ? null : DatabaseMetrics.Source.StartActivity("database.write");
        var command = new Command<T>(work) { QueuedAt = time.GetTimestamp(), AttemptNo = attemptNo, Alone = alone };
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
        metrics.WatchQueue(() => Waiting);
        var loops = database.IsMySql ? options.Value.WriteLoops : 1;
        return Task.WhenAll(Enumerable.Range(0, loops).Select(_ => LoopAsync()));
    }

    private async Task LoopAsync()
    {
        DbConnection? connection = null;
        var together = new List<Command>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            Command? alone = null;
            while (alone is null && together.Count < options.Value.TogetherMax && _queue.Reader.TryRead(out var command))
            {
                metrics.Waited(time.GetElapsedTime(command.QueuedAt));
                if (command.Alone)
                {
                    alone = command;
                }
                else
                {
                    together.Add(command);
                }
            }

            connection = await RunTogetherAsync(connection, together);
            together.Clear();
            connection = alone is null ? connection : await RunAsync(connection, alone);
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>Runs commands to their ends, in one transaction or else each in its own, and answers the connection for the next ones when it is still good.</summary>
    private async Task<DbConnection?> RunTogetherAsync(DbConnection? connection, List<Command> commands)
    {
        if (commands.Count > 1)
        {
            try
            {
                connection ??= await database.OpenWriterAsync(CancellationToken.None);
                await CommitAsync(connection, commands);
                return connection;
            }
#pragma warning disable CA1031 // Whatever went wrong is found again by the command that it belongs to, or belongs to all.
            catch (Exception e)
            {
                metrics.RolledBack(Word(e));
                var isUndone = connection is not null && e is not UnansweredCommitException && !SqlDatabase.IsTimeout(e) && !SqlDatabase.IsLockWait(e);
                connection = await KeepGoodAsync(connection, e);
                if (!isUndone)
                {
                    // The database does not answer, or nobody knows what became of the commit.
                    commands.ForEach(command => command.Fail(Translate(e)));
                    return connection;
                }
            }
#pragma warning restore CA1031
        }

        foreach (var command in commands)
        {
            connection = await RunAsync(connection, command);
        }

        return connection;
    }

    /// <summary>Runs a command to its end, and answers the connection for the next one when it is still good.</summary>
    private async Task<DbConnection?> RunAsync(DbConnection? connection, Command command)
    {
        for (var run = 1; ; run++)
        {
            try
            {
                connection ??= await database.OpenWriterAsync(CancellationToken.None);
                await CommitAsync(connection, [command]);
                return connection;
            }
#pragma warning disable CA1031 // Whatever went wrong belongs to the one who waits for this command, not to the loop.
            catch (Exception e)
            {
                metrics.RolledBack(Word(e));
                var isUndone = connection is not null && IsUndone(connection, e);
                connection = await KeepGoodAsync(connection, e);
                var isDeadlock = SqlDatabase.IsDeadlock(e);
                if (!isUndone || run == (isDeadlock ? DeadlockedRunsMax : RunsMax))
                {
                    command.Fail(Translate(e));
                    return connection;
                }

                if (isDeadlock)
                {
                    // Those who met here part, and whoever won comes to an end, which takes real time whatever clock this process lives by. A quarter of a second at most in all runs.
                    var pause = TimeSpan.FromMilliseconds(random.NextDouble() * (1 << Math.Min(run, 5)));
                    await Task.Delay(pause, TimeProvider.System);
                }
            }
#pragma warning restore CA1031
        }
    }

    private static async Task<DbConnection?> KeepGoodAsync(DbConnection? connection, Exception e)
    {
        if (connection is null || IsGood(connection, e))
        {
            return connection;
        }

        await connection.DisposeAsync();
        return null;
    }

    private static string Word(Exception e) =>
        SqlDatabase.IsDeadlock(e) ? "deadlock" : SqlDatabase.IsDuplicateKey(e) || e is DuplicateKeyException ? "duplicate"
        : e is RpcException { StatusCode: not StatusCode.Unavailable } ? "refused" : "failed";

    /// <summary>
    /// It is certain that nothing of the transaction is left, and another run may do better: a deadlock's victim, a server that takes no writes any more, or a connection that
    /// was lost before COMMIT was sent. A server that hangs is not waited for again.
    /// </summary>
    private static bool IsUndone(DbConnection connection, Exception e) => e is not UnansweredCommitException
        && (SqlDatabase.IsDeadlock(e) || SqlDatabase.IsReadOnly(e) || (connection.State != ConnectionState.Open && !SqlDatabase.IsTimeout(e)));

    /// <summary>The failure says nothing against the connection.</summary>
    private static bool IsGood(DbConnection connection, Exception e) => connection.State == ConnectionState.Open
        && (e is RpcException || SqlDatabase.IsDuplicateKey(e) || SqlDatabase.IsDeadlock(e) || SqlDatabase.IsLockWait(e));

    /// <summary>The one place that commits.</summary>
    private async Task CommitAsync(DbConnection connection, IReadOnlyCollection<Command> commands)
    {
        var began = time.GetTimestamp();
        await using var transaction = await SqlDatabase.BeginAsync(connection, CancellationToken.None);
        try
        {
            var write = new WriteContext(connection, transaction, database.ForUpdate);
            await write.LockAheadAsync([.. commands.Select(c => c.AttemptNo).Where(no => no.Length > 0)]);

            // Those first for which an order was read ahead: another's work might change it.
            foreach (var command in commands.OrderBy(c => c.AttemptNo.Length == 0))
            {
                await command.RunAsync(write);
            }

            await write.SendAsync();
        }
        catch
        {
            // A lock wait timeout alone undoes only its own statement.
            await RollbackAsync(transaction);
            throw;
        }

        try
        {
            await transaction.CommitAsync();
        }
        catch (Exception e) when (!SqlDatabase.IsDeadlock(e) && !SqlDatabase.IsReadOnly(e))
        {
            throw new UnansweredCommitException(e);
        }

        metrics.Committed(time.GetElapsedTime(began), commands.Count);
        foreach (var command in commands)
        {
            command.Complete();
        }
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
            case RpcException { StatusCode: StatusCode.Unavailable }:
                log.LogError(e, "A write failed");
                return e;
            case RpcException:
                return e;
            case DuplicateKeyException:
                return e;
            case DbException when SqlDatabase.IsDuplicateKey(e):
                return new DuplicateKeyException(e);
            case DbException or TimeoutException or IOException or UnansweredCommitException:
                log.LogError(e, "A write failed");
                return new RpcException(new Status(StatusCode.Unavailable, "The database does not answer."));
            default:
                return e;
        }
    }

    /// <summary>COMMIT was sent and not answered: the transaction is there, or it is not.</summary>
    private sealed class UnansweredCommitException(Exception cause) : Exception("COMMIT was not answered.", cause);

    private abstract class Command
    {
        public long QueuedAt { get; init; }

        public required string AttemptNo { get; init; }

        public bool Alone { get; init; }

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
public sealed class DuplicateKeyException(Exception? inner = null) : Exception("A unique key was there already.", inner);
