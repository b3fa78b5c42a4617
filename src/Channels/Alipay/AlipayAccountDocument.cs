using System.ComponentModel;
using PayCore.Configuration;

namespace PayCore.Channels.Alipay;

/// <summary>How a page or H5 payment reaches the user's browser.</summary>
public enum PageAction
{
    /// <summary>An address to go to. When it would be too long for an address, a form all the same.</summary>
    Redirect,

    /// <summary>A form that submits itself.</summary>
    Form,
}

/// <summary>The document <c>alipay/{account}</c>: what the merchant has from Alipay (alipay.md 1.5, 2). Either the public key or the three certificates.</summary>
public sealed record AlipayAccountDocument
{
    /// <summary>False refuses new payments; queries, closes and callbacks go on.</summary>
    [Description("False refuses new payments; queries, closes and callbacks go on. Default: true.")]
    [Chinese("设为 false 则不再接受新支付；查询、关单与回调照常。默认 true。")]
    public bool Enabled { get; init; } = true;

    /// <summary>The application id, 16 digits as a rule.</summary>
    [Description("Application id, 16 digits as a rule.")]
    [Chinese("应用 APPID，通常 16 位数字。")]
    public required string AppId { get; init; }

    /// <summary>The user id of the receiving account: 2088 and 12 digits. Sent with each payment, and compared with each callback.</summary>
    [Description("User id of the receiving account: 2088 and 12 digits.")]
    [Chinese("收款账户的用户号：2088 开头共 16 位。")]
    public required string SellerId { get; init; }

    /// <summary>The application's private key: PKCS#8 or PKCS#1, PEM or bare base64. Secret.</summary>
    [Description("The application's private key, PEM or bare base64.")]
    [Chinese("应用私钥，PEM 或纯 base64。")]
    [Pem]
    [Secret]
    public required string PrivateKey { get; init; }

    /// <summary>Key mode: Alipay's public key for this application, PEM or bare base64. Not the application's own.</summary>
    [Description("Key mode: Alipay's public key for this application. Not the application's own.")]
    [Chinese("公钥模式：支付宝公钥（不是应用公钥）。")]
    [Pem]
    public string? AlipayPublicKey { get; init; }

    /// <summary>Certificate mode: <c>appCertPublicKey_….crt</c>, PEM.</summary>
    [Description("Certificate mode: appCertPublicKey_….crt.")]
    [Chinese("证书模式：appCertPublicKey_….crt。")]
    [Pem]
    public string? AppCert { get; init; }

    /// <summary>Certificate mode: <c>alipayCertPublicKey_RSA2.crt</c>, PEM, whole.</summary>
    [Description("Certificate mode: alipayCertPublicKey_RSA2.crt, whole.")]
    [Chinese("证书模式：alipayCertPublicKey_RSA2.crt，完整内容。")]
    [Pem]
    public string? AlipayCert { get; init; }

    /// <summary>Certificate mode: <c>alipayRootCert.crt</c>, PEM, whole.</summary>
    [Description("Certificate mode: alipayRootCert.crt, whole.")]
    [Chinese("证书模式：alipayRootCert.crt，完整内容。")]
    [Pem]
    public string? AlipayRootCert { get; init; }

    /// <summary>The product code of QR payments. Merchants with the order-code contract set <c>QR_CODE_OFFLINE</c>.</summary>
    [Description("Product code of QR payments. Default: FACE_TO_FACE_PAYMENT; with the order-code contract QR_CODE_OFFLINE.")]
    [Chinese("扫码支付的产品码。默认 FACE_TO_FACE_PAYMENT；订单码产品为 QR_CODE_OFFLINE。")]
    public string QrProductCode { get; init; } = "FACE_TO_FACE_PAYMENT";

    /// <summary>The product code of page payments.</summary>
    [Description("Product code of page payments. Default: FAST_INSTANT_TRADE_PAY.")]
    [Chinese("电脑网站支付的产品码。默认 FAST_INSTANT_TRADE_PAY。")]
    public string PageProductCode { get; init; } = "FAST_INSTANT_TRADE_PAY";

    /// <summary>The product code of payments in a phone's browser.</summary>
    [Description("Product code of H5 payments. Default: QUICK_WAP_WAY.")]
    [Chinese("手机网站支付的产品码。默认 QUICK_WAP_WAY。")]
    public string H5ProductCode { get; init; } = "QUICK_WAP_WAY";

    /// <summary>The product code of payments from the merchant's own phone application.</summary>
    [Description("Product code of APP payments. Default: QUICK_MSECURITY_PAY.")]
    [Chinese("APP 支付的产品码。默认 QUICK_MSECURITY_PAY。")]
    public string AppProductCode { get; init; } = "QUICK_MSECURITY_PAY";

    /// <summary>The product code of payments inside Alipay, by a web page or a mini program. Older contracts have <c>FACE_TO_FACE_PAYMENT</c>.</summary>
    [Description("Product code of JSAPI and MINI_PROGRAM payments. Default: JSAPI_PAY; with older contracts FACE_TO_FACE_PAYMENT.")]
    [Chinese("JSAPI 与小程序支付的产品码。默认 JSAPI_PAY；旧合约为 FACE_TO_FACE_PAYMENT。")]
    public string JsapiProductCode { get; init; } = "JSAPI_PAY";

    /// <summary>The product code of payments by a code that the user shows.</summary>
    [Description("Product code of BARCODE payments. Default: FACE_TO_FACE_PAYMENT; its quick version is OFFLINE_PAYMENT.")]
    [Chinese("付款码支付的产品码。默认 FACE_TO_FACE_PAYMENT；极速版为 OFFLINE_PAYMENT。")]
    public string BarcodeProductCode { get; init; } = "FACE_TO_FACE_PAYMENT";

    /// <summary>The application in which users pay by JSAPI and MINI_PROGRAM, when it is another than <see cref="AppId"/>; open ids are those of this application then.</summary>
    [Description("Application id of the mini program in which users pay, when it is another than app_id; open ids are under it then.")]
    [Chinese("用户所在小程序的 APPID（与 app_id 不同时填写），openid 以它为准。")]
    public string? OpAppId { get; init; }

    /// <summary>How a page or H5 payment reaches the browser.</summary>
    [Description("How a PAGE or H5 payment reaches the browser: redirect (default) or form.")]
    [Chinese("网页支付的跳转方式：redirect（默认）或 form。")]
    public PageAction PageAction { get; init; }

    /// <summary>True for old applications whose refund queries tell no status: an answer with the refund's own number and amount counts as done then.</summary>
    [Description("True for old applications whose refund queries carry no refund_status: number and amount count as done then. Default: false.")]
    [Chinese("旧应用退款查询不返回 refund_status 时设为 true：单号与金额相符即视为成功。默认 false。")]
    public bool RefundsWithoutStatus { get; init; }

    /// <summary>Where the provider is. Default: production; the sandbox or the simulator takes its place elsewhere.</summary>
    [Description("Where Alipay is. Default: https://openapi.alipay.com/gateway.do; the sandbox or the simulator takes its place elsewhere.")]
    [Chinese("支付宝网关地址。默认 https://openapi.alipay.com/gateway.do；沙箱或模拟器填其地址。")]
    public string GatewayUrl { get; init; } = "https://openapi.alipay.com/gateway.do";

    /// <summary>No member: one of them is a secret.</summary>
    public override string ToString() => nameof(AlipayAccountDocument);
}
