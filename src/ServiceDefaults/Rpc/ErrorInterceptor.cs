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
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(continuation);
        try
        {
            return await continuation(request, context);
        }
        catch (RpcException)
        {
            throw;
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
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
}
