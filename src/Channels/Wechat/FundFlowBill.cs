using PayCore.Contracts.V1;
using Kind = PayCore.Contracts.V1.StatementRow.Types.Kind;

namespace PayCore.Channels.Wechat;

/// <summary>The bill of an account's movements (wechat-pay-v3.md 8.5): of the account from which transfers are paid, a line for each of them.</summary>
internal static class FundFlowBill
{
    private const string FreeText = "备注";
    private const string In = "收入";
    private const string Out = "支出";

    /// <summary>Gives the rows, and at their end compares them with the totals.</summary>
    /// <exception cref="StatementException">They do not agree, or are not of this day.</exception>
    public static IEnumerable<StatementRow> Read(BillFile file, DateOnly day)
    {
        using var table = new BillTable(file.Open(), FreeText);
        (long Count, long Sum) income = default;
        (long Count, long Sum) expense = default;
        foreach (var line in table.Lines())
        {
            var amount = line.Demand("收支金额(元)", Yuan.ReadFen);
            var direction = line.Cell("收支类型");
            switch (direction)
            {
                case In:
                    income = (income.Count + 1, income.Sum + amount);
                    break;
                case Out:
                    expense = (expense.Count + 1, expense.Sum + amount);
                    break;
                default:
                    throw line.Unreadable();
            }

            yield return Row(line, day, direction, amount);
        }

        var totals = table.Totals!;
        var isEqual = totals.Demand("资金流水总笔数", Yuan.ReadCount) == income.Count + expense.Count
            && totals.Demand("收入笔数", Yuan.ReadCount) == income.Count && totals.Demand("收入金额", Yuan.ReadFen) == income.Sum
            && totals.Demand("支出笔数", Yuan.ReadCount) == expense.Count && totals.Demand("支出金额", Yuan.ReadFen) == expense.Sum;
        if (!isEqual)
        {
            throw new StatementException("The lines and the totals do not agree.");
        }
    }

    private static StatementRow Row(BillLine line, DateOnly day, string direction, long amount)
    {
        var kind = line.Cell("业务类型");
        var row = new StatementRow
        {
            Line = line.Number,
            Kind = Kind.Other,
            AmountMinor = amount,
            Currency = WechatRules.Currency,
            Time = ChinaTime.ReadOn(day, line.Cell("记账时间")) ?? throw line.Unreadable(),
            ProviderState = PlainText.Clip(kind, 32),
        };
        if (direction == Out && (kind.Contains("转账", StringComparison.Ordinal) || line.Cell("业务名称").Contains("转账", StringComparison.Ordinal)))
        {
            row.Kind = Kind.Transfer;
            (row.TransferNo, row.ChannelTransferId) = (line.Cell("业务凭证号"), line.Cell("微信支付业务单号"));
        }

        return row;
    }
}
