namespace PayCore.ChannelSimulator;

/// <summary>A planted difference: the bill then says something else than what happened.</summary>
public sealed record BillDifference
{
    /// <summary>wechat or alipay.</summary>
    public required string Provider { get; init; }

    /// <summary>The mchid or the pid.</summary>
    public required string Merchant { get; init; }

    /// <summary>The day of the bill, in China.</summary>
    public required DateOnly Day { get; init; }

    /// <summary><c>extra</c>, <c>missing</c>, <c>amount</c> or, at WeChat Pay, <c>state</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The out_trade_no of a payment row, or the number of a refund row (out_refund_no, out_request_no).</summary>
    public required string Number { get; init; }

    /// <summary>For <c>extra</c>: the order that the row refunds; null for the row of a payment.</summary>
    public string? RefundOf { get; init; }

    /// <summary>For <c>extra</c> and <c>amount</c>: in fen.</summary>
    public long Amount { get; init; }

    /// <summary>For <c>state</c>: what the bill says.</summary>
    public string? State { get; init; }
}
