using PayCore.PayDatabase.Seeding;

namespace PayCore.Host.CommandLine;

/// <summary>The shops, wallets and refusals of made-up orders. The codes are those that the providers document.</summary>
internal static class MadeUpTrade
{
    private static readonly SeedWords[] _wechatRefusals =
    [
        new("PARAM_ERROR", "参数错误"), new("NO_AUTH", "商户无权限"), new("RULE_LIMIT", "业务规则限制"), new("ACCOUNT_ERROR", "用户账号注销"), new("OUT_TRADE_NO_USED", "商户订单号重复"),
    ];

    private static readonly SeedWords[] _wechatCodeRefusals =
    [
        new("NOTENOUGH", "余额不足"), new("AUTHCODEEXPIRE", "二维码已过期，请用户在微信上刷新后再试"), new("AUTH_CODE_INVALID", "付款码无效"), new("BANKERROR", "银行系统异常"),
    ];

    private static readonly SeedWords[] _alipayRefusals =
    [
        new("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足"), new("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付授权码无效"), new("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
        new("ACQ.BUYER_ENABLE_STATUS_FORBID", "买家状态非法"), new("ACQ.INVALID_PARAMETER", "参数无效"),
    ];

    private static readonly SeedWords _wechatRefund = new("USER_ACCOUNT_ABNORMAL", "退款请求失败，用户账户异常");
    private static readonly SeedWords _alipayRefund = new("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足");
    private static readonly SeedWords _wechatTransfer = new("NAME_NOT_CORRECT", "收款用户姓名校验不通过");
    private static readonly SeedWords _alipayTransfer = new("PAYEE_NOT_EXIST", "收款账号不存在");

    /// <summary>Who sells. Nothing is ever sent to the addresses.</summary>
    public static IReadOnlyList<SeedShop> Shops { get; } =
    [
        new("teahouse", "leafandcup", 30, "CNY", 3800, ["龙井茶 Longjing tea", "茉莉花茶 Jasmine tea", "奶茶 Milk tea"], "https://teahouse.example/paycore", 0.985),
        new("grocery", "freshlane", 26, "CNY", 8900, ["生鲜配送 Groceries", "水果 Fruit", "鲜花 Flowers"], "https://grocery.example/notify", 0.99),
        new("bikes", "twowheels", 18, "CNY", 250, ["骑行 Ride", "月卡 Monthly pass"], "https://bikes.example/hooks/pay", 0.995),
        new("bookshop", "paperboat", 12, "CNY", 6600, ["图书 Books", "文具 Stationery"], "https://bookshop.example/paid", 0.96),
        new("school", "brightminds", 8, "CNY", 129900, ["在线课程 Online course", "教材 Course book"], "https://school.example/api/payment-events", 0.93),
        new("harbour", "harbourhotel", 4, "HKD", 98000, ["酒店房费 Room", "早餐 Breakfast"], "https://harbour.example/webhooks", 0.97),
        new("museum", "citymuseum", 2, "CNY", 6000, ["门票 Ticket"], "", 1),
    ];

    /// <summary>How users pay.</summary>
    public static IReadOnlyList<SeedWay> Ways { get; } =
    [
        new("wechat", "wechat", "1900000109", "MINI_PROGRAM", 30, _wechatRefusals, _wechatRefund, _wechatTransfer),
        new("wechat", "wechat", "1900000109", "QR", 14, _wechatRefusals, _wechatRefund, _wechatTransfer),
        new("wechat", "wechat", "1900000117", "H5", 8, _wechatRefusals, _wechatRefund, _wechatTransfer),
        new("wechat", "wechat", "1900000117", "BARCODE", 8, _wechatCodeRefusals, _wechatRefund, _wechatTransfer),
        new("alipay", "alipay", "2021000000000011", "QR", 16, _alipayRefusals, _alipayRefund, _alipayTransfer),
        new("alipay", "alipay", "2021000000000011", "H5", 14, _alipayRefusals, _alipayRefund, _alipayTransfer),
        new("alipay", "alipay", "2021000000000029", "PAGE", 10, _alipayRefusals, _alipayRefund, _alipayTransfer),
    ];
}
