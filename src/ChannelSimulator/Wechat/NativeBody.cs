using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>A field that the provider refuses.</summary>
internal sealed class ParamException(string pointer, string issue) : Exception($"{pointer}: {issue}")
{
    /// <summary>Where, as a JSON pointer.</summary>
    public string Pointer => pointer;

    public string Issue => issue;
}

/// <summary>Reads and checks the body of a Native order as the provider does (wechat-pay-v3.md 3.2, 11): strict members, lengths, whole fen.</summary>
internal static partial class NativeBody
{
    private static readonly string[] _members =
    [
        "appid", "mchid", "description", "out_trade_no", "time_expire", "attach", "notify_url", "goods_tag", "support_fapiao", "amount", "detail",
        "scene_info", "settle_info", "limit_pay",
    ];

    public static SimulatedOrder Read(byte[] body, WechatMerchantRegistration merchant, DateTimeOffset now)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        foreach (var member in root.EnumerateObject())
        {
            Demand(_members.Contains(member.Name), $"/{member.Name}", "is not a member of this request");
            Demand(member.Value.ValueKind != JsonValueKind.Null, $"/{member.Name}", "is null");
        }

        Demand(Text(root, "mchid", 32) == merchant.MchId, "/mchid", "is not the merchant of the Authorization header");
        Demand(Text(root, "appid", 32) == merchant.AppId, "/appid", "is not bound to the merchant");
        var outTradeNo = Text(root, "out_trade_no", 32);
        Demand(OutTradeNo().IsMatch(outTradeNo), "/out_trade_no", "has 6 to 32 characters of 0-9 A-Z a-z _ - | *");
        var notifyUrl = Text(root, "notify_url", 255);
        Demand(
            Uri.TryCreate(notifyUrl, UriKind.Absolute, out var url) && url.Scheme is ("https" or "http") && url.Query.Length == 0 && url.AbsolutePath.Length > 1,
            "/notify_url", "is an address with a path and without query");
        Demand(root.TryGetProperty("amount", out var amount) && amount.ValueKind == JsonValueKind.Object, "/amount", "is required");
        var total = amount.TryGetProperty("total", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var fen) && fen >= 1
            && number.GetRawText().All(char.IsAsciiDigit)
            ? fen
            : throw new ParamException("/amount/total", "is a whole number of fen, at least 1");
        var currency = amount.TryGetProperty("currency", out _) ? Text(amount, "currency", 16) : "CNY";
        Demand(currency == "CNY", "/amount/currency", "is CNY");
        DateTimeOffset? expire = null;
        if (root.TryGetProperty("time_expire", out _))
        {
            expire = DateTimeOffset.TryParseExact(
                Text(root, "time_expire", 64), "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
                ? time
                : throw new ParamException("/time_expire", "is RFC 3339 with offset");
            Demand(time > now, "/time_expire", "is over");
        }

        return new SimulatedOrder
        {
            MchId = merchant.MchId,
            AppId = merchant.AppId,
            OutTradeNo = outTradeNo,
            Total = total,
            Currency = currency,
            Description = Text(root, "description", 127),
            Attach = root.TryGetProperty("attach", out _) ? Text(root, "attach", 128) : null,
            NotifyUrl = notifyUrl,
            TimeExpire = expire,
            PlacedAt = now,
            CodeUrl = "",
            CodeAt = now,
        };
    }

    public static JsonDocument Parse(byte[] body)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
            var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new ParamException("/", "is no JSON object");
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw new ParamException("/", "is no JSON in UTF-8");
        }
    }

    public static string Text(JsonElement root, string name, int lengthMax)
    {
        Demand(root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String, $"/{name}", "is required, as text");
        var text = value.GetString()!;
        Demand(text.Length is > 0 && text.Length <= lengthMax, $"/{name}", $"has 1 to {lengthMax} characters");
        // 1.2: characters beyond the Basic Multilingual Plane are not supported.
        Demand(!text.Any(char.IsSurrogate), $"/{name}", "has characters of four bytes");
        return text;
    }

    private static void Demand(bool holds, string field, string issue)
    {
        if (!holds)
        {
            throw new ParamException(field, issue);
        }
    }

    [GeneratedRegex(@"^[0-9A-Za-z_\-|*]{6,32}\z")]
    private static partial Regex OutTradeNo();
}
