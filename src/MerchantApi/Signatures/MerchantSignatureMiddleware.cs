using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RpcStatus = Google.Rpc.Status;

namespace PayCore.MerchantApi;

/// <summary>
/// Stands before every endpoint marked <see cref="MerchantSignedAttribute"/>: reads the raw body, verifies the signature, and lets the
/// request through with a <see cref="VerifiedCaller"/> among its features. Anything else is answered here, 401 or its gRPC equal, before a
/// byte is parsed. Runs behind routing and before everything that reads the body.
/// </summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="verifier">Verifies.</param>
/// <param name="options">The settings.</param>
/// <param name="log">Where refusals are noted, by reason only.</param>
public sealed class MerchantSignatureMiddleware(
    RequestDelegate next, SignatureVerifier verifier, IOptions<MerchantApiOptions> options, ILogger<MerchantSignatureMiddleware> log)
{
    /// <summary>Verifies the request or refuses it.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A task that ends with the answer.</returns>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetEndpoint()?.Metadata.GetMetadata<MerchantSignedAttribute>() is null ? next(context) : InvokeSignedAsync(context);
    }

    private async Task InvokeSignedAsync(HttpContext context)
    {
        // Nobody but this middleware says who called.
        context.Features.Set<VerifiedCaller>(null);
        var method = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Type;
        if (method is MethodType.ClientStreaming or MethodType.DuplexStreaming)
        {
            await ErrorAnswer.WriteAsync(
                context,
                MerchantErrors.ToStatus(StatusCode.Unimplemented, ErrorReason.StreamingUnsupported, "Only unary calls can be signed."));
            return;
        }

        var (body, unreadable) = await RequestBody.BufferAsync(context, options.Value.BodyBytesMax);
        if (body is null)
        {
            await ErrorAnswer.WriteAsync(context, unreadable!);
            return;
        }

        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        var result = verifier.Verify(request.Method, request.RawTarget, context.Request.Headers, body.Bytes);
        if (!result.IsVerified)
        {
            var reason = result.Refusal.Value.ToReason();
            log.LogInformation("Refused a request to {Endpoint}: {Reason}.", context.GetEndpoint()?.DisplayName, reason);
            await ErrorAnswer.WriteAsync(context, ToStatus(result));
            return;
        }

        context.Features.Set(result.Caller);
        await next(context);
    }

    private static RpcStatus ToStatus(SignatureResult result) =>
        MerchantErrors.ToStatus(
            StatusCode.Unauthenticated,
            result.Refusal!.Value.ToReason(),
            result.Message,
            result.SignatureBase is { } signatureBase ? new Dictionary<string, string> { ["signature_base"] = signatureBase } : null);
}
