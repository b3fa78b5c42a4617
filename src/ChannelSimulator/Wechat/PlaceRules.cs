using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>The field rules of placing an order in any scene (wechat-pay-v3.md 3.2, 3.6 and 11).</summary>
internal static partial class PlaceRules
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };
    private static readonly UTF8Encoding _utf8 = new(false, throwOnInvalidBytes: true);

    public static JsonElement Parse(byte[] body)
    {
        try
        {
            // Decoding throws on bytes that are not UTF-8; the parser alone would let them pass inside texts.
            using var document = JsonDocument.Parse(_utf8.GetString(body), _strict);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw WechatError.Parameter("/", "is not JSON");
        }
    }

    public static PlaceRequest Read(byte[] body, string scene) => Whole(() => ReadFields(body, scene));

    /// <summary>Reads texts, of which one may hold half a character.</summary>
    public static T Whole<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as an escape, is JSON but not a text.
            throw WechatError.Parameter("/", "holds half a character");
        }
    }

    private static PlaceRequest ReadFields(byte[] body, string scene)
    {
        var root = Parse(body);
        var fields = new JsonFields(root, "");
        var amount = fields.RequiredObject("amount");
        var payer = scene is "jsapi" or "codepay" ? fields.RequiredObject("payer") : null;
        var request = new PlaceRequest
        {
            AppId = fields.RequiredText("appid", 32),
            MchId = fields.RequiredText("mchid", 32),
            Description = fields.RequiredText("description", 127),
            OutTradeNo = fields.RequiredText("out_trade_no", 32, OrderNumber()),
            Scene = scene,
            NotifyUrl = scene == "codepay" ? null : CallbackAddress(fields.RequiredText("notify_url", 255)),
            OpenId = scene == "jsapi" ? payer!.RequiredText("openid", 128) : null,
            AuthCode = scene == "codepay" ? payer!.RequiredText("auth_code", 18, PaymentCode()) : null,
            Attach = fields.Text("attach", 128),
            TimeExpire = scene != "codepay" && fields.Text("time_expire", 64) is { } text
                ? WireTime.Parse(text) ?? throw WechatError.Parameter("/time_expire", "is not a time with offset", value: text)
                : null,
            Total = amount.RequiredInteger("total", 1),
            Currency = amount.Text("currency", 16) ?? "CNY",
            DeviceId = scene switch
            {
                "codepay" => ReadTill(fields.RequiredObject("scene_info")),
                "h5" => ReadScene(fields.RequiredObject("scene_info"), scene),
                _ => ReadScene(fields.Object("scene_info"), scene),
            },
            Digest = Digest(root),
        };
        amount.NothingElse();
        payer?.NothingElse();
        if (request.Currency != "CNY")
        {
            throw WechatError.Parameter("/amount/currency", "Currency code is invalid", value: request.Currency);
        }

        fields.Text("goods_tag", 32);
        fields.Flag("support_fapiao");
        ReadDetail(fields.Object("detail"));
        if (fields.Object("settle_info") is { } settle)
        {
            settle.Flag("profit_sharing");
            settle.NothingElse();
        }

        CheckLimitPay(fields.Array("limit_pay", 1, 4));
        fields.NothingElse();
        return request;
    }

    public static string CallbackAddress(string text)
    {
        // The platform wants https. The simulator also calls back over http, because it runs on the developer's own machine.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw WechatError.Parameter("/notify_url", "is not a web address", value: text);
        }

        return text.AsSpan().IndexOfAny('?', '#') < 0
            ? text
            : throw WechatError.Parameter("/notify_url", "has a query", value: text);
    }

    /// <summary>The till at which a payment code is shown: where it stands must be told.</summary>
    private static string? ReadTill(JsonFields scene)
    {
        var device = scene.Text("device_id", 32);
        scene.Text("device_ip", 45);
        var store = scene.RequiredObject("store_info");
        if (store.Text("id", 32) is null & store.Text("out_id", 32) is null)
        {
            throw WechatError.Parameter("/scene_info/store_info/id", "or out_id is required");
        }

        store.NothingElse();
        scene.NothingElse();
        return device;
    }

    private static string? ReadScene(JsonFields? scene, string of)
    {
        if (scene is null)
        {
            return null;
        }

        var ip = scene.RequiredText("payer_client_ip", 45);
        if (!IPAddress.TryParse(ip, out var address) || (of == "h5" && IPAddress.IsLoopback(address)))
        {
            throw WechatError.Parameter("/scene_info/payer_client_ip", "is not the IP address of a payer", value: ip);
        }

        if (of == "h5")
        {
            ReadH5(scene.RequiredObject("h5_info"));
        }

        var device = scene.Text("device_id", 32);
        if (scene.Object("store_info") is { } store)
        {
            store.RequiredText("id", 32);
            store.Text("name", 256);
            store.Text("area_code", 32);
            store.Text("address", 512);
            store.NothingElse();
        }

        scene.NothingElse();
        return device;
    }

    private static void ReadH5(JsonFields h5)
    {
        if (h5.RequiredText("type", 32) is not ("iOS" or "Android" or "Wap") and var type)
        {
            throw WechatError.Parameter("/scene_info/h5_info/type", "is not iOS, Android or Wap", value: type);
        }

        h5.Text("app_name", 64);
        h5.Text("app_url", 128);
        h5.Text("bundle_id", 128);
        h5.Text("package_name", 128);
        h5.NothingElse();
    }

    private static void ReadDetail(JsonFields? detail)
    {
        if (detail is null)
        {
            return;
        }

        detail.Integer("cost_price", 0);
        detail.Text("invoice_id", 32);
        var index = 0;
        foreach (var item in detail.Array("goods_detail", 1, 6000) ?? [])
        {
            var goods = new JsonFields(item, $"/detail/goods_detail/{index++}");
            goods.RequiredText("merchant_goods_id", 32);
            goods.Text("wechatpay_goods_id", 32);
            goods.Text("goods_name", 256);
            goods.RequiredInteger("quantity", 1);
            goods.RequiredInteger("unit_price", 0);
            goods.NothingElse();
        }

        detail.NothingElse();
    }

    private static void CheckLimitPay(IEnumerable<JsonElement>? limits)
    {
        foreach (var limit in limits ?? [])
        {
            if (limit.ValueKind != JsonValueKind.String || limit.GetString() is not ("no_balance" or "no_credit" or "no_debit" or "balance_only"))
            {
                throw WechatError.Parameter("/limit_pay", "is unknown", value: limit.GetRawText());
            }
        }
    }

    /// <summary>The order of members does not matter (wechat-pay-v3.md 1.2), and CNY is what a missing currency means.</summary>
    /// <param name="root">The body.</param>
    /// <param name="hidden">What an encrypted member means: its text is another one in every repeat.</param>
    public static string Digest(JsonElement root, string? hidden = null)
    {
        var text = new StringBuilder(hidden);
        Write(root, text, "");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void Write(JsonElement element, StringBuilder text, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    Write(member.Value, text, $"{path}/{member.Name}");
                }

                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in element.EnumerateArray().Index())
                {
                    Write(item, text, $"{path}/{index}");
                }

                break;
            default:
                if (path is not ("/amount/currency" or "/user_name"))
                {
                    text.Append(path).Append('=').Append(element.ValueKind == JsonValueKind.String
                        ? JsonSerializer.Serialize(element.GetString())
                        : element.GetRawText()).Append('\n');
                }

                break;
        }
    }

    [GeneratedRegex(@"\A[0-9A-Za-z_\-|*]{6,32}\z")]
    private static partial Regex OrderNumber();

    [GeneratedRegex(@"\A1[0-5][0-9]{16}\z")]
    private static partial Regex PaymentCode();
}
