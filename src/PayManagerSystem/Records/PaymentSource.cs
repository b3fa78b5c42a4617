using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Web;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayManagerSystem.Records;

/// <summary>Payments.</summary>
internal sealed class PaymentSource(ConsoleRecords.ConsoleRecordsClient records) : RecordSource<PaymentRecord>(ConsolePages.Payments, _columns)
{
    private static readonly RecordColumn<PaymentRecord>[] _columns =
    [
        new("payment", RecordTexts.Payment, r => new NumberCell(r.Order.OutTradeNo, $"/payments/{r.Order.Id}", r.Order.Id)),
        new("state", RecordTexts.State, r => new StateCell(EnumText<OrderState>.Show(r.Order.State), MarkOf(r))),
        new("amount", RecordTexts.Amount, r => new MoneyCell(r.Order.AmountMinor, r.Order.Currency), End: true),
        new("subject", RecordTexts.Subject, r => new WordsCell(r.Order.Subject)),
        new("app", RecordTexts.App, r => new WordsCell(r.Order.AppId, r.MerchantId)),
        new("wallet", RecordTexts.Wallet, r => new WordsCell(r.Order.Method, Ours: RecordWords.Of(r.Order.Scene))),
        new("created", RecordTexts.Created, r => new WhenCell(r.Order.CreateTime)),
        new("paid", RecordTexts.PaidAt, r => new WhenCell(r.Order.PaidTime), Shown: false),
        new("account", RecordTexts.Account, r => new WordsCell(r.Account, r.Channel), Shown: false),
        new("amount_refunded", RecordTexts.Refunded, r => new MoneyCell(r.Order.RefundedAmountMinor, r.Order.Currency), Shown: false, End: true),
        new("amount_refunding", RecordTexts.Refunding, r => new MoneyCell(r.RefundReservedMinor, r.Order.Currency), Shown: false, End: true),
        new("attempts", RecordTexts.Attempts, r => new CountCell(r.Attempts), Shown: false, End: true),
        new("expires", RecordTexts.Expires, r => new WhenCell(r.Order.ExpireTime), Shown: false),
        new("ended", RecordTexts.Ended, r => new WhenCell(r.EndTime), Shown: false),
        new("channel_no", RecordTexts.ChannelNo, r => new NumberCell(r.Order.ChannelOrderId), Shown: false),
        new("failure", RecordTexts.Failure, r => new WordsCell(r.Order.FailureCode, r.Order.FailureMessage), Shown: false),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<RecordFilter> Filters { get; } =
    [
        new("state", RecordTexts.State, FilterKind.AnyOf, EnumText<OrderState>.All, InFront: true),
        new("app", RecordTexts.App, FilterKind.Words, InFront: true),
        .. CreatedFilters,
        new("method", RecordTexts.Wallet, FilterKind.Words),
        .. OwnerFilters,
        .. AmountFilters,
        new("paid_from", RecordTexts.PaidFrom, FilterKind.Day),
        new("paid_to", RecordTexts.PaidTo, FilterKind.Day),
        new("late", RecordTexts.LateOnly, FilterKind.Only),
        new("stuck", RecordTexts.StuckOnly, FilterKind.Only),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<QuickView> Views { get; } =
    [
        new(RecordTexts.All, ""),
        new(new Text("Paid", "已支付"), "?state=PAID"),
        new(new Text("Paying", "支付中"), "?state=PAYING"),
        new(RecordTexts.Unpaid, "?state=CLOSED&state=FAILED"),
        new(RecordTexts.Stuck, "?stuck=1"),
        new(RecordTexts.Late, "?late=1"),
    ];

    /// <inheritdoc/>
    public override async Task<RecordPage> ReadAsync(FilterValues filters, ListPage page, CancellationToken cancellation)
    {
        var request = new ListPaymentRecordsRequest
        {
            States = { filters.AnyOf<OrderState>("state") },
            AppId = filters.Words("app"),
            MerchantId = filters.Words("merchant"),
            Method = filters.Words("method"),
            Channel = filters.Words("channel"),
            Account = filters.Words("account"),
            Currency = filters.Words("currency"),
            AmountMinorMin = filters.Amount("amount_min", "currency"),
            AmountMinorMax = filters.Amount("amount_max", "currency"),
            CreatedFrom = filters.From("from"),
            CreatedBefore = filters.Before("to"),
            PaidFrom = filters.From("paid_from"),
            PaidBefore = filters.Before("paid_to"),
            LateOnly = filters.Only("late"),
            StuckOnly = filters.Only("stuck"),
            Page = page,
        };
        var reply = await records.ListPaymentRecordsAsync(request, cancellationToken: cancellation);
        return Rows(reply.Payments, r => r.Order.Id, reply.Places);
    }

    private static Text? MarkOf(PaymentRecord r) => r switch
    {
        { Order.Late: true } => RecordTexts.Late,
        { Order: { State: OrderState.Paid, RefundedAmountMinor: > 0 } order } => order.RefundedAmountMinor == order.PaidAmountMinor ? RecordTexts.RefundedAll : RecordTexts.RefundedPart,
        { RefundReservedMinor: > 0 } => RecordTexts.Refunding,
        { Order: { State: OrderState.Paying, CloseRequested: true } } => RecordTexts.Closing,
        _ => null,
    };
}
