using Grpc.Core;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>One call inside the process: finds the handler, and ends with its result, its failure, the deadline or the caller's cancellation, whichever is first.</summary>
internal sealed class InProcessCall(InProcessNetwork network, string role, TimeProvider time, string method, CallOptions options) : IDisposable
{
    // Disposing of the call object cancels the call, as over the wire.
    private readonly CancellationTokenSource _disposed = new();
    private Status _status = Status.DefaultSuccess;
    private Metadata _trailers = [];

    /// <summary>Runs the call.</summary>
    /// <typeparam name="THandler">The kind of handler that the method must have.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="invoke">Calls the handler.</param>
    /// <exception cref="RpcException">Every end but a good one.</exception>
    public async Task<TResult> RunAsync<THandler, TResult>(Func<THandler, ServerCallContext, Task<TResult>> invoke)
        where THandler : Delegate
    {
        // The caller's stack is not the callee's: a handler may run long before its first await.
        await Task.Yield();

        if (network.Find(role, method) is not THandler handler)
        {
            throw Fail(new Status(StatusCode.Unavailable, $"{role} is not running."), []);
        }

        var left = options.Deadline is { } at ? at.ToUniversalTime() - time.GetUtcNow().UtcDateTime : Timeout.InfiniteTimeSpan;
        if (options.Deadline is not null && left <= TimeSpan.Zero)
        {
            throw Fail(new Status(StatusCode.DeadlineExceeded, "The deadline was over before the call."), []);
        }

        using var deadline = new CancellationTokenSource(left, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, deadline.Token, _disposed.Token);
        var context = new InProcessServerCallContext(method, options, ended.Token);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = ended.Token.Register(() => gone.TrySetResult());

        var work = HandleAsync(() => invoke(handler, context), context);
        if (await Task.WhenAny(work, gone.Task) != work || ended.IsCancellationRequested)
        {
            // As over the wire: the caller has its answer; the handler learns of it by its token and ends by itself.
            throw Fail(deadline.IsCancellationRequested
                ? new Status(StatusCode.DeadlineExceeded, "The deadline is over.")
                : new Status(StatusCode.Cancelled, "The call was cancelled."), []);
        }

        var (result, failure) = await work;
        if (failure is not null)
        {
            throw Fail(failure.Status, failure.Trailers);
        }

        _trailers = context.ResponseTrailers;
        return context.Status.StatusCode == StatusCode.OK ? result! : throw Fail(context.Status, _trailers);
    }

    public Status GetStatus() => _status;

    public Metadata GetTrailers() => _trailers;

    public void Dispose() => _disposed.Cancel();

    private static async Task<(TResult? Result, RpcException? Failure)> HandleAsync<TResult>(Func<Task<TResult>> work, InProcessServerCallContext context)
    {
        try
        {
            return (await work(), null);
        }
        catch (RpcException e)
        {
            return (default, e);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            return (default, new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled.")));
        }
#pragma warning disable CA1031 // The wire turns every exception of a handler into a status, and so does this.
        catch (Exception)
        {
            return (default, new RpcException(new Status(StatusCode.Unknown, "Exception was thrown by handler.")));
        }
#pragma warning restore CA1031
    }

    private RpcException Fail(Status status, Metadata trailers)
    {
        _status = status;
        _trailers = trailers;
        return new RpcException(status, trailers);
    }
}
