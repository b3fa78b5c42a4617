using Google.Protobuf;
using Grpc.Core;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>Calls methods on an <see cref="InProcessNetwork"/> as HTTP/2 would. Unary calls only: our contracts have no streams.</summary>
internal sealed class InProcessCallInvoker(InProcessNetwork network, string role, TimeProvider time) : CallInvoker
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new Call<TRequest, TResponse>(network, role, time, method, options, Copy(request));
        var response = call.RunAsync();
        return new AsyncUnaryCall<TResponse>(response, Call<TRequest, TResponse>.HeadersAsync(response), call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException("Nothing in PayCore blocks on a call; use the Async method.");

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw NoStreams();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NoStreams();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw NoStreams();

    private static NotSupportedException NoStreams() => new("The contracts have unary calls only.");

    private static T Copy<T>(T message) => ((IDeepCloneable<T>)message!).Clone();

    private sealed class Call<TRequest, TResponse>(
        InProcessNetwork network, string role, TimeProvider time, Method<TRequest, TResponse> method, CallOptions options, TRequest request)
        : IDisposable
        where TRequest : class
        where TResponse : class
    {
        // Disposing of the call object cancels the call, as over the wire.
        private readonly CancellationTokenSource _disposed = new();
        private Status _status = Status.DefaultSuccess;
        private Metadata _trailers = [];

        public async Task<TResponse> RunAsync()
        {
            // The caller's stack is not the callee's: a handler may run long before its first await.
            await Task.Yield();

            if (network.Find(role, method.FullName) is not UnaryServerMethod<TRequest, TResponse> handler)
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
            var context = new InProcessServerCallContext(method.FullName, options, ended.Token);
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = ended.Token.Register(() => gone.TrySetResult());

            var work = Handle(handler, context);
            if (await Task.WhenAny(work, gone.Task) != work || ended.IsCancellationRequested)
            {
                // As over the wire: the caller has its answer; the handler learns of it by its token and ends by itself.
                throw Fail(deadline.IsCancellationRequested
                    ? new Status(StatusCode.DeadlineExceeded, "The deadline is over.")
                    : new Status(StatusCode.Cancelled, "The call was cancelled."), []);
            }

            var (response, failure) = await work;
            if (failure is not null)
            {
                throw Fail(failure.Status, failure.Trailers);
            }

            _trailers = context.ResponseTrailers;
            return context.Status.StatusCode == StatusCode.OK ? Copy(response!) : throw Fail(context.Status, _trailers);
        }

        public static async Task<Metadata> HeadersAsync(Task response)
        {
            await response.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return [];
        }

        public Status GetStatus() => _status;

        public Metadata GetTrailers() => _trailers;

        public void Dispose() => _disposed.Cancel();

        private async Task<(TResponse? Response, RpcException? Failure)> Handle(
            UnaryServerMethod<TRequest, TResponse> handler, InProcessServerCallContext context)
        {
            try
            {
                return (await handler(request, context), null);
            }
            catch (RpcException e)
            {
                return (null, e);
            }
            catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
            {
                return (null, new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled.")));
            }
#pragma warning disable CA1031 // The wire turns every exception of a handler into a status, and so does this.
            catch (Exception)
            {
                return (null, new RpcException(new Status(StatusCode.Unknown, "Exception was thrown by handler.")));
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
}
