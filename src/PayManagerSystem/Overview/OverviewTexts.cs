using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Overview;

/// <summary>What the first page says.</summary>
internal static class OverviewTexts
{
    public static readonly Text Period = new("Period", "时间范围");
    public static readonly Text Day = new("24 hours", "24 小时");
    public static readonly Text Week = new("7 days", "7 天");
    public static readonly Text Month = new("30 days", "30 天");
    public static readonly Text Currency = new("Currency", "币种");
    public static readonly Text Live = new("Live", "实时");
    public static readonly Text AsOf = new("As of {0}", "截至 {0}");
    public static readonly Text Stale = new("The figures could not be read anew; these are of {0}.", "数据暂时无法刷新，以下为 {0} 的数据。");
    public static readonly Text Unread = new("The figures could not be read.", "暂时无法读取数据。");

    public static readonly Text PaidAmount = new("Paid", "收款金额");
    public static readonly Text PaidCount = new("Payments", "支付笔数");
    public static readonly Text Success = new("Success rate", "成功率");
    public static readonly Text Stuck = new("Stuck money", "滞留资金");
    public static readonly Text NothingStuck = new("Nothing is stuck", "无滞留");
    public static readonly Text Items = new("{0} open, oldest {1}", "{0} 笔，最早 {1}");
    public static readonly Text Before = new("before: {0}", "上期：{0}");
    public static readonly Text Points = new("{0} points", "{0} 个百分点");
    public static readonly Text SameAsBefore = new("as before", "与上期持平");
    public static readonly Text New = new("nothing before", "上期无数据");

    public static readonly Text ByHour = new("Paid by hour", "每小时收款");
    public static readonly Text ByDay = new("Paid by day", "每日收款");
    public static readonly Text Now = new("This period", "本期");
    public static readonly Text Previous = new("Period before", "上期");
    public static readonly Text AsTable = new("As a table", "查看表格");
    public static readonly Text From = new("From", "时段");

    public static readonly Text Funnel = new("From order to notification", "从下单到通知");
    public static readonly Text Created = new("Created", "创建");
    public static readonly Text Shown = new("Shown", "展示支付");
    public static readonly Text Paid = new("Paid", "已支付");
    public static readonly Text Notified = new("Acknowledged", "商户已确认");

    public static readonly Text Channels = new("Channels", "渠道");
    public static readonly Text Channel = new("Channel", "渠道");
    public static readonly Text Attempts = new("Attempts", "尝试");
    public static readonly Text Refused = new("Refused", "被拒");
    public static readonly Text LastHour = new("Last hour", "近一小时");
    public static readonly Text Healthy = new("Healthy", "正常");
    public static readonly Text SomeRefusals = new("Many refusals", "拒绝偏多");
    public static readonly Text MostlyRefused = new("Mostly refused", "大多被拒");
    public static readonly Text NoTraffic = new("No traffic", "无流量");
    public static readonly Text NoChannels = new("No attempt went to a channel in this period", "本期没有渠道请求");

    public static readonly Text Reasons = new("Why payments failed", "失败原因");
    public static readonly Text NoReasons = new("No channel refused anything", "没有渠道拒绝");

    public static readonly Text Notify = new("Notifications to merchants", "商户通知");
    public static readonly Text FirstTry = new("First try acknowledged, last hour", "近一小时首次送达率");
    public static readonly Text Backlog = new("Due now", "待投递");
    public static readonly Text OldestDue = new("Oldest due", "最早到期");
    public static readonly Text Waiting = new("Waiting for a later try", "等待重试");
    public static readonly Text Dead = new("Given up", "已放弃");

    public static readonly Text ToDo = new("To do", "待办");
    public static readonly Text NothingToDo = new("Nothing waits for a person", "没有待处理事项");
    public static readonly Text Approval = new("Approval to decide", "待审批");
    public static readonly Text Approvals = new("Approvals to decide", "待审批");
    public static readonly Text CertificateEnds = new("days until a certificate of {0} ends", "天后 {0} 的证书到期");
    public static readonly Text CertificateEndsSoon = new("day until a certificate of {0} ends", "天后 {0} 的证书到期");
    public static readonly Text RefusedDocument = new("Configuration document refused", "配置被拒绝");
    public static readonly Text RefusedDocuments = new("Configuration documents refused", "配置被拒绝");
    public static readonly Text NotifyDead = new("Notification given up", "已放弃的商户通知");
    public static readonly Text NotifyAllDead = new("Notifications given up", "已放弃的商户通知");
    public static readonly Text Since = new("oldest {0}", "最早 {0}");

    /// <summary>What is stuck, in words.</summary>
    public static Text Of(StuckMoney.Types.Kind kind) => kind switch
    {
        StuckMoney.Types.Kind.Order => new("Orders beyond their expiry", "超期未决订单"),
        StuckMoney.Types.Kind.Refund => new("Refunds undecided", "未决退款"),
        StuckMoney.Types.Kind.RefundAbnormal => new("Refunds that cannot be paid", "异常退款"),
        StuckMoney.Types.Kind.Transfer => new("Transfers undecided", "未决转账"),
        StuckMoney.Types.Kind.TransferWaitPayee => new("Transfers waiting for payees", "待收款人确认"),
        _ => new($"{kind}", $"{kind}"),
    };
}
