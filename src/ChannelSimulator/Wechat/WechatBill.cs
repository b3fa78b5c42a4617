using System.Globalization;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>A trade bill as a file: BOM, CRLF, a backtick before every value, yuan (wechat-pay-v3.md 8.3 and 8.5).</summary>
internal static class WechatBill
{
    private const decimal Rate = 0.006m;

    private static readonly string[] _columns =
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
        .Split(',');

    /// <summary>Payments by their success, refunds by their acceptance, reversals of paid orders. Unpaid orders are not there.</summary>
    public static IEnumerable<BillRow> Rows(WechatLedger ledger, string mchId)
    {
        var orders = ledger.All.Where(o => o.MchId == mchId && o.SuccessTime is not null).ToDictionary(o => o.OutTradeNo);
        var payments = orders.Values.Select(o => Row(o, o.SuccessTime!.Value, o.Total, "SUCCESS"));
        var reversals = ledger.Accounts.Entries.Where(e => e.Kind == "reversal" && e.Merchant == mchId)
            .Select(e => Row(orders[e.Number], e.At, orders[e.Number].Total, "REVOKED"));
        var refunds = ledger.Refunds.All.Where(r => r.MchId == mchId).Select(r => Row(orders[r.OutTradeNo], r.CreateTime, r.Amount, r.State) with
        {
            OutRefundNo = r.OutRefundNo,
            RefundId = r.RefundId,
            RefundedAt = r.SuccessTime,
        });
        return [.. payments, .. reversals, .. refunds];
    }

    /// <summary>Whether a type of bill has this row.</summary>
    public static bool Holds(string type, BillRow row) => type switch { "SUCCESS" => IsPayment(row), "REFUND" => row.IsRefund, _ => true };

    public static byte[] Write(string mchId, WechatLedger ledger, IReadOnlyList<BillRow> rows, string type)
    {
        var text = new StringBuilder();
        text.Append(string.Join(',', Chosen(_columns, type, ["退款申请时间", "退款成功时间"]))).Append("\r\n");
        foreach (var row in rows)
        {
            var appId = ledger.Find(mchId, row.OutTradeNo)?.AppId ?? "";
            string[] times = [Time(row.At), row.RefundedAt is { } at ? Time(at) : ""];
            text.Append(Line(Chosen(Values(mchId, appId, row), type, times)));
        }

        var settled = rows.Where(IsPayment).Sum(r => r.Amount);
        var refunded = rows.Where(r => !IsPayment(r)).Sum(r => r.Amount);
        var fee = rows.Sum(Fee);
        text.Append(type == "SUCCESS"
            ? "总交易单数,应结订单总金额,手续费总金额,订单总金额\r\n"
            : "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n");
        text.Append(Line(type == "SUCCESS"
            ? [Count(rows), Yuan(settled), Fee(fee), Yuan(settled)]
            : [Count(rows), Yuan(settled), Yuan(refunded), "0.00", Fee(fee), Yuan(settled), Yuan(refunded)]));
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    private static BillRow Row(SimulatedOrder order, DateTimeOffset at, long amount, string state) => new()
    {
        At = at,
        Created = order.PlacedAt,
        OutTradeNo = order.OutTradeNo,
        Transaction = order.TransactionId!,
        Amount = amount,
        State = state,
        Scene = order.Scene,
        Payer = order.PayerOpenId!,
        Item = order.Description,
        Attach = order.Attach ?? "",
    };

    private static bool IsPayment(BillRow row) => !row.IsRefund && row.State != "REVOKED";

    private static string[] Values(string mchId, string appId, BillRow row)
    {
        var paid = IsPayment(row) ? row.Amount : 0;
        var refunded = IsPayment(row) ? 0 : row.Amount;
        return
        [
            Time(row.At), appId, mchId, "0", "", row.Transaction, row.OutTradeNo, row.Payer, TransactionObject.TradeType(row.Scene),
            row.IsRefund ? "REFUND" : row.State, "OTHERS", "CNY", Yuan(paid), "0.00", row.RefundId ?? "0", row.OutRefundNo ?? "0", Yuan(refunded), "0.00",
            row.IsRefund ? "ORIGINAL" : "", row.IsRefund ? RefundState(row.State) : "", Clean(row.Item), Clean(row.Attach), Fee(Fee(row)), "0.60%",
            Yuan(paid), Yuan(refunded), "",
        ];
    }

    /// <summary>Of the 27 columns those that the type of bill has.</summary>
    private static string[] Chosen(string[] all, string type, string[] times) => type switch
    {
        "SUCCESS" => [.. all[..14], .. all[20..25], all[26]],
        "REFUND" => [.. all[..14], .. times, .. all[14..]],
        _ => all,
    };

    private static string RefundState(string state) => state switch { "CLOSED" => "FAIL", "ABNORMAL" => "CHANGE", _ => state };

    private static decimal Fee(BillRow row) => row.Amount * Rate / 100 * (IsPayment(row) ? 1 : -1);

    private static string Fee(decimal fee) => fee.ToString("0.00000", CultureInfo.InvariantCulture);

    private static string Count(IReadOnlyList<BillRow> rows) => rows.Count.ToString(CultureInfo.InvariantCulture);

    private static string Yuan(long fen) => (fen / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => AlipayTime.Text(time);

    /// <summary>A comma may stand in a value; what would end a value or a line may not.</summary>
    private static string Clean(string text) => text.Replace('`', ' ').ReplaceLineEndings(" ");

    private static string Line(IEnumerable<string> values) => string.Join(',', values.Select(v => "`" + v)) + "\r\n";
}
