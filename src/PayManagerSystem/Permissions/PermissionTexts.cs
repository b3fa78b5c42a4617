using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Permissions;

/// <summary>Permissions, built-in roles and kinds of approvals in words.</summary>
internal static class PermissionTexts
{
    /// <summary>The built-in roles, from little to much.</summary>
    public static IReadOnlyDictionary<string, Text> BuiltIn { get; } = new Dictionary<string, Text>
    {
        ["viewer"] = new("Sees everything but secrets", "查看全部内容（不含密钥）"),
        ["operator"] = new("Looks into payments and repairs notifications", "处理支付与通知问题"),
        ["finance"] = new("Refunds, transfers and approvals", "退款、转账与审批"),
        ["admin"] = new("Everything, people and keys included", "全部权限，含人员与密钥"),
    };

    /// <summary>A permission.</summary>
    public static Text Of(ConsolePermission permission) => permission switch
    {
        ConsolePermission.ViewHome => new("See Home", "查看首页"),
        ConsolePermission.ViewMoney => new("See payments, refunds, transfers", "查看支付、退款、转账"),
        ConsolePermission.ViewDeliveries => new("See deliveries", "查看通知投递"),
        ConsolePermission.ViewCallbacks => new("See callbacks", "查看渠道回调"),
        ConsolePermission.ViewExceptions => new("See exceptions and statements", "查看异常与对账单"),
        ConsolePermission.ViewConfiguration => new("See accounts and apps", "查看渠道账户与应用"),
        ConsolePermission.ViewPeople => new("See operators and roles", "查看操作员与角色"),
        ConsolePermission.ViewApprovals => new("See approvals", "查看审批"),
        ConsolePermission.ViewAudit => new("See the audit log", "查看审计日志"),
        ConsolePermission.ViewSystem => new("See the system", "查看系统"),
        ConsolePermission.Export => new("Export lists", "导出列表"),
        ConsolePermission.QueryPayment => new("Ask a channel", "查询渠道"),
        ConsolePermission.ClosePayment => new("Close payments", "关闭支付"),
        ConsolePermission.Refund => new("Refund", "退款"),
        ConsolePermission.Transfer => new("Transfer", "转账"),
        ConsolePermission.ResendDelivery => new("Resend notifications", "重发通知"),
        ConsolePermission.ResolveException => new("Settle exceptions", "处理异常"),
        ConsolePermission.DecideApproval => new("Decide approvals", "审批"),
        ConsolePermission.ChangeConfiguration => new("Change accounts, apps, keys", "修改账户、应用与密钥"),
        ConsolePermission.ManageOperators => new("Manage operators", "管理操作员"),
        ConsolePermission.ManageRoles => new("Manage roles", "管理角色"),
        _ => new($"{permission}", $"{permission}"),
    };

    /// <summary>A kind of approval.</summary>
    public static Text Of(Approval.Types.Kind kind) => kind switch
    {
        Approval.Types.Kind.Transfer => PeoplePageTexts.KindTransfer,
        Approval.Types.Kind.Refund => PeoplePageTexts.KindRefund,
        Approval.Types.Kind.KeyChange => PeoplePageTexts.KindKey,
        Approval.Types.Kind.LimitChange => PeoplePageTexts.KindLimit,
        _ => PeoplePageTexts.KindMoney,
    };
}
