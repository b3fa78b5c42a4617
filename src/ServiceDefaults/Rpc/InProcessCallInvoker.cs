using Google.Protobuf;
using Grpc.Core;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>Calls methods on an <see cref="InProcessNetwork"/> as HTTP/2 would. Unary calls and streams of the server only: our contracts have no others.</summary>
internal sealed class InProcessCallInvoker(InProcessNetwork network, string role, TimeProvider time) : CallInvoker
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new InProcessCall(network, role, time, method.FullName, options);
        var copy = Copy(request);
        var response = RunAsync();
        return new AsyncUnaryCall<TResponse>(response, HeadersAsync(response), call.GetStatus, call.GetTrailers, call.Dispose);

        async Task<TResponse> RunAsync() =>
            Copy(await call.RunAsync((UnaryServerMethod<TRequest, TResponse> handler, ServerCallContext context) => handler(copy, context)));
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException("Nothing in PayCore blocks on a call; use the Async method.");

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new InProcessCall(network, role, time, method.FullName, options);
        var stream = new InProcessStream<TResponse>(call, Copy);
        var copy = Copy(request);
        stream.Run((ServerStreamingServerMethod<TRequest, TResponse> handler, ServerCallContext context) => handler(copy, stream.WriterFor(context), context));
        return new AsyncServerStreamingCall<TResponse>(stream, stream.HeadersAsync(), call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NoStreams();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NoStreams();

    private static NotSupportedException NoStreams() => new("The contracts have no streams of the client.");

    private static T Copy<T>(T message) => ((IDeepCloneable<T>)message!).Clone();

    private static async Task<Metadata> HeadersAsync(Task response)
    {
        await response.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return [];
    }
}
