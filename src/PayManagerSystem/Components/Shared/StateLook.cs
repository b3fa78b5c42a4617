using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>How a state is shown. Good, waiting, bad, over and "a person must look" have a colour each; the words are the field's.</summary>
internal sealed record StateLook(string Css, Text Text)
{
    private static readonly Dictionary<string, StateLook> _looks = new(StringComparer.Ordinal)
    {
        ["CREATED"] = Waits("Created", "已创建"),
        ["PAYING"] = Waits("Paying", "支付中"),
        ["PAID"] = Good("Paid", "已支付"),
        ["CLOSED"] = Over("Closed", "已关闭"),
        ["FAILED"] = Bad("Failed", "失败"),
        ["SENT"] = Waits("Sent", "已发送"),
        ["OPEN"] = Waits("Open", "待处理"),
        ["REFUSED"] = Bad("Refused", "被拒绝"),
        ["WON"] = Good("Paid", "已支付"),
        ["EXTRA_PAID"] = Look("Surplus", "多付"),
        ["ABNORMAL"] = Look("Abnormal", "异常"),
        ["SUCCEEDED"] = Good("Succeeded", "成功"),
        ["APPROVED"] = Waits("Approved", "已批准"),
        ["WAIT_PAYEE"] = Waits("Waits for payee", "待收款人确认"),
        ["CANCELLED"] = Over("Cancelled", "已取消"),
        ["RETURNED"] = Look("Returned", "已退回"),
        ["PENDING"] = Waits("Pending", "待投递"),
        ["LEASED"] = Waits("Trying", "投递中"),
        ["DELIVERED"] = Good("Delivered", "已送达"),
        ["DEAD"] = Bad("Given up", "已放弃"),
        ["APPLIED"] = Good("Applied", "已生效"),
        ["DUPLICATE"] = Over("Duplicate", "重复"),
        ["CONFLICT"] = Look("Conflict", "冲突"),
        ["REJECTED"] = Bad("Rejected", "已拒收"),
        ["INVITED"] = Waits("Invited", "已邀请"),
        ["ACTIVE"] = Good("Active", "有效"),
        ["ENABLED"] = Good("Enabled", "已启用"),
        ["DISABLED"] = Over("Disabled", "已停用"),
        ["LOCKED"] = Look("Locked", "已锁定"),
        ["DECLINED"] = Over("Declined", "已拒绝"),
        ["EXECUTED"] = Good("Done", "已执行"),
        ["FETCHING"] = Waits("Being fetched", "获取中"),
        ["FETCHED"] = Waits("Being compared", "核对中"),
        ["MATCHED"] = Good("Compared", "已核对"),
        ["EMPTY"] = Over("No entries", "无记录"),
        ["SETTLED"] = Over("Settled", "已处理"),
    };

    /// <summary>The look of a state; one that nobody foresaw is shown as it is.</summary>
    public static StateLook Of(string state) => _looks.GetValueOrDefault(state) ?? new StateLook("over", new Text(state, state));

    private static StateLook Good(string english, string chinese) => new("good", new Text(english, chinese));

    private static StateLook Waits(string english, string chinese) => new("waits", new Text(english, chinese));

    private static StateLook Bad(string english, string chinese) => new("bad", new Text(english, chinese));

    private static StateLook Over(string english, string chinese) => new("over", new Text(english, chinese));

    private static StateLook Look(string english, string chinese) => new("look", new Text(english, chinese));
}
