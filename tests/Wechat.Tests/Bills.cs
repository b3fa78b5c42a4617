using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace PayCore.Wechat.Tests;

/// <summary>A day's file of the platform, made step by step from wechat-pay-v3.md 8.5 so that a test may change each step.</summary>
public sealed class Bill
{
    private const string TradeHeader =
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";

    private const string FlowHeader = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";

    public List<string> Lines { get; } = [];

    public string NewLine { get; set; } = "\r\n";

    public byte[] Mark { get; set; } = [0xef, 0xbb, 0xbf];

    /// <summary>Changes the plain file after its hash was taken.</summary>
    public Func<byte[], byte[]> Plain { get; set; } = p => p;

    /// <summary>Packs the file.</summary>
    public Func<byte[], byte[]> Pack { get; set; } = Gzip;

    /// <summary>Changes the answer that names the file.</summary>
    public Action<JsonObject> Answer { get; set; } = _ => { };

    /// <summary>A bill of trades: two payments, a refund, and a payment code that was taken back.</summary>
    public static Bill OfTrades(Action<Bill>? change = null)
    {
        var bill = new Bill();
        bill.Lines.AddRange(
        [
            TradeHeader,
            Trade("4201", "A1", "SUCCESS", "88.88", "0.53000"),
            Trade("4202", "A2", "SUCCESS", "0.01", "0.00006"),
            Trade("4201", "A1", "REFUND", "0.00", "-0.06000", "10.00", "5001", "R1", "PROCESSING"),
            Trade("4203", "A3", "REVOKED", "0.00", "0.00000", "2.00", "5002", "A3", "SUCCESS"),
            "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
            "`4,`88.89,`12.00,`0.00,`0.47006,`88.89,`12.00",
        ]);
        change?.Invoke(bill);
        return bill;
    }

    /// <summary>A bill of that many payments of one fen.</summary>
    public static Bill OfMany(int count)
    {
        var bill = new Bill();
        var sum = $"{count / 100}.{count % 100:00}";
        bill.Lines.AddRange(
        [
            TradeHeader, .. Enumerable.Range(1, count).Select(i => Trade($"{i}", $"A{i}", "SUCCESS", "0.01", "0.00000")),
            "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额", $"`{count},`{sum},`0.00,`0.00,`0.00000,`{sum},`0.00",
        ]);
        return bill;
    }

    public static string Trade(
        string orderId, string attemptNo, string state, string amount, string fee, string refund = "0.00", string refundId = "0", string refundNo = "0",
        string refundState = "", string subject = "茶, T-shirt") =>
        $"`2026-11-21 10:01:02,`{Keys.AppId},`{Keys.MchId},`0,`,`{orderId},`{attemptNo},`{World.OpenId},`NATIVE,`{state},`OTHERS,`CNY,`{amount},`0.00,`{refundId},`{refundNo},`{refund},`0.00,`{(refundState.Length > 0 ? "ORIGINAL" : "")},`{refundState},`{subject},`,`{fee},`0.60%,`{amount},`{refund},`";

    /// <summary>The operating account's movements: money put in, two transfers, one that came back.</summary>
    public static Bill OfTransfers(Action<Bill>? change = null)
    {
        var bill = new Bill();
        bill.Lines.AddRange(
        [
            FlowHeader,
            Movement("B1", "充值", "充值", "收入", "100.00", "V1"),
            Movement("B2", "商家转账", "转账", "支出", "10.00", "T1"),
            Movement("B3", "商家转账", "其他", "支出", "0.10", "T2"),
            Movement("B4", "商家转账", "转账退款", "收入", "0.10", "T2"),
            "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
            "`4.0,`2.0,`100.10,`2.0,`10.10",
        ]);
        change?.Invoke(bill);
        return bill;
    }

    public static string Movement(string businessNo, string name, string kind, string direction, string amount, string voucher) =>
        $"`2026-11-21 11:00:00,`{businessNo},`F{businessNo},`{name},`{kind},`{direction},`{amount},`1000.00,`system,`缺货\\r\\n, 备注,`{voucher}";

    public static byte[] Gzip(byte[] plain)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return stream.ToArray();
    }

    /// <summary>Replaces a text in all lines.</summary>
    public Bill Replace(string text, string by)
    {
        for (var i = 0; i < Lines.Count; i++)
        {
            Lines[i] = Lines[i].Replace(text, by, StringComparison.Ordinal);
        }

        return this;
    }

    /// <summary>The file as it is downloaded.</summary>
    public byte[] Whole() => Pack(Plain(Text()));

    /// <summary>The answer that names it.</summary>
    public string Named(string token)
    {
        var answer = new JsonObject
        {
            ["hash_type"] = "SHA1",
#pragma warning disable CA5350 // The platform's choice.
            ["hash_value"] = Convert.ToHexStringLower(SHA1.HashData(Text())),
#pragma warning restore CA5350
            ["download_url"] = $"https://api.mch.weixin.qq.com/v3/billdownload/file?token={token}&tartype=gzip",
        };
        Answer(answer);
        return answer.ToJsonString();
    }

    private byte[] Text() => [.. Mark, .. Encoding.UTF8.GetBytes(string.Concat(Lines.Select(l => l + NewLine)))];
}
