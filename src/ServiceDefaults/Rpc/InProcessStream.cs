using System.Threading.Channels;
using Grpc.Core;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>
/// The answers of one call as a stream. Each is copied when it is written; one waits at most, so a handler goes no faster than its reader. The end of the call comes
/// after the answers before it.
/// </summary>
internal sealed class InProcessStream<T>(InProcessCall call, Func<T, T> copy) : IAsyncStreamReader<T>
    where T : class
{
    private readonly Channel<T> _answers = Channel.CreateBounded<T>(1);
    private Task _end = Task.CompletedTask;
    private T? _current;

    /// <inheritdoc/>
    public T Current => _current ?? throw new InvalidOperationException("There is no answer: MoveNext was not called, or did not find one.");

    /// <summary>Starts the call; its end is told by <see cref="MoveNext"/>.</summary>
    public void Run<THandler>(Func<THandler, ServerCallContext, Task> invoke)
        where THandler : Delegate => _end = RunAsync(invoke);

    /// <summary>Where the handler writes to.</summary>
    public IServerStreamWriter<T> WriterFor(ServerCallContext context) => new Writer(this, context);

    /// <summary>There when the first answer is, or the end.</summary>
    public async Task<Metadata> HeadersAsync()
    {
        await _answers.Reader.WaitToReadAsync();
        return [];
    }

    /// <inheritdoc/>
    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        // As over the wire, who gives up reading gives up the call.
        await using var registration = cancellationToken.Register(call.Dispose);
        _current = null;
        if (await _answers.Reader.WaitToReadAsync(CancellationToken.None) && _answers.Reader.TryRead(out var answer))
        {
            _current = answer;
            return true;
        }

        await _end;
        return false;
    }

    private async Task PutAsync(T answer, CancellationToken ended) => await _answers.Writer.WriteAsync(copy(answer), ended);

    private async Task RunAsync<THandler>(Func<THandler, ServerCallContext, Task> invoke)
        where THandler : Delegate
    {
        try
        {
            await call.RunAsync(async (THandler handler, ServerCallContext context) =>
            {
                await invoke(handler, context);
                return true;
            });
        }
        finally
        {
            _answers.Writer.TryComplete();
        }
    }

    private sealed class Writer(InProcessStream<T> stream, ServerCallContext context) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message) => WriteAsync(message, context.CancellationToken);

        public async Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, cancellationToken);
            await stream.PutAsync(message, ended.Token);
        }
    }
}
