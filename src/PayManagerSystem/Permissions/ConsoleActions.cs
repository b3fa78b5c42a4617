using PayCore.PayManagerSystem.Web;
using static PayCore.PayManagerSystem.Permissions.ConsolePermission;

namespace PayCore.PayManagerSystem.Permissions;

/// <summary>Something that an operator does.</summary>
/// <param name="Name">As audit and tests write it.</param>
/// <param name="Permission">What it demands.</param>
/// <param name="Title">What the button says.</param>
public sealed record ConsoleAction(string Name, ConsolePermission Permission, Text Title);

/// <summary>Every action, each with the one permission that it demands. Buttons, checks and the matrix of tests come from here.</summary>
public static class ConsoleActions
{
    /// <summary>Invites an operator, or makes the link anew.</summary>
    public static ConsoleAction InviteOperator { get; } = new("operator.invite", ManageOperators, new("Invite", "邀请"));

    /// <summary>Changes an operator's roles.</summary>
    public static ConsoleAction ChangeRoles { get; } = new("operator.roles", ManageOperators, new("Change roles", "修改角色"));

    /// <summary>Disables an operator.</summary>
    public static ConsoleAction DisableOperator { get; } = new("operator.disable", ManageOperators, new("Disable", "停用"));

    /// <summary>Lets a disabled operator in again.</summary>
    public static ConsoleAction EnableOperator { get; } = new("operator.enable", ManageOperators, new("Enable", "启用"));

    /// <summary>Takes an operator's second factor away.</summary>
    public static ConsoleAction ResetTotp { get; } = new("operator.reset-totp", ManageOperators, new("Reset second factor", "重置两步验证"));

    /// <summary>Makes the link under which an operator who forgot the password chooses a new one.</summary>
    public static ConsoleAction ResetPassword { get; } = new("operator.reset-password", ManageOperators, new("Reset password", "重置密码"));

    /// <summary>Makes or changes a custom role.</summary>
    public static ConsoleAction SaveRole { get; } = new("role.save", ManageRoles, new("Save role", "保存角色"));

    /// <summary>Removes a custom role.</summary>
    public static ConsoleAction DeleteRole { get; } = new("role.delete", ManageRoles, new("Delete role", "删除角色"));

    /// <summary>Changes one's own password.</summary>
    public static ConsoleAction ChangePassword { get; } = new("operator.password", ViewHome, new("Change password", "修改密码"));

    /// <summary>Makes one's own recovery codes anew.</summary>
    public static ConsoleAction RenewRecoveryCodes { get; } = new("operator.recovery-codes", ViewHome, new("New recovery codes", "重新生成恢复码"));

    /// <summary>Ends one's own sessions.</summary>
    public static ConsoleAction EndSession { get; } = new("session.end", ViewHome, new("End", "结束"));

    /// <summary>Approves what another operator asked for.</summary>
    public static ConsoleAction Approve { get; } = new("approval.approve", DecideApproval, new("Approve", "批准"));

    /// <summary>Declines what another operator asked for.</summary>
    public static ConsoleAction Decline { get; } = new("approval.decline", DecideApproval, new("Decline", "拒绝"));

    /// <summary>Does once more what was approved and ended nobody knows how.</summary>
    public static ConsoleAction RunAgain { get; } = new("approval.run-again", DecideApproval, new("Run again", "重新执行"));

    /// <summary>Walks the audit log's chain.</summary>
    public static ConsoleAction VerifyAudit { get; } = new("audit.verify", ViewAudit, new("Verify the chain", "校验审计链"));

    /// <summary>Asks the channel how a payment stands.</summary>
    public static ConsoleAction QueryPayment { get; } = new("payment.query", ConsolePermission.QueryPayment, new("Query now", "立即查询"));

    /// <summary>Ends a payment that is not paid.</summary>
    public static ConsoleAction ClosePayment { get; } = new("payment.close", ConsolePermission.ClosePayment, new("Close", "关闭"));

    /// <summary>Gives money back.</summary>
    public static ConsoleAction CreateRefund { get; } = new("refund.create", Refund, new("Refund", "退款"));

    /// <summary>Asks the channel how a refund stands.</summary>
    public static ConsoleAction QueryRefund { get; } = new("refund.query", ConsolePermission.QueryPayment, new("Query now", "立即查询"));

    /// <summary>Asks the channel how a transfer stands.</summary>
    public static ConsoleAction QueryTransfer { get; } = new("transfer.query", ConsolePermission.QueryPayment, new("Query now", "立即查询"));

    /// <summary>Asks a second person to approve a transfer above the limit.</summary>
    public static ConsoleAction AskTransfer { get; } = new("transfer.ask", Transfer, new("Ask for approval", "申请批准"));

    /// <summary>Asks a second person to say with this one how an abnormal refund ended.</summary>
    public static ConsoleAction DecideRefund { get; } = new("refund.decide", Refund, new("Decide by hand", "人工裁定"));

    /// <summary>Refuses a transfer above the limit.</summary>
    public static ConsoleAction RejectTransfer { get; } = new("transfer.reject", Transfer, new("Refuse", "拒绝"));

    /// <summary>Tells a merchant once more.</summary>
    public static ConsoleAction Resend { get; } = new("delivery.resend", ResendDelivery, new("Resend", "重发"));

    /// <summary>Tells merchants once more, all of a list.</summary>
    public static ConsoleAction ResendRange { get; } = new("delivery.resend-range", ResendDelivery, new("Resend these", "批量重发"));

    /// <summary>Sends an event that tells of nothing to an app's address.</summary>
    public static ConsoleAction TestEvent { get; } = new("delivery.test", ResendDelivery, new("Test event", "测试事件"));

    /// <summary>Settles what waited for a person.</summary>
    public static ConsoleAction SettleException { get; } = new("exception.resolve", ResolveException, new("Settle", "处理"));

    /// <summary>Writes a list into a file.</summary>
    public static ConsoleAction ExportList { get; } = new("list.export", Export, new("Export CSV", "导出 CSV"));

    /// <summary>Keeps a list's filters under a name, or forgets them. One's own, and part of no record.</summary>
    public static ConsoleAction KeepView { get; } = new("view.keep", ViewHome, new("Save this view", "保存视图"));

    /// <summary>Adds a channel account.</summary>
    public static ConsoleAction AddAccount { get; } = new("account.add", ChangeConfiguration, new("Add account", "添加账户"));

    /// <summary>Changes a channel account.</summary>
    public static ConsoleAction ChangeAccount { get; } = new("account.change", ChangeConfiguration, new("Save", "保存"));

    /// <summary>Takes payments with a channel account again.</summary>
    public static ConsoleAction EnableAccount { get; } = new("account.enable", ChangeConfiguration, new("Enable", "启用"));

    /// <summary>Takes no new payments with a channel account.</summary>
    public static ConsoleAction DisableAccount { get; } = new("account.disable", ChangeConfiguration, new("Disable", "停用"));

    /// <summary>Writes a channel account as it was.</summary>
    public static ConsoleAction RollBackAccount { get; } = new("account.roll-back", ChangeConfiguration, new("Roll back", "回滚"));

    /// <summary>Examines a channel account with its provider. It changes nothing.</summary>
    public static ConsoleAction ExamineAccount { get; } = new("account.examine", ViewConfiguration, new("Examine now", "立即体检"));

    /// <summary>Makes an app.</summary>
    public static ConsoleAction CreateApp { get; } = new("app.create", ChangeConfiguration, new("New app", "新建应用"));

    /// <summary>Changes an app's settings.</summary>
    public static ConsoleAction ChangeApp { get; } = new("app.change", ChangeConfiguration, new("Save settings", "保存设置"));

    /// <summary>Accepts an app's calls again.</summary>
    public static ConsoleAction EnableApp { get; } = new("app.enable", ChangeConfiguration, new("Enable", "启用"));

    /// <summary>Refuses an app's calls.</summary>
    public static ConsoleAction DisableApp { get; } = new("app.disable", ChangeConfiguration, new("Disable", "停用"));

    /// <summary>Adds a key to an app.</summary>
    public static ConsoleAction AddAppKey { get; } = new("app.add-key", ChangeConfiguration, new("Add key", "添加密钥"));

    /// <summary>Ends a key of an app.</summary>
    public static ConsoleAction RetireAppKey { get; } = new("app.retire-key", ChangeConfiguration, new("Retire", "停用"));

    /// <summary>Changes where an app is notified.</summary>
    public static ConsoleAction ChangeWebhook { get; } = new("app.webhook", ChangeConfiguration, new("Save notifications", "保存通知设置"));

    /// <summary>Adds a secret by which notifications are signed.</summary>
    public static ConsoleAction AddWebhookSecret { get; } = new("app.add-webhook-secret", ChangeConfiguration, new("New secret", "新建签名密钥"));

    /// <summary>Takes such a secret away.</summary>
    public static ConsoleAction RemoveWebhookSecret { get; } = new("app.remove-webhook-secret", ChangeConfiguration, new("Take away", "移除"));

    /// <summary>Changes an app's routes.</summary>
    public static ConsoleAction ChangeRoutes { get; } = new("app.routes", ChangeConfiguration, new("Save routes", "保存路由"));

    /// <summary>Writes an app as it was.</summary>
    public static ConsoleAction RollBackApp { get; } = new("app.roll-back", ChangeConfiguration, new("Roll back", "回滚"));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ConsoleAction> All { get; } =
    [
        InviteOperator, ChangeRoles, DisableOperator, EnableOperator, ResetTotp, ResetPassword, SaveRole, DeleteRole, ChangePassword, RenewRecoveryCodes, EndSession, Approve, Decline, RunAgain, VerifyAudit,
        QueryPayment, ClosePayment, CreateRefund, QueryRefund, QueryTransfer, DecideRefund, AskTransfer, RejectTransfer, Resend, ResendRange, TestEvent, SettleException, ExportList, KeepView,
        AddAccount, ChangeAccount, EnableAccount, DisableAccount, RollBackAccount, ExamineAccount,
        CreateApp, ChangeApp, EnableApp, DisableApp, AddAppKey, RetireAppKey, ChangeWebhook, AddWebhookSecret,
        RemoveWebhookSecret, ChangeRoutes, RollBackApp,
    ];
}
