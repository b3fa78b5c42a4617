using System.Diagnostics;

namespace PayCore.ServiceDefaults.Telemetry;

/// <summary>
/// Takes no context of a trace in and sends none out. A request from outside begins a trace of ours, which <see cref="RequestTrace"/> links to the caller's; between our
/// services <see cref="Rpc.RpcTrace"/> sends and reads the header itself, and nothing along with it.
/// </summary>
internal sealed class ClosedPropagator : DistributedContextPropagator
{
    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields => [];

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
    }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        (traceId, traceState) = (null, null);

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
