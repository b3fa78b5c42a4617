using System.Collections.Frozen;

namespace PayCore.Channels.Alipay;

/// <summary>
/// What lies behind an error of the gateway that an operator can mend (alipay.md 3.3), in both languages: the same words at run time and when the account is
/// examined.
/// </summary>
/// <param name="Field">The member of the account document at fault; empty when none is.</param>
/// <param name="Text">Cause and remedy.</param>
/// <param name="TextZh">The same in Chinese.</param>
internal sealed record KnownCause(string Field, string Text, string TextZh)
{
    private static readonly KnownCause _certificateMode = new(
        "alipay_public_key",
        "The application is in certificate mode: set app_cert, alipay_cert and alipay_root_cert instead of alipay_public_key.",
        "该应用使用证书方式加签：请配置 app_cert、alipay_cert 和 alipay_root_cert，而不是 alipay_public_key。");

    private static readonly KnownCause _notOnline = new(
        "app_id", "The application is not online at Alipay yet: submit it in the console.", "该应用尚未上线：请在开放平台控制台提交上线。");

    private static readonly FrozenDictionary<string, KnownCause> _all = new Dictionary<string, KnownCause>
    {
        ["isv.invalid-signature"] = new(
            "private_key",
            "Alipay does not accept our signature: the application public key uploaded at Alipay does not belong to private_key. Upload the public key of private_key, or set the key that belongs to the uploaded one.",
            "支付宝不接受我方签名：在支付宝上传的应用公钥与 private_key 不匹配。请上传该私钥对应的公钥，或改用已上传公钥对应的私钥。"),
        ["isv.invalid-app-id"] = new(
            "app_id",
            "Alipay does not know this app_id there. Check app_id and gateway_url: sandbox and production have separate applications.",
            "支付宝不认识该 app_id。请检查 app_id 与 gateway_url：沙箱与正式环境的应用互不相通。"),
        ["isv.missing-app-cert-sn"] = _certificateMode,
        ["isv.missing-alipay-root-cert-sn"] = _certificateMode,
        ["isv.invalid-app-cert-sn"] = new(
            "app_cert",
            "Alipay does not know app_cert as this application's certificate: download the application certificate that the console shows now and set it.",
            "支付宝认为 app_cert 不是该应用当前的证书：请在控制台下载当前的应用公钥证书并更新配置。"),
        ["isv.invalid-alipay-root-cert-sn"] = new(
            "alipay_root_cert",
            "Alipay does not know alipay_root_cert as its root file: download alipayRootCert.crt of this environment and set it whole.",
            "支付宝认为 alipay_root_cert 不是其根证书：请下载该环境的 alipayRootCert.crt 并完整填写。"),
        ["isv.app-cert-expired"] = new(
            "app_cert",
            "Alipay says that app_cert has expired: download a new application certificate from the console and set it.",
            "支付宝提示 app_cert 已过期：请在控制台下载新的应用公钥证书并更新配置。"),
        ["isv.missing-signature-config"] = new(
            "private_key",
            "No application public key is uploaded at Alipay for this application: upload the public key of private_key.",
            "该应用尚未在支付宝上传应用公钥：请上传 private_key 对应的公钥。"),
        ["isv.invalid-timestamp"] = new(
            "", "Alipay does not accept our time: set this machine's clock.", "支付宝不接受我方时间：请校准本机时钟。"),
        ["isv.insufficient-isv-permissions"] = new(
            "app_id",
            "The application may not use this interface: sign the product's contract in the console.",
            "该应用没有此接口的权限：请在控制台签约相应产品。"),
        ["not-online-app"] = _notOnline,
        ["isv.not-online-app"] = _notOnline,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The cause behind a sub code, or null.</summary>
    public static KnownCause? Of(string? subCode) => _all.GetValueOrDefault(subCode ?? "");
}
