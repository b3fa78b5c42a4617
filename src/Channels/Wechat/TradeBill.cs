using PayCore.Contracts.V1;
using Kind = PayCore.Contracts.V1.StatementRow.Types.Kind;

namespace PayCore.Channels.Wechat;

/// <summary>The bill of trades (wechat-pay-v3.md 8.5, <c>ALL</c>): a line for each payment, refund and reversal.</summary>
internal static class TradeBill
{
    /// <summary>The payer's text and the merchant's own stand side by side; neither is needed.</summary>
    private const string FreeText = "商品名称";
    private const string Fee = "手续费";
    private const string OrderAmount = "订单金额";
    private const string RefundAmount = "申请退款金额";

    /// <summary>Each total with the column that it adds up. Bills of merchants from before 2018 have other names for the last three.</summary>
    private static readonly (string Total, string Column, bool IsRequired)[] _sums =
    [
        ("订单总金额", OrderAmount, true), ("申请退款总金额", RefundAmount, true), ("手续费总金额", Fee, true),
        ("应结订单总金额", "应结订单金额", false), ("退款总金额", "退款金额", false), ("充值券退款总金额", "充值券退款金额", false),
    ];

    /// <summary>Gives the rows, and at their end compares them with the totals.</summary>
    /// <exception cref="StatementException">They do not agree, or are not this merchant's of this day.</exception>
    public static IEnumerable<StatementRow> Read(BillFile file, string mchId, DateOnly day)
    {
        using var table = new BillTable(file.Open(), FreeText);
        var count = 0L;
        var sums = new long[_sums.Length];
        foreach (var line in table.Lines())
        {
            count++;
            foreach (var (i, (_, column, isRequired)) in _sums.Index())
            {
                sums[i] += isRequired || table.HasColumn(column) ? line.Demand(column, Yuan.Read) : 0;
            }

            yield return Row(line, mchId, day);
        }

        var totals = table.Totals!;
        var isEqual = totals.Demand("总交易单数", Yuan.ReadCount) == count
            && _sums.Index().All(s => (!s.Item.IsRequired && !(table.HasColumn(s.Item.Column) && table.HasTotal(s.Item.Total)))
                || totals.Demand(s.Item.Total, Yuan.Read) == sums[s.Index]);
        if (!isEqual)
        {
            throw new StatementException("The lines and the totals do not agree.");
        }
    }

    private static StatementRow Row(BillLine line, string mchId, DateOnly day)
    {
        var time = ChinaTime.ReadOn(day, line.Cell("交易时间"));
        if (time is null || line.Cell("商户号") != mchId || line.Cell("货币种类") != WechatRules.Currency)
        {
            throw line.Unreadable();
        }

        var state = line.Cell("交易状态");
        var kind = state switch
        {
            "SUCCESS" => Kind.Payment,
            // One that failed gave nothing back.
            "REFUND" when line.Cell("退款状态") == "FAIL" => Kind.Other,
            "REFUND" => Kind.Refund,
            "REVOKED" => Kind.Reversal,
            _ => Kind.Other,
        };
        var (paid, back) = (line.Demand(OrderAmount, Yuan.ReadFen), line.Demand(RefundAmount, Yuan.ReadFen));
        var fee = Yuan.Round(line.Demand(Fee, Yuan.Read));
        var isRefund = state == "REFUND";
        return new StatementRow
        {
            Line = line.Number,
            Kind = kind,
            AttemptNo = line.Cell("商户订单号"),
            ChannelOrderId = line.Cell("微信订单号"),
            RefundNo = isRefund ? line.Cell("商户退款单号") : "",
            ChannelRefundId = isRefund ? line.Cell("微信退款单号") : "",
            // A reversal stands there with what went back, or, when nothing had been paid, with what was asked for.
            AmountMinor = isRefund || (kind == Kind.Reversal && back > 0) ? back : paid,
            Currency = WechatRules.Currency,
            FeeMinor = isRefund ? -Math.Abs(fee) : fee,
            Time = time,
            ProviderState = PlainText.Clip(isRefund ? line.Cell("退款状态") : state, 32),
        };
    }
}
