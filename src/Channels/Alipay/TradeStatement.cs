using System.Text.RegularExpressions;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>The bill of trades (alipay.md 9.2): a row for each payment and each refund.</summary>
internal static partial class TradeStatement
{
    /// <summary>What the rows' file and the summary begin with.</summary>
    public const string FirstColumn = "支付宝交易号";

    /// <summary>The same of the summary.</summary>
    public const string SummaryFirstColumn = "门店编号";

    private const string Payment = "交易";
    private const string Refund = "退款";
    private static readonly string[] _freeText = ["商品名称", "门店名称", "对方账户", "券名称", "备注"];

    private static readonly string[] _amounts =
        ["订单金额", "商家实收", "支付宝红包", "集分宝", "支付宝优惠", "商家优惠", "券核销金额", "商家红包消费金额", "卡消费金额", "服务费", "分润"];

    /// <summary>Gives the rows, and at their end compares them with both totals.</summary>
    /// <exception cref="StatementException">They do not agree.</exception>
    public static IEnumerable<StatementRow> Read(StatementTable detail, StatementTable summary, int linesBefore)
    {
        var payments = new Total();
        var refunds = new Total();
        var fees = 0L;
        foreach (var line in detail.Rows(_freeText, IsUsual, CanBe))
        {
            var kind = line.Cell("业务类型");
            var fee = line.Money("服务费")!.Value;
            fees += fee;
            (kind == Payment ? payments : kind == Refund ? refunds : null)?.Add(line);
            yield return new StatementRow
            {
                Line = linesBefore + line.Number,
                Kind = kind == Payment ? StatementRow.Types.Kind.Payment : kind == Refund ? StatementRow.Types.Kind.Refund : StatementRow.Types.Kind.Other,
                AttemptNo = line.Cell("商户订单号"),
                ChannelOrderId = line.Cell(FirstColumn),
                RefundNo = kind == Refund ? line.Cell("退款批次号/请求号") : "",
                // The signs vary from file to file; the kind says which way the money went.
                AmountMinor = Math.Abs(line.Money("订单金额")!.Value),
                Currency = AlipayRules.Currency,
                FeeMinor = kind == Refund ? -Math.Abs(fee) : Math.Abs(fee),
                Time = ChinaTime.Read(line.Cell("完成时间")),
                ProviderState = PlainText.Clip(kind, 32),
            };
        }

        payments.Demand(detail.Footer(PaymentsRule()));
        refunds.Demand(detail.Footer(RefundsRule()));
        Demand(summary, payments, refunds, fees);
    }

    /// <summary>Every amount is there. A number that begins a free text is then none of the columns before or behind it.</summary>
    private static bool IsUsual(string column, string text) =>
        CanBe(column, text) && (!_amounts.Contains(column) || Yuan.ReadSigned(text) is not null);

    private static bool CanBe(string column, string text) => column switch
    {
        FirstColumn or "业务类型" => text.Length > 0,
        "创建时间" or "完成时间" => ChinaTime.Read(text) is not null,
        "订单金额" => Yuan.ReadSigned(text) is not null,
        "商家实收" or "商家优惠" or "服务费" => StatementLine.ReadMoney(text) is not null,
        _ => true,
    };

    private static bool CanBeTotal(string column, string text) =>
        column is not ("交易订单总笔数" or "退款订单总笔数") || StatementLine.ReadCount(text) is not null;

    /// <summary>The summary's line of totals. It may count amounts of payments alone or less the refunds; the page shows no example.</summary>
    private static void Demand(StatementTable summary, Total payments, Total refunds, long fees)
    {
        var total = summary.Rows(["门店名称"], CanBeTotal).LastOrDefault(l => l.Cell(SummaryFirstColumn) == "合计")
            ?? throw new StatementException("The summary has no totals: it is not whole.");
        var isEqual = total.Count("交易订单总笔数") == payments.Count && total.Count("退款订单总笔数") == refunds.Count
            && IsEither(total.Money("订单金额"), payments.Amount, refunds.Amount) && IsEither(total.Money("商家实收"), payments.Receipt, refunds.Receipt)
            && total.Money("服务费") is { } fee && Math.Abs(fee) == Math.Abs(fees);
        if (!isEqual)
        {
            throw new StatementException("The rows and the summary do not agree.");
        }
    }

    private static bool IsEither(long? said, long paid, long refunded) => said == paid || said == paid - refunded;

    /// <summary>What the rows of one kind add up to, each without its sign.</summary>
    private sealed class Total
    {
        public int Count { get; private set; }

        public long Amount { get; private set; }

        public long Receipt { get; private set; }

        private long Discount { get; set; }

        public void Add(StatementLine line)
        {
            Count++;
            Amount += Math.Abs(line.Money("订单金额")!.Value);
            Receipt += Math.Abs(line.Money("商家实收")!.Value);
            Discount += Math.Abs(line.Money("商家优惠")!.Value);
        }

        public void Demand(Match footer)
        {
            if (!footer.Groups[1].ValueSpan.SequenceEqual($"{Count}") || Yuan.Read(footer.Groups[2].Value) != Receipt || Yuan.Read(footer.Groups[3].Value) != Discount)
            {
                throw new StatementException("The rows and the totals at their end do not agree.");
            }
        }
    }

    [GeneratedRegex(@"^#交易合计[：:](\d+)笔[，,]商家实收共-?([\d.]+)元[，,]商家优惠共-?([\d.]+)元", RegexOptions.CultureInvariant)]
    private static partial Regex PaymentsRule();

    [GeneratedRegex(@"^#退款合计[：:](\d+)笔[，,]商家实收退款共-?([\d.]+)元[，,]商家优惠退款共-?([\d.]+)元", RegexOptions.CultureInvariant)]
    private static partial Regex RefundsRule();
}
