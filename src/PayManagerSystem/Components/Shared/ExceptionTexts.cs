using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>What a person must look at, in words.</summary>
internal static class ExceptionTexts
{
    /// <summary>What kind of item it is.</summary>
    public static Text Of(ExceptionItem.Types.Kind kind) => kind switch
    {
        ExceptionItem.Types.Kind.LatePayment => new("Late payments", "迟到支付"),
        ExceptionItem.Types.Kind.SurplusPayment => new("Surplus payments", "重复支付"),
        ExceptionItem.Types.Kind.CallbackConflict => new("Callbacks that contradict the order", "回调与订单不符"),
        ExceptionItem.Types.Kind.QueryConflict => new("Query answers that contradict the order", "查询结果与订单不符"),
        ExceptionItem.Types.Kind.ForeignRefund => new("Refunds not made here", "非本系统退款"),
        ExceptionItem.Types.Kind.Overdue => new("Payments overdue", "超期未决支付"),
        ExceptionItem.Types.Kind.RefundAbnormal => new("Refunds that cannot be paid", "异常退款"),
        ExceptionItem.Types.Kind.RefundOverdue => new("Refunds overdue", "超期未决退款"),
        ExceptionItem.Types.Kind.TransferOverdue => new("Transfers overdue", "超期未决转账"),
        ExceptionItem.Types.Kind.NoBalance => new("Balance does not suffice", "账户余额不足"),
        ExceptionItem.Types.Kind.TransferReturned => new("Transfers returned", "转账退回"),
        ExceptionItem.Types.Kind.StatementOursOnly => new("Statement: ours only", "对账：仅我方有"),
        ExceptionItem.Types.Kind.StatementTheirsOnly => new("Statement: theirs only", "对账：仅渠道有"),
        ExceptionItem.Types.Kind.StatementAmount => new("Statement: amount differs", "对账：金额不符"),
        ExceptionItem.Types.Kind.StatementState => new("Statement: state differs", "对账：状态不符"),
        ExceptionItem.Types.Kind.RefundConflict => new("Messages that contradict a refund", "消息与退款不符"),
        ExceptionItem.Types.Kind.TransferConflict => new("Messages that contradict a transfer", "消息与转账不符"),
        ExceptionItem.Types.Kind.TransferApproval => new("Transfers to approve", "待审批转账"),
        _ => new($"{kind}", $"{kind}"),
    };
}
