using PayCore.Configuration;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Apps;

/// <summary>What the pages of merchants and apps say.</summary>
internal static class AppTexts
{
    public static readonly Text How = new("Who may ask for payments: each merchant's applications, their keys, notifications and routes.", "可发起支付的商户应用：密钥、通知与路由。");
    public static readonly Text None = new("There is no app yet. Make one, and its key signs calls at once.", "还没有应用。新建后其密钥立即可用。");
    public static readonly Text NothingFound = new("Nothing is called so", "没有匹配的应用");
    public static readonly Text NoSuch = new("There is no such app", "没有此应用");
    public static readonly Text NoSuchKey = new("The app has no such key", "应用没有此密钥");
    public static readonly Text NoWebhook = new("The app is not notified: save an address first", "应用尚未设置通知，请先保存通知地址");
    public static readonly Text Find = new("App, merchant or name", "应用、商户或名称");
    public static readonly Text Filter = new("Filter", "筛选");
    public static readonly Text Merchant = new("Merchant {0}", "商户 {0}");
    public static readonly Text RefusedOnes = new("Refused documents", "被拒绝的配置");
    public static readonly Text App = new("App", "应用");
    public static readonly Text State = new("State", "状态");
    public static readonly Text Keys = new("Keys", "密钥");
    public static readonly Text Usable = new("{0} usable", "{0} 个可用");
    public static readonly Text Notified = new("Notified at", "通知地址");
    public static readonly Text ByOrder = new("only where an order names an address", "仅按订单指定的地址");
    public static readonly Text NotNotified = new("not notified", "不通知");
    public static readonly Text Routes = new("Routes", "路由");

    public static readonly Text CreateTitle = new("New app", "新建应用");
    public static readonly Text AppId = new("App id", "应用 ID");
    public static readonly Text AppIdHint = new("Letters, digits, '_', '-' and '.', at most 32. It cannot be changed later.", "字母、数字、“_”“-”“.”，最多 32 位，之后不可修改。");
    public static readonly Text AppIdWrong = new("Letters, digits, '_', '-' and '.' only, at most 32.", "仅限字母、数字、“_”“-”“.”，最多 32 位。");
    public static readonly Text MerchantId = new("Merchant", "商户");
    public static readonly Text MerchantHint = new("Who owns it, 1 to 32 characters.", "所属商户，1–32 个字符。");
    public static readonly Text MerchantWrong = new("1 to 32 characters.", "1–32 个字符。");
    public static readonly Text Name = new("Payee's name", "收款方名称");
    public static readonly Text NameHint = new("Users see it when they pay.", "用户付款时可见。");
    public static readonly Text Taken = new("There is an app of this id already.", "此应用 ID 已存在。");
    public static readonly Text Url = new("Notification address", "通知地址");
    public static readonly Text UrlHint = new("https:// address; a secret is made for it and shown once. Empty: not notified.", "https:// 地址；会生成签名密钥并仅显示一次。留空则不通知。");

    public static readonly Text KeyHow = new("How the merchant signs", "商户签名方式");
    public static readonly Text MakeKey = new("Make the key here; the private key is shown once", "在此生成，私钥仅显示一次");
    public static readonly Text PasteKey = new("The merchant's own public key (better: nobody else ever has the private one)", "使用商户自己的公钥（推荐：他人不会接触私钥）");
    public static readonly Text Algorithm = new("Algorithm", "算法");
    public static readonly Text PublicKey = new("Public key (PEM)", "公钥（PEM）");
    public static readonly Text HmacHasNoPublicKey = new("hmac-sha256 has a shared secret and no public key.", "hmac-sha256 使用共享密钥，没有公钥。");
    public static readonly Text PublicKeyMissing = new("Paste the public key.", "请粘贴公钥。");
    public static readonly Text ShownOnce = new("This is shown once. Give it to the merchant's system and keep no copy.", "仅显示这一次。请交给商户系统保存，勿留副本。");
    public static readonly Text PrivateKeyOf = new("Private key of {0}", "{0} 的私钥");
    public static readonly Text SharedSecretOf = new("Shared secret of {0}", "{0} 的共享密钥");
    public static readonly Text KeyRegistered = new("The public key of {0} is registered.", "{0} 的公钥已登记。");
    public static readonly Text WebhookSecretIs = new("Secret for verifying notifications", "通知验签密钥");
    public static readonly Text Download = new("Download", "下载");
    public static readonly Text Done = new("I have kept it", "我已保存");

    public static readonly Text SettingsTitle = new("Settings", "设置");
    public static readonly Text AmountMax = new("Largest payment", "单笔支付上限");
    public static readonly Text TransferMax = new("Largest transfer", "单笔转账上限");
    public static readonly Text RefundApprovalAbove = new("Refunds by operators need approval above", "操作员退款超过此额需审批");
    public static readonly Text ApprovalAbove = new("Transfers need approval above", "转账超过此额需审批");
    public static readonly Text MinorUnits = new("In minor units: {0} in CNY", "以最小货币单位计：按人民币为 {0}");
    public static readonly Text Positive = new("A whole number above 0.", "大于 0 的整数。");
    public static readonly Text NotNegative = new("A whole number, 0 or more.", "不小于 0 的整数。");
    public static readonly Text NeedsTwo = new("Limits of what one person does alone are raised by two people.", "提高单人操作限额需要两人确认。");
    public static readonly Text AnotherWaits = new("Another change of this app's limits waits for approval already. Decide that one first.", "此应用已有待审批的限额修改，请先处理。");
    public static readonly Text NobodyElse = new("Nobody else may decide approvals yet, so a raised limit would wait. Invite another operator with the role finance or admin.", "目前没有其他人可以审批，提高限额将一直等待。请邀请另一位 finance 或 admin 操作员。");
    public static readonly Text FourEyesOff = new("Approvals of raised limits are switched off by the setting Console:FourEyes; limits change at once.", "提高限额的审批已由配置项 Console:FourEyes 关闭，限额将立即修改。");
    public static readonly Text LatePayment = new("Money for an order that ended", "订单结束后到账的资金");
    public static readonly Text Surplus = new("A second payment of one order", "同一订单重复支付");
    public static readonly Text Accept = new("Keep it and tell the merchant", "保留并通知商户");
    public static readonly Text RefundIt = new("Give it back", "退回");
    public static readonly Text Hold = new("Keep it until a person decides", "暂存待人工处理");

    public static readonly Text KeysHow = new("A rotation is a new key, then an end for the old one: in between both count.", "轮换：先添加新密钥，再停用旧密钥，期间两者均有效。");
    public static readonly Text KeyId = new("Key", "密钥");
    public static readonly Text Fingerprint = new("Fingerprint", "指纹");
    public static readonly Text Counts = new("Counts", "有效期");
    public static readonly Text Always = new("usable", "可用");
    public static readonly Text From = new("from", "自");
    public static readonly Text UntilEnd = new("usable, ends", "可用，到期");
    public static readonly Text Ended = new("ended", "已停用");
    public static readonly Text RetireHow = new("{0} stops to count. The merchant must sign with another key by then.", "{0} 将停止有效，届时商户须使用其他密钥签名。");
    public static readonly Text InADay = new("In 24 hours", "24 小时后");
    public static readonly Text InAWeek = new("In 7 days", "7 天后");
    public static readonly Text AtOnce = new("At once", "立即");
    public static readonly Text LastKey = new("It is the last key that counts then; every call would be refused. Add another first.", "届时没有其他可用密钥，所有调用都会被拒绝。请先添加新密钥。");

    public static readonly Text Notifications = new("Notifications", "通知");
    public static readonly Text Ack = new("Counts as delivered", "送达判定");
    public static readonly Text AckSuccess = new("2xx and the body success", "2xx 且响应体为 success");
    public static readonly Text AckStatus = new("Any 2xx", "任意 2xx");
    public static readonly Text Secrets = new("Signing secrets", "签名密钥");
    public static readonly Text SecretsHow = new("Every one of them signs. Make a new one, have the merchant take it, then take the old one away.", "所有密钥都会签名。先生成新密钥并由商户启用，再移除旧密钥。");
    public static readonly Text RemoveHow = new("Notifications are not signed with it any more. A merchant that still checks with it refuses them.", "通知将不再用它签名；仍用它验签的商户会拒收。");
    public static readonly Text LastSecret = new("One secret is left at least.", "至少保留一个密钥。");

    public static readonly Text RoutesHow = new("Which account takes a method and scene. Weights share new attempts among several.", "各支付方式与场景使用的账户；多个账户按权重分配新支付。");
    public static readonly Text NoRoutes = new("Without a route nothing can be paid.", "没有路由则无法收款。");
    public static readonly Text AddRoute = new("Add route", "添加路由");
    public static readonly Text AddTarget = new("Add account", "添加账户");
    public static readonly Text Remove = new("Remove", "移除");
    public static readonly Text Method = new("Method", "支付方式");
    public static readonly Text Scene = new("Scene", "场景");
    public static readonly Text Account = new("Account", "账户");
    public static readonly Text Weight = new("Weight", "权重");
    public static readonly Text ChooseAccount = new("Choose an account for each line.", "请为每一行选择账户。");
    public static readonly Text WeightsWrong = new("Weights are 0 or more, with a sum from 1 to 1,000,000.", "权重不小于 0，总和为 1 至 1,000,000。");
    public static readonly Text DisableHow = new("Every call of it is refused from now on. Its open orders are finished all the same.", "其所有调用将被拒绝；进行中的订单照常完成。");
    public static readonly Text EnableHow = new("Its calls are accepted again.", "重新接受其调用。");
    public static readonly Text RollBackHow = new("The app is written as it was in version {0}, keys and secrets included. What is in use now stays in the history.", "应用将恢复为第 {0} 版（含密钥），当前内容保留在历史中。");

    /// <summary>What becomes of money.</summary>
    public static Text Of(MoneyPolicy policy) => policy switch
    {
        MoneyPolicy.Accept => Accept,
        MoneyPolicy.Refund => RefundIt,
        _ => Hold,
    };
}
