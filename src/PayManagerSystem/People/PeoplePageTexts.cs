using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.People;

/// <summary>What the pages of operators, roles, approvals and the audit log say.</summary>
internal static class PeoplePageTexts
{
    public static readonly Text OperatorsHow = new("Who may log in, and what their roles let them do.", "可登录的人员及其角色。");
    public static readonly Text State = new("State", "状态");
    public static readonly Text LastLogin = new("Last log-in", "最近登录");
    public static readonly Text Actions = new("Actions", "操作");
    public static readonly Text ActionsOn = new("Actions on {0}", "{0} 的操作");
    public static readonly Text Connected = new("Connected", "已绑定");
    public static readonly Text NotConnected = new("Not yet", "未绑定");
    public static readonly Text NewLink = new("New invitation link", "重新生成邀请链接");
    public static readonly Text ResetHow = new("The next log-in connects a new authenticator. Sessions end.", "下次登录时重新绑定身份验证器，现有会话立即结束。");
    public static readonly Text ResetPasswordHow = new(
        "The password stops working and sessions end. You get a link under which {0} chooses a new one; the authenticator stays.",
        "原密码立即失效，现有会话结束。您将获得一个链接，{0} 可用它设置新密码；身份验证器保持不变。");
    public static readonly Text DisableHow = new("Nobody can log in by this name until it is enabled again. Sessions end now.", "停用后无法登录，现有会话立即结束。");
    public static readonly Text EnableHow = new("The operator can log in again with the same password and authenticator.", "该操作员可使用原密码和身份验证器再次登录。");
    public static readonly Text InviteTitle = new("Invite an operator", "邀请操作员");
    public static readonly Text DisplayName = new("Name that others see", "显示名称");
    public static readonly Text MakeLink = new("Make the link", "生成链接");
    public static readonly Text LinkHow = new("Send this link to {0} by a way that you trust. It works once, within 24 hours, and is not shown again.", "请通过可信渠道将链接发给 {0}。链接仅可使用一次，24 小时内有效，且不再显示。");

    public static readonly Text RolesHow = new("A role is a set of permissions. Built-in roles stay as they are; make your own beside them.", "角色是一组权限。内置角色不可修改，您可以新建自定义角色。");
    public static readonly Text NewRole = new("New role", "新建角色");
    public static readonly Text CustomRoles = new("Custom roles", "自定义角色");
    public static readonly Text Permission = new("Permission", "权限");
    public static readonly Text Description = new("Description", "说明");
    public static readonly Text Edit = new("Edit", "编辑");
    public static readonly Text Yes = new("Yes", "是");
    public static readonly Text No = new("No", "否");

    public static readonly Text RecoveryLeftOne = new("Second factor connected; {0} recovery code left.", "已绑定两步验证，剩余 {0} 个恢复码。");
    public static readonly Text RecoveryLeft = new("Second factor connected; {0} recovery codes left.", "已绑定两步验证，剩余 {0} 个恢复码。");
    public static readonly Text RenewHow = new("Recovery codes let you in when the authenticator is lost. The ones you have now stop working.", "恢复码用于身份验证器丢失时登录。重新生成后，现有恢复码立即失效。");
    public static readonly Text Sessions = new("Where you are logged in", "登录会话");
    public static readonly Text Browser = new("Browser", "浏览器");
    public static readonly Text Address = new("Address", "地址");
    public static readonly Text LoggedIn = new("Logged in", "登录时间");
    public static readonly Text Seen = new("Last used", "最近使用");
    public static readonly Text ThisOne = new("this one", "当前会话");
    public static readonly Text EndOthers = new("End all others", "结束其他所有会话");
    public static readonly Text OldPassword = new("Present password", "当前密码");
    public static readonly Text NewPassword = new("New password", "新密码");
    public static readonly Text PasswordChanged = new("Your password is changed; your other sessions are over.", "密码已修改，其他会话已结束。");

    public static readonly Text ApprovalsHow = new("What needs two people: one asks, another decides, and it is done once.", "需要双人复核的事项：一人申请，另一人审批，仅执行一次。");
    public static readonly Text OpenOnes = new("Open", "待审批");
    public static readonly Text AllOnes = new("All", "全部");
    public static readonly Text NoApprovals = new("Nothing waits for a decision.", "没有待审批的事项。");
    public static readonly Text What = new("What", "事项");
    public static readonly Text Amount = new("Amount", "金额");
    public static readonly Text AskedBy = new("Asked by", "申请人");
    public static readonly Text YoursWaits = new("Another person decides", "需他人审批");
    public static readonly Text ApproveHow = new("It is done at once, and only once. The reason stands in the audit log.", "批准后立即执行，且仅执行一次。原因会记入审计日志。");
    public static readonly Text RunAgainHow = new(
        "Nobody knows how it ended when it was done first. It is done again under the same number, so that it cannot happen twice.",
        "首次执行的结果未知。将以相同编号重新执行，不会重复生效。");
    public static readonly Text DeclineHow = new("Nothing is done. The reason stands in the audit log.", "不会执行任何操作。原因会记入审计日志。");
    public static readonly Text KindTransfer = new("Transfer above the limit", "超限转账");
    public static readonly Text KindRefund = new("Refund above the limit", "超限退款");
    public static readonly Text KindKey = new("Change of keys", "密钥变更");
    public static readonly Text KindLimit = new("Raised limits", "提高限额");
    public static readonly Text KindMoney = new("Decision about money", "资金处理决定");

    public static readonly Text AuditHow = new("Every change by a person. Each entry holds the hash of the one before it.", "记录所有人工变更，每条记录包含上一条的哈希。");
    public static readonly Text Whole = new("The chain is whole: {0} entries.", "审计链完整，共 {0} 条。");
    public static readonly Text Broken = new("The chain is broken. Somebody changed the log.", "审计链已损坏，日志被修改过。");
    public static readonly Text NoEntries = new("No entries.", "没有记录。");
    public static readonly Text Subject = new("Subject", "对象");
    public static readonly Text Operator = new("By", "操作人");
    public static readonly Text Filter = new("Filter", "筛选");
    public static readonly Text Time = new("Time", "时间");
    public static readonly Text Action = new("Action", "操作");
    public static readonly Text Difference = new("Difference", "差异");
    public static readonly Text Before = new("Before", "变更前");
    public static readonly Text After = new("After", "变更后");
}
