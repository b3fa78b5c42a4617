using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Trade bills (alipay.md 9).</summary>
public sealed class AlipayBillTests
{
    private static readonly Encoding _gbk = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bill_IsAZipOfTwoFilesInGbk_WithPaymentsAndRefunds()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await ADayAsync(host, client, time);

        var zip = await DownloadAsync(client);

        zip.Should().HaveCount(2);
        zip.Keys.Should().Contain("20880000000000010156_20260101_业务明细.csv").And.Contain("20880000000000010156_20260101_业务明细(汇总).csv");
        var lines = zip["20880000000000010156_20260101_业务明细.csv"].Split("\r\n");
        lines[0].Should().Be("#支付宝业务明细查询");
        lines[2].Should().Be("#起始日期：[2026年01月01日 00:00:00]   终止日期：[2026年01月02日 00:00:00]");
        var header = lines[4].Split(',');
        header.Should().HaveCount(25).And.StartWith(["支付宝交易号", "商户订单号", "业务类型"]);
        var payment = lines[5].Split(',');
        (payment[1], payment[2], payment[11], payment[12], payment[21]).Should().Be(("ORDER00001\t", "交易", "12.34", "12.34", "\t"));
        var refund = lines[6].Split(',');
        (refund[0], refund[1], refund[2], refund[11], refund[21]).Should().Be((payment[0], "ORDER00001\t", "退款", "-1.00", "R1\t"));
        lines[7].Should().StartWith("#-").And.Contain("结束");
        lines[8].Should().Be("#交易合计：1笔，商家实收共12.34元，商家优惠共0.00元");
        lines[9].Should().Be("#退款合计：1笔，商家实收退款共-1.00元，商家优惠退款共0.00元");
        zip["20880000000000010156_20260101_业务明细(汇总).csv"].Should().Contain("\r\n合计,,1,1,11.34,11.34,");
    }

    [Fact]
    public async Task LedgerBill_ListsWhatMovedOnTheAccount_WithItsBalance()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await ADayAsync(host, client, time);

        var zip = await DownloadAsync(client, "signcustomer");

        var lines = zip["20880000000000010156_20260101_账务明细.csv"].Split("\r\n");
        lines[0].Should().Be("#支付宝账务明细查询");
        lines[4].Split(',').Should().HaveCount(12).And.StartWith(["账务流水号", "业务流水号", "商户订单号"]);
        var (payment, refund) = (lines[5].Split(','), lines[6].Split(','));
        (payment[2], payment[6], payment[7], payment[10]).Should().Be(("ORDER00001\t", "12.34", "0.00", "在线支付"));
        (refund[2], refund[6], refund[7], refund[10]).Should().Be(("R1\t", "0.00", "-1.00", "交易退款"));
        decimal.Parse(refund[8], CultureInfo.InvariantCulture).Should().Be(decimal.Parse(payment[8], CultureInfo.InvariantCulture) - 1);
        lines[8..10].Should().Equal("#支出合计：1笔，共1.00元", "#收入合计：1笔，共12.34元");
        zip["20880000000000010156_20260101_账务明细(汇总).csv"].Should().Contain("\r\n合计,1,12.34,1,-1.00,11.34\r\n");
        (await ApplyAsync(client, "2025-12-31", "signcustomer")).SubCode.Should().Be("BILL_NOT_EXIST");
    }

    [Fact]
    public async Task Names_CarryNoMarkOfUtf8()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await ADayAsync(host, client, time);

        var bytes = await FileAsync(client, (await ApplyAsync(client)).Text("bill_download_url")!);

        (BitConverter.ToUInt16(bytes, 6) & 0x0800).Should().Be(0);
        bytes.AsSpan().IndexOf(_gbk.GetBytes("业务明细")).Should().BePositive();
    }

    [Fact]
    public async Task Bill_IsReadyFromNineOnTheNextDay_AndItsAddressLivesHalfAMinute()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await ADayAsync(host, client, time, new DateTimeOffset(2026, 1, 2, 8, 59, 59, TimeSpan.FromHours(8)));
        (await ApplyAsync(client)).SubCode.Should().Be("BILL_NOT_EXIST");
        (await ApplyAsync(client, "2026-01-02")).SubCode.Should().Be("INVAILID_ARGUMENTS");
        (await ApplyAsync(client, "2025-12-31")).SubCode.Should().Be("BILL_NOT_EXIST", "an empty day has none");
        (await ApplyAsync(client, type: "merchant_act")).SubCode.Should().Be("TYPE_NOT_SUPPORTED");
        time.Advance(TimeSpan.FromSeconds(1));

        var address = (await ApplyAsync(client)).Text("bill_download_url")!;
        time.Advance(TimeSpan.FromSeconds(29));
        (await FileAsync(client, address)).Should().NotBeEmpty();
        time.Advance(TimeSpan.FromSeconds(1));

        using var late = await client.Http.GetAsync(new Uri(address), Cancellation);
        late.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Differences_StandInTheBill_AndItsSumsFollowThem()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await ADayAsync(host, client, time);
        var bills = host.Get<SimulatedBills>();
        BillDifference Difference(string kind, string number, long amount = 0) => new()
        {
            Provider = "alipay",
            Merchant = AlipayClient.Pid,
            Day = new DateOnly(2026, 1, 1),
            Kind = kind,
            Number = number,
            Amount = amount,
        };

        bills.Plant(Difference("amount", "ORDER00001", 1235));
        bills.Plant(Difference("missing", "R1"));
        bills.Plant(Difference("extra", "NOBODYS1", 77));
        bills.Invoking(b => b.Plant(Difference("state", "ORDER00001"))).Should().Throw<ArgumentException>();

        var detail = (await DownloadAsync(client))["20880000000000010156_20260101_业务明细.csv"].Split("\r\n");
        detail[5..7].Select(l => l.Split(',')).Select(c => (c[1], c[2], c[11])).Should()
            .BeEquivalentTo([("ORDER00001\t", "交易", "12.35"), ("NOBODYS1\t", "交易", "0.77")]);
        detail[8].Should().Contain("2笔").And.Contain("13.12元");
        detail[9].Should().Contain("0笔");
    }

    [Fact]
    public async Task MakeReady_ShowsTodaysBill()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await client.PrecreateAsync();
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        (await ApplyAsync(client)).SubCode.Should().Be("INVAILID_ARGUMENTS");

        host.Get<SimulatedBills>().MakeReady("alipay", AlipayClient.Pid, new DateOnly(2026, 1, 1));

        (await DownloadAsync(client)).Should().HaveCount(2);
    }

    [Theory]
    [InlineData(FaultKinds.Garbage)]
    [InlineData(FaultKinds.BodyChanged)]
    public async Task Download_Damaged_CannotBeUnpacked(string kind)
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await ADayAsync(host, client, time);
        host.Faults.Add(new Fault { Operation = "alipay.download", Kind = kind });

        await client.Invoking(DownloadAsync).Should().ThrowAsync<InvalidDataException>();
        (await DownloadAsync(client)).Should().HaveCount(2);
    }

    /// <summary>Noon of the day, in China.</summary>
    private static FakeTimeProvider Clock() => new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(8)));

    /// <summary>A payment and a refund of it, one that waits; and then it is a time of the next day, noon when left out.</summary>
    private static async Task ADayAsync(SimulatorHost host, AlipayClient client, FakeTimeProvider time, DateTimeOffset? then = null)
    {
        await client.PrecreateAsync();
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        await client.CallAsync("alipay.trade.refund", new JsonObject { ["out_trade_no"] = "ORDER00001", ["refund_amount"] = "1.00", ["out_request_no"] = "R1" });
        await client.ScannedAsync(host, "ORDER00002");
        time.SetUtcNow(then ?? new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.FromHours(8)));
    }

    private static Task<AlipayAnswer> ApplyAsync(AlipayClient client, string day = "2026-01-01", string type = "trade") => client.CallAsync(
        "alipay.data.dataservice.bill.downloadurl.query", new JsonObject { ["bill_type"] = type, ["bill_date"] = day });

    private static Task<byte[]> FileAsync(AlipayClient client, string address) => client.Http.GetByteArrayAsync(new Uri(address), Cancellation);

    private static Task<Dictionary<string, string>> DownloadAsync(AlipayClient client) => DownloadAsync(client, "trade");

    private static async Task<Dictionary<string, string>> DownloadAsync(AlipayClient client, string type)
    {
        var apply = await ApplyAsync(client, type: type);
        client.Distrust(apply).Should().BeNull();
        var bytes = await FileAsync(client, apply.Text("bill_download_url")!);
        using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read, false, _gbk);
        return zip.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var reader = new StreamReader(e.Open(), _gbk);
            return reader.ReadToEnd();
        });
    }
}
