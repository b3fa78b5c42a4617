using PayCore.Configuration;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.People;

/// <summary>What entries of the audit log are called, and where what they are about can be seen.</summary>
internal static class AuditWords
{
    private static readonly Dictionary<string, Text> _actions = new(StringComparer.Ordinal)
    {
        ["operator.setup"] = new("First operator set up", "创建首位操作员"),
        ["operator.invite"] = new("Operator invited", "邀请操作员"),
        ["operator.accept"] = new("Password chosen", "设置密码"),
        ["operator.enrol"] = new("Authenticator connected", "绑定身份验证器"),
        ["operator.login"] = new("Logged in", "登录"),
        ["operator.lock"] = new("Locked after wrong attempts", "多次失败后锁定"),
        ["operator.roles"] = new("Roles changed", "修改角色"),
        ["operator.disable"] = new("Operator disabled", "停用操作员"),
        ["operator.enable"] = new("Operator enabled", "启用操作员"),
        ["operator.reset-totp"] = new("Second factor reset", "重置两步验证"),
        ["operator.reset-password"] = new("Password reset", "重置密码"),
        ["operator.password"] = new("Password changed", "修改密码"),
        ["operator.recovery-codes"] = new("Recovery codes made anew", "重新生成恢复码"),
        ["session.end"] = new("Sessions ended", "结束会话"),
        ["role.save"] = new("Role saved", "保存角色"),
        ["role.delete"] = new("Role deleted", "删除角色"),
        ["approval.request"] = new("Approval asked for", "申请审批"),
        ["approval.approve"] = new("Approved", "批准"),
        ["approval.decline"] = new("Declined", "拒绝"),
        ["approval.execute"] = new("What was approved was done", "执行已批准事项"),
        ["payment.query"] = new("Channel asked about a payment", "查询支付"),
        ["payment.close"] = new("Payment closed", "关闭支付"),
        ["refund.create"] = new("Refund made", "发起退款"),
        ["refund.query"] = new("Channel asked about a refund", "查询退款"),
        ["refund.decide"] = new("Refund decided by hand", "人工裁定退款"),
        ["transfer.query"] = new("Channel asked about a transfer", "查询转账"),
        ["transfer.approve"] = new("Transfer approved", "批准转账"),
        ["transfer.reject"] = new("Transfer refused", "拒绝转账"),
        ["delivery.resend"] = new("Notification sent again", "重发通知"),
        ["delivery.resend-range"] = new("Notifications sent again", "批量重发通知"),
        ["delivery.test"] = new("Test event sent", "发送测试事件"),
        ["exception.resolve"] = new("Exception settled", "处理异常"),
        ["list.export"] = new("List exported", "导出列表"),
        ["config.write"] = new("Configuration changed", "修改配置"),
        ["config.write-too-late"] = new("Change not made: another was first", "配置未修改（已被他人先改）"),
        ["config.delete"] = new("Configuration deleted", "删除配置"),
        ["config.rollback"] = new("Configuration rolled back", "回滚配置"),
        ["config.import"] = new("Configuration imported", "导入配置"),
        ["config.seal"] = new("Secrets sealed", "加密密钥"),
        ["config.reseal"] = new("Secrets sealed with another key", "更换主密钥加密"),
    };

    /// <summary>What was done; a word that nobody foresaw stays as it is.</summary>
    public static Text Of(string action) => _actions.GetValueOrDefault(action) ?? new Text(action, action);

    /// <summary>Whether it has words of its own.</summary>
    public static bool Knows(string action) => _actions.ContainsKey(action);

    /// <summary>The page of what an entry is about; null: it has none of its own.</summary>
    public static string? AddressOf(string subject) => subject switch
    {
        ['P', >= '0' and <= '9', ..] => $"{ConsolePages.Payments.Route}/{subject}",
        ['R', >= '0' and <= '9', ..] => $"{ConsolePages.Refunds.Route}/{subject}",
        ['T', >= '0' and <= '9', ..] => $"{ConsolePages.Transfers.Route}/{subject}",
        ['D', >= '0' and <= '9', ..] => $"{ConsolePages.Deliveries.Route}/{subject}",
        ['X', >= '0' and <= '9', ..] => $"{ConsolePages.Exceptions.Route}/{subject}",
        ['V', >= '0' and <= '9', ..] => $"{ConsolePages.Approvals.Route}?all=true",
        _ => subject.Split('/', 2) switch
        {
            [AppDocument.Folder, var app] => $"{ConsolePages.Apps.Route}/{Uri.EscapeDataString(app)}",
            ["roles", _] => ConsolePages.Roles.Route,
            [var channel, var account] => $"{ConsolePages.Accounts.Route}/{Uri.EscapeDataString(channel)}/{Uri.EscapeDataString(account)}",
            _ => null,
        },
    };
}
