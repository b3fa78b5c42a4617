using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;

namespace PayCore.PayManagerSystem.Records;

/// <summary>Refunds.</summary>
internal sealed class RefundSource(ConsoleRecords.ConsoleRecordsClient records) : RecordSource<RefundRecord>(ConsolePages.Refunds, _columns)
{
    private static readonly RecordColumn<RefundRecord>[] _columns =
    [
        new("refund", RecordTexts.Refund, r => new NumberCell(r.Refund.OutRefundNo, $"/refunds/{r.Refund.Id}", r.Refund.Id)),
        new("state", RecordTexts.State, r => new StateCell(EnumText<RefundState>.Show(r.Refund.State), r.Refund.ByPolicy ? RecordTexts.ByPolicy : null)),
        new("amount", RecordTexts.Amount, r => new MoneyCell(r.Refund.AmountMinor, r.Refund.Currency), End: true),
        new("amount_paid", RecordTexts.OfPayment, r => new MoneyCell(r.PaidAmountMinor, r.Refund.Currency), End: true),
        new("payment", RecordTexts.Payment, r => new NumberCell(r.Refund.OutTradeNo, $"/payments/{r.Refund.OrderId}")),
        new("app", RecordTexts.App, r => new WordsCell(r.Refund.AppId, r.MerchantId)),
        new("created", RecordTexts.Created, r => new WhenCell(r.Refund.CreateTime)),
        new("account", RecordTexts.Account, r => new WordsCell(r.Account, r.Channel), Shown: false),
        new("reason", RecordTexts.Reason, r => new WordsCell(r.Refund.Reason), Shown: false),
        new("failure", RecordTexts.Failure, r => new WordsCell(r.Refund.FailureCode, r.Refund.FailureMessage), Shown: false),
        new("done", RecordTexts.DoneAt, r => new WhenCell(r.Refund.SuccessTime), Shown: false),
        new("ended", RecordTexts.Ended, r => new WhenCell(r.EndTime), Shown: false),
        new("next", RecordTexts.NextLook, r => new WhenCell(r.DueTime), Shown: false),
        new("channel_no", RecordTexts.ChannelNo, r => new NumberCell(r.Refund.ChannelRefundId), Shown: false),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<RecordFilter> Filters { get; } =
    [
        new("state", RecordTexts.State, FilterKind.AnyOf, EnumText<RefundState>.All, InFront: true),
        new("app", RecordTexts.App, FilterKind.Words, InFront: true),
        .. CreatedFilters,
        .. OwnerFilters,
        .. AmountFilters,
        new("order", RecordTexts.PaymentId, FilterKind.Words),
        new("policy", RecordTexts.PolicyOnly, FilterKind.Only),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<QuickView> Views { get; } =
    [
        new(RecordTexts.All, ""),
        new(RecordTexts.Undecided, "?state=CREATED&state=SENT"),
        new(RecordTexts.Abnormal, "?state=ABNORMAL"),
        new(RecordTexts.Succeeded, "?state=SUCCEEDED"),
        new(RecordTexts.Failed, "?state=FAILED"),
    ];

    /// <inheritdoc/>
    public override async Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation)
    {
        var request = new ListRefundRecordsRequest
        {
            States = { filters.AnyOf<RefundState>("state") },
            AppId = filters.Words("app"),
            MerchantId = filters.Words("merchant"),
            Channel = filters.Words("channel"),
            Account = filters.Words("account"),
            Currency = filters.Words("currency"),
            AmountMinorMin = filters.Amount("amount_min", "currency"),
            AmountMinorMax = filters.Amount("amount_max", "currency"),
            CreatedFrom = filters.From("from"),
            CreatedBefore = filters.Before("to"),
            OrderId = filters.Words("order"),
            ByPolicyOnly = filters.Only("policy"),
            Page = page,
        };
        var reply = await records.ListRefundRecordsAsync(request, cancellationToken: cancellation);
        return Rows(reply.Refunds, r => r.Refund.Id, reply.Places);
    }
}
