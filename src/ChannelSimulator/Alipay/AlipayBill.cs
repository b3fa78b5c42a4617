using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>A trade bill as a file: a zip with a detail and a summary, names and text in GBK (alipay.md 9.2).</summary>
internal static class AlipayBill
{
    private const string Columns =
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

    private const string SumColumns =
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";

    private static readonly Encoding _gbk = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;

    /// <summary>Payments and refunds by the time the money moved; a cancelled payment is refunded by its own number.</summary>
    public static IEnumerable<BillRow> Rows(AlipayLedger ledger, string pid)
    {
        var orders = ledger.All.Where(o => o.Pid == pid && o.GmtPayment is not null).ToDictionary(o => o.OutTradeNo);
        var payments = orders.Values.Select(o => Row(o, o.GmtPayment!.Value, o.Total));
        var cancels = orders.Values.Where(o => o.GmtCancel is not null).Select(o => Row(o, o.GmtCancel!.Value, o.Total) with { OutRefundNo = o.OutTradeNo });
        var refunds = ledger.Refunds.All.Where(r => r.Pid == pid && r.State == "SUCCESS")
            .Select(r => Row(orders[r.OutTradeNo], r.GmtRefund!.Value, r.Amount) with { OutRefundNo = r.OutRequestNo });
        return [.. payments, .. cancels, .. refunds];
    }

    public static byte[] Write(string pid, DateOnly day, IReadOnlyList<BillRow> rows, DateTimeOffset now) =>
        Pack(string.Create(CultureInfo.InvariantCulture, $"{pid}0156_{day:yyyyMMdd}_业务明细"), Detail(pid, day, rows, now), Summary(pid, day, rows, now));

    /// <summary>The two files as one.</summary>
    public static byte[] Pack(string name, string detail, string summary)
    {
        using var packed = new MemoryStream();
        // With an encoding of its own the names carry no mark of UTF-8, as the provider's do not.
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true, _gbk))
        {
            Add(zip, name + "(汇总).csv", summary);
            Add(zip, name + ".csv", detail);
        }

        return packed.ToArray();
    }

    private static BillRow Row(AlipayOrder order, DateTimeOffset at, long amount) => new()
    {
        At = at,
        Created = order.GmtCreate!.Value,
        OutTradeNo = order.OutTradeNo,
        Transaction = order.TradeNo!,
        Amount = amount,
        State = "SUCCESS",
        Payer = AlipayTradeObject.LogonId(order),
        Item = order.Subject,
    };

    private static string Detail(string pid, DateOnly day, IReadOnlyList<BillRow> rows, DateTimeOffset now)
    {
        var (paid, refunded) = (rows.Where(r => !r.IsRefund).ToList(), rows.Where(r => r.IsRefund).ToList());
        var text = new StringBuilder();
        Head(text, "#支付宝业务明细查询", pid, day);
        text.Append("#-----------------------------------------业务明细列表----------------------------------------\r\n").Append(Columns).Append("\r\n");
        foreach (var row in rows)
        {
            text.Append(Line(row)).Append("\r\n");
        }

        text.Append("#-----------------------------------------业务明细列表结束------------------------------------\r\n");
        text.Append(CultureInfo.InvariantCulture, $"#交易合计：{paid.Count}笔，商家实收共{Yuan(paid.Sum(r => r.Amount))}元，商家优惠共0.00元\r\n");
        text.Append(CultureInfo.InvariantCulture, $"#退款合计：{refunded.Count}笔，商家实收退款共{Yuan(-refunded.Sum(r => r.Amount))}元，商家优惠退款共0.00元\r\n");
        return text.Append("#导出时间：[").Append(Time(now)).Append("]\r\n").ToString();
    }

    private static string Summary(string pid, DateOnly day, IReadOnlyList<BillRow> rows, DateTimeOffset now)
    {
        var net = rows.Sum(Signed);
        var fee = rows.Sum(Fee);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{rows.Count(r => !r.IsRefund)},{rows.Count(r => r.IsRefund)},{Yuan(net)},{Yuan(net)},0.00,0.00,0.00,{Yuan(fee)},0.00,{Yuan(net + fee)}\r\n");
        var text = new StringBuilder();
        Head(text, "#支付宝业务汇总查询", pid, day);
        text.Append("#-----------------------------------------业务汇总列表----------------------------------------\r\n").Append(SumColumns).Append("\r\n");
        text.Append(",,").Append(line).Append("合计,,").Append(line);
        text.Append("#-----------------------------------------业务汇总列表结束------------------------------------\r\n");
        return text.Append("#导出时间：[").Append(Time(now)).Append("]\r\n").ToString();
    }

    /// <summary>The lines with which a file begins.</summary>
    public static void Head(StringBuilder text, string title, string pid, DateOnly day) => text
        .Append(title).Append("\r\n")
        .Append(CultureInfo.InvariantCulture, $"#账号：[{pid}0156]\r\n")
        .Append(CultureInfo.InvariantCulture, $"#起始日期：[{day:yyyy年MM月dd日} 00:00:00]   终止日期：[{day.AddDays(1):yyyy年MM月dd日} 00:00:00]\r\n");

    /// <summary>Nothing is quoted: a comma in a subject shifts what follows. The numbers carry a TAB.</summary>
    private static string Line(BillRow row)
    {
        var amount = Yuan(Signed(row));
        return string.Join(',',
        [
            row.Transaction + "\t", row.OutTradeNo + "\t", row.IsRefund ? "退款" : "交易", row.Item.ReplaceLineEndings(" "), AlipayTime.Text(row.Created),
            AlipayTime.Text(row.At), "", "", "", "", row.Payer, amount, amount, "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00",
            (row.OutRefundNo ?? "") + "\t", Yuan(Fee(row)), "0.00", "",
        ]);
    }

    private static long Signed(BillRow row) => row.IsRefund ? -row.Amount : row.Amount;

    /// <summary>0.6 %, negative for a charge, and returned by a refund.</summary>
    private static long Fee(BillRow row) => -(long)Math.Round(Signed(row) * 0.006m, MidpointRounding.AwayFromZero);

    public static string Yuan(long fen) => (fen / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset time) => WireTime.Local(time).ToString("yyyy年MM月dd日 HH:mm:ss", CultureInfo.InvariantCulture);

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var entry = zip.CreateEntry(name).Open();
        entry.Write(_gbk.GetBytes(text));
    }
}
