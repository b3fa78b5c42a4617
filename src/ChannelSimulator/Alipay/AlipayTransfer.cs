namespace PayCore.ChannelSimulator;

/// <summary>A transfer of Alipay's, as it was at one moment (alipay.md 8).</summary>
public sealed record AlipayTransfer : LedgerEntry
{
    /// <summary>The merchant.</summary>
    public required string Pid { get; init; }

    /// <summary>The application that asked for it.</summary>
    public required string AppId { get; init; }

    /// <summary>The merchant's number: the same number is the same transfer, made once.</summary>
    public required string OutBizNo { get; init; }

    /// <summary>The provider's number of the order.</summary>
    public required string OrderId { get; init; }

    /// <summary>The provider's number of the payment.</summary>
    public required string PayFundOrderId { get; init; }

    /// <summary>DEALING, SUCCESS, FAIL or REFUND.</summary>
    public required string State { get; init; }

    /// <summary>The amount in fen.</summary>
    public required long Amount { get; init; }

    /// <summary>The account paid.</summary>
    public required string Identity { get; init; }

    /// <summary>The payee's name as the merchant gave it.</summary>
    public string? Name { get; init; }

    /// <summary>TRANS_ACCOUNT_NO_PWD, TRANS_BANKCARD_NO_PWD or STD_RED_PACKET.</summary>
    public required string ProductCode { get; init; }

    /// <summary>DIRECT_TRANSFER or PERSONAL_COLLECTION.</summary>
    public required string BizScene { get; init; }

    /// <summary>Returned as it was sent.</summary>
    public string? PassbackParams { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? PayDate { get; init; }

    /// <summary>Why it failed or came back.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>What becomes of it when its time has come.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it will fail.</summary>
    public string? OutcomeReason { get; init; }

    /// <summary>How many times it was asked for.</summary>
    public required int RequestedCount { get; init; }

    /// <summary>Digest of everything it was asked for with; a repeat must have the same.</summary>
    public required string ParameterDigest { get; init; }

    internal override string Key => KeyOf(Pid, OutBizNo);

    internal static string KeyOf(string pid, string outBizNo) => pid + "/" + outBizNo;
}
