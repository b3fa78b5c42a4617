using System.IO.Compression;
using System.Text;

namespace PayCore.Alipay.Tests;

/// <summary>A day's file of the platform, made step by step from alipay.md 9.2 so that a test may change each step.</summary>
public sealed class Bill
{
    private const string TradeHeader =
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

    private const string LedgerHeader = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注";

    private static readonly Encoding _gbk = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;

    /// <summary>The lines of the file with the rows.</summary>
    public List<string> Detail { get; } = [];

    /// <summary>The lines of the summary.</summary>
    public List<string> Summary { get; } = [];

    public string NewLine { get; set; } = "\n";

    /// <summary>The files in the zip, in order; the name is one that a plain unzip makes garbage of.</summary>
    public Func<Bill, IEnumerable<(string Name, byte[] Content)>> Files { get; set; } = b =>
        [("20880000000000010156_20261121_业务明细.csv", b.Bytes(b.Detail)), ("20880000000000010156_20261121_业务明细(汇总).csv", b.Bytes(b.Summary))];

    /// <summary>Changes the zip.</summary>
    public Func<byte[], byte[]> Zip { get; set; } = z => z;

    /// <summary>A bill of trades: two payments and a refund.</summary>
    public static Bill OfTrades(Action<Bill>? change = null) => OfTrades(
        [
            Trade("1", "A1", "交易", "88.88", "80.00", "8.88", "-0.53"),
            Trade("2", "A2", "交易", "0.01", "0.01", "0.00", "0.00"),
            Trade("1", "A1", "退款", "-10.00", "-9.00", "-1.00", "0.06", "R1"),
        ],
        "#交易合计：2笔，商家实收共80.01元，商家优惠共8.88元", "#退款合计：1笔，商家实收退款共-9.00元，商家优惠退款共-1.00元",
        "合计,,2,1,78.89,71.01,0.00,7.88,0.00,-0.47,0.00,70.54", change);

    public static Bill OfTrades(IEnumerable<string> rows, string payments, string refunds, string total, Action<Bill>? change = null)
    {
        var bill = new Bill();
        bill.Detail.AddRange(
        [
            "#支付宝业务明细查询", $"#账号：[{Keys.SellerId}0156]", "#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]",
            "#-----------------------------------------业务明细列表----------------------------------------", TradeHeader, .. rows,
            "#-----------------------------------------业务明细列表结束------------------------------------", payments, refunds, "#导出时间：[2026年11月22日 06:27:10]",
        ]);
        bill.Summary.AddRange(
        [
            "#支付宝业务汇总查询", $"#账号：[{Keys.SellerId}0156]", "#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]",
            "#-----------------------------------------业务汇总列表----------------------------------------",
            "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）",
            total, "#-----------------------------------------业务汇总列表结束------------------------------------", "#导出时间：[2026年11月22日 06:27:10]",
        ]);
        change?.Invoke(bill);
        return bill;
    }

    public static string Trade(
        string tradeNo, string outTradeNo, string kind, string amount, string receipt, string discount, string fee, string refundNo = "", string subject = "茶 T-shirt",
        string remark = "") =>
        $"{tradeNo}\t,{outTradeNo}\t,{kind},{subject},2026-11-21 10:00:00,2026-11-21 10:01:02,,,,,159****5620,{amount},{receipt},0.00,0.00,0.00,{discount},0.00,,0.00,0.00,{refundNo}\t,{fee},0.00,{remark}";

    /// <summary>The account's ledger: a payment, its refund, a fee, a transfer and one that came back.</summary>
    public static Bill OfLedger(Action<Bill>? change = null)
    {
        var bill = new Bill
        {
            Files = b => [("20880000000000010156_20261121_账务明细.csv", b.Bytes(b.Detail)), ("20880000000000010156_20261121_账务明细(汇总).csv", b.Bytes(b.Summary))],
        };
        bill.Detail.AddRange(
        [
            "#支付宝账务明细查询", $"#账号：[{Keys.SellerId}0156]", "#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]",
            "#-----------------------------------------账务明细列表----------------------------------------", LedgerHeader,
            Movement("1", "2026112122001400000000000001", "A1", "80.00", "", "在线支付"),
            Movement("2", "2026112122001400000000000001", "A1", "", "-9.00", "交易退款"),
            Movement("3", "2026112122001400000000000001", "A1", "", "-0.53", "收费"),
            Movement("4", "20261121110070000006000000000001", "T1", "0.00", "12.34", "转账"),
            Movement("5", "20261121110070000006000000000001", "T1", "12.34", "0.00", "转账退回"),
            "#-----------------------------------------账务明细列表结束------------------------------------", "#支出合计：3笔，共-21.87元", "#收入合计：2笔，共92.34元",
            "#导出时间：[2026年11月22日 06:27:10]",
        ]);
        bill.Summary.AddRange(
        [
            "#支付宝账务汇总查询", "#-----------------------------------------账务汇总列表----------------------------------------",
            "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）", "在线支付,1,80.00,0,0.00,80.00", "合计,2,92.34,3,-21.87,70.47",
        ]);
        change?.Invoke(bill);
        return bill;
    }

    public static string Movement(string number, string businessNo, string merchantNo, string income, string expense, string kind) =>
        $"{number}\t,{businessNo}\t,{merchantNo}\t,茶,2026-11-21 11:00:00,张三(159****5620),{income},{expense},1000.00,支付宝,{kind},";

    public byte[] Bytes(IEnumerable<string> lines) => _gbk.GetBytes(string.Concat(lines.Select(l => l + NewLine)));

    public byte[] Whole()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true, _gbk))
        {
            foreach (var (name, content) in Files(this))
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return Zip(stream.ToArray());
    }

    /// <summary>Replaces a text in all lines of both files.</summary>
    public Bill Replace(string text, string by)
    {
        foreach (var lines in (List<string>[])[Detail, Summary])
        {
            for (var i = 0; i < lines.Count; i++)
            {
                lines[i] = lines[i].Replace(text, by, StringComparison.Ordinal);
            }
        }

        return this;
    }
}
