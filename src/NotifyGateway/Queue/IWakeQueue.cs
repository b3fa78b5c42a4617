namespace PayCore.NotifyGateway.Queue;

/// <summary>
/// Carries "these deliveries may be due" to the workers. It is speed only: the delivery rows are the truth, and whatever a queue loses, the sweep
/// finds within a second. So an implementation may drop, repeat and reorder.
/// </summary>
public interface IWakeQueue
{
    /// <summary>Offers deliveries to the workers. Waits neither for them nor for a broker, and does not fail for one that is away.</summary>
    ValueTask PublishAsync(IReadOnlyCollection<string> deliveryIds, CancellationToken cancellation);

    /// <summary>Waits for at least one delivery and takes what is there, up to a few hundred.</summary>
    ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken cancellation);

    /// <summary>Keeps the way to other instances open, where there is one, until it is cancelled. The worker runs it beside its own loop.</summary>
    Task RunAsync(CancellationToken cancellation) => Task.CompletedTask;
}
