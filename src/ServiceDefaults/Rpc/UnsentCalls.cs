using Grpc.Core;
using Grpc.Core.Interceptors;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>
/// Gives a call to another instance when it certainly was not sent: there was no connection to send it on. Whatever may have arrived is never repeated here, so
/// this is safe for calls that move money.
/// </summary>
internal sealed class UnsentCalls : Interceptor
{
    private const int OthersMax = 3;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        var response = RunAsync();
        return new AsyncUnaryCall<TResponse>(response, HeadersAsync(), () => call.GetStatus(), () => call.GetTrailers(), () => call.Dispose());

        async Task<TResponse> RunAsync()
        {
            for (var others = 0; ; others++)
            {
                try
                {
                    return await call.ResponseAsync;
                }
                catch (RpcException e) when (WasNotSent(e))
                {
                    if (others == OthersMax || context.Options.CancellationToken.IsCancellationRequested)
                    {
                        throw new RpcException(new Status(StatusCode.Unavailable, e.Status.Detail, e.Status.DebugException));
                    }

                    call = continuation(request, context);
                }
            }
        }

        async Task<Metadata> HeadersAsync()
        {
            await ((Task)response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await call.ResponseHeadersAsync;
        }
    }

    /// <summary>The connection itself failed, or the handshake on it; nothing else says so for certain.</summary>
    private static bool WasNotSent(RpcException e) => e.Status.DebugException is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.NameResolutionError,
    };
}
