using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RpcStatus = Google.Rpc.Status;

namespace PayCore.MerchantApi;

/// <summary>
/// Gives every error of the REST side one shape, <c>google.rpc.Status</c> as JSON with its details. JSON transcoding would answer without
/// them, so what it writes is held back in memory until the outcome is known.
/// </summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="options">The settings.</param>
/// <param name="log">Where unexpected errors go.</param>
public sealed class RestErrorMiddleware(RequestDelegate next, IOptions<MerchantApiOptions> options, ILogger<RestErrorMiddleware> log)
{
    private readonly PathString prefix = options.Value.RestPrefix;

    /// <summary>Runs the rest of the pipeline and, on the REST side, writes its error.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A task that ends with the answer.</returns>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is { MethodDescriptor.IsServerStreaming: false })
        {
            return InvokeTranscodedAsync(context);
        }

        return context.Request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase) && !ErrorAnswer.IsGrpc(context.Request)
            ? InvokePlainAsync(context)
            : next(context);
    }

    private async Task InvokeTranscodedAsync(HttpContext context)
    {
        var wire = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var held = new MemoryStream();
        RpcStatus? error = null;
        var heldBody = new StreamResponseBodyFeature(held, wire);
        context.Features.Set<IHttpResponseBodyFeature>(heldBody);
        try
        {
            await next(context);
            await heldBody.CompleteAsync();
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            error = ErrorAnswer.Left(context) ?? Unexpected(context, e);
        }
        finally
        {
            context.Features.Set(wire);
        }

        // Without a status of ours, an error here is one that transcoding met while it read the request.
        error ??= ErrorAnswer.Left(context);
        if (error is null && context.Response.StatusCode >= 400 && !ErrorAnswer.WasWritten(context))
        {
            error = context.Response.StatusCode < 500
                ? MerchantErrors.ToStatus(StatusCode.InvalidArgument, ErrorReason.RequestInvalid, "The request does not fit the method.")
                : MerchantErrors.Internal();
        }

        if (error is not null)
        {
            await ErrorAnswer.WriteJsonAsync(context, error);
            return;
        }

        context.Response.ContentLength = held.Length;
        await wire.Stream.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), context.RequestAborted);
    }

    /// <summary>
    /// An address under the prefix that is no transcoded method: unknown, of another verb, or an endpoint that answers for itself.
    /// </summary>
    private async Task InvokePlainAsync(HttpContext context)
    {
        RpcStatus? error = null;
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            error = Unexpected(context, e);
        }

        var response = context.Response;
        if (error is null && !response.HasStarted && response.ContentType is null && !ErrorAnswer.WasWritten(context))
        {
            error = response.StatusCode switch
            {
                StatusCodes.Status404NotFound =>
                    MerchantErrors.ToStatus(StatusCode.NotFound, ErrorReason.RouteUnknown, "There is nothing at this address."),
                StatusCodes.Status405MethodNotAllowed =>
                    MerchantErrors.ToStatus(StatusCode.Unimplemented, ErrorReason.VerbNotAllowed, "The address does not take this verb."),
                _ => null,
            };
        }

        if (error is not null)
        {
            await ErrorAnswer.WriteJsonAsync(context, error);
        }
    }

    private RpcStatus Unexpected(HttpContext context, Exception e)
    {
        log.LogError(e, "{Method} {Endpoint} failed.", context.Request.Method, context.GetEndpoint()?.DisplayName);
        return MerchantErrors.Internal();
    }
}
