using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Notifies and their schedule (alipay.md 6).</summary>
public sealed class AlipayNotifyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Notify_OfAPayment_TellsEverythingAndIsSigned()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync(200);
        using var client = AlipayClient.Register(host);
        var order = AlipayClient.Order();
        (order["body"], order["passback_params"]) = ("a+b=c&d", "merchant%3D1%26x%3D%2B");
        await client.PrecreateAsync(notify: receiver.Url, content: order);

        var paid = host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");

        var arrived = await receiver.NextAsync();
        arrived.Headers["Content-Type"].Should().Be("application/x-www-form-urlencoded; charset=utf-8");
        var form = AlipayClient.Form(Encoding.UTF8.GetString(arrived.Body));
        client.Distrust(form).Should().BeNull();
        form.Should().Contain(new Dictionary<string, string>
        {
            ["notify_type"] = "trade_status_sync",
            ["notify_time"] = "2026-01-01 08:00:00",
            ["charset"] = "utf-8",
            ["version"] = "1.0",
            ["sign_type"] = "RSA2",
            ["app_id"] = AlipayClient.AppId,
            ["auth_app_id"] = AlipayClient.AppId,
            ["trade_no"] = paid.TradeNo!,
            ["out_trade_no"] = "ORDER00001",
            ["trade_status"] = "TRADE_SUCCESS",
            ["seller_id"] = AlipayClient.Pid,
            ["total_amount"] = "12.34",
            ["receipt_amount"] = "12.34",
            ["subject"] = "一杯茶 A+B 100%",
            ["body"] = "a+b=c&d",
            ["passback_params"] = "merchant%3D1%26x%3D%2B",
            ["gmt_payment"] = "2026-01-01 08:00:00",
            ["fund_bill_list"] = """[{"amount":"12.34","fundChannel":"ALIPAYACCOUNT"}]""",
        });
        form.Keys.Should().NotContain(["refund_fee", "gmt_refund", "gmt_close"]);
        form["notify_id"].Length.Should().BeInRange(20, 128);
    }

    [Fact]
    public async Task Notify_NotAnsweredBySuccess_IsRepeatedBySchedule()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync(200);
        using var client = AlipayClient.Register(host);
        await client.PrecreateAsync(notify: receiver.Url);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        int[] pauses = [4, 10, 10, 60, 120, 360, 900];
        var first = AlipayClient.Form(Encoding.UTF8.GetString((await receiver.NextAsync()).Body));

        foreach (var (index, pause) in pauses.Index())
        {
            await DueAtAsync(host, index + 1, time.GetUtcNow().AddMinutes(pause));
            time.Advance(TimeSpan.FromMinutes(pause) - TimeSpan.FromMilliseconds(1));
            host.Callbacks.Sends.Should().HaveCount(index + 1);
            time.Advance(TimeSpan.FromMilliseconds(1));
            var again = AlipayClient.Form(Encoding.UTF8.GetString((await receiver.NextAsync()).Body));
            again["notify_id"].Should().Be(first["notify_id"]);
            client.Distrust(again).Should().BeNull();
        }

        await DueAtAsync(host, 8, null);
        host.Callbacks.Sends.Should().HaveCount(8).And.OnlyContain(s => s.Provider == "alipay" && s.MchId == AlipayClient.AppId && s.HttpStatus == 200 && !s.Delivered);
    }

    [Theory]
    [InlineData(200, "success", true)]
    [InlineData(200, "SUCCESS", false)]
    [InlineData(200, "success\n", false)]
    [InlineData(200, "\"success\"", false)]
    [InlineData(200, "", false)]
    [InlineData(200, "fail", false)]
    [InlineData(201, "success", false)]
    [InlineData(302, "success", false)]
    [InlineData(500, "success", false)]
    public async Task Notify_IsDeliveredOnlyByExactlySuccess(int status, string body, bool delivered)
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync(status);
        receiver.Body = body;
        using var client = AlipayClient.Register(host);
        await client.PrecreateAsync(notify: receiver.Url);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");

        var send = await host.Callbacks.WaitForSendAsync(s => s.Attempt == 1, Cancellation);

        send.Delivered.Should().Be(delivered);
        host.Get<AlipayLedger>().All.Single().Callback.Should().Match<CallbackState>(c => c.Delivered == delivered && (c.NextAt == null) == delivered);
    }

    [Fact]
    public async Task Order_WithoutNotifyUrl_SendsNone()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await client.PrecreateAsync();

        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001").Callback.Should().BeNull();

        await host.Get<AlipayWallet>().Invoking(w => w.ResendCallbackAsync(AlipayClient.AppId, "ORDER00001", 1))
            .Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Resend_ByTheControlApi_SendsCopiesWithTheSameId()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync(200);
        receiver.Body = "success";
        using var client = AlipayClient.Register(host);
        await client.PrecreateAsync(notify: receiver.Url);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        var first = await host.Callbacks.WaitForSendAsync(s => s.Delivered, Cancellation);

        using var answer = await client.Http.PostAsJsonAsync("/control/callbacks/resend", new { out_trade_no = "ORDER00001", times = 3 });

        var sends = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!.AsArray();
        sends.Select(s => (string)s!["notification_id"]!).Should().HaveCount(3).And.AllBe(first.NotificationId);
        sends.Select(s => (bool)s!["delivered"]!).Should().AllBeEquivalentTo(true);
        (await host.Get<AlipayWallet>().ResendCallbackAsync(AlipayClient.AppId, "ORDER00001", 2)).Should().HaveCount(2);
    }

    private static async Task DueAtAsync(SimulatorHost host, int attempts, DateTimeOffset? dueAt)
    {
        await host.Callbacks.WaitForSendAsync(s => s.Attempt == attempts, Cancellation);
        host.Get<AlipayLedger>().All.Single().Callback!.NextAt.Should().Be(dueAt);
    }
}
