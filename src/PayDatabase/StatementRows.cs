using PayCore.Contracts.V1;
using StatementState = PayCore.Contracts.V1.StatementRecord.Types.State;

namespace PayCore.PayDatabase;

/// <summary>A row of <c>channel_statement</c>: a day of an account.</summary>
internal sealed class StatementHead
{
    public const string Select = """
        SELECT statement_id, channel, account, day, state, rows_added, matched_rows, differences, message, lease_at, created_at, updated_at FROM channel_statement
        """;

    public string StatementId { get; init; } = "";
    public string Channel { get; init; } = "";
    public string Account { get; init; } = "";
    public string Day { get; init; } = "";
    public string State { get; init; } = "";
    public int RowsAdded { get; init; }
    public int MatchedRows { get; init; }
    public int Differences { get; init; }
    public string Message { get; init; } = "";
    public long? LeaseAt { get; init; }
    public long CreatedAt { get; init; }
    public long UpdatedAt { get; init; }

    public StatementState Status => EnumText<StatementState>.Parse(State);

    public StatementRecord ToRecord() => new()
    {
        StatementId = StatementId,
        Channel = Channel,
        Account = Account,
        Day = Day,
        State = Status,
        Rows = RowsAdded,
        MatchedRows = MatchedRows,
        Differences = Differences,
        Message = Message,
        LeaseTime = Times.ToTimestamp(LeaseAt),
        UpdateTime = Times.ToTimestamp(UpdatedAt),
    };
}

/// <summary>A row of <c>channel_statement_row</c>: a line of a statement, and what its comparison came to.</summary>
internal sealed class StatementLine
{
    public const string Columns = """
        statement_id, line, kind, attempt_no, channel_order_id, refund_no, channel_refund_id, transfer_no, channel_transfer_id, amount_minor, currency,
        fee_minor, at, provider_state, verdict, exception_id
        """;

    /// <summary>The columns' values by the names of this type.</summary>
    public const string Values = """
        @StatementId, @Line, @Kind, @AttemptNo, @ChannelOrderId, @RefundNo, @ChannelRefundId, @TransferNo, @ChannelTransferId, @AmountMinor, @Currency,
        @FeeMinor, @At, @ProviderState, @Verdict, @ExceptionId
        """;

    public string StatementId { get; init; } = "";
    public int Line { get; init; }
    public string Kind { get; init; } = "";
    public string AttemptNo { get; init; } = "";
    public string ChannelOrderId { get; init; } = "";
    public string RefundNo { get; init; } = "";
    public string ChannelRefundId { get; init; } = "";
    public string TransferNo { get; init; } = "";
    public string ChannelTransferId { get; init; } = "";
    public long AmountMinor { get; init; }
    public string Currency { get; init; } = "";
    public long FeeMinor { get; init; }
    public long? At { get; init; }
    public string ProviderState { get; init; } = "";

    /// <summary>Empty until it was compared.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>The item that its difference raised.</summary>
    public string ExceptionId { get; init; } = "";

    public StatementRow.Types.Kind What => EnumText<StatementRow.Types.Kind>.Parse(Kind);

    /// <summary>As the provider told it.</summary>
    public StatementRow ToRow() => new()
    {
        Line = Line,
        Kind = What,
        AttemptNo = AttemptNo,
        ChannelOrderId = ChannelOrderId,
        RefundNo = RefundNo,
        ChannelRefundId = ChannelRefundId,
        TransferNo = TransferNo,
        ChannelTransferId = ChannelTransferId,
        AmountMinor = AmountMinor,
        Currency = Currency,
        FeeMinor = FeeMinor,
        Time = Times.ToTimestamp(At),
        ProviderState = ProviderState,
    };

    public static StatementLine From(string statementId, StatementRow row) => new()
    {
        StatementId = statementId,
        Line = row.Line,
        Kind = EnumText<StatementRow.Types.Kind>.Of(row.Kind),
        AttemptNo = Moves.Clip(row.AttemptNo, 64),
        ChannelOrderId = Moves.Clip(row.ChannelOrderId, 64),
        RefundNo = Moves.Clip(row.RefundNo, 64),
        ChannelRefundId = Moves.Clip(row.ChannelRefundId, 64),
        TransferNo = Moves.Clip(row.TransferNo, 64),
        ChannelTransferId = Moves.Clip(row.ChannelTransferId, 64),
        AmountMinor = row.AmountMinor,
        Currency = row.Currency,
        FeeMinor = row.FeeMinor,
        At = row.Time.MsOrNull(),
        ProviderState = Moves.Clip(row.ProviderState, 64),
    };
}
