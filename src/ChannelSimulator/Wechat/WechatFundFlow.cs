using System.Globalization;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>The movements of one of a merchant's accounts on a day, as a file (wechat-pay-v3.md 8.5): a line for each, and what the account held after it.</summary>
internal static class WechatFundFlow
{
    private const string Header = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n";
    private const string Summary = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n";

    /// <summary>The file; null when nothing moved on that day.</summary>
    public static byte[]? Write(WechatLedger ledger, string mchId, string account, DateOnly day)
    {
        var entries = ledger.Accounts.Entries.Where(e => e.Merchant == mchId && e.Account == account).ToList();
        var balance = ledger.Accounts.Balance(mchId, account) - entries.Sum(e => e.Amount);
        var text = new StringBuilder(Header);
        var shown = new List<long>();
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            balance += entry.Amount;
            if (WireTime.Date(entry.At) != day)
            {
                continue;
            }

            shown.Add(entry.Amount);
            var (name, kind) = Words(entry.Kind);
            text.Append(Line(
                AlipayTime.Text(entry.At), TheirNumber(ledger, entry), $"19{mchId}{i:D10}", name, kind, entry.Amount < 0 ? "支出" : "收入", Yuan(Math.Abs(entry.Amount)),
                Yuan(balance), "system", "", entry.Number));
        }

        if (shown.Count == 0)
        {
            return null;
        }

        var (income, expense) = (shown.Where(a => a >= 0).ToList(), shown.Where(a => a < 0).ToList());
        text.Append(Summary).Append(Line(
            $"{shown.Count}.0", $"{income.Count}.0", Yuan(income.Sum()), $"{expense.Count}.0", Yuan(-expense.Sum())));
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    private static (string Name, string Kind) Words(string kind) => kind switch
    {
        "payment" => ("交易", "交易"),
        "refund" => ("退款", "退款"),
        "refund_returned" => ("退款退回", "退款"),
        "reversal" => ("交易撤销", "退款"),
        "transfer" => ("商家转账", "转账"),
        "transfer_returned" => ("商家转账退回", "转账"),
        _ => ("账户调整", "其他"),
    };

    private static string TheirNumber(WechatLedger ledger, AccountEntry entry) => entry.Kind switch
    {
        "payment" or "reversal" => ledger.Find(entry.Merchant, entry.Number)?.TransactionId,
        "refund" or "refund_returned" => ledger.Refunds.Find(entry.Merchant, entry.Number)?.RefundId,
        "transfer" or "transfer_returned" => ledger.Transfers.Find(entry.Merchant, entry.Number)?.TransferBillNo,
        _ => null,
    } ?? "";

    private static string Yuan(long fen) => (fen / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Line(params string[] values) => string.Join(',', values.Select(v => "`" + v)) + "\r\n";
}
