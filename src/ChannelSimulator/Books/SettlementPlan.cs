namespace PayCore.ChannelSimulator;

/// <summary>What is to become of refunds or transfers that come from now on.</summary>
public sealed record SettlementPlan
{
    /// <summary>Only of the one with this number (out_refund_no, out_bill_no, out_request_no, out_biz_no); null for every one that has no plan of its own.</summary>
    public string? Number { get; init; }

    /// <summary>How long it stays open; 0 for at once, -1 until the control API settles it.</summary>
    public int DelayMs { get; init; }

    /// <summary>The state it ends in; SUCCESS when left out.</summary>
    public string Outcome { get; init; } = "SUCCESS";

    /// <summary>Why it fails, as the provider says it.</summary>
    public string? FailReason { get; init; }

    /// <summary>The state in which a transfer stays first, ACCEPTED or PROCESSING, until the control API leads it on; WeChat Pay only.</summary>
    public string? Stays { get; init; }

    internal DateTimeOffset? DueAt(DateTimeOffset now) => DelayMs < 0 ? null : now.AddMilliseconds(DelayMs);
}

/// <summary>The plans of one book: by number, and one for the rest.</summary>
internal sealed class SettlementPlans(params string[] outcomes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SettlementPlan> _plans = [];

    public void Set(SettlementPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!outcomes.Contains(plan.Outcome))
        {
            throw new ArgumentException($"The outcome is one of {string.Join(", ", outcomes)}.", nameof(plan));
        }

        lock (_lock)
        {
            _plans[plan.Number ?? ""] = plan;
        }
    }

    public SettlementPlan Of(string number)
    {
        lock (_lock)
        {
            return _plans.GetValueOrDefault(number) ?? _plans.GetValueOrDefault("") ?? new SettlementPlan();
        }
    }
}
