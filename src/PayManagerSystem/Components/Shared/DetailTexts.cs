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
    public static readonly Text Headers = new("{0} headers", "{0} 个请求头");
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
    public static readonly Text Left = new("Left to refund", "可退金额");
    public static readonly Text Surplus = new("Surplus", "多付");
    public static readonly Text NotThere = new("There is no such record", "记录不存在");
    public static readonly Text NotThereHow = new("The number may be incomplete. The search finds merchants' and providers' numbers too.", "单号可能不完整。搜索框支持商户单号与渠道单号。");
    public static readonly Text BackTo = new("All {0}", "全部{0}");
    public static readonly Text NoneYet = new("None.", "无。");
    public static readonly Text Payee = new("Payee", "收款方");
    public static readonly Text History = new("How it went", "状态变化");
    public static readonly Text Cause = new("Cause", "原因");

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
