using System.Diagnostics;
using System.Text.RegularExpressions;

namespace PayCore.ServiceDefaults.Telemetry;

/// <summary>
/// The one trace of a payment, refund or transfer: that of the request that created it. Its context is stored with the attempt, refund or transfer, and whatever
/// happens to it later, in any process and after any time, goes on in that trace: the callback that pays it, each look of OrderMonitor, each try to tell the merchant
/// (docs/decisions/0013). What was not traced is stored as an empty text, and what happens to it begins traces of its own.
/// </summary>
public static partial class PaymentTrace
{
    /// <summary>The context of the request that this process is serving, as W3C <c>traceparent</c>; empty when it is not traced.</summary>
    public static string Current => Root is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : "";

    private static Activity? Root
    {
        get
        {
            var activity = Activity.Current;
            while (activity?.Parent is { } parent)
            {
                activity = parent;
            }

            return activity;
        }
    }

    /// <summary>Reads a <c>traceparent</c> as W3C writes it; null for anything else.</summary>
    public static ActivityContext? Read(string? traceParent) =>
        traceParent is not null && TraceParent().IsMatch(traceParent) && ActivityContext.TryParse(traceParent, null, isRemote: true, out var context)
            && context.TraceId != default && context.SpanId != default
            ? context
            : null;

    /// <summary>
    /// Starts an activity in the trace of a payment, refund or transfer. When this process is at work in another trace, as that of a callback's request, each of the two
    /// has a link to the other. Null when nobody listens.
    /// </summary>
    /// <param name="source">Of the service.</param>
    /// <param name="name">What is done.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="traceParent">As it was stored; empty or unreadable: the activity belongs to the trace at work, or begins one.</param>
    /// <param name="subject">What it is about.</param>
    public static Activity? Continue(ActivitySource source, string name, ActivityKind kind, string traceParent, TraceSubject subject)
    {
        ArgumentNullException.ThrowIfNull(source);
        About(subject);
        var here = Activity.Current;
        Activity? activity;
        if (Read(traceParent) is not { } payment)
        {
            activity = source.StartActivity(name, kind);
        }
        else if (here is null || here.TraceId == payment.TraceId)
        {
            activity = source.StartActivity(name, kind, payment);
        }
        else
        {
            here.AddLink(new ActivityLink(payment));
            activity = source.StartActivity(name, kind, payment, links: [new ActivityLink(here.Context)]);
        }

        subject.Tag(activity);
        return activity;
    }

    /// <summary>Notes on the request that this process is serving, and on the activity at work, what it is about, so that a search by number finds it.</summary>
    public static void About(TraceSubject subject)
    {
        subject.Tag(Root);
        subject.Tag(Activity.Current);
    }

    [GeneratedRegex("^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TraceParent();
}

/// <summary>What an activity is about. A number that is empty is not shown.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="AttemptNo">The attempt.</param>
/// <param name="RefundId">The refund.</param>
/// <param name="TransferId">The transfer.</param>
public readonly record struct TraceSubject(string OrderId = "", string AttemptNo = "", string RefundId = "", string TransferId = "")
{
    internal void Tag(Activity? activity)
    {
        Tag(activity, "paycore.order_id", OrderId);
        Tag(activity, "paycore.attempt_no", AttemptNo);
        Tag(activity, "paycore.refund_id", RefundId);
        Tag(activity, "paycore.transfer_id", TransferId);
    }

    private static void Tag(Activity? activity, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            activity?.SetTag(name, value);
        }
    }
}
