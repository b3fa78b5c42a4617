using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>
/// The wire between roles that run in one process: a role registers its gRPC methods under its name, and an invoker calls them.
/// Deadlines, cancellation, status, trailers and interceptors behave as over HTTP/2; messages are copied both ways.
/// A role that is not (or no longer) registered is UNAVAILABLE. Several hosts of one process may share a network.
/// </summary>
public sealed class InProcessNetwork
{
    private readonly ConcurrentDictionary<string, RoleMethods> _roles = new(StringComparer.Ordinal);

    /// <summary>Registers a role's service. The handle takes all of the role's methods off the network.</summary>
    /// <param name="role">The role's name, as clients call it.</param>
    /// <param name="bind">The generated <c>BindService(binder, implementation)</c>.</param>
    /// <param name="interceptors">Server interceptors, outermost first.</param>
    public IDisposable Register(string role, Action<ServiceBinderBase> bind, IReadOnlyList<Interceptor> interceptors)
    {
        ArgumentNullException.ThrowIfNull(bind);
        var methods = _roles.GetOrAdd(role, static _ => new RoleMethods());
        bind(new Binder(methods, interceptors));
        return new Registration(this, role, methods);
    }

    /// <summary>The roles that are on it now.</summary>
    public IEnumerable<string> Roles => _roles.Keys;

    /// <summary>An invoker for one role's methods.</summary>
    public CallInvoker InvokerFor(string role, TimeProvider time) => new InProcessCallInvoker(this, role, time);

    internal Delegate? Find(string role, string fullMethodName) =>
        _roles.TryGetValue(role, out var methods) && methods.Handlers.TryGetValue(fullMethodName, out var handler) ? handler : null;

    private sealed class RoleMethods
    {
        public ConcurrentDictionary<string, Delegate> Handlers { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Registration(InProcessNetwork network, string role, RoleMethods methods) : IDisposable
    {
        // Only this registration's methods: a successor of the same name may be on the network already.
        public void Dispose() => network._roles.TryRemove(KeyValuePair.Create(role, methods));
    }

    private sealed class Binder(RoleMethods methods, IReadOnlyList<Interceptor> interceptors) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            var call = handler;
            foreach (var interceptor in interceptors.Reverse())
            {
                var next = call;
                call = (request, context) => interceptor.UnaryServerHandler(request, context, next);
            }

            methods.Handlers[method.FullName] = call;
        }

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
        {
            ArgumentNullException.ThrowIfNull(handler);
            var call = handler;
            foreach (var interceptor in interceptors.Reverse())
            {
                var next = call;
                call = (request, stream, context) => interceptor.ServerStreamingServerHandler(request, stream, context, next);
            }

            methods.Handlers[method.FullName] = call;
        }
    }
}
