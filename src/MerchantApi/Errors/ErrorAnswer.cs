using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RpcStatus = Google.Rpc.Status;

namespace PayCore.MerchantApi;

/// <summary>Writes an error in the shape of the request: gRPC trailers or JSON.</summary>
internal static class ErrorAnswer
{
    private static readonly object WrittenKey = new();
    private static readonly object StatusKey = new();

    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type
        && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && (type.Length == "application/grpc".Length || type["application/grpc".Length] is '+' or ';' or ' ');

    public static Task WriteAsync(HttpContext context, RpcStatus status) =>
        IsGrpc(context.Request) ? WriteGrpcAsync(context, status) : WriteJsonAsync(context, status);

    public static async Task WriteJsonAsync(HttpContext context, RpcStatus status)
    {
        context.Items[WrittenKey] = true;
        var bytes = Encoding.UTF8.GetBytes(MerchantErrors.ToJson(status));
        var response = context.Response;
        response.StatusCode = MerchantErrors.HttpStatus(status);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            // RFC 9110, 11.6.1 wants a challenge with each 401.
            response.Headers[HeaderNames.WWWAuthenticate] = "Signature realm=\"paycore\"";
        }

        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    public static bool WasWritten(HttpContext context) => context.Items.ContainsKey(WrittenKey);

    /// <summary>Leaves the error of a transcoded call for <see cref="RestErrorMiddleware"/> to write.</summary>
    public static void Leave(HttpContext context, RpcStatus status) => context.Items[StatusKey] = status;

    public static RpcStatus? Left(HttpContext context) => context.Items.TryGetValue(StatusKey, out var left) ? left as RpcStatus : null;

    /// <summary>A trailers-only answer: HTTP 200, one block of headers, no body.</summary>
    private static Task WriteGrpcAsync(HttpContext context, RpcStatus status)
    {
        context.Items[WrittenKey] = true;
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = status.Code.ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = PercentEncode(status.Message);
        response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(status.ToByteArray());
        return Task.CompletedTask;
    }

    /// <summary>gRPC over HTTP/2, "Status-Message": printable ASCII but % stands for itself.</summary>
    private static string PercentEncode(string text)
    {
        var built = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                built.Append((char)b);
            }
            else
            {
                built.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return built.ToString();
    }
}
