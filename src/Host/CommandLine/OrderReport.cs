using System.Text;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.Payments;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.Host.CommandLine;

/// <summary>An order in plain words, English or Chinese, times in this machine's zone.</summary>
internal sealed class OrderReport(
    StoredOrder stored, IReadOnlyList<Delivery> deliveries, IReadOnlyList<ExceptionItem> exceptions, TimeProvider time, bool isChinese)
{
    private readonly StringBuilder _text = new();

    /// <summary>The report.</summary>
    public override string ToString()
    {
        _text.Clear();
        WriteOrder(stored.Order);
        stored.Attempts.ToList().ForEach(WriteAttempt);
        WriteHistory();
        deliveries.ToList().ForEach(WriteDelivery);
        if (deliveries.Count == 0)
        {
            Line(0, Say("Notifications: none", "通知：无"), "");
        }

        foreach (var item in exceptions)
        {
            Line(0, Say("To be looked at", "需要处理"), $"{Names.Of(item.Kind)} {item.Detail}{(item.Resolved ? Say(" (settled)", "（已处理）") : "")}");
        }

        return _text.ToString().TrimEnd();
    }

    private void WriteOrder(PayOrder order)
    {
        Line(0, Say("Order", "订单"), order.Id);
        Line(1, Say("state", "状态"), $"{Names.Of(order.State)}: {StateWords(order)}");
        Line(1, Say("amount", "金额"), Amounts.Format(order.AmountMinor, order.Currency));
        Line(1, Say("subject", "商品"), order.Subject);
        Line(1, Say("merchant", "商户"), $"{stored.MerchantId}, {Say("app", "应用")} {order.AppId}");
        Line(1, Say("number", "商户单号"), order.OutTradeNo);
        Line(1, Say("pays by", "支付方式"), $"{(order.Method.Length > 0 ? order.Method : "-")} {Names.Of(order.Scene)}");
        Line(1, Say("created", "创建于"), At(order.CreateTime));
        Line(1, Say("pay until", "支付截止"), At(order.ExpireTime));
        if (order.State == OrderState.Paid)
        {
            Line(1, Say("paid", "支付于"), $"{At(order.PaidTime)}, {Amounts.Format(order.PaidAmountMinor, order.Currency)}, {Say("provider's number", "渠道单号")} {order.ChannelOrderId}");
        }

        if (order.RefundedAmountMinor > 0)
        {
            Line(1, Say("refunded", "已退款"), Amounts.Format(order.RefundedAmountMinor, order.Currency));
        }

        Line(1, Say("next look", "下次检查"), stored.DueTime is null ? Say("none: nothing is open", "无：没有未完结的事项") : At(stored.DueTime));
    }

    private string StateWords(PayOrder order) => order.State switch
    {
        OrderState.Created => Say("saved; no channel was asked yet", "已保存，尚未请求渠道"),
        OrderState.Paying => order.CloseRequested
            ? Say("is being closed; the channel must confirm that nobody paid", "正在关闭，等待渠道确认无人支付")
            : Say("the user may be paying", "用户可能正在支付"),
        OrderState.Paid => order.Late ? Say("paid, after it had ended", "已支付（在订单结束之后到账）") : Say("paid", "已支付"),
        OrderState.Closed => Say("ended unpaid", "已关闭，未支付"),
        _ => Say("refused: ", "失败：") + $"{order.FailureCode} {order.FailureMessage}",
    };

    private void WriteAttempt(StoredAttempt attempt)
    {
        var seen = attempt.Attempt;
        Line(0, Say("Attempt", "支付尝试"), $"{seen.AttemptNo} → {attempt.Channel}/{attempt.Account} ({Names.Of(seen.Scene)})");
        Line(1, Say("state", "状态"), $"{Names.Of(seen.State)}: {AttemptWords(seen)}");
        Line(1, Say("sent", "发送于"), At(seen.CreateTime));
        if (seen.State == AttemptState.Sent && attempt.OpenCalls > 0)
        {
            Line(1, Say("unanswered", "无应答"), Say($"{attempt.OpenCalls} call(s) without a usable answer; a query decides", $"{attempt.OpenCalls} 次请求没有可用的应答，以查询为准"));
        }

        if (seen.PaidTime is not null)
        {
            Line(1, Say("paid", "支付于"), $"{At(seen.PaidTime)}, {Amounts.Format(seen.PaidAmountMinor, seen.Currency)}, {seen.ChannelOrderId}");
        }
    }

    private string AttemptWords(Attempt attempt) => attempt.State switch
    {
        AttemptState.Sent => Say("sent; the channel's answer is not known", "已发送，渠道应答未知"),
        AttemptState.Open => Say("can be paid", "可以支付"),
        AttemptState.Refused => Say("the channel refused: ", "渠道拒绝：") + $"{attempt.RefusalCode} {attempt.RefusalMessage}",
        AttemptState.Closed => Say("can no longer be paid", "已不能支付"),
        AttemptState.Won => Say("this payment made the order paid", "订单由此支付成功"),
        _ => Say("surplus money: the order was paid already", "多付的款项：订单此前已支付"),
    };

    private void WriteHistory()
    {
        Line(0, Say("History", "历史"), "");
        foreach (var entry in stored.History)
        {
            var what = entry.AttemptNo.Length > 0 ? entry.AttemptNo : Say("order", "订单");
            Line(1, At(entry.Time), $"{what}: {(entry.FromState.Length > 0 ? entry.FromState : "-")} → {entry.ToState}, {Say("by", "原因")} {entry.Cause} {entry.EvidenceId}");
        }
    }

    private void WriteDelivery(Delivery delivery)
    {
        Line(0, Say("Notification", "通知"), $"{delivery.EventType} {delivery.EventId} → {delivery.Url}");
        Line(1, Say("state", "状态"), $"{Names.Of(delivery.State)}: {DeliveryWords(delivery)}");
        foreach (var made in delivery.History)
        {
            var status = made.HttpStatus > 0 ? $"HTTP {made.HttpStatus}" : Say("no HTTP answer", "无 HTTP 应答");
            Line(1, $"{Say("try", "第")} {made.Number}{Say("", " 次")}", $"{At(made.StartTime)}, {made.DurationMs} ms, {made.Result}, {status}{(made.Answer.Length > 0 ? $": {made.Answer.ReplaceLineEndings(" ")}" : "")}");
        }
    }

    private string DeliveryWords(Delivery delivery) => delivery.State switch
    {
        DeliveryState.Pending when delivery.WaitsFor.Length > 0 =>
            Say("the endpoint does not keep up or does not answer; the next try is when it does, at the latest at ", "商户接口处理不及时或无应答，恢复后即尝试，最迟于 ") + At(delivery.DueTime),
        DeliveryState.Pending => Say("the next try is at ", "下次尝试于 ") + At(delivery.DueTime),
        DeliveryState.Leased => Say("is being sent", "正在发送"),
        DeliveryState.Delivered => Say("the merchant acknowledged at ", "商户确认于 ") + At(delivery.DeliveredTime),
        _ => Say("given up; resend it when the merchant's endpoint works", "已放弃；商户接口恢复后可重发"),
    };

    private string At(Timestamp? moment) => moment is null ? "-" : Times.Show(moment.ToDateTimeOffset(), time);

    private void Line(int depth, string name, string value) => _text.Append(' ', depth * 2).Append(name.PadRight(depth == 0 ? 0 : 14)).Append(' ').AppendLine(value);

    private string Say(string english, string chinese) => isChinese ? chinese : english;
}
