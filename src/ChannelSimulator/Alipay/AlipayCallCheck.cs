using System.Text.Json;

namespace PayCore.ChannelSimulator;

/// <summary>Checks the public parameters in the order of alipay.md 14, no. 1: application, signature, method, the rest.</summary>
internal sealed class AlipayCallCheck(AlipayMerchants merchants, TimeProvider time)
{
    /// <summary>
    /// How far the caller's clock may be off. Undocumented (alipay.md 1.3); a day, since the provider's SDK for Node sends the local time of its machine,
    /// wherever that stands.
    /// </summary>
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromDays(1);

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>Who calls. What is wrong here is answered without signature.</summary>
    public AlipayMerchant Merchant(AlipayParameters parameters)
    {
        var appId = parameters["app_id"] ?? throw new AlipayError("40001", "Missing Required Arguments", "isv.missing-app-id", "缺少参数：app-id") { Unsigned = true };
        return merchants.Find(appId)
            ?? throw new AlipayError("40002", "Invalid Arguments", "isv.invalid-app-id", "无效的AppID参数") { Unsigned = true };
    }

    public AlipayCall Check(AlipayMerchant merchant, AlipayParameters parameters)
    {
        CheckSignature(merchant, parameters);
        var method = parameters["method"] ?? throw AlipayError.Missing("method");
        if (!AlipayMethod.IsKnown(method))
        {
            throw AlipayError.Invalid("isv.invalid-method", "不存在的方法名");
        }

        CheckRest(method, parameters);
        if (AlipayMethod.IsFund(method) && !merchant.ByCertificate)
        {
            throw AlipayError.Invalid("isv.missing-app-cert-sn", "缺少应用公钥证书SN");
        }

        return new AlipayCall
        {
            Merchant = merchant,
            Method = method,
            Content = Content(parameters),
            NotifyUrl = Address(parameters, "notify_url"),
            ReturnUrl = Address(parameters, "return_url"),
        };
    }

    private void CheckSignature(AlipayMerchant merchant, AlipayParameters parameters)
    {
        var signType = parameters["sign_type"] ?? throw AlipayError.Missing("signature-type");
        var sign = parameters["sign"] ?? throw AlipayError.Missing("signature");
        if (signType != "RSA2")
        {
            throw AlipayError.Invalid("isv.invalid-signature-type", "签名类型必须为RSA2");
        }

        if (!string.Equals(parameters["charset"] ?? "utf-8", "utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw AlipayError.Invalid("isv.invalid-charset", "字符集错误");
        }

        if (merchant.ByCertificate)
        {
            CheckSerials(merchant, parameters);
        }

        if (!merchant.HasSigned(parameters.SignedText(withSignType: true), sign))
        {
            throw AlipayError.Invalid("isv.invalid-signature", "验签出错，请检查签名内容与应用公钥");
        }
    }

    /// <summary>Certificate mode (alipay.md 2). In key mode serials are parameters like any other.</summary>
    private void CheckSerials(AlipayMerchant merchant, AlipayParameters parameters)
    {
        var certificate = merchant.Stored.AppCert!;
        var serial = parameters["app_cert_sn"] ?? throw AlipayError.Invalid("isv.missing-app-cert-sn", "缺少应用公钥证书SN");
        var root = parameters["alipay_root_cert_sn"] ?? throw AlipayError.Invalid("isv.missing-alipay-root-cert-sn", "缺少支付宝根证书SN");
        if (serial != certificate.Serial)
        {
            throw AlipayError.Invalid("isv.invalid-app-cert-sn", "应用公钥证书SN不匹配");
        }

        if (root != merchants.RootSerial)
        {
            throw AlipayError.Invalid("isv.invalid-alipay-root-cert-sn", "支付宝根证书SN不匹配");
        }

        if (time.GetUtcNow() > certificate.Until)
        {
            throw AlipayError.Invalid("isv.app-cert-expired", "应用公钥证书已过期");
        }
    }

    private void CheckRest(string method, AlipayParameters parameters)
    {
        if ((parameters["version"] ?? throw AlipayError.Missing("version")) != "1.0")
        {
            throw AlipayError.Invalid("isv.invalid-parameter", "version必须为1.0");
        }

        if (parameters["format"] is { } format && !string.Equals(format, "JSON", StringComparison.OrdinalIgnoreCase))
        {
            throw AlipayError.Invalid("isv.invalid-format", "format必须为JSON");
        }

        var timestamp = AlipayTime.Parse(parameters["timestamp"] ?? throw AlipayError.Missing("timestamp"));
        // A page is opened when the buyer likes: its own expiry ends it, not the time of its signature.
        if (timestamp is null || (!AlipayMethod.IsPage(method) && (timestamp.Value - time.GetUtcNow()).Duration() > _clockTolerance))
        {
            throw AlipayError.Invalid("isv.invalid-timestamp", "非法的时间戳参数");
        }
    }

    private static JsonElement Content(AlipayParameters parameters)
    {
        try
        {
            using var document = JsonDocument.Parse(parameters["biz_content"] ?? "{}", _strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document.RootElement.Clone();
            }
        }
        catch (JsonException)
        {
            // The refusal below says it.
        }

        throw AlipayError.Invalid("isv.illegal-json", "biz_content不是JSON对象");
    }

    private static string? Address(AlipayParameters parameters, string name)
    {
        // The simulator also calls back over http, because it runs on the developer's own machine.
        var text = parameters[name];
        return text is null || (text.Length <= 256 && Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            ? text
            : throw AlipayError.Invalid("isv.invalid-parameter", name + "不是网址");
    }
}
