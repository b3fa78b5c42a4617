using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace PayCore.ServiceDefaults.Rpc;

/// <summary>Answers a gRPC request before any service sees it.</summary>
public static class CallRefusal
{
    /// <summary>Answers with a status and nothing else.</summary>
    /// <param name="http">The request.</param>
    /// <param name="code">The status.</param>
    /// <param name="message">Printable ASCII without a percent sign, as it goes over the wire.</param>
    public static Task RefuseCallAsync(this HttpContext http, StatusCode code, string message)
    {
        ArgumentNullException.ThrowIfNull(http);
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["grpc-message"] = message;
        return Task.CompletedTask;
    }
}
