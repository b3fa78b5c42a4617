using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>What the wallet says, in the payer's language.</summary>
internal sealed record WalletWords
{
    public static WalletWords Chinese { get; } = new()
    {
        Language = "zh-CN",
        Wallet = "模拟钱包",
        Notice = "支付模拟器：不会产生真实扣款",
        Scan = "扫一扫",
        ScanHint = "点击下方待支付订单，或粘贴二维码内容。",
        CodeLabel = "二维码内容",
        Open = "打开",
        Unpaid = "待支付订单",
        NoneUnpaid = "暂无待支付订单",
        PayTo = "付款给",
        OrderNumber = "商户单号",
        Item = "商品",
        Means = "支付方式",
        Wechat = "微信支付",
        Alipay = "支付宝",
        Pay = "确认支付",
        Decline = "取消",
        Paid = "支付成功",
        Declined = "已取消支付",
        TryAgain = "重新支付",
        Closed = "订单已关闭",
        Expired = "支付时间已过，请返回商户重新下单",
        UnknownCode = "二维码已失效",
        Transaction = "交易单号",
        Time = "支付时间",
        Back = "返回钱包",
        Cashier = "支付宝收银台（模拟）",
        Fail = "模拟支付失败",
        Failed = "支付失败",
        Leave = "离开",
        Left = "您已离开收银台，未付款",
        BackToMerchant = "返回商户",
        Refused = "暂时无法付款",
        RefusedHint = "商户的支付请求有误，请联系商户。",
        ErrorCode = "错误码",
        Reason = "原因",
        UnknownPage = "页面已失效，请返回商户重新付款",
        ReceiveFrom = "收款自",
        Receive = "确认收款",
        Received = "已收款",
        Arriving = "处理中，请稍候",
        NotReceived = "转账已结束，未收款",
    };

    public static WalletWords English { get; } = new()
    {
        Language = "en",
        Wallet = "Simulated wallet",
        Notice = "Payment simulator: no real money moves",
        Scan = "Scan",
        ScanHint = "Choose an unpaid order below, or paste what a QR code holds.",
        CodeLabel = "Content of the QR code",
        Open = "Open",
        Unpaid = "Unpaid orders",
        NoneUnpaid = "No unpaid orders",
        PayTo = "Pay to",
        OrderNumber = "Order number",
        Item = "Item",
        Means = "Payment method",
        Wechat = "WeChat Pay",
        Alipay = "Alipay",
        Pay = "Pay",
        Decline = "Decline",
        Paid = "Payment successful",
        Declined = "Payment declined",
        TryAgain = "Pay after all",
        Closed = "The order is closed",
        Expired = "The time to pay is over. Please order again.",
        UnknownCode = "This code is no longer valid",
        Transaction = "Transaction",
        Time = "Paid at",
        Back = "Back to the wallet",
        Cashier = "Alipay cashier (simulated)",
        Fail = "Let the payment fail",
        Failed = "The payment failed",
        Leave = "Leave",
        Left = "You left the cashier without paying",
        BackToMerchant = "Back to the merchant",
        Refused = "You cannot pay here",
        RefusedHint = "The merchant's request is not in order. Please turn to the merchant.",
        ErrorCode = "Error code",
        Reason = "Reason",
        UnknownPage = "This page is no longer valid. Please start again at the merchant.",
        ReceiveFrom = "Receive from",
        Receive = "Receive the money",
        Received = "The money is yours",
        Arriving = "The money is on its way",
        NotReceived = "The transfer has ended. Nothing was received.",
    };

    public required string Language { get; init; }

    public required string Wallet { get; init; }

    public required string Notice { get; init; }

    public required string Scan { get; init; }

    public required string ScanHint { get; init; }

    public required string CodeLabel { get; init; }

    public required string Open { get; init; }

    public required string Unpaid { get; init; }

    public required string NoneUnpaid { get; init; }

    public required string PayTo { get; init; }

    public required string OrderNumber { get; init; }

    public required string Item { get; init; }

    public required string Means { get; init; }

    public required string Wechat { get; init; }

    public required string Alipay { get; init; }

    public required string Pay { get; init; }

    public required string Decline { get; init; }

    public required string Paid { get; init; }

    public required string Declined { get; init; }

    public required string TryAgain { get; init; }

    public required string Closed { get; init; }

    public required string Expired { get; init; }

    public required string UnknownCode { get; init; }

    public required string Transaction { get; init; }

    public required string Time { get; init; }

    public required string Back { get; init; }

    public required string Cashier { get; init; }

    public required string Fail { get; init; }

    public required string Failed { get; init; }

    public required string Leave { get; init; }

    public required string Left { get; init; }

    public required string BackToMerchant { get; init; }

    public required string Refused { get; init; }

    public required string RefusedHint { get; init; }

    public required string ErrorCode { get; init; }

    public required string Reason { get; init; }

    public required string UnknownPage { get; init; }

    public required string ReceiveFrom { get; init; }

    public required string Receive { get; init; }

    public required string Received { get; init; }

    public required string Arriving { get; init; }

    public required string NotReceived { get; init; }

    public string NameOf(string provider) => provider == "alipay" ? Alipay : Wechat;

    /// <summary>Chinese when the browser likes it better than English, otherwise English.</summary>
    public static WalletWords For(HttpRequest request)
    {
        var liked = request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(l => l.Quality ?? 1)
            .Select(l => l.Value.ToString())
            .FirstOrDefault(l => l.StartsWith("zh", StringComparison.OrdinalIgnoreCase) || l.StartsWith("en", StringComparison.OrdinalIgnoreCase));
        return liked?.StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true ? Chinese : English;
    }
}
