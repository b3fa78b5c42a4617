using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Security;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>Where the roles are.</summary>
public sealed class ServiceNetworkOptions
{
    /// <summary>
    /// Role → addresses of its instances in other processes: <c>https://10.0.0.5:8100</c>, several with commas between, or <c>dns:///paydatabase:8100</c>. A role that is
    /// not named is looked for in this process.
    /// </summary>
    public Dictionary<string, string> Addresses { get; } = new(StringComparer.Ordinal);

    /// <summary>Deadline of an inner call that names none. Default 8 s (invariants, section 4).</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(8);
}

/// <summary>
/// Makes the <see cref="CallInvoker"/> to a role: inside this process, or over HTTP/2 to its instances in turn. A call that was sent is never repeated; one that could
/// not be sent goes to another instance.
/// </summary>
public sealed class ServiceNetwork(
    IOptions<ServiceNetworkOptions> options, IOptions<SecurityOptions> security, InnerCertificates certificates, InProcessNetwork inProcess, ClockGate gate, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(2);

    // A role that starts after its caller, or anew, is found within a second. The library's own waits grow to two minutes.
    private static readonly TimeSpan _firstReconnect = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _lastReconnect = TimeSpan.FromSeconds(1);

    // An attempt to connect and the wait after it, which the library makes longer by up to a fifth, and a little.
    private static readonly TimeSpan _stillness = _connectTimeout + (2 * _lastReconnect);

    // An instance that answers no more without closing its connections is left after these two.
    private static readonly TimeSpan _pingAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pingTimeout = TimeSpan.FromSeconds(3);

    // Connections are made anew in time, so that none stands on a certificate of long ago.
    private static readonly TimeSpan _connectionLife = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);

    /// <summary>The roles whose address is known here, and those of this process.</summary>
    public IReadOnlyCollection<string> Roles => [.. options.Value.Addresses.Keys.Concat(inProcess.Roles).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>An invoker for the methods of a role.</summary>
    public CallInvoker InvokerFor(string role)
    {
        // Over the wire, gRPC takes the time that is left by the system's clock, whatever clock is ours.
        var isElsewhere = options.Value.Addresses.TryGetValue(role, out var addresses);
        var (invoker, clock) = isElsewhere
            ? (_channels.GetOrAdd(role, _ => new Lazy<GrpcChannel>(() => Connect(role, addresses!))).Value.CreateCallInvoker().Intercept(new UnsentCalls()), TimeProvider.System)
            : (inProcess.InvokerFor(role, time), time);
        return invoker.Intercept(new RpcTrace(role, isElsewhere), new DefaultDeadline(clock, options.Value.CallTimeout), gate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in _channels.Values.Where(c => c.IsValueCreated))
        {
            channel.Value.Dispose();
        }
    }

    private GrpcChannel Connect(string role, string addresses)
    {
        var tls = security.Value.IsMutualTls;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = _connectTimeout,
            // RpcTrace sends the header.
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            // Services are reached directly, whatever proxy the environment names for the way out.
            UseProxy = false,
            KeepAlivePingDelay = _pingAfter,
            KeepAlivePingTimeout = _pingTimeout,
            PooledConnectionLifetime = _connectionLife,
        };
        if (tls)
        {
            handler.SslOptions = certificates.ClientTls(role);
        }

        var resolver = new RoleResolverFactory(RoleAddresses.Parse(role, addresses, tls), time);
        return GrpcChannel.ForAddress($"{RoleResolverFactory.Scheme}:///{role}", new GrpcChannelOptions
        {
            Credentials = tls ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure,
            HttpHandler = handler,
            DisposeHttpClient = true,
            ServiceProvider = new ServiceCollection().AddSingleton<ResolverFactory>(resolver).AddSingleton<LoadBalancerFactory>(new RoleBalancerFactory(_stillness)).BuildServiceProvider(),
            ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new LoadBalancingConfig(RoleBalancerFactory.PolicyName) } },
            InitialReconnectBackoff = _firstReconnect,
            MaxReconnectBackoff = _lastReconnect,
            // A money call is repeated by a rule of ours or not at all.
            MaxRetryAttempts = null,
        });
    }

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
