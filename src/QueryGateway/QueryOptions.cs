namespace PayCore.QueryGateway;

/// <summary>Settings of queries (section <c>Query</c>).</summary>
public sealed class QueryOptions
{
    /// <summary>
    /// The part of an account's limit that OrderMonitor's looks may take by this process. More than 0 and at most 1, default 0.1 (invariants, section 4). Where several
    /// processes of QueryGateway run, each has its part of that.
    /// </summary>
    public double BudgetShare { get; set; } = 0.1;

    /// <summary>
    /// The part of an account's limit that merchants' and buyers' questions may take by this process. More than 0 and at most 1, default 0.5: whoever asks without end
    /// takes nothing from payments, nor from OrderMonitor.
    /// </summary>
    public double RefreshShare { get; set; } = 0.5;

    /// <summary>The longest that a look waits for its turn before it is put off. Default 2 s.</summary>
    public TimeSpan BudgetWaitMax { get; set; } = TimeSpan.FromSeconds(2);
}
