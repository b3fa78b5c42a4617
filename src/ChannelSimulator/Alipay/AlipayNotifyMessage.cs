using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>Makes the notify of a paid trade, and of its refunds (alipay.md 6.2 and 6.8): same id on every send, its time fresh.</summary>
internal sealed class AlipayNotifyMessage(AlipayMerchants merchants, AlipayForgery forgery, TimeProvider time)
{
    private const string OddSubject = "100% A+B %41 &a=b; 茶\"<>";

    /// <param name="order">The order as the notify shows it, with the callback it belongs to.</param>
    /// <param name="fault">The kind of the fault at work.</param>
    /// <param name="refund">The refund that is told; null for the payment.</param>
    public HttpRequestMessage Make(AlipayOrder order, string? fault, AlipayRefund? refund = null)
    {
        var merchant = merchants.Find(order.AppId) ?? throw new InvalidOperationException("The merchant is not registered.");
        var charset = fault == FaultKinds.Gbk ? CodePagesEncodingProvider.Instance.GetEncoding("GBK")! : Encoding.UTF8;
        return Signed(Parameters(order, fault, refund), merchant, forgery, charset, fault, order.NotifyUrl!);
    }

    /// <summary>A form with its signature; wrongly when a fault wants it.</summary>
    public static HttpRequestMessage Signed(
        AlipayParameters parameters, AlipayMerchant merchant, AlipayForgery forgery, Encoding charset, string? fault, string address)
    {
        Sign(parameters, merchant, forgery, charset, fault);
        var body = fault == FaultKinds.Garbage ? "<html>502 Bad Gate" : parameters.Encoded(charset);
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded; charset=" + parameters["charset"]);
        request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/4.0");
        return request;
    }

    private AlipayParameters Parameters(AlipayOrder order, string? fault, AlipayRefund? refund)
    {
        var amount = AlipayAmount.Text(order.Total);
        var paid = order.GmtPayment is null ? null : amount;
        var now = AlipayTime.Text(time.GetUtcNow());
        var appId = fault == FaultKinds.OtherAppId ? "2021999999999999" : order.AppId;
        return new AlipayParameters
        {
            ["notify_time"] = now,
            ["notify_type"] = "trade_status_sync",
            ["notify_id"] = order.Callback!.Id,
            ["charset"] = fault == FaultKinds.Gbk ? "GBK" : "utf-8",
            ["version"] = "1.0",
            ["app_id"] = appId,
            ["auth_app_id"] = appId,
            ["trade_no"] = order.TradeNo,
            ["out_trade_no"] = fault == FaultKinds.OtherOutTradeNo ? "OTHER" + order.OutTradeNo : order.OutTradeNo,
            ["buyer_id"] = order.BuyerId,
            ["buyer_logon_id"] = AlipayTradeObject.LogonId(order),
            ["seller_id"] = fault == FaultKinds.OtherSellerId ? "2088999999999999" : order.SellerId,
            ["trade_status"] = fault == FaultKinds.FinishedFirst ? "TRADE_FINISHED" : order.TradeStatus,
            ["total_amount"] = fault == FaultKinds.WrongAmount ? AlipayAmount.Text(order.Total + 1) : amount,
            ["receipt_amount"] = paid,
            ["invoice_amount"] = paid,
            ["buyer_pay_amount"] = paid,
            ["point_amount"] = "0.00",
            ["subject"] = fault == FaultKinds.OddSubject ? OddSubject : order.Subject,
            ["body"] = order.Body,
            ["gmt_create"] = AlipayTime.Text(order.GmtCreate!.Value),
            ["gmt_payment"] = order.GmtPayment is { } at ? AlipayTime.Text(at) : null,
            ["fund_bill_list"] = paid is null ? null : $$"""[{"amount":"{{paid}}","fundChannel":"ALIPAYACCOUNT"}]""",
            ["passback_params"] = order.PassbackParams,
            ["refund_fee"] = fault == FaultKinds.RefundFirst ? "0.01" : refund is null ? null : AlipayAmount.Text(refund.RefundedSoFar),
            ["gmt_refund"] = fault == FaultKinds.RefundFirst ? now + ".123" : refund is null ? null : AlipayTime.Text(refund.GmtRefund!.Value) + ".123",
            ["out_biz_no"] = fault == FaultKinds.RefundFirst ? order.OutTradeNo + "R1" : refund?.OutRequestNo,
            ["gmt_close"] = order is { TradeStatus: "TRADE_CLOSED", GmtClose: { } closed } ? AlipayTime.Text(closed) : null,
            ["field_of_tomorrow"] = fault == FaultKinds.UnknownField ? "new=1&unknown" : null,
        };
    }

    private static void Sign(AlipayParameters parameters, AlipayMerchant merchant, AlipayForgery forgery, Encoding charset, string? fault)
    {
        if (fault == FaultKinds.NotSigned)
        {
            return;
        }

        var text = charset.GetBytes(parameters.SignedText(withSignType: false) + (fault == FaultKinds.BadSignature ? " " : ""));
        parameters["sign"] = fault == FaultKinds.OtherKey ? forgery.Sign(text) : merchant.Sign(text);
        parameters["sign_type"] = "RSA2";
        if (fault == FaultKinds.BodyChanged)
        {
            parameters["changed"] = "1";
        }
    }
}
