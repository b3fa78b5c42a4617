using PayCore.Configuration;
using PayCore.PayManagerSystem.Web;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.PayManagerSystem.Accounts;

/// <summary>What the pages of channel accounts say.</summary>
internal static class AccountTexts
{
    /// <summary>The form's field for the account's name.</summary>
    public const string NameField = "account";

    /// <summary>The form's field for the reason.</summary>
    public const string ReasonField = "reason";

    public static readonly Text How = new("The accounts at the providers by which payments are taken. A change is in use within a second.", "用于收款的渠道账户。修改在一秒内生效。");
    public static readonly Text None = new("There is no channel account yet. Without one nothing can be paid.", "还没有渠道账户，尚无法收款。");
    public static readonly Text NoSuch = new("There is no such account", "没有此账户");
    public static readonly Text NoChannel = new("There is no such channel", "没有此渠道");
    public static readonly Text Silent = new("The channel {0} does not answer just now. Its accounts are shown as far as they can be read without it; they cannot be changed.", "渠道 {0} 暂无响应。仅显示可读取的内容，暂不能修改。");
    public static readonly Text AddTo = new("Add to {0}", "添加 {0} 账户");
    public static readonly Text AddTitle = new("New {0} account", "新建 {0} 账户");
    public static readonly Text Account = new("Account", "账户");
    public static readonly Text Channel = new("Channel", "渠道");
    public static readonly Text State = new("State", "状态");
    public static readonly Text Keys = new("Keys", "密钥");
    public static readonly Text CertificatesEnd = new("Certificate ends", "证书到期");
    public static readonly Text Doctor = new("Doctor", "体检");
    public static readonly Text Document = new("Document", "配置");
    public static readonly Text Valid = new("Valid", "有效");
    public static readonly Text RefusedDocument = new("Refused", "被拒绝");
    public static readonly Text VersionOf = new("version {0}", "第 {0} 版");
    public static readonly Text NoCertificate = new("none in the document", "配置中无证书");

    public static readonly Text NameLabel = new("Account name", "账户名");
    public static readonly Text NameHint = new("As routes and callback addresses name it, as a rule the merchant or application number. It cannot be changed later.", "路由与回调地址使用的名称，一般为商户号或应用号，之后不可修改。");
    public static readonly Text NameWrong = new("Letters, digits, '_', '-' and '.' only, at most 128.", "仅限字母、数字、“_”“-”“.”，最多 128 位。");
    public static readonly Text Taken = new("There is an account of this name already.", "此账户名已存在。");
    public static readonly Text Required = new("This is required.", "必填。");
    public static readonly Text RequiredMark = new("required", "必填");
    public static readonly Text Optional = new("Not set", "未设置");
    public static readonly Text Set = new("set", "已设置");
    public static readonly Text NotSet = new("not set", "未设置");
    public static readonly Text Replace = new("Replace", "替换");
    public static readonly Text Keep = new("Keep the one that is set", "保留原值");
    public static readonly Text FromFile = new("From a file", "从文件读取");
    public static readonly Text FileTooLarge = new("The file is too large to be a key or certificate.", "文件过大，不是密钥或证书。");
    public static readonly Text PemHint = new("Paste it here, or choose the file.", "粘贴内容或选择文件。");
    public static readonly Text Default = new("Default", "默认");
    public static readonly Text Yes = new("Yes", "是");
    public static readonly Text No = new("No", "否");
    public static readonly Text Saved = new("Saved. It is in use within a second.", "已保存，一秒内生效。");
    public static readonly Text NothingTyped = new("Nothing was changed.", "没有修改。");
    public static readonly Text Settings = new("Settings", "设置");
    public static readonly Text More = new("{0} more, which have defaults", "其他 {0} 项（均有默认值）");
    public static readonly Text KeysTitle = new("Keys and certificates", "密钥与证书");
    public static readonly Text WriteOnly = new("Secrets are never shown again; what is shown is their fingerprint.", "密钥保存后不再显示，仅显示指纹。");
    public static readonly Text Refusal = new("This document is not in use; where there is a last good version, that one is.", "此配置未生效；如有上一个有效版本，则沿用该版本。");

    public static readonly Text NeedsTwo = new("Keys of an account that takes payments change by two people.", "修改使用中账户的密钥需要两人确认。");
    public static readonly Text NeedsTwoHow = new("What you typed is kept sealed until another operator with the permission to decide approvals approves it. Say why.", "您的修改会加密保存，待另一位有审批权限的操作员批准后生效。请填写原因。");
    public static readonly Text AskForIt = new("Ask for approval", "提交审批");
    public static readonly Text Waits = new("It waits for another person's approval.", "等待他人审批。");
    public static readonly Text SeeApprovals = new("See approvals", "查看审批");
    public static readonly Text AnotherWaits = new("Another change of this account's keys waits for approval already. Decide that one first.", "此账户已有待审批的密钥修改，请先处理。");
    public static readonly Text NobodyElse = new("Nobody else may decide approvals yet, so a change of keys would wait. Invite another operator with the role finance or admin.", "目前没有其他人可以审批，密钥修改将一直等待。请邀请另一位 finance 或 admin 操作员。");
    public static readonly Text InviteOne = new("Invite an operator", "邀请操作员");
    public static readonly Text FourEyesOff = new("Approvals of key changes are switched off by the setting Console:FourEyes; keys change at once.", "密钥修改审批已由配置项 Console:FourEyes 关闭，密钥将立即修改。");

    public static readonly Text DisableHow = new("It takes no new payments. What is open is queried, closed and called back all the same.", "不再接受新支付；进行中的查询、关单与回调照常。");
    public static readonly Text EnableHow = new("It takes payments again.", "重新接受支付。");

    public static readonly Text DoctorTitle = new("Doctor", "账户体检");
    public static readonly Text DoctorHow = new("Examines the document, whether the keys belong together, certificates, our clock, the callback address, and asks the provider about a number that does not exist. It moves no money.", "检查配置、密钥是否配对、证书、时钟、回调地址，并向渠道查询一个不存在的单号以验证签名。不涉及资金。");
    public static readonly Text DoctorNever = new("Not examined yet", "尚未体检");
    public static readonly Text DoctorRuns = new("Asking the provider… up to 20 seconds", "正在询问渠道……最长 20 秒");
    public static readonly Text DoctorOld = new("The account was changed since then; examine it again.", "此后账户已修改，请重新体检。");
    public static readonly Text Examined = new("Examined by {0}", "由 {0} 体检");
    public static readonly Text AllGood = new("All in order", "一切正常");
    public static readonly Text Warnings = new("{0} to look at", "{0} 项需注意");
    public static readonly Text Failures = new("{0} wrong", "{0} 项错误");

    public static readonly Text History = new("History", "历史");
    public static readonly Text HistoryHow = new("What it was before each change. Secrets show as marks: equal marks, equal secrets.", "每次修改前的内容。密钥以标记显示，标记相同则密钥相同。");
    public static readonly Text NoHistory = new("It was never changed", "尚未修改过");
    public static readonly Text InUse = new("In use", "使用中");
    public static readonly Text Until = new("until", "截至");
    public static readonly Text Compare = new("Compare with now", "与当前比较");
    public static readonly Text Hide = new("Hide", "收起");
    public static readonly Text RollBackHow = new("The account is written as it was in version {0}. What is in use now stays in the history.", "账户将恢复为第 {0} 版，当前内容保留在历史中。");

    /// <summary>What a text of a wrong kind should have been.</summary>
    public static Text NotOfKind(DocumentField field) => field.Kind switch
    {
        "boolean" => new("True or false.", "true 或 false。"),
        "integer" => new("A whole number.", "整数。"),
        _ => new("A JSON object, such as {\"name\": \"text\"}.", "JSON 对象，例如 {\"名称\": \"内容\"}。"),
    };

    /// <summary>A check of the doctor.</summary>
    public static Text OfCheck(string check) => check switch
    {
        "document" => new("Document", "配置"),
        "key_pair" => new("Key pair", "密钥配对"),
        "platform_key" => new("Provider's key", "渠道公钥"),
        "certificate" => new("Certificate", "证书"),
        "clock" => new("Clock", "时钟"),
        "callback_address" => new("Callback address", "回调地址"),
        "signed_query" => new("Signed query", "签名查询"),
        _ => new(check, check),
    };

    /// <summary>How bad a finding is.</summary>
    public static Text OfLevel(Level level) => level switch
    {
        Level.Good => new("In order", "正常"),
        Level.Warning => new("To look at", "需注意"),
        _ => new("Wrong", "错误"),
    };
}
