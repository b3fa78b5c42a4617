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

    /// <summary>Makes or changes a custom role.</summary>
    public static ConsoleAction SaveRole { get; } = new("role.save", ManageRoles, new("Save role", "保存角色"));

    /// <summary>Removes a custom role.</summary>
    public static ConsoleAction DeleteRole { get; } = new("role.delete", ManageRoles, new("Delete role", "删除角色"));

    /// <summary>Changes one's own password.</summary>
    public static ConsoleAction ChangePassword { get; } = new("operator.password", ViewHome, new("Change password", "修改密码"));

    /// <summary>Ends one's own sessions.</summary>
    public static ConsoleAction EndSession { get; } = new("session.end", ViewHome, new("End", "结束"));

    /// <summary>Approves what another operator asked for.</summary>
    public static ConsoleAction Approve { get; } = new("approval.approve", DecideApproval, new("Approve", "批准"));

    /// <summary>Declines what another operator asked for.</summary>
    public static ConsoleAction Decline { get; } = new("approval.decline", DecideApproval, new("Decline", "拒绝"));

    /// <summary>Walks the audit log's chain.</summary>
    public static ConsoleAction VerifyAudit { get; } = new("audit.verify", ViewAudit, new("Verify the chain", "校验审计链"));

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
        InviteOperator, ChangeRoles, DisableOperator, EnableOperator, ResetTotp, SaveRole, DeleteRole, ChangePassword, EndSession, Approve, Decline, VerifyAudit,
        AddAccount, ChangeAccount, EnableAccount, DisableAccount, RollBackAccount, ExamineAccount,
        CreateApp, ChangeApp, EnableApp, DisableApp, AddAppKey, RetireAppKey, ChangeWebhook, AddWebhookSecret,
        RemoveWebhookSecret, ChangeRoutes, RollBackApp,
    ];
}
