using System.Globalization;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>The account's movements of a day as a file: a zip with a detail and a summary (alipay.md 9.2).</summary>
internal static class AlipayLedgerBill
{
    private const string Columns = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注";
    private const string SumColumns = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）";

    /// <summary>The file; null when nothing moved on that day.</summary>
    public static byte[]? Write(AlipayLedger ledger, string pid, DateOnly day, DateTimeOffset now)
    {
        var entries = ledger.Accounts.Entries.Where(e => e.Merchant == pid).ToList();
        var balances = entries.Select(e => e.Account).Distinct().ToDictionary(
            a => a, a => ledger.Accounts.Balance(pid, a) - entries.Where(e => e.Account == a).Sum(e => e.Amount));
        var rows = new List<(AccountEntry Entry, string Line)>();
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            balances[entry.Account] += entry.Amount;
            if (WireTime.Date(entry.At) == day)
            {
                rows.Add((entry, Line(ledger, entry, i, balances[entry.Account])));
            }
        }

        if (rows.Count == 0)
        {
            return null;
        }

        var income = rows.Where(r => r.Entry.Amount >= 0).Select(r => r.Entry.Amount).ToList();
        var expense = rows.Where(r => r.Entry.Amount < 0).Select(r => -r.Entry.Amount).ToList();
        var detail = new StringBuilder();
        AlipayBill.Head(detail, "#支付宝账务明细查询", pid, day);
        detail.Append("#-----------------------------------------账务明细列表----------------------------------------\r\n").Append(Columns).Append("\r\n")
            .AppendJoin("", rows.Select(r => r.Line))
            .Append("#-----------------------------------------账务明细列表结束------------------------------------\r\n")
            .Append(CultureInfo.InvariantCulture, $"#支出合计：{expense.Count}笔，共{AlipayBill.Yuan(expense.Sum())}元\r\n")
            .Append(CultureInfo.InvariantCulture, $"#收入合计：{income.Count}笔，共{AlipayBill.Yuan(income.Sum())}元\r\n")
            .Append("#导出时间：[").Append(AlipayBill.Time(now)).Append("]\r\n");
        var total = string.Create(
            CultureInfo.InvariantCulture,
            $"{income.Count},{AlipayBill.Yuan(income.Sum())},{expense.Count},-{AlipayBill.Yuan(expense.Sum())},{AlipayBill.Yuan(income.Sum() - expense.Sum())}\r\n");
        var summary = new StringBuilder();
        AlipayBill.Head(summary, "#支付宝账务汇总查询", pid, day);
        summary.Append(SumColumns).Append("\r\n全部,").Append(total).Append("合计,").Append(total)
            .Append("#导出时间：[").Append(AlipayBill.Time(now)).Append("]\r\n");
        return AlipayBill.Pack($"{pid}0156_{day:yyyyMMdd}_账务明细", detail.ToString(), summary.ToString());
    }

    private static string Line(AlipayLedger ledger, AccountEntry entry, int number, long balance) => string.Join(',',
    [
        string.Create(CultureInfo.InvariantCulture, $"{entry.At.ToUnixTimeSeconds()}{number:D8}\t"), TheirNumber(ledger, entry) + "\t", entry.Number + "\t", "",
        AlipayTime.Text(entry.At), "", entry.Amount >= 0 ? AlipayBill.Yuan(entry.Amount) : "0.00", entry.Amount < 0 ? AlipayBill.Yuan(entry.Amount) : "0.00",
        AlipayBill.Yuan(balance), "支付宝", Kind(entry.Kind), "",
    ]) + "\r\n";

    private static string Kind(string kind) => kind switch
    {
        "payment" => "在线支付",
        "refund" or "refund_returned" or "reversal" => "交易退款",
        "transfer" or "transfer_returned" => "转账",
        _ => "其它",
    };

    private static string TheirNumber(AlipayLedger ledger, AccountEntry entry) => entry.Kind.StartsWith("transfer", StringComparison.Ordinal)
        ? ledger.Transfers.All.FirstOrDefault(t => t.OutBizNo == entry.Number)?.OrderId ?? ""
        : ledger.All.FirstOrDefault(o => o.OutTradeNo == entry.Number)?.TradeNo ?? "";
}
