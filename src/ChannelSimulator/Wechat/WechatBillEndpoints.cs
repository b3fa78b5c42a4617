using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>Bills of trades and of the accounts' movements: applied for, then downloaded (wechat-pay-v3.md 8).</summary>
internal static class WechatBillEndpoints
{
    private const int ReadyAt = 10;
    private static readonly TimeSpan _addressLife = TimeSpan.FromMinutes(5);

    public static void MapWechatBills(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v3/bill/tradebill", (HttpContext context, WechatApi api, WechatLedger ledger, SimulatedBills bills, TimeProvider time) =>
            api.HandleAsync(context, "bill", _ => context.Request.Query["bill_date"], (merchant, _, _) =>
                Apply(context, merchant.Registration.MchId, ledger, bills, time)));

        endpoints.MapGet("/v3/bill/fundflowbill", (HttpContext context, WechatApi api, WechatLedger ledger, SimulatedBills bills, TimeProvider time) =>
            api.HandleAsync(context, "bill", _ => context.Request.Query["bill_date"], (merchant, _, _) =>
                ApplyFundFlow(context, merchant.Registration.MchId, ledger, bills, time)));

        endpoints.MapGet("/v3/billdownload/file", (HttpContext context, WechatApi api, SimulatedBills bills) =>
            api.HandleAsync(context, "download", _ => null, (merchant, _, _) => Download(context, merchant.Registration.MchId, bills)));
    }

    private static WechatAnswer Apply(HttpContext context, string mchId, WechatLedger ledger, SimulatedBills bills, TimeProvider time)
    {
        var (day, type) = Wish(context, "bill_type", ["ALL", "SUCCESS", "REFUND"], mchId, bills, time);
        var rows = bills.Rows("wechat", mchId, day, () => WechatBill.Rows(ledger, mchId)).Where(r => WechatBill.Holds(type, r)).ToList();
        if (rows.Count == 0)
        {
            throw NoStatement();
        }

        return Offer(context, mchId, WechatBill.Write(mchId, ledger, rows, type), bills, time);
    }

    private static WechatAnswer ApplyFundFlow(HttpContext context, string mchId, WechatLedger ledger, SimulatedBills bills, TimeProvider time)
    {
        var (day, account) = Wish(context, "account_type", ["BASIC", "OPERATION", "FEES"], mchId, bills, time);
        return Offer(context, mchId, WechatFundFlow.Write(ledger, mchId, account, day) ?? throw NoStatement(), bills, time);
    }

    /// <summary>The day and the type that is asked for; the first is the default.</summary>
    private static (DateOnly Day, string Type) Wish(
        HttpContext context, string typeName, string[] types, string mchId, SimulatedBills bills, TimeProvider time)
    {
        var query = context.Request.Query;
        if (query.Keys.FirstOrDefault(k => k is not ("bill_date" or "tar_type") && k != typeName) is { } unknown)
        {
            throw WechatError.Parameter(unknown, "is unknown", "query");
        }

        var today = WireTime.Date(time.GetUtcNow());
        if (!DateOnly.TryParseExact(query["bill_date"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            || day > today || day < today.AddMonths(-3))
        {
            throw WechatError.Parameter("bill_date", "is not a day of the last three months", "query", query["bill_date"]);
        }

        var type = query[typeName].FirstOrDefault() ?? types[0];
        if (!types.Contains(type))
        {
            throw WechatError.Parameter(typeName, $"is not {types[0]}, {types[1]} or {types[2]}", "query", type);
        }

        if (query["tar_type"].FirstOrDefault() is not (null or "GZIP"))
        {
            throw WechatError.Parameter("tar_type", "is not GZIP", "query", query["tar_type"]);
        }

        return bills.IsReady("wechat", mchId, day, ReadyAt) ? (day, type) : throw new WechatError(400, "STATEMENT_CREATING", "账单生成中");
    }

    private static WechatError NoStatement() => new(400, "NO_STATEMENT_EXIST", "账单文件不存在");

    private static WechatAnswer Offer(HttpContext context, string mchId, byte[] plain, SimulatedBills bills, TimeProvider time)
    {
        var zipped = context.Request.Query["tar_type"].FirstOrDefault() == "GZIP";
        var file = zipped ? Gzip(plain) : plain;
        var token = bills.Offer(new BillFile(mchId, file, time.GetUtcNow() + _addressLife));
        return new WechatAnswer(200, SimulatorJson.Bytes(new
        {
            HashType = "SHA1",
            HashValue = Sha1(plain),
            DownloadUrl = $"{context.Request.Scheme}://{context.Request.Host}/v3/billdownload/file?token={token}{(zipped ? "&tartype=gzip" : "")}",
        }));
    }

    private static WechatAnswer Download(HttpContext context, string mchId, SimulatedBills bills)
    {
        var query = context.Request.Query;
        var file = bills.Find(query["token"].ToString()) ?? throw WechatError.InvalidRequest("下载地址无效或已过期");
        return file.Merchant == mchId
            ? new WechatAnswer(200, file.Content) { FileType = query["tartype"] == "gzip" ? "application/x-gzip" : "text/plain; charset=utf-8" }
            : throw new WechatError(403, "NO_AUTH", "无权限");
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

#pragma warning disable CA5350 // The provider's rule; the digest finds damage, the address and the signature of its answer protect the file.
    private static string Sha1(byte[] plain) => Convert.ToHexStringLower(SHA1.HashData(plain));
#pragma warning restore CA5350
}
