using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PayCore.MerchantApi;

/// <summary>
/// The server's interceptor behind the merchant API. What a service throws becomes an error of the closed list: our own errors as they are,
/// everything else with its kind at most, logged, and without a word of its text. For REST the rich status is kept for
/// <see cref="RestErrorMiddleware"/>. Calls to endpoints that merchants cannot reach pass untouched.
/// </summary>
/// <param name="log">Where unexpected errors go.</param>
public sealed class MerchantErrorInterceptor(ILogger<MerchantErrorInterceptor> log) : Interceptor
{
    /// <inheritdoc />
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(continuation);
        var http = context.GetHttpContext();
        var metadata = http.GetEndpoint()?.Metadata;
        var isTranscoded = metadata?.GetMetadata<GrpcJsonTranscodingMetadata>() is not null;
        if (!isTranscoded && metadata?.GetMetadata<MerchantSignedAttribute>() is null)
        {
            return await continuation(request, context);
        }

        try
        {
            return await continuation(request, context);
        }
        catch (Exception e)
        {
            var status = MerchantErrors.Public(e, context.CancellationToken.IsCancellationRequested);
            if (MerchantErrors.Info(status)?.Reason == ErrorReason.InternalError && !IsOurs(e))
            {
                log.LogError(e, "{Method} failed.", context.Method);
            }

            if (!isTranscoded)
            {
                throw status.ToRpcException();
            }

            // Transcoding would try to write the details itself, and cannot; the middleware does.
            ErrorAnswer.Leave(http, status);
            throw new RpcException(new Status((StatusCode)status.Code, status.Message));
        }
    }

    private static bool IsOurs(Exception e) => e is RpcException rpc && MerchantErrors.Info(rpc.GetRpcStatus()) is not null;
}
