using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>Bills: their address, and the file behind it (alipay.md 9).</summary>
internal sealed class AlipayBillMethods(AlipayLedger ledger, SimulatedBills bills, TimeProvider time)
{
    private const string Download = "/downloadBillFile.resource";
    private const int ReadyAt = 9;
    private static readonly TimeSpan _addressLife = TimeSpan.FromSeconds(30);
    private static readonly DateOnly _first = new(2016, 1, 1);

    /// <summary>Nothing of it is signed, and nobody needs to sign the call: who has the address has the file.</summary>
    public static void MapDownload(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Download, async (HttpContext context, SimulatedBills bills, Faults faults, RequestLog log, TimeProvider time) =>
        {
            var arrived = time.GetUtcNow();
            var fault = faults.Take("alipay.download", null);
            IResult? answer = null;
            await log.WriteAsync(
                context,
                async () =>
                {
                    answer = await FaultTiming.RunAsync(context, fault, () => File(context, bills, fault?.Kind), time);
                    await (answer?.ExecuteAsync(context) ?? Task.CompletedTask);
                },
                () => new ReceivedCall
                {
                    At = arrived,
                    Provider = "alipay",
                    Operation = "alipay.download",
                    Status = answer is null ? null : context.Response.StatusCode,
                    Fault = fault?.Kind,
                });
        });

    public AlipayReply Address(AlipayCall call, AlipayFields fields)
    {
        var type = fields.RequiredText("bill_type", 32);
        if (type is not ("trade" or "signcustomer"))
        {
            throw AlipayError.Business("TYPE_NOT_SUPPORTED", "账单类型不支持");
        }

        var pid = call.Merchant.Pid;
        if (!DateOnly.TryParseExact(fields.RequiredText("bill_date", 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            || day < _first || (day >= WireTime.Date(time.GetUtcNow()) && !bills.IsReady("alipay", pid, day, ReadyAt)))
        {
            throw AlipayError.Business("INVAILID_ARGUMENTS", "入参不合法");
        }

        var file = (bills.IsReady("alipay", pid, day, ReadyAt) ? type == "trade" ? Trades(pid, day) : AlipayLedgerBill.Write(ledger, pid, day, time.GetUtcNow()) : null)
            ?? throw AlipayError.Business("BILL_NOT_EXIST", "账单不存在");
        var token = bills.Offer(new BillFile(pid, file, time.GetUtcNow() + _addressLife));
        return AlipayReply.Success(
            new JsonObject
            {
                ["bill_download_url"] =
                    $"{call.Site}{Download}?bizType={type}&userId={pid}0156&fileType=csv.zip&bizDates={day:yyyyMMdd}&fileId={token}",
            },
            fields);
    }

    private byte[]? Trades(string pid, DateOnly day) =>
        bills.Rows("alipay", pid, day, () => AlipayBill.Rows(ledger, pid)) is { Count: > 0 } rows ? AlipayBill.Write(pid, day, rows, time.GetUtcNow()) : null;

    private static IResult File(HttpContext context, SimulatedBills bills, string? fault)
    {
        if (fault is FaultKinds.Error500Before or FaultKinds.Error500After or FaultKinds.BadGateway or FaultKinds.Error503 or FaultKinds.Error429)
        {
            return Results.StatusCode(fault switch { FaultKinds.BadGateway => 502, FaultKinds.Error503 => 503, FaultKinds.Error429 => 429, _ => 500 });
        }

        return bills.Find(context.Request.Query["fileId"].ToString()) is not { } file
            ? Results.Text("<html><body>下载链接已失效</body></html>", "text/html; charset=utf-8", statusCode: StatusCodes.Status404NotFound)
            : Results.Bytes(
                fault switch { FaultKinds.Garbage => "<html>502 Bad Gate"u8.ToArray(), FaultKinds.BodyChanged => file.Content[..^30], _ => file.Content },
                "application/octet-stream");
    }
}
