using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>
/// Calls between roles in traces, named <c>Role/Method</c>. The caller has an activity for each call that belongs to a trace; what the loops of a process ask in the
/// background belongs to none. In another process the one who is called goes on from the header that came with the call; inside one process there is nothing to go on
/// from but the caller's activity itself.
/// </summary>
/// <param name="role">The role that is called; none on the side that serves.</param>
/// <param name="isElsewhere">It runs in another process.</param>
internal sealed class RpcTrace(string role = "", bool isElsewhere = false) : Interceptor
{
    private const string HeaderName = "traceparent";

    private static readonly ActivitySource _source = new("PayCore.Rpc");

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var caller = Activity.Current;
        if (caller is null || _source.StartActivity($"{role}/{context.Method.Name}", ActivityKind.Client) is not { } activity)
        {
            return continuation(request, context);
        }

        try
        {
            var call = continuation(request, isElsewhere ? With(activity, context) : context);
            return new AsyncUnaryCall<TResponse>(
                EndAsync(call.ResponseAsync, activity), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }
        catch (RpcException e)
        {
            Fail(activity, e);
            activity.Dispose();
            throw;
        }
        finally
        {
            // The call is under way in its own flow; the caller's goes on where it was.
            Activity.Current = caller;
        }
    }

    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(continuation);
        using var activity = Serve(context);
        try
        {
            return await continuation(request, context);
        }
        catch (RpcException e)
        {
            Fail(activity, e);
            throw;
        }
    }

    /// <summary>Only what came in by an inner port is a call of ours.</summary>
    private static Activity? Serve(ServerCallContext context) =>
        context.GetHttpContext() is var http && http.Features.Get<PortFeature>() is { Kind: PortKind.Inner, Role: { } served }
        && PaymentTrace.Read(http.Request.Headers.TraceParent) is { } caller
            ? _source.StartActivity($"{served}/{context.Method[(context.Method.LastIndexOf('/') + 1)..]}", ActivityKind.Server, caller)
            : null;

    private static ClientInterceptorContext<TRequest, TResponse> With<TRequest, TResponse>(Activity activity, ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        Metadata headers = [.. context.Options.Headers ?? [], new Metadata.Entry(HeaderName, activity.Id!)];
        return new(context.Method, context.Host, context.Options.WithHeaders(headers));
    }

    private static async Task<TResponse> EndAsync<TResponse>(Task<TResponse> answer, Activity activity)
    {
        using (activity)
        {
            try
            {
                return await answer;
            }
            catch (RpcException e)
            {
                Fail(activity, e);
                throw;
            }
        }
    }

    // The words of a refusal may name what a merchant sent: the status alone is shown.
    private static void Fail(Activity? activity, RpcException e) => activity?.SetTag("rpc.grpc.status_code", (int)e.StatusCode).SetStatus(ActivityStatusCode.Error, $"{e.StatusCode}");
}
