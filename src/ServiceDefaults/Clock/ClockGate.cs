using Grpc.Core;
using Grpc.Core.Interceptors;

namespace PayCore.ServiceDefaults.Clock;

/// <summary>
/// Refuses every call that this process serves or makes while its clock is off: UNAVAILABLE, nothing done. Exempt is what moves no money and helps to find out:
/// reading the clock, the doctor of channel accounts, and the question whether this process is ready.
/// </summary>
public sealed class ClockGate(ClockGuard guard) : Interceptor
{
    private static readonly string[] _exempt = ["/ReadClock", "/CheckAccount", "/Describe", "Health/Check", "Health/Watch"];

    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(continuation);
        Demand(context.Method);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(continuation);
        Demand(context.Method);
        return continuation(request, responseStream, context);
    }

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Demand(context.Method.FullName);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        Demand(context.Method.FullName);
        return continuation(request, context);
    }

    private void Demand(string method)
    {
        if (guard.Problem is { } problem && !_exempt.Any(e => method.EndsWith(e, StringComparison.Ordinal)))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, problem));
        }
    }
}
