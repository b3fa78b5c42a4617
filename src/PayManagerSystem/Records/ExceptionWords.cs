using PayCore.PayManagerSystem.Web;
using Kind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;

namespace PayCore.PayManagerSystem.Records;

/// <summary>Each kind of exception: what one is and several are called, what it means, and what a person had best do.</summary>
internal static class ExceptionWords
{
    private sealed record Words(Text Title, string Several, Text Meaning, Text Advice);

    private static readonly Words _unknown = new(new("Something unforeseen", "未知异常"), "Unforeseen", new("", ""), new("Look at the evidence and settle it with a note.", "请查看证据并备注处理。"));

    private static readonly Dictionary<Kind, Words> _words = new()
    {
        [Kind.LatePayment] = new(
            new("Late payment", "迟到款项"), "Late payments",
            new("The user paid after the order had ended. The money is here; the merchant may have given the goods to nobody.", "订单结束后用户才付款。款项已到账，但商户可能未发货。"),
            new("Ask the merchant whether the order still counts. Keep it if so; give the money back if not.", "请与商户确认订单是否仍有效：有效则保留款项，无效则退款。")),
        [Kind.SurplusPayment] = new(
            new("Surplus payment", "重复付款"), "Surplus payments",
            new("The order was paid a second time by another attempt.", "同一订单通过另一次尝试被重复支付。"),
            new("Give the surplus payment back, unless the app's policy does so by itself.", "请退还多付款项（若应用策略已自动退款则无需操作）。")),
        [Kind.CallbackConflict] = new(
            new("Callback conflicts with the order", "回调与订单不符"), "Callbacks that conflict with their orders",
            new("A genuine callback says other facts than our order. It changed nothing.", "验签通过的回调与订单信息不一致，未作任何变更。"),
            new("Compare the raw callback with the order. If amount or account are wrong, ask the provider before anything else.", "请对照原始回调与订单；若金额或账户不符，先联系渠道。")),
        [Kind.QueryConflict] = new(
            new("Query answer conflicts with the order", "查询结果与订单不符"), "Query answers that conflict with their orders",
            new("The channel's answer says other facts than our order. It changed nothing.", "渠道查询结果与订单信息不一致，未作任何变更。"),
            new("Query again now. If it stays so, compare with the provider's own console and ask them.", "请重新查询；若仍不一致，请核对渠道后台并联系渠道。")),
        [Kind.ForeignRefund] = new(
            new("A refund that we did not make", "非本系统退款"), "Refunds that we did not make",
            new("The channel shows a refund that is not ours: somebody made it in the provider's own console.", "渠道存在一笔非本系统发起的退款，可能由渠道后台直接操作。"),
            new("Find out who made it, and book it by hand. Do not refund the same payment again.", "请查明操作人并手工记账，切勿重复退款。")),
        [Kind.Overdue] = new(
            new("Payment undecided for too long", "支付逾期未定"), "Payments undecided for too long",
            new("The order is open beyond its expiry, and the channel confirmed neither payment nor close.", "订单已过期，渠道既未确认支付也未确认关闭。"),
            new("Query now. If the channel does not answer, look at its account and certificates.", "请立即查询；若渠道无响应，请检查账户与证书。")),
        [Kind.RefundAbnormal] = new(
            new("Refund cannot reach the payer", "退款无法到账"), "Refunds that cannot reach the payer",
            new("The channel took the refund and cannot pay the user: the account is closed or frozen. The money is safe.", "渠道已受理退款但无法退给用户（账户注销或冻结），资金安全。"),
            new("Arrange another way with the user in the provider's console, then settle this with the evidence.", "请在渠道后台改用其他方式退款，并附凭证处理。")),
        [Kind.RefundOverdue] = new(
            new("Refund undecided for too long", "退款逾期未定"), "Refunds undecided for too long",
            new("The channel has not said what became of the refund.", "渠道迟迟未返回退款结果。"),
            new("Query now. Never make a new refund in its place: it goes on under the same number.", "请立即查询；切勿另建退款，将以原单号继续。")),
        [Kind.TransferOverdue] = new(
            new("Transfer undecided for too long", "转账逾期未定"), "Transfers undecided for too long",
            new("The channel has not said what became of the transfer.", "渠道迟迟未返回转账结果。"),
            new("Query now, and look at the provider's console. Never make a new transfer in its place.", "请立即查询并核对渠道后台；切勿另建转账。")),
        [Kind.NoBalance] = new(
            new("Not enough balance", "余额不足"), "Accounts without enough balance",
            new("The account's balance at the provider does not suffice. Nothing is lost: it goes on under the same number.", "渠道账户余额不足，不会丢单，将以原单号继续。"),
            new("Pay money into the account. It goes on by itself.", "请为渠道账户充值，系统将自动继续。")),
        [Kind.TransferReturned] = new(
            new("Transfer came back", "转账被退回"), "Transfers that came back",
            new("The bank sent the money back after it was paid out.", "银行在付款后将款项退回。"),
            new("Tell the merchant to check the payee's account; a new transfer needs a new number.", "请通知商户核对收款账户；重新转账需使用新单号。")),
        [Kind.StatementOursOnly] = new(
            new("Not in the statement", "对账单缺失"), "Not in their statement",
            new("We hold it as done, and the provider's statement of the day does not list it.", "本系统记为完成，但当日对账单中没有。"),
            new("Query it. If the provider does not know it, ask them with the numbers below.", "请查询；若渠道无此单，请凭以下单号联系渠道。")),
        [Kind.StatementTheirsOnly] = new(
            new("Only in the statement", "仅在对账单"), "Only in a statement",
            new("The provider's statement lists something that we do not have.", "对账单中存在本系统没有的记录。"),
            new("Find out who uses the account besides PayCore. Book it by hand or give it back.", "请查明谁在 PayCore 之外使用该账户，手工记账或退款。")),
        [Kind.StatementAmount] = new(
            new("Amount differs from the statement", "对账金额不符"), "Amounts that differ from the statement",
            new("Both sides have it, with different amounts.", "双方均有记录，但金额不同。"),
            new("The provider's statement is what was settled. Ask them before booking a difference.", "结算以对账单为准，记账前请先联系渠道。")),
        [Kind.StatementState] = new(
            new("State differs from the statement", "对账状态不符"), "States that differ from the statement",
            new("Both sides have it, in different states.", "双方均有记录，但状态不同。"),
            new("Query it now: the answer usually repairs it.", "请立即查询，通常可自动修复。")),
        [Kind.RefundConflict] = new(
            new("Message conflicts with the refund", "退款消息不符"), "Messages that conflict with refunds",
            new("A genuine message about a refund says other facts than ours. It changed nothing.", "验签通过的退款消息与本系统信息不一致，未作任何变更。"),
            new("Compare the raw message with the refund, and ask the provider.", "请对照原始消息与退款单，并联系渠道。")),
        [Kind.TransferConflict] = new(
            new("Message conflicts with the transfer", "转账消息不符"), "Messages that conflict with transfers",
            new("A genuine message about a transfer says other facts than ours. It changed nothing.", "验签通过的转账消息与本系统信息不一致，未作任何变更。"),
            new("Compare the raw message with the transfer, and ask the provider.", "请对照原始消息与转账单，并联系渠道。")),
        [Kind.TransferApproval] = new(
            new("Transfer waits for approval", "转账待审批"), "Transfers that wait for approval",
            new("It is above the app's limit, and nobody has approved it.", "超过应用限额，尚未审批。"),
            new("Approve or refuse it on its page.", "请在转账页面批准或拒绝。")),
        [Kind.StatementOverdue] = new(
            new("Statement cannot be had", "对账单逾期未取得"), "Statements that cannot be had",
            new("The provider should have made the day's statement days ago, and it cannot be fetched. Nobody has compared that day.", "渠道早应生成该日对账单，但始终无法取得，该日尚未对账。"),
            new("The reason stands in the item. Look at the account's permissions and at the provider's console, then fetch it; this settles itself.", "原因见异常详情。请检查账户权限与渠道后台后重新获取，取得后将自动处理。")),
    };

    /// <summary>How one can be settled: the records' word, and what it means.</summary>
    public static IReadOnlyDictionary<string, Text> Resolutions { get; } = new Dictionary<string, Text>
    {
        ["accepted"] = new("Accepted as it is", "接受现状"),
        ["refunded"] = new("Money was given back", "已退款"),
        ["repaired"] = new("Repaired", "已修复"),
        ["dismissed"] = new("Nothing to do", "无需处理"),
    };

    /// <summary>A resolution in words; rules have some of their own.</summary>
    public static Text Resolution(string word) => Resolutions.GetValueOrDefault(word) ?? new Text(word, word);

    /// <summary>What it is.</summary>
    public static Text Title(Kind kind) => Of(kind).Title;

    /// <summary>What several of them are. Chinese says it as of one.</summary>
    public static Text Several(Kind kind) => new(Of(kind).Several, Of(kind).Title.Chinese);

    /// <summary>What it means.</summary>
    public static Text Meaning(Kind kind) => Of(kind).Meaning;

    /// <summary>What a person had best do.</summary>
    public static Text Advice(Kind kind) => Of(kind).Advice;

    private static Words Of(Kind kind) => _words.GetValueOrDefault(kind) ?? _unknown;
}
