using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.People;

/// <summary>What set-up, log-in and the pages of people say.</summary>
internal static class PeopleTexts
{
    public static readonly Text LogIn = new("Log in", "登录");
    public static readonly Text LogInTo = new("Log in to PayCore", "登录 PayCore");
    public static readonly Text LogOut = new("Log out", "退出登录");
    public static readonly Text Name = new("Name", "用户名");
    public static readonly Text DisplayName = new("Your name, as others see it", "显示名称");
    public static readonly Text Password = new("Password", "密码");
    public static readonly Text PasswordAgain = new("Password once more", "再次输入密码");
    public static readonly Text Continue = new("Continue", "继续");
    public static readonly Text LogInRefused = new(
        "That did not work. Check name and password. After several wrong tries a name is locked for a while.",
        "登录未成功，请检查用户名和密码。多次输入错误后，账户会被暂时锁定。");

    public static readonly Text SetUp = new("Set up the console", "初始化控制台");
    public static readonly Text SetUpHow = new(
        "You are the first. Choose a name and a password; next you connect an authenticator app.",
        "您是第一位管理员。请设置用户名和密码，下一步绑定身份验证器。");
    public static readonly Text Invited = new("Welcome, {0}", "欢迎，{0}");
    public static readonly Text InvitedHow = new("You were invited as {0}. Choose a password; next you connect an authenticator app.", "您受邀成为 {0}。请设置密码，下一步绑定身份验证器。");
    public static readonly Text NewPassword = new("A new password for {0}", "为 {0} 设置新密码");
    public static readonly Text NewPasswordHow = new("Choose a password; next you type a code of your authenticator app.", "请设置新密码，下一步输入身份验证器中的验证码。");
    public static readonly Text LinkDead = new("This link opens nothing", "链接无效");
    public static readonly Text LinkDeadHow = new(
        "It was used, or it is older than a day. Whoever runs PayCore makes a new one: ./paycore console setup-link. Other operators are invited on the page Operators.",
        "链接已使用或已超过 24 小时。运维人员可用 ./paycore console setup-link 重新生成；其他操作员由管理员在“操作员”页面邀请。");
    public static readonly Text NameHint = new("2 to 64 of a–z, 0–9 and . _ - @", "2–64 位：a–z、0–9 及 . _ - @");
    public static readonly Text NameWrong = new("A name is 2 to 64 of a–z, 0–9 and . _ - @.", "用户名为 2–64 位：a–z、0–9 及 . _ - @。");
    public static readonly Text DisplayNameWrong = new("Type 1 to 64 characters.", "请输入 1–64 个字符。");
    public static readonly Text NameTaken = new("There is an operator of this name.", "该用户名已存在。");
    public static readonly Text PasswordHint = new("At least 12 characters; a few unrelated words are good.", "至少 12 个字符，建议使用几个不相关的词。");
    public static readonly Text PasswordShort = new("A password has at least 12 characters.", "密码至少 12 个字符。");
    public static readonly Text PasswordLong = new("A password has at most 128 characters.", "密码最多 128 个字符。");
    public static readonly Text PasswordCommon = new("Too many people know this one. Choose something of your own.", "该密码过于常见，请换一个。");
    public static readonly Text PasswordName = new("A password does not contain your name.", "密码不能包含您的名称。");
    public static readonly Text PasswordsDiffer = new("The two passwords differ.", "两次输入的密码不一致。");

    public static readonly Text Enrol = new("Connect your authenticator", "绑定身份验证器");
    public static readonly Text EnrolHow = new(
        "Scan the code with an authenticator app and type the six digits that it shows.",
        "请用身份验证器应用扫描二维码，并输入显示的 6 位数字。");
    public static readonly Text EnrolByHand = new("Or type this key into the app:", "或在应用中手动输入密钥：");
    public static readonly Text Code = new("Six digits", "6 位验证码");
    public static readonly Text CodeTitle = new("The second factor", "两步验证");
    public static readonly Text CodeHow = new("Type the six digits that your authenticator shows, or one of your recovery codes.", "请输入身份验证器中的 6 位数字，或使用一个恢复码。");
    public static readonly Text CodeOrRecovery = new("Code", "验证码");
    public static readonly Text CodeWrong = new("That code is wrong or was used. Wait for the next one.", "验证码错误或已使用，请等待下一个。");
    public static readonly Text RecoveryTitle = new("Keep these recovery codes", "请保存恢复码");
    public static readonly Text RecoveryHow = new(
        "Each opens your account once when your phone is lost. They are shown now and never again.",
        "手机遗失时，每个恢复码可登录一次。恢复码仅显示这一次。");
    public static readonly Text RecoveryKept = new("I have kept them", "我已保存");
    public static readonly Text StartAgain = new("Start again", "重新开始");
    public static readonly Text LoginOver = new("This log-in took too long", "登录已超时");
}
