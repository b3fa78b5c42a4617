using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.ServiceDefaults.Telemetry;

/// <summary>Which requests from outside are traced, and what is seen of them: the route and never the address, which may be a page token.</summary>
internal static class RequestTrace
{
    /// <summary>Merchants' calls, providers' callbacks, and what a browser posts. Pages that are looked at, probes and the simulated provider are nobody's payment.</summary>
    public static bool IsTraced(HttpContext http) => http.Features.Get<PortFeature>()?.Kind switch
    {
        PortKind.MerchantGrpc => true,
        PortKind.Web => HttpMethods.IsPost(http.Request.Method) || http.Request.Path.StartsWithSegments("/v1") || http.Request.Path.StartsWithSegments("/callback"),
        _ => false,
    };

    /// <summary>The beginning of a request's activity.</summary>
    public static void Begin(Activity activity, HttpRequest request)
    {
        activity.SetTag("url.path", null);
        activity.SetTag("url.query", null);
        // The caller's trace is the caller's: neither its id nor its sampling is ours to take over, and one trace of theirs may be about thousands of payments.
        if (PaymentTrace.Read(request.Headers.TraceParent) is { } theirs)
        {
            activity.AddLink(new ActivityLink(theirs));
        }
    }
}
