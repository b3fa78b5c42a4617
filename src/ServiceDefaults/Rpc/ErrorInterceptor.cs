using System.Data.Common;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>
/// The one place where a surprise becomes a status: UNAVAILABLE when the database did not answer, INTERNAL otherwise, without a word of detail for the caller,
/// everything in the log.
/// Expected results are values or an <see cref="RpcException"/> that names its reason, and pass unchanged.
/// </summary>
public sealed class ErrorInterceptor(ILogger<ErrorInterceptor> log) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        return GuardAsync(() => continuation(request, context), context);
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        return GuardAsync(
            async () =>
            {
                await continuation(request, new Writer<TResponse>(responseStream), context);
                return true;
            },
            context);
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> work, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return await work();
        }
        catch (RpcException)
        {
            throw;
        }
        catch (OperationCanceledException e) when (e is CallerLeftException || context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled."));
        }
        catch (DbException e)
        {
            // Nothing is known to be wrong with the request: the caller may ask again.
            log.LogError(e, "{Method} had no answer from the database", context.Method);
            throw new RpcException(new Status(StatusCode.Unavailable, "The database does not answer."));
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} failed unexpectedly", context.Method);
            throw new RpcException(new Status(StatusCode.Internal, "An error inside PayCore; its log says more."));
        }
    }

    /// <summary>
    /// A caller who left is told to a handler that writes in one way over every transport: as a cancellation. Over HTTP/2 a write that begins just then says that the
    /// call is complete, before the call's token says so; one handler's writes follow one another, so nothing else is meant by it.
    /// </summary>
    private sealed class Writer<T>(IServerStreamWriter<T> inner) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            try
            {
                await inner.WriteAsync(message, cancellationToken);
            }
            catch (InvalidOperationException e)
            {
                throw new CallerLeftException(e);
            }
        }
    }

    private sealed class CallerLeftException(Exception cause) : OperationCanceledException("The caller has left.", cause);
}
