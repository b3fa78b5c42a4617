using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>The field rules of an order in any scene (alipay.md 4).</summary>
internal static partial class AlipayPayRules
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(15);
    private static readonly TimeSpan _shortest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _faceToFaceDefault = TimeSpan.FromHours(3);
    private static readonly TimeSpan _codeLife = TimeSpan.FromHours(2);

    public static AlipayPayRequest Precreate(AlipayCall call, AlipayFields fields, DateTimeOffset now)
    {
        fields.Choice("product_code", "QR_CODE_OFFLINE", "FACE_TO_FACE_PAYMENT");
        var request = Read(call, fields, "precreate", now, _faceToFaceDefault);
        var (with, without) = (fields.Amount("discountable_amount"), fields.Amount("undiscountable_amount"));
        if (with + without is { } sum && sum != request.Total)
        {
            throw fields.Refused("discountable_amount", "与undiscountable_amount之和不等于total_amount");
        }

        // However long it was asked for, the code lives two hours at most (alipay.md 4.5).
        var asked = fields.Text("qr_code_timeout_express", 6, Duration()) is { } text ? End(fields, "qr_code_timeout_express", text, now) : now + _codeLife;
        return request with { CodeExpire = asked < now + _codeLife ? asked : now + _codeLife };
    }

    public static AlipayPayRequest Page(AlipayCall call, AlipayFields fields, DateTimeOffset now)
    {
        if (fields.RequiredText("product_code", 64) != "FAST_INSTANT_TRADE_PAY")
        {
            throw fields.Refused("product_code", "取值错误");
        }

        fields.Choice("qr_pay_mode", "0", "1", "2", "3", "4");
        fields.Choice("integration_type", "PCWEB", "ALIAPP");
        fields.Choice("goods_type", "0", "1");
        fields.Text("request_from_url", 256);
        Skip(fields, "qrcode_width", "invoice_info", "agreement_sign_params", "promo_params");
        return Read(call, fields, "page", now, _longest);
    }

    /// <summary>A mobile website or an app; less than five minutes count as five (alipay.md 4.1 and 4.4).</summary>
    public static AlipayPayRequest Mobile(AlipayCall call, AlipayFields fields, DateTimeOffset now)
    {
        var (scene, product) = call.Method == AlipayMethod.WapPay ? ("wap", "QUICK_WAP_WAY") : ("app", "QUICK_MSECURITY_PAY");
        if (fields.RequiredText("product_code", 64) != product)
        {
            throw fields.Refused("product_code", "取值错误");
        }

        var quit = scene == "wap" ? fields.Text("quit_url", 400) : null;
        if (quit is not null && !(Uri.TryCreate(quit, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            throw fields.Refused("quit_url", "不是网址");
        }

        fields.Choice("goods_type", "0", "1");
        Skip(fields, "specified_channel", "auth_token", "agreement_sign_params", "promo_params");
        var request = Read(call, fields, scene, now, _longest);
        return request with { QuitUrl = quit, TimeExpire = request.TimeExpire < now + _shortest ? now + _shortest : request.TimeExpire };
    }

    /// <summary>An order of a mini program, for a buyer that is named.</summary>
    public static (AlipayPayRequest Request, string Buyer) Create(AlipayCall call, AlipayFields fields, DateTimeOffset now)
    {
        var product = fields.RequiredText("product_code", 64);
        if (product is not ("JSAPI_PAY" or "FACE_TO_FACE_PAYMENT"))
        {
            throw fields.Refused("product_code", "取值错误");
        }

        var names = new[] { fields.Text("buyer_open_id", 128), fields.Text("buyer_id", 28), fields.Text("buyer_logon_id", 100) };
        var buyer = names.FirstOrDefault(n => n is not null) ?? throw fields.Refused("buyer_open_id", "与buyer_id、buyer_logon_id不能同时为空");
        if (product == "JSAPI_PAY" && fields.RequiredText("op_app_id", 32) != call.Merchant.AppId)
        {
            fields.RequiredText("op_buyer_open_id", 128);
        }

        fields.Skip("op_buyer_open_id");
        return (Read(call, fields, "create", now, product == "JSAPI_PAY" ? _longest : _faceToFaceDefault), buyer);
    }

    /// <summary>An order that the buyer pays by a code.</summary>
    public static (AlipayPayRequest Request, string AuthCode) Pay(AlipayCall call, AlipayFields fields, DateTimeOffset now)
    {
        if (fields.RequiredText("scene", 32) is not ("bar_code" or "security_code"))
        {
            throw fields.Refused("scene", "取值错误");
        }

        fields.Choice("product_code", "FACE_TO_FACE_PAYMENT", "OFFLINE_PAYMENT");
        fields.Amount("discountable_amount");
        fields.Amount("undiscountable_amount");
        Skip(fields, "terminal_params", "pay_params", "is_async_pay", "trans_currency", "settle_currency");
        var code = fields.RequiredText("auth_code", 64, PaymentCode());
        return (Read(call, fields, "pay", now, _faceToFaceDefault), code);
    }

    private static AlipayPayRequest Read(AlipayCall call, AlipayFields fields, string scene, DateTimeOffset now, TimeSpan life)
    {
        var request = new AlipayPayRequest
        {
            Scene = scene,
            AppId = call.Merchant.AppId,
            Pid = call.Merchant.Pid,
            SellerId = fields.Text("seller_id", 28, SellerId()) ?? call.Merchant.Pid,
            OutTradeNo = fields.RequiredText("out_trade_no", 64, OrderNumber()),
            Total = fields.RequiredAmount("total_amount"),
            Subject = fields.RequiredText("subject", 256, Subject()),
            Body = fields.Text("body", 128),
            PassbackParams = fields.Text("passback_params", 512),
            NotifyUrl = call.NotifyUrl,
            ReturnUrl = call.ReturnUrl,
            TimeExpire = Expiry(fields, now) ?? now + life,
        };
        ReadGoods(fields);
        fields.Object("extend_params");
        fields.Object("business_params");
        if (fields.Text("enable_pay_channels", 256) is not null && fields.Text("disable_pay_channels", 256) is not null)
        {
            throw fields.Refused("disable_pay_channels", "与enable_pay_channels互斥");
        }

        fields.Text("store_id", 32);
        fields.Text("operator_id", 28);
        fields.Text("terminal_id", 32);
        fields.Text("merchant_order_no", 64);
        Skip(fields, "ext_user_info", "royalty_info", "settle_info", "sub_merchant", "query_options");
        return request;
    }

    private static DateTimeOffset? Expiry(AlipayFields fields, DateTimeOffset now)
    {
        var relative = fields.Text("timeout_express", 6, Duration());
        if (fields.Text("time_expire", 32) is { } text)
        {
            var end = AlipayTime.Parse(text) ?? throw fields.Refused("time_expire", "格式错误");
            if (end <= now)
            {
                throw AlipayError.ExpiresInThePast();
            }

            return end <= now + _longest ? end : throw fields.Refused("time_expire", "超过15天");
        }

        return relative is null ? null : End(fields, "timeout_express", relative, now);
    }

    private static DateTimeOffset End(AlipayFields fields, string name, string text, DateTimeOffset now)
    {
        if (text == "1c")
        {
            return AlipayTime.Midnight(now);
        }

        var count = int.Parse(text[..^1], CultureInfo.InvariantCulture);
        var span = text[^1] switch { 'm' => TimeSpan.FromMinutes(count), 'h' => TimeSpan.FromHours(count), _ => TimeSpan.FromDays(count) };
        return span <= _longest ? now + span : throw fields.Refused(name, "超过15天");
    }

    private static void ReadGoods(AlipayFields fields)
    {
        foreach (var (index, item) in fields.Array("goods_detail", 150).Index())
        {
            var goods = new AlipayFields(item, $"goods_detail[{index}]");
            goods.RequiredText("goods_id", 64);
            goods.RequiredText("goods_name", 256);
            goods.RequiredAmount("price");
            if (!item.TryGetProperty("quantity", out var quantity) || quantity.ValueKind != JsonValueKind.Number
                || !quantity.TryGetInt32(out var count) || count < 1)
            {
                throw goods.Refused("quantity", "不是正整数");
            }
        }
    }

    private static void Skip(AlipayFields fields, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            fields.Skip(name);
        }
    }

    [GeneratedRegex(@"\A[0-9A-Za-z_]{1,64}\z")]
    private static partial Regex OrderNumber();

    [GeneratedRegex(@"\A[^/=&]+\z")]
    private static partial Regex Subject();

    [GeneratedRegex(@"\A((2[5-9]|30)[0-9]{14,22}|fp[0-9A-Za-z]{33})\z")]
    private static partial Regex PaymentCode();

    [GeneratedRegex(@"\A2088[0-9]{12}\z")]
    private static partial Regex SellerId();

    [GeneratedRegex(@"\A(1c|[1-9][0-9]{0,4}[mhd])\z")]
    private static partial Regex Duration();
}
