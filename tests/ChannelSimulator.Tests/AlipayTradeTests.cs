using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>The life of a trade (alipay.md 4.2, 4.5 and 5).</summary>
public sealed class AlipayTradeTests
{
    [Fact]
    public async Task Trade_OfACode_IsThereFromTheScanOn()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var code = (await client.PrecreateAsync()).Text("qr_code")!;

        var (queried, closed) = (await client.QueryAsync(), await client.CloseAsync());
        var trade = host.Get<AlipayWallet>().Scan(code)!;
        var scanned = await client.QueryAsync();

        (queried.Code, queried.SubCode, closed.SubCode).Should().Be(("40004", "ACQ.TRADE_NOT_EXIST", "ACQ.TRADE_NOT_EXIST"));
        (scanned.Code, scanned.Text("trade_status"), scanned.Text("trade_no")).Should().Be(("10000", "WAIT_BUYER_PAY", trade.TradeNo));
        trade.TradeNo.Should().MatchRegex("^[0-9]{28}$");
        scanned.Text("total_amount").Should().Be("12.34");
        scanned.Text("receipt_amount").Should().Be("0.00");
        scanned.Json["send_pay_date"].Should().BeNull();
        host.Get<AlipayWallet>().Scan(code).Should().Be(trade, "it is the same trade when it is scanned again");
        host.Get<AlipayWallet>().Scan("https://qr.alipay.com/bax000000000000000").Should().BeNull();
    }

    [Fact]
    public async Task Trade_Paid_IsToldByBothNumbers()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 5, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        await client.PrecreateAsync();

        var paid = host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        var answer = await client.QueryAsync();
        var byTradeNo = await client.CallAsync("alipay.trade.query", new JsonObject { ["trade_no"] = paid.TradeNo, ["out_trade_no"] = "ANOTHER" });

        answer.Text("trade_status").Should().Be("TRADE_SUCCESS");
        answer.Text("send_pay_date").Should().Be("2026-01-01 08:00:05");
        (answer.Text("buyer_pay_amount"), answer.Text("buyer_user_id")).Should().Be(("12.34", "2088000000000099"));
        answer.Json["fund_bill_list"]!.ToJsonString().Should().Be("""[{"fund_channel":"ALIPAYACCOUNT","amount":"12.34"}]""");
        byTradeNo.Text("out_trade_no").Should().Be("ORDER00001", "trade_no wins");
        client.Distrust(answer).Should().BeNull();
        host.Get<AlipayLedger>().Totals(AlipayClient.AppId).Should().BeEquivalentTo(new { Orders = 1, NotPaid = 0, Paid = 1, Closed = 0, PaidTotal = 1234L });
    }

    [Fact]
    public async Task Close_WorksOnlyWhileTheBuyerIsWaitedFor()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await client.ScannedAsync(host, "ORDER00001");
        await client.ScannedAsync(host, "ORDER00002");
        var wallet = host.Get<AlipayWallet>();
        wallet.Pay(AlipayClient.AppId, "ORDER00002");

        var closed = await client.CloseAsync("ORDER00001");
        var again = await client.CloseAsync("ORDER00001");
        var paid = await client.CloseAsync("ORDER00002");

        (closed.Code, closed.Text("out_trade_no"), closed.Text("trade_no")!.Length).Should().Be(("10000", "ORDER00001", 28));
        (again.Code, again.SubCode, paid.SubCode).Should().Be(("40004", "ACQ.TRADE_STATUS_ERROR", "ACQ.TRADE_STATUS_ERROR"));
        (await client.QueryAsync("ORDER00001")).Text("trade_status").Should().Be("TRADE_CLOSED");
        (await client.QueryAsync("ORDER00002")).Text("trade_status").Should().Be("TRADE_SUCCESS");
        wallet.Invoking(w => w.Pay(AlipayClient.AppId, "ORDER00001")).Should().Throw<InvalidOperationException>().WithMessage("*closed*");
        wallet.Invoking(w => w.Pay(AlipayClient.AppId, "ORDER00002")).Should().Throw<InvalidOperationException>().WithMessage("*paid*");
    }

    [Fact]
    public async Task PayingAndClosing_AtTheSameMoment_OneWins()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var wallet = host.Get<AlipayWallet>();
        for (var i = 0; i < 20; i++)
        {
            var number = $"RACE{i}";
            await client.ScannedAsync(host, number);
            var closing = client.CloseAsync(number);
            var isPaid = true;
            try
            {
                wallet.Pay(AlipayClient.AppId, number);
            }
            catch (InvalidOperationException)
            {
                isPaid = false;
            }

            ((await closing).Code == "10000").Should().Be(!isPaid);
            (await client.QueryAsync(number)).Text("trade_status").Should().Be(isPaid ? "TRADE_SUCCESS" : "TRADE_CLOSED");
        }
    }

    [Fact]
    public async Task Precreate_AskedTwice_IsRefusedByWhatBecameOfTheFirst()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var dearer = AlipayClient.Order();
        dearer["total_amount"] = "12.35";
        var renamed = AlipayClient.Order();
        renamed["subject"] = "two";
        var code = (await client.PrecreateAsync()).Text("qr_code")!;

        (await client.PrecreateAsync()).SubCode.Should().Be("ACQ.APPLY_PC_MERCHANT_CODE_ERROR");
        (await client.PrecreateAsync(content: dearer)).SubCode.Should().Be("ACQ.CONTEXT_INCONSISTENT");
        (await client.PrecreateAsync(content: renamed)).SubCode.Should().Be("ACQ.CONTEXT_INCONSISTENT");
        host.Get<AlipayWallet>().Scan(code)!.Total.Should().Be(1234, "the first code goes on working");
        (await client.PrecreateAsync()).SubCode.Should().Be("ACQ.APPLY_PC_MERCHANT_CODE_ERROR");
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        (await client.PrecreateAsync()).SubCode.Should().Be("ACQ.TRADE_HAS_SUCCESS");
        await client.ScannedAsync(host, "ORDER00002");
        await client.CloseAsync("ORDER00002");
        (await client.PrecreateAsync("ORDER00002")).SubCode.Should().Be("ACQ.TRADE_HAS_CLOSE");
    }

    [Fact]
    public async Task Number_BelongsToTheMerchantNotToTheApplication()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var (secondApp, stranger) = ("2021000000000002", "2021000000000003");
        var merchants = host.Get<AlipayMerchants>();
        merchants.Register(AlipayClient.Registration() with { AppId = secondApp });
        merchants.Register(AlipayClient.Registration() with { AppId = stranger, Pid = "2088000000000003" });
        await client.PrecreateAsync();
        var paid = host.Get<AlipayWallet>().Pay(secondApp, "ORDER00001");
        var byTradeNo = new JsonObject { ["trade_no"] = paid.TradeNo };

        (await client.CallAsync("alipay.trade.query", byTradeNo, p => p["app_id"] = secondApp)).Text("trade_status").Should().Be("TRADE_SUCCESS");
        (await client.CallAsync("alipay.trade.query", byTradeNo, p => p["app_id"] = stranger)).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        (await client.CallAsync("alipay.trade.close", byTradeNo, p => p["app_id"] = stranger)).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        (await client.CallAsync("alipay.trade.precreate", AlipayClient.Order(), p => p["app_id"] = stranger)).Code.Should().Be("10000");
    }

    [Fact]
    public async Task Code_LivesTwoHours_TheTradeAsLongAsTheOrder()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        var wallet = host.Get<AlipayWallet>();
        var never = (await client.PrecreateAsync("NEVER")).Text("qr_code")!;
        await client.ScannedAsync(host, "SCANNED");

        time.Advance(TimeSpan.FromHours(2));
        wallet.Invoking(w => w.Scan(never)).Should().Throw<InvalidOperationException>().WithMessage("*code*expired*");
        wallet.Invoking(w => w.Pay(AlipayClient.AppId, "NEVER")).Should().Throw<InvalidOperationException>();
        (await client.QueryAsync("NEVER")).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        (await client.PrecreateAsync("NEVER")).Text("qr_code").Should().NotBe(never, "nothing is left of the first");

        time.Advance(TimeSpan.FromHours(1));
        (await client.QueryAsync("SCANNED")).Text("trade_status").Should().Be("WAIT_BUYER_PAY", "three hours when nothing else was asked for");
        time.Advance(TimeSpan.FromSeconds(1));
        (await client.QueryAsync("SCANNED")).Text("trade_status").Should().Be("TRADE_CLOSED");
        wallet.Invoking(w => w.Pay(AlipayClient.AppId, "SCANNED")).Should().Throw<InvalidOperationException>();
        host.Get<AlipayLedger>().Find(AlipayClient.AppId, "SCANNED")!.GmtPayment.Should().BeNull();
    }

    [Theory]
    [InlineData("timeout_express", "1m", 60)]
    [InlineData("timeout_express", "90m", 5400)]
    [InlineData("timeout_express", "2h", 7200)]
    [InlineData("timeout_express", "1c", 16 * 3600)]
    [InlineData("timeout_express", "15d", 15 * 86400)]
    [InlineData("time_expire", "2026-01-01 08:10:00", 600)]
    public async Task Order_EndsWhenItWasAskedTo(string name, string value, int seconds)
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(start);
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.Order();
        order[name] = value;
        host.Get<AlipayWallet>().Scan((await client.PrecreateAsync(content: order)).Text("qr_code")!);

        time.Advance(TimeSpan.FromSeconds(seconds));
        (await client.QueryAsync()).Text("trade_status").Should().Be("WAIT_BUYER_PAY");
        time.Advance(TimeSpan.FromSeconds(1));

        (await client.QueryAsync()).Text("trade_status").Should().Be("TRADE_CLOSED");
        host.Get<AlipayLedger>().Find(AlipayClient.AppId, "ORDER00001")!.GmtClose.Should().Be(start.AddSeconds(seconds));
    }

    [Fact]
    public async Task TimeExpire_WinsOverTimeoutExpress()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.Order();
        (order["time_expire"], order["timeout_express"], order["qr_code_timeout_express"]) = ("2026-01-01 10:00:00", "1m", "5m");

        await client.PrecreateAsync(content: order);

        var placed = host.Get<AlipayLedger>().All.Single();
        (placed.TimeExpire, placed.CodeExpire).Should().Be((time.GetUtcNow().AddHours(2), time.GetUtcNow().AddMinutes(5)));
    }
}
