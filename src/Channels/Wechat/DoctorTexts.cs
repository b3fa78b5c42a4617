using System.Globalization;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Channels.Wechat;

/// <summary>What the doctor says: each finding names the cause and the remedy in English and Chinese, and no secret.</summary>
internal static class DoctorTexts
{
    public static AccountFinding GoodDocument(WechatAccount account)
    {
        var appIds = string.Join(", ", account.AppIds);
        var (transfersEn, transfersZh) = account.TransferSceneId is { } scene
            ? ($"It pays out under transfer scene {scene}.", $"可向用户转账，转账场景 {scene}。")
            : ("It pays nobody out.", "不支持转账。");
        var (codesEn, codesZh) = account.BarcodeStoreId is { } store
            ? ($" Payment codes are charged for store {store}; WeChat Pay grants API v3 payment codes to few merchants.", $"付款码支付的门店为 {store}；微信支付仅向少数商户开放 API v3 付款码支付。")
            : ("", "");
        return Good("document",
            $"The document is complete: merchant {account.MchId}, certificate {account.MerchantSerialNo}, AppID {appIds}. {transfersEn}{codesEn}",
            $"文档完整：商户号 {account.MchId}，商户证书 {account.MerchantSerialNo}，AppID {appIds}。{transfersZh}{codesZh}");
    }

    public static AccountFinding Disabled() => Warning("document", "enabled",
        "The account is switched off: it takes no new payments. Switch it on with: account enable.",
        "账户已停用，不接受新的支付。用 account enable 启用。");

    public static AccountFinding NoDocument() => Failure("document", "",
        "There is no such account in use: either it is not configured, or its document is refused.",
        "没有正在使用的这个账户：可能尚未配置，或其文档被拒绝。");

    public static AccountFinding BadDocument(InvalidDocumentException refusal)
    {
        var field = refusal.Field.TrimStart('$').TrimStart('.');
        return Failure("document", field, $"The document is refused: {refusal.Message}.", $"文档被拒绝：{refusal.Message}。");
    }

    public static AccountFinding CallbackAddress(string url)
    {
        if (!WechatRules.IsCallbackUrl(url))
        {
            return Failure("callback_address", "",
                $"WeChat Pay refuses {url} as an address to call back: it must be an absolute https address of at most 255 characters without a query. Correct Public:CallbackBaseUrl or Public:BaseUrl.",
                $"微信支付不接受回调地址 {url}：必须是不带查询参数、不超过 255 个字符的完整 https 地址。请修改 Public:CallbackBaseUrl 或 Public:BaseUrl。");
        }

        var address = new Uri(url);
        if (LocalAddress.Is(address))
        {
            return Warning("callback_address", "",
                $"WeChat Pay cannot reach {url}: only this machine or this network can. Payments are found by asking all the same, but later. Set Public:CallbackBaseUrl to the public https address.",
                $"微信支付无法访问 {url}：该地址只在本机或内网可用。支付结果仍可通过查询得到，但会晚一些。请把 Public:CallbackBaseUrl 设为公网 https 地址。");
        }

        return address.Scheme == Uri.UriSchemeHttps
            ? Good("callback_address", $"WeChat Pay calls back {url}.", $"微信支付回调 {url}。")
            : Warning("callback_address", "",
                $"{url} is plain http; WeChat Pay wants https. Set Public:CallbackBaseUrl to an https address.",
                $"{url} 是 http 地址；微信支付要求 https。请把 Public:CallbackBaseUrl 设为 https 地址。");
    }

    public static AccountFinding NoAnswer(WechatAccount account, WechatExchange exchange) => Failure("signed_query", "base_url",
        $"{account.BaseUrl.Host} did not answer: {exchange.Problem}. Check this machine's way out, its DNS and base_url.",
        $"{account.BaseUrl.Host} 没有应答（{exchange.Problem}）。请检查本机的出网、DNS 和 base_url。");

    public static AccountFinding Clock(long secondsAhead, Level level)
    {
        var off = Math.Abs(secondsAhead);
        var (en, zh) = secondsAhead > 0 ? ("ahead of", "快") : ("behind", "慢");
        return level == Level.Good
            ? Good("clock", "This machine's clock agrees with WeChat Pay's.", "本机时钟与微信支付一致。")
            : Finding(level, "clock", "",
                $"This machine's clock is {off} seconds {en} WeChat Pay's. Signatures are refused from 300 seconds on. Set the clock (NTP).",
                $"本机时钟比微信支付{zh} {off} 秒。相差 300 秒起签名会被拒绝。请校准时钟（NTP）。");
    }

    public static AccountFinding RefusedByClock() => Failure("signed_query", "",
        "WeChat Pay refuses our signature (SIGN_ERROR); the clock is why. Set it and check again: until then nothing can be said of the keys.",
        "微信支付拒绝了签名（SIGN_ERROR），原因是时钟。请先校准时钟再检查；在此之前无法判断密钥是否正确。");

    public static AccountFinding SignError(WechatAccount account, string? words)
    {
        var (en, zh) = PlainText.Clip(words) is { Length: > 0 } said ? ($" WeChat Pay says: {said}", $" 微信支付返回：{said}") : ("", "");
        return Failure("key_pair", "private_key",
            $"WeChat Pay does not accept our signature (SIGN_ERROR). One of these is wrong: private_key is not the key of certificate {account.MerchantSerialNo} (take apiclient_key.pem of the same download); "
                + $"merchant_serial_no is another certificate's (openssl x509 -in apiclient_cert.pem -noout -serial); or mch_id {account.MchId} is another merchant.{en}",
            $"微信支付不接受我们的签名（SIGN_ERROR）。以下之一有误：private_key 不是证书 {account.MerchantSerialNo} 的私钥（请使用同一次下载的 apiclient_key.pem）；"
                + $"merchant_serial_no 是别的证书的序列号（openssl x509 -in apiclient_cert.pem -noout -serial）；或 mch_id {account.MchId} 是别的商户。{zh}");
    }

    public static AccountFinding KeyPair() => Good("key_pair",
        "WeChat Pay accepts our signature: mch_id, merchant_serial_no and private_key belong together.",
        "微信支付接受我们的签名：mch_id、merchant_serial_no 和 private_key 相互匹配。");

    public static AccountFinding ApiV3KeyDoesNotOpen() => Failure("certificate", "api_v3_key",
        "api_v3_key does not open what WeChat Pay encrypts for this merchant, so no callback could be read. Take the APIv3 key of the merchant console; setting a new one there ends the old one at once.",
        "api_v3_key 解不开微信支付为该商户加密的内容，因此无法读取任何回调。请使用商户平台设置的 APIv3 密钥；在那里重新设置后旧密钥立即失效。");

    public static AccountFinding ApiV3KeyProven() => Good("certificate",
        "api_v3_key is proven: it opens the platform's certificates, which this account does not use otherwise.",
        "api_v3_key 已验证：它能解开平台证书；该账户不以其他方式使用平台证书。");

    public static AccountFinding Certificates(int count, DateTimeOffset end, Level level)
    {
        var day = end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return level switch
        {
            Level.Good => Good("certificate",
                $"{count} platform certificate(s), the last one until {day}; api_v3_key is proven: it opens them.",
                $"{count} 张平台证书，最晚到 {day} 有效；api_v3_key 已验证：它能解开这些证书。"),
            Level.Warning => Warning("certificate", "platform_certificates",
                $"The last platform certificate ends on {day} and no newer one is offered yet. Better: apply for the WeChat Pay public key in the merchant console and set public_key_id and public_key.",
                $"最后一张平台证书将于 {day} 到期，尚无更新的证书。建议在商户平台申请微信支付公钥，并设置 public_key_id 和 public_key。"),
            _ => Failure("certificate", "platform_certificates",
                $"All platform certificates have ended, the last one on {day}: no answer can be verified. Apply for the WeChat Pay public key in the merchant console and set public_key_id and public_key.",
                $"所有平台证书均已到期（最后一张于 {day}），无法验证任何应答。请在商户平台申请微信支付公钥，并设置 public_key_id 和 public_key。"),
        };
    }

    public static AccountFinding NoCertificates(WechatAccount account) => account switch
    {
        { PublicKeyId: null } => Failure("certificate", "public_key",
            "WeChat Pay has no platform certificate for this merchant: merchants of today get a WeChat Pay public key. Download pub_key.pem in the merchant console and set public_key_id and public_key.",
            "微信支付没有该商户的平台证书：新商户使用微信支付公钥。请在商户平台下载 pub_key.pem，并设置 public_key_id 和 public_key。"),
        { UsesCertificates: true } => Warning("certificate", "platform_certificates",
            "WeChat Pay has no platform certificate for this merchant (any more): the migration is over, take platform_certificates out.",
            "微信支付（已）没有该商户的平台证书：迁移已结束，请去掉 platform_certificates。"),
        _ => Good("certificate",
            "No platform certificate, and none is needed beside the public key. So api_v3_key could not be tried: the first callback shows whether it is right.",
            "没有平台证书；使用公钥时也不需要。因此无法验证 api_v3_key：第一次回调才能看出它是否正确。"),
    };

    public static AccountFinding CertificatesUnusable(string problem) => Failure("certificate", "platform_certificates",
        $"The platform's certificates cannot be used: {problem}. Check that base_url is WeChat Pay's.",
        $"平台证书无法使用（{problem}）。请检查 base_url 是否为微信支付的地址。");

    public static AccountFinding CertificatesNotDownloaded(string problem) => Warning("certificate", "platform_certificates",
        $"The platform's certificates could not be downloaded now: {problem}. Check again in a while.",
        $"暂时无法下载平台证书（{problem}）。请稍后再检查。");

    public static AccountFinding PlatformKey(string serial) => Good("platform_key",
        $"WeChat Pay's answer verifies with key {serial}.", $"微信支付的应答用密钥 {serial} 验证通过。");

    public static AccountFinding UnknownPlatformKey(WechatAccount account, string serial, IEnumerable<string> known) => Failure("platform_key",
        account.PublicKeyId is null ? "platform_certificates" : "public_key_id",
        $"WeChat Pay signs with key {serial}; this account knows {string.Join(", ", known)}. Set public_key_id and public_key to what the merchant console shows.",
        $"微信支付使用密钥 {serial} 签名；该账户只有 {string.Join("、", known)}。请按商户平台所示设置 public_key_id 和 public_key。");

    public static AccountFinding WrongPlatformKey(WechatAccount account) => Failure("platform_key", "public_key",
        $"WeChat Pay's answer does not verify: public_key is not the key of {account.PublicKeyId ?? "the named certificate"}. Download pub_key.pem again in the merchant console; it is neither the merchant's own key nor another merchant's.",
        $"微信支付的应答验签失败：public_key 不是 {account.PublicKeyId ?? "所指证书"} 对应的公钥。请在商户平台重新下载 pub_key.pem；它既不是商户自己的公钥，也不是别的商户的。");

    public static AccountFinding NotSigned() => Warning("platform_key", "",
        "The answer was not signed, so nothing proves the platform's key yet. Check again; if it stays so, check that base_url is WeChat Pay's.",
        "应答没有签名，因此尚不能证明平台密钥正确。请再检查一次；若仍如此，请检查 base_url 是否为微信支付的地址。");

    public static AccountFinding SignedOtherwise(string problem) => Failure("platform_key", "base_url",
        $"The answer is not signed as WeChat Pay signs: {problem}. Check that base_url is WeChat Pay's and that no proxy changes answers.",
        $"应答的签名方式与微信支付不符（{problem}）。请检查 base_url 是否为微信支付的地址，以及是否有代理改动应答。");

    public static AccountFinding QueryAnswered() => Good("signed_query",
        "A signed query of a number that does not exist was answered and verified. app_id is not part of it: the first payment shows whether it is bound to the merchant.",
        "对不存在的单号的签名查询已得到应答并验证通过。其中不含 app_id：第一笔支付才能看出它是否与商户号绑定。");

    public static AccountFinding QueryRefused(int status, ErrorAnswer? error)
    {
        var code = PlainText.Clip(error?.Code, 64);
        var words = PlainText.Clip(error?.Message);
        // It is busy or failing, which says nothing of the account.
        return status >= 500 || status == 429
            ? Warning("signed_query", "", $"WeChat Pay cannot answer now ({status} {code}). Check again in a while.", $"微信支付暂时无法应答（{status} {code}）。请稍后再检查。")
            : Failure("signed_query", code == "MCH_NOT_EXISTS" ? "mch_id" : "",
                $"WeChat Pay refuses the query: {status} {code} {words}. Check mch_id and the merchant's permissions in the merchant console.",
                $"微信支付拒绝了查询：{status} {code} {words}。请检查 mch_id 以及商户平台中的产品权限。");
    }

    private static AccountFinding Good(string check, string en, string zh) => Finding(Level.Good, check, "", en, zh);

    private static AccountFinding Warning(string check, string field, string en, string zh) => Finding(Level.Warning, check, field, en, zh);

    private static AccountFinding Failure(string check, string field, string en, string zh) => Finding(Level.Failure, check, field, en, zh);

    private static AccountFinding Finding(Level level, string check, string field, string en, string zh) =>
        new() { Check = check, Level = level, Field = field, TextEn = en, TextZh = zh };
}
