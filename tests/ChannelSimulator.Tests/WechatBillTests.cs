using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Trade bills (wechat-pay-v3.md 8).</summary>
public sealed class WechatBillTests
{
    private const string Day = "2026-01-01";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bill_HoldsPaymentsAndRefundsOfTheDay_AndItsDigestIsOfThePlainFile(bool zipped)
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        await ADayAsync(host, time);

        var (apply, file) = await DownloadAsync(host, zipped ? "&tar_type=GZIP" : "");

        apply.Distrust.Should().BeNull();
        file.Distrust.Should().Be("headers", "the file is not signed");
        var plain = zipped ? Unzip(file.Body) : file.Body;
#pragma warning disable CA5350 // The provider's rule.
        ((string)apply.Json["hash_value"]!).Should().Be(Convert.ToHexStringLower(SHA1.HashData(plain)));
#pragma warning restore CA5350
        plain.Should().StartWith(Encoding.UTF8.GetPreamble());
        var lines = Encoding.UTF8.GetString(plain).TrimStart('\uFEFF').Split("\r\n");
        lines.Should().HaveCount(6, "header, two rows, header and line of the sums, the end");
        lines[0].Split(',').Should().HaveCount(27).And.StartWith(["交易时间", "公众账号ID", "商户号"]);
        var payment = Cells(lines[1]);
        payment.Should().HaveCount(27);
        (payment[0], payment[2], payment[6], payment[9]).Should().Be(("2026-01-01 12:00:00", SimulatorHost.MchId, "ORDER00001", "SUCCESS"));
        (payment[12], payment[14], payment[15], payment[16], payment[24], payment[25]).Should().Be(("12.34", "0", "0", "0.00", "12.34", "0.00"));
        payment[20].Should().Be("茶, 一杯");
        var refund = Cells(lines[2]);
        (refund[6], refund[9], refund[12], refund[15], refund[16], refund[18], refund[19], refund[25])
            .Should().Be(("ORDER00001", "REFUND", "0.00", "REFUND1", "1.00", "ORIGINAL", "SUCCESS", "1.00"));
        Cells(lines[4]).Should().Equal("2", "12.34", "1.00", "0.00", "0.06804", "12.34", "1.00");
    }

    [Theory]
    [InlineData("SUCCESS", 20, 1)]
    [InlineData("REFUND", 29, 1)]
    public async Task Bill_OfOneType_HasItsColumns(string type, int columns, int rows)
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        await ADayAsync(host, time);

        var lines = Encoding.UTF8.GetString((await DownloadAsync(host, "&bill_type=" + type)).File.Body).Split("\r\n");

        lines.Should().HaveCount(4 + rows);
        lines[0].Split(',').Should().HaveCount(columns);
        lines.Skip(1).Take(rows).Should().OnlyContain(l => Cells(l).Length == columns);
    }

    [Fact]
    public async Task FundFlow_ListsWhatMovedOnTheAccount_WithItsBalance()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        await ADayAsync(host, time);
        await host.Client.TransferAsync(SigningClient.TransferBody());
        host.Get<SimulatedBills>().MakeReady("wechat", SimulatorHost.MchId, new DateOnly(2026, 1, 2));

        var basic = await FundFlowAsync(host, "bill_date=2026-01-01");
        var operation = await FundFlowAsync(host, "bill_date=2026-01-02&account_type=OPERATION&tar_type=GZIP");

        basic[0].Split(',').Should().HaveCount(11);
        basic[1..^3].Select(Cells).Select(r => (r[0], r[4], r[5], r[6], r[7], r[10])).Should().Equal(
            ("2026-01-01 12:00:00", "交易", "收入", "12.34", "12.34", "ORDER00001"), ("2026-01-01 12:00:00", "退款", "支出", "1.00", "11.34", "REFUND1"));
        Cells(basic[^2]).Should().Equal("2.0", "1.0", "12.34", "1.0", "1.00");
        var transfer = Cells(operation[1]);
        var booked = host.Ledger.Transfers.All.Single();
        (transfer[1], transfer[3], transfer[5], transfer[6], transfer[10]).Should().Be((booked.TransferBillNo, "商家转账", "支出", "5.00", booked.OutBillNo));
        (await host.Client.GetAsync("/v3/bill/fundflowbill?bill_date=2026-01-01&account_type=OPERATION")).Code.Should().Be("NO_STATEMENT_EXIST");
        (await host.Client.GetAsync("/v3/bill/fundflowbill?bill_date=2026-01-01&account_type=ANY")).Code.Should().Be("PARAM_ERROR");
        (await host.Client.GetAsync("/v3/bill/fundflowbill?bill_date=2026-01-01&bill_type=ALL")).Code.Should().Be("PARAM_ERROR");
    }

    [Fact]
    public async Task Bill_IsReadyFromTenOnTheNextDay()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        await host.Client.PayAsync(host);
        (await ApplyAsync(host)).Code.Should().Be("STATEMENT_CREATING");
        time.SetUtcNow(new DateTimeOffset(2026, 1, 2, 9, 59, 59, TimeSpan.FromHours(8)));
        (await ApplyAsync(host)).Code.Should().Be("STATEMENT_CREATING");

        time.Advance(TimeSpan.FromSeconds(1));

        (await ApplyAsync(host)).Status.Should().Be(HttpStatusCode.OK);
        (await host.Client.GetAsync("/v3/bill/tradebill?bill_date=2025-12-31")).Code.Should().Be("NO_STATEMENT_EXIST");
    }

    [Theory]
    [InlineData("bill_date=2026-01-02")]
    [InlineData("bill_date=2025-09-30")]
    [InlineData("bill_date=20260101")]
    [InlineData("")]
    [InlineData("bill_date=2026-01-01&bill_type=ANY")]
    [InlineData("bill_date=2026-01-01&tar_type=ZIP")]
    [InlineData("bill_date=2026-01-01&sub_mchid=1")]
    public async Task Apply_WithABadField_IsParamError(string query)
    {
        await using var host = await SimulatorHost.StartAsync(Clock());

        (await host.Client.GetAsync("/v3/bill/tradebill?" + query)).Code.Should().Be("PARAM_ERROR");
    }

    [Fact]
    public async Task Address_LivesFiveMinutes_AndIsForItsMerchantOnly()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        await host.Client.PayAsync(host);
        host.Get<SimulatedBills>().MakeReady("wechat", SimulatorHost.MchId, new DateOnly(2026, 1, 1));
        var address = new Uri((string)(await ApplyAsync(host)).Json["download_url"]!).PathAndQuery;

        (await host.Client.SendAsync(host.Client.Make(HttpMethod.Get, address, "", p => p.SignedTarget = "/v3/billdownload/file"), Cancellation))
            .Code.Should().Be("SIGN_ERROR");
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        (await host.Client.GetAsync(address)).Status.Should().Be(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromSeconds(1));
        (await host.Client.GetAsync(address)).Code.Should().Be("INVALID_REQUEST");
    }

    [Fact]
    public async Task Bill_OnceMade_StaysTheSame_UnlessADifferenceIsPlanted()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        await ADayAsync(host, time);
        var before = (await ApplyAsync(host)).Json["hash_value"]!.ToString();
        host.Ledger.Refunds.All.Single().State.Should().Be("SUCCESS");
        (await ApplyAsync(host)).Json["hash_value"]!.ToString().Should().Be(before);

        foreach (var difference in (object[])
        [
            new { provider = "wechat", merchant = SimulatorHost.MchId, day = Day, kind = "amount", number = "ORDER00001", amount = 1235 },
            new { provider = "wechat", merchant = SimulatorHost.MchId, day = Day, kind = "state", number = "REFUND1", state = "PROCESSING" },
            new { provider = "wechat", merchant = SimulatorHost.MchId, day = Day, kind = "extra", number = "NOBODYS1", amount = 77 },
            new { provider = "wechat", merchant = SimulatorHost.MchId, day = Day, kind = "extra", number = "NOBODYSR", refund_of = "ORDER00001", amount = 5 },
        ])
        {
            using var planted = await host.Client.Http.PostAsJsonAsync("/control/bills/differences", difference, Cancellation);
            planted.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        var rows = await RowsAsync(host);
        rows.Select(r => (r[6], r[9], r[12], r[15], r[16], r[19])).Should().BeEquivalentTo(
        [
            ("ORDER00001", "SUCCESS", "12.35", "0", "0.00", ""),
            ("ORDER00001", "REFUND", "0.00", "REFUND1", "1.00", "PROCESSING"),
            ("NOBODYS1", "SUCCESS", "0.77", "0", "0.00", ""),
            ("ORDER00001", "REFUND", "0.00", "NOBODYSR", "0.05", "SUCCESS"),
        ]);
        Encoding.UTF8.GetString((await DownloadAsync(host, "&bill_type=SUCCESS")).File.Body).Split("\r\n").Should().HaveCount(6, "two payments and no refund");
        host.Get<SimulatedBills>().Plant(new BillDifference
        {
            Provider = "wechat",
            Merchant = SimulatorHost.MchId,
            Day = new DateOnly(2026, 1, 1),
            Kind = "missing",
            Number = "ORDER00001",
        });
        (await RowsAsync(host)).Should().HaveCount(3).And.NotContain(r => r[6] == "ORDER00001" && r[9] == "SUCCESS");
    }

    [Fact]
    public async Task Reversal_StandsBesideItsPayment()
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        var body = SigningClient.OrderBody();
        body.Remove("notify_url");
        body["payer"] = new System.Text.Json.Nodes.JsonObject { ["auth_code"] = host.Get<WechatWallet>().ShowCode() };
        body["scene_info"] = new System.Text.Json.Nodes.JsonObject { ["store_info"] = new System.Text.Json.Nodes.JsonObject { ["id"] = "S1" } };
        await host.Client.PostAsync("/v3/pay/transactions/codepay", body.ToJsonString());
        await host.Client.PostAsync(
            "/v3/pay/transactions/out-trade-no/ORDER00001/reverse", $$"""{"appid":"{{SimulatorHost.AppId}}","mchid":"{{SimulatorHost.MchId}}"}""");
        host.Get<SimulatedBills>().MakeReady("wechat", SimulatorHost.MchId, new DateOnly(2026, 1, 1));

        (await RowsAsync(host)).Select(r => (r[8], r[9], r[12])).Should().Equal(("MICROPAY", "SUCCESS", "12.34"), ("MICROPAY", "REVOKED", "0.00"));
    }

    [Theory]
    [InlineData(FaultKinds.BodyChanged)]
    [InlineData(FaultKinds.Garbage)]
    public async Task Download_Damaged_IsNotWhatTheDigestSays(string kind)
    {
        var time = Clock();
        await using var host = await SimulatorHost.StartAsync(time);
        await ADayAsync(host, time);
        host.Faults.Add(new Fault { Operation = "download", Kind = kind });

        var (apply, file) = await DownloadAsync(host, "");

#pragma warning disable CA5350 // The provider's rule.
        Convert.ToHexStringLower(SHA1.HashData(file.Body)).Should().NotBe((string)apply.Json["hash_value"]!);
#pragma warning restore CA5350
    }

    /// <summary>Noon of the day, in China.</summary>
    private static FakeTimeProvider Clock() => new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(8)));

    /// <summary>A payment and a refund of it, one unpaid order, one payment of the next day; and then it is noon of that.</summary>
    private static async Task ADayAsync(SimulatorHost host, FakeTimeProvider time)
    {
        var body = SigningClient.OrderBody();
        body["description"] = "茶, 一杯";
        await host.Client.PlaceAsync(body);
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");
        await host.Client.RefundAsync(SigningClient.RefundBody());
        await host.Client.PlaceAsync("ORDER00002");
        time.SetUtcNow(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.FromHours(8)));
        await host.Client.PayAsync(host, "ORDER00003");
    }

    private static Task<Answer> ApplyAsync(SimulatorHost host, string more = "") => host.Client.GetAsync($"/v3/bill/tradebill?bill_date={Day}{more}");

    private static async Task<(Answer Apply, Answer File)> DownloadAsync(SimulatorHost host, string more)
    {
        var apply = await ApplyAsync(host, more);
        return (apply, await host.Client.GetAsync(new Uri((string)apply.Json["download_url"]!).PathAndQuery));
    }

    private static async Task<string[]> FundFlowAsync(SimulatorHost host, string query)
    {
        var apply = await host.Client.GetAsync($"/v3/bill/fundflowbill?{query}");
        apply.Status.Should().Be(HttpStatusCode.OK, apply.Code);
        var file = await host.Client.GetAsync(new Uri((string)apply.Json["download_url"]!).PathAndQuery);
        return Encoding.UTF8.GetString(query.Contains("GZIP", StringComparison.Ordinal) ? Unzip(file.Body) : file.Body).TrimStart('\uFEFF').Split("\r\n");
    }

    private static async Task<List<string[]>> RowsAsync(SimulatorHost host)
    {
        var lines = Encoding.UTF8.GetString((await DownloadAsync(host, "")).File.Body).Split("\r\n");
        return [.. lines[1..^3].Select(Cells)];
    }

    private static string[] Cells(string line) => line[1..].Split(",`");

    private static byte[] Unzip(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
