using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayManagerSystem.Records;

/// <summary>Transfers.</summary>
internal sealed class TransferSource(ConsoleRecords.ConsoleRecordsClient records) : RecordSource<TransferRecord>(ConsolePages.Transfers, _columns)
{
    private static readonly RecordColumn<TransferRecord>[] _columns =
    [
        new("transfer", RecordTexts.Transfer, r => new NumberCell(r.Transfer.OutTransferNo, $"/transfers/{r.Transfer.Id}", r.Transfer.Id)),
        new("state", RecordTexts.State, r => new StateCell(EnumText<TransferState>.Show(r.Transfer.State), WaitsForApproval(r) ? RecordTexts.NeedsApproval : null)),
        new("amount", RecordTexts.Amount, r => new MoneyCell(r.Transfer.AmountMinor, r.Transfer.Currency), End: true),
        new("title", RecordTexts.Purpose, r => new WordsCell(r.Transfer.Title, r.Transfer.Remark)),
        new("app", RecordTexts.App, r => new WordsCell(r.Transfer.AppId, r.MerchantId)),
        new("wallet", RecordTexts.Wallet, r => new WordsCell(r.Transfer.Method, r.Account)),
        new("created", RecordTexts.Created, r => new WhenCell(r.Transfer.CreateTime)),
        new("approved_by", RecordTexts.ApprovedBy, r => new WordsCell(r.ApprovedBy), Shown: false),
        new("batch", RecordTexts.Batch, r => new NumberCell(r.Transfer.OutBatchNo), Shown: false),
        new("failure", RecordTexts.Failure, r => new WordsCell(r.Transfer.FailureCode, r.Transfer.FailureMessage), Shown: false),
        new("ended", RecordTexts.Ended, r => new WhenCell(r.EndTime), Shown: false),
        new("next", RecordTexts.NextLook, r => new WhenCell(r.DueTime), Shown: false),
        new("channel_no", RecordTexts.ChannelNo, r => new NumberCell(r.Transfer.ChannelTransferId), Shown: false),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<RecordFilter> Filters { get; } =
    [
        new("state", RecordTexts.State, FilterKind.AnyOf, EnumText<TransferState>.All, InFront: true),
        new("app", RecordTexts.App, FilterKind.Words, InFront: true),
        .. CreatedFilters,
        new("method", RecordTexts.Wallet, FilterKind.Words),
        .. OwnerFilters,
        .. AmountFilters,
        new("approval", RecordTexts.ApprovalOnly, FilterKind.Only),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<QuickView> Views { get; } =
    [
        new(RecordTexts.All, ""),
        new(RecordTexts.NeedsApproval, "?approval=1"),
        new(RecordTexts.Undecided, "?state=APPROVED&state=SENT&state=WAIT_PAYEE"),
        new(RecordTexts.Succeeded, "?state=SUCCEEDED"),
        new(RecordTexts.Failed, "?state=FAILED"),
        new(RecordTexts.Returned, "?state=RETURNED"),
    ];

    /// <inheritdoc/>
    public override async Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation)
    {
        var request = new ListTransferRecordsRequest
        {
            States = { filters.AnyOf<TransferState>("state") },
            AppId = filters.Words("app"),
            MerchantId = filters.Words("merchant"),
            Channel = filters.Words("channel"),
            Account = filters.Words("account"),
            Currency = filters.Words("currency"),
            AmountMinorMin = filters.Amount("amount_min", "currency"),
            AmountMinorMax = filters.Amount("amount_max", "currency"),
            CreatedFrom = filters.From("from"),
            CreatedBefore = filters.Before("to"),
            Method = filters.Words("method"),
            NeedsApprovalOnly = filters.Only("approval"),
            Page = page,
        };
        var reply = await records.ListTransferRecordsAsync(request, cancellationToken: cancellation);
        return Rows(reply.Transfers, r => r.Transfer.Id, reply.Places);
    }

    private static bool WaitsForApproval(TransferRecord r) => r.NeedsApproval && r.Transfer.State == TransferState.Created;
}
