using System.Text.RegularExpressions;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>
/// The account's ledger (alipay.md 9.2): a row for each movement of the balance. Payments and refunds are in it too, and are left to the bill of trades, which knows
/// their numbers.
/// </summary>
internal static partial class LedgerStatement
{
    /// <summary>What the rows' file begins with.</summary>
    public const string FirstColumn = "账务流水号";

    /// <summary>The same of the summary.</summary>
    public const string SummaryFirstColumn = "类型";

    private static readonly string[] _trades = ["在线支付", "交易付款", "交易退款"];
    private static readonly string[] _freeText = ["商品名称", "对方账号", "业务描述", "备注"];

    /// <summary>Gives the rows that are of no trade, and at their end compares all of them with both totals.</summary>
    /// <exception cref="StatementException">They do not agree.</exception>
    public static IEnumerable<StatementRow> Read(StatementTable detail, StatementTable summary, int linesBefore)
    {
        (int Count, long Sum) income = default;
        (int Count, long Sum) expense = default;
        foreach (var line in detail.Rows(_freeText, IsUsual, CanBe))
        {
            var (come, gone) = (Math.Abs(line.Money("收入金额")!.Value), Math.Abs(line.Money("支出金额")!.Value));
            income = come > 0 ? (income.Count + 1, income.Sum + come) : income;
            expense = gone > 0 ? (expense.Count + 1, expense.Sum + gone) : expense;
            var kind = line.Cell("业务类型");
            if (_trades.Contains(kind))
            {
                continue;
            }

            var row = new StatementRow
            {
                Line = linesBefore + line.Number,
                AmountMinor = come + gone,
                Currency = AlipayRules.Currency,
                Time = ChinaTime.Read(line.Cell("发生时间")),
                ProviderState = PlainText.Clip(kind, 32),
            };
            if (gone > 0 && kind.Contains("转账", StringComparison.Ordinal))
            {
                row.Kind = StatementRow.Types.Kind.Transfer;
                (row.TransferNo, row.ChannelTransferId) = (line.Cell("商户订单号"), line.Cell("业务流水号"));
            }
            else
            {
                row.Kind = StatementRow.Types.Kind.Other;
                (row.AttemptNo, row.ChannelOrderId) = (line.Cell("商户订单号"), line.Cell("业务流水号"));
            }

            yield return row;
        }

        Demand(detail.Footer(ExpenseRule()), expense);
        Demand(detail.Footer(IncomeRule()), income);
        var total = summary.Rows([SummaryFirstColumn], CanBeTotal).LastOrDefault(l => l.Cell(SummaryFirstColumn) == "合计")
            ?? throw new StatementException("The summary has no totals: it is not whole.");
        if (!Is(total, "收入", income) || !Is(total, "支出", expense))
        {
            throw new StatementException("The rows and the summary do not agree.");
        }
    }

    private static bool IsUsual(string column, string text) =>
        CanBe(column, text) && (column is not ("收入金额" or "支出金额" or "账户余额") || text.Length > 0);

    private static bool CanBe(string column, string text) => column switch
    {
        FirstColumn or "业务类型" => text.Length > 0,
        "发生时间" => ChinaTime.Read(text) is not null,
        "收入金额" or "支出金额" or "账户余额" => StatementLine.ReadMoney(text) is not null,
        _ => true,
    };

    private static bool CanBeTotal(string column, string text) =>
        column is not ("收入笔数" or "支出笔数") || StatementLine.ReadCount(text) is not null;

    private static void Demand(Match footer, (int Count, long Sum) found)
    {
        if (!footer.Groups[1].ValueSpan.SequenceEqual($"{found.Count}") || Yuan.Read(footer.Groups[2].Value) != found.Sum)
        {
            throw new StatementException("The rows and the totals at their end do not agree.");
        }
    }

    private static bool Is(StatementLine total, string way, (int Count, long Sum) found) =>
        total.Count($"{way}笔数") == found.Count && total.Money($"{way}金额") is { } sum && Math.Abs(sum) == found.Sum;

    [GeneratedRegex(@"^#支出合计[：:](\d+)笔[，,]共-?([\d.]+)元", RegexOptions.CultureInvariant)]
    private static partial Regex ExpenseRule();

    [GeneratedRegex(@"^#收入合计[：:](\d+)笔[，,]共-?([\d.]+)元", RegexOptions.CultureInvariant)]
    private static partial Regex IncomeRule();
}
