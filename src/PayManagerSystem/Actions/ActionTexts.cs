using Grpc.Core;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>Why an action was not done.</summary>
internal static class ActionTexts
{
    public static readonly Text NotAllowed = new("Your roles do not allow this.", "您的角色无权执行此操作。");
    public static readonly Text NotFound = new("It is not there any more, or your session is over.", "记录已不存在，或您的会话已结束。");
    public static readonly Text Changed = new("Somebody changed it in the meantime. Look at it as it is now and decide again.", "其他人已修改，请查看最新内容后重试。");
    public static readonly Text StateForbids = new("Its state does not allow this any more.", "当前状态不允许此操作。");
    public static readonly Text Wrong = new("Something that was typed is not accepted.", "输入内容无效。");
    public static readonly Text There = new("It is there already.", "已存在。");
    public static readonly Text Away = new("A service does not answer just now. Nothing is known to have been done; look, then try again.", "服务暂时无响应，结果未知，请查看后再试。");
    public static readonly Text Failed = new("It failed. The log has the reason.", "操作失败，原因见日志。");
    public static readonly Text AskedAlready = new("Something about this waits for a second person already. See Approvals.", "已有相关申请待审批，请查看「审批」。");
    public static readonly Text OwnRequest = new("Who asks for it does not decide it.", "申请人不能审批自己的申请。");
    public static readonly Text LastManager = new("One active operator who may manage operators must be left.", "必须至少保留一名可管理操作员的有效账户。");
    public static readonly Text NoPermissions = new("A role has at least one permission.", "角色至少需要一项权限。");
    public static readonly Text NoRoles = new("Choose at least one role.", "请至少选择一个角色。");
    public static readonly Text RoleNameWrong = new("A role's name is 2 to 32 of a–z, 0–9 and -, and none of the built-in ones.", "角色名为 2–32 位 a–z、0–9 及 -，且不能与内置角色重名。");
    public static readonly Text OldPasswordWrong = new("The present password is wrong.", "当前密码错误。");
    public static readonly Text CodeWrong = new("The code is wrong, or was used before. Wait for the next one.", "验证码错误或已使用，请等待下一个。");
    public static readonly Text NotYourself = new("Nobody disables themselves, or takes their own roles.", "不能停用自己或修改自己的角色。");
    public static readonly Text MoreThanOneself = new("Nobody changes a role of their own, or gives permissions that they do not have.", "不能修改自己的角色，也不能授予自己没有的权限。");
    public static readonly Text RoleInUse = new("An operator has this role.", "仍有操作员使用此角色。");

    /// <summary>The words for a refusal of a service.</summary>
    public static Text Of(StatusCode status) => status switch
    {
        StatusCode.NotFound => NotFound,
        StatusCode.Aborted => Changed,
        StatusCode.FailedPrecondition => StateForbids,
        StatusCode.InvalidArgument => Wrong,
        StatusCode.AlreadyExists => There,
        StatusCode.PermissionDenied => NotAllowed,
        StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled => Away,
        _ => Failed,
    };
}
