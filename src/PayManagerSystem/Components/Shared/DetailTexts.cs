using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>What detail pages say.</summary>
internal static class DetailTexts
{
    public static readonly Text Story = new("What happened", "经过");
    public static readonly Text ComesNext = new("What comes next", "接下来");
    public static readonly Text NothingNext = new("Nothing more happens by itself.", "不会再有自动操作。");
    public static readonly Text Facts = new("Facts", "详情");
    public static readonly Text Attempts = new("Attempts", "支付尝试");
    public static readonly Text Refunds = new("Refunds", "退款");
    public static readonly Text Callbacks = new("Callbacks", "渠道回调");
    public static readonly Text Deliveries = new("Notifications", "商户通知");
    public static readonly Text Calls = new("Channel calls", "渠道调用");
    public static readonly Text Exceptions = new("Exceptions", "异常");
    public static readonly Text NoBody = new("No body.", "无内容。");
    public static readonly Text ShowBytes = new("Show {0} characters", "显示 {0} 个字符");
    public static readonly Text Headers = new("Headers ({0})", "请求头（{0}）");
    public static readonly Text Line = new("Request", "请求");
    public static readonly Text NoTries = new("Not tried yet.", "尚未投递。");
    public static readonly Text Try = new("Try", "次序");
    public static readonly Text CameTo = new("Result", "结果");
    public static readonly Text At = new("At", "时间");
    public static readonly Text Took = new("Took", "耗时");
    public static readonly Text Answer = new("Answer", "应答");
    public static readonly Text Operation = new("Asked", "操作");
    public static readonly Text Outcome = new("Outcome", "结果");
    public static readonly Text Trace = new("Trace", "追踪号");
    public static readonly Text Sent = new("What is sent", "发送内容");
    public static readonly Text Tries = new("Tries", "投递记录");
    public static readonly Text Address = new("Address", "通知地址");
    public static readonly Text Attach = new("Attached text", "附加数据");
    public static readonly Text NotThere = new("There is no such record", "记录不存在");
    public static readonly Text NotThereHow = new("The number may be incomplete. The search finds merchants' and providers' numbers too.", "单号可能不完整。搜索框支持商户单号与渠道单号。");
    public static readonly Text NoneYet = new("None.", "无。");
    public static readonly Text Payee = new("Payee", "收款方");
    public static readonly Text LooksAgain = new("It is looked at again", "下次核对：");
    public static readonly Text Evidence = new("Evidence", "证据");
    public static readonly Text Advice = new("What to do", "建议操作");
    public static readonly Text Resolution = new("How it was settled", "处理结果");

    public static readonly Text DoneIt = new("Done.", "已完成。");
    public static readonly Text Counting = new("Counting …", "正在统计……");
    public static readonly Text NoneToResend = new("None of these can be sent again: they are under way, or there are none.", "没有可重发的通知：正在投递中，或列表为空。");
    public static readonly Text ToResend = new("notifications of this list, given up or delivered, are sent again.", "条通知（已放弃或已送达）将被重发。");
    public static readonly Text ToResendCut = new("notifications, the newest of this list, are sent again. The others need another press.", "条最新通知将被重发，其余请再次操作。");
    public static readonly Text Send = new("Send", "发送");
    public static readonly Text TestHow = new("An event of type test is sent to the app's address, signed as any, once. Nothing is recorded of it and nothing follows.", "向应用通知地址发送一次带签名的 test 事件，不留记录，不再重试。");
    public static readonly Text UserHasIt = new("The user has the money", "用户已收到款项");
    public static readonly Text UserHasItNot = new("The user will not get it by this refund; the amount is free again", "用户不会通过该退款收到款项，金额释放");
    public static readonly Text DecisionWaits = new("Another operator has to approve it.", "需另一位操作员审批。");
    public static readonly Text GoThere = new("Go to what it is about", "前往相关单据");
    public static readonly Text GoToStatement = new("Open the statement", "打开对账单");
    public static readonly Text SayFetching = new("Its lines are being fetched from the provider.", "正在从渠道获取账单明细。");
    public static readonly Text SayFetched = new("Its lines are there, and are being compared with ours.", "账单明细已获取，正在核对。");
    public static readonly Text SayEqual = new("Every line was compared, and all is as with us.", "已逐行核对，与本系统一致。");
    public static readonly Text SayDiffers = new("Every line was compared. What differs stands below.", "已逐行核对，差异如下。");
    public static readonly Text SayEmpty = new("The provider has no entries for this day.", "渠道当日无记录。");
    public static readonly Text SayGivenUp = new("It could not be fetched whole, and is begun again when somebody asks: ./paycore statement fetch.", "未能完整获取，可使用 ./paycore statement fetch 重新获取。");
    public static readonly Text NoDifference = new("Nothing differs.", "没有差异。");
    public static readonly Text RefundHow = new("{0} of this payment can still be given back.", "此支付单还可退 {0}。");
    public static readonly Text UserSees = new("The user may see it.", "用户可能看到此原因。");
    public static readonly Text AmountWrong = new("Not an amount of this currency, or more than is left.", "金额格式不正确，或超过可退金额。");
    public static readonly Text RefundWaits = new("It is above the app's limit: another operator has to approve it.", "超过应用限额，需另一位操作员审批。");
    public static readonly Text QueryHow = new("The channel is asked now, and what it proves is recorded. A failed question changes nothing.", "立即查询渠道并记录结果；查询失败不会改变任何状态。");
    public static readonly Text CloseHow = new("No new attempt is possible from now on, and the channel is told to close. If the user has paid already, it becomes paid all the same.", "此后不可再发起支付，并请求渠道关单。若用户已付款，仍会记为已支付。");
    public static readonly Text ResendHow = new("A new cycle of tries begins. The event and its content stay the same, so a merchant that knows it ignores it.", "开始新一轮投递。事件编号与内容不变，已处理过的商户会忽略。");
    public static readonly Text ApproveHow = new("Another operator decides under Approvals. Once approved it is sent to the channel, and cannot be taken back by us.", "由另一位操作员在「审批」中决定。批准后将发送至渠道，且无法由本系统撤回。");
    public static readonly Text DecisionHow = new("The channel took this refund and cannot pay the user. Say how it ended, and what you know it from; another operator decides.", "渠道已受理该退款但无法付款给用户。请说明最终结果及依据，由另一位操作员审批。");
    public static readonly Text RejectHow = new("The transfer is cancelled; nothing is sent. The merchant is told.", "转账将被取消且不会发送，商户会收到通知。");

    public static readonly Text SayCreated = new("The user has not chosen a wallet yet. It expires {0}.", "用户尚未选择支付方式，{0}到期。");
    public static readonly Text SayPaying = new("The user may be paying. It expires {0}.", "用户可能正在支付，{0}到期。");
    public static readonly Text SayPastExpiry = new("Past its expiry; the channel has not confirmed yet that nobody paid.", "已过期，渠道尚未确认无人付款。");
    public static readonly Text SayClosing = new("Its end was asked for; the channel has not confirmed it yet.", "已请求关闭，等待渠道确认。");
    public static readonly Text SayPaid = new("Paid {0} with {1}.", "{0}通过 {1} 支付。");
    public static readonly Text SayLate = new("The money came after the order had ended.", "款项在订单结束后到账。");
    public static readonly Text SayClosed = new("Ended unpaid. Nobody can pay it any more.", "未支付，已关闭，不可再支付。");
    public static readonly Text SayFailed = new("The channel refused it: {0} {1}", "渠道拒绝：{0} {1}");
    public static readonly Text SayTold = new("The merchant knows.", "商户已确认通知。");
    public static readonly Text SayTelling = new("The merchant has not acknowledged it yet.", "商户尚未确认通知。");
    public static readonly Text SayNotTold = new("The merchant could not be told: all tries are used up.", "通知商户失败，已用尽重试次数。");
    public static readonly Text SayRefunded = new("{0} went back.", "已退款 {0}。");
    public static readonly Text SayRefunding = new("{0} is on its way back.", "{0} 退款处理中。");
}
