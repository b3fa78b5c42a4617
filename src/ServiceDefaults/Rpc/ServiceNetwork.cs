using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using PayCore.ServiceDefaults.Clock;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>Where the roles are.</summary>
public sealed class ServiceNetworkOptions
{
    /// <summary>
    /// Role → address (<c>http://127.0.0.1:8100</c>) of roles in other processes. A role that is not named is looked for in this process.
    /// </summary>
    public Dictionary<string, string> Addresses { get; } = new(StringComparer.Ordinal);

    /// <summary>Deadline of an inner call that names none. Default 8 s (invariants, section 4).</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(8);
}

/// <summary>Makes the <see cref="CallInvoker"/> to a role: inside this process, or over HTTP/2. Nothing retries.</summary>
public sealed class ServiceNetwork(IOptions<ServiceNetworkOptions> options, InProcessNetwork inProcess, ClockGate gate, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);

    /// <summary>An invoker for the methods of a role.</summary>
    public CallInvoker InvokerFor(string role)
    {
        var invoker = options.Value.Addresses.TryGetValue(role, out var address)
            ? _channels.GetOrAdd(address, static a => new Lazy<GrpcChannel>(() => Connect(a))).Value.CreateCallInvoker()
            : inProcess.InvokerFor(role, time);
        return invoker.Intercept(new DefaultDeadline(time, options.Value.CallTimeout), gate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in _channels.Values.Where(c => c.IsValueCreated))
        {
            channel.Value.Dispose();
        }
    }

    private static GrpcChannel Connect(string address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        },
        DisposeHttpClient = true,
        // A money call is repeated by a rule of ours or not at all.
        MaxRetryAttempts = null,
        ServiceConfig = null,
    });

    private sealed class DefaultDeadline(TimeProvider time, TimeSpan timeout) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Limited(context));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Limited(context));

        private ClientInterceptorContext<TRequest, TResponse> Limited<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
            where TRequest : class
            where TResponse : class => context.Options.Deadline is null
            ? new(context.Method, context.Host, context.Options.WithDeadline(time.GetUtcNow().UtcDateTime + timeout))
            : context;
    }
}
