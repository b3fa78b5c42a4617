using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Transfers and the balance (alipay.md 8).</summary>
public sealed class AlipayTransferTests
{
    private const string App = AlipayClient.AppId;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transfer_SucceedsAtOnce_Once()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");

        var first = await TransferAsync(client);
        var again = await TransferAsync(client);
        var other = await TransferAsync(client, amount: "5.01");

        client.Distrust(first).Should().BeNull();
        (first.Code, first.Text("status"), first.Text("out_biz_no")).Should().Be(("10000", "SUCCESS", "B1"));
        again.Text("order_id").Should().Be(first.Text("order_id"));
        other.SubCode.Should().Be("PAYMENT_INFO_INCONSISTENCY");
        var ledger = host.Get<AlipayLedger>();
        ledger.Accounts.EffectsOf("transfer", "B1").Should().Be(1);
        ledger.Transfers.All.Should().ContainSingle().Which.RequestedCount.Should().Be(2);
        ledger.Totals().TransferredTotal.Should().Be(500);
        var balance = await client.CallAsync(
            "alipay.fund.account.query", new JsonObject { ["alipay_user_id"] = AlipayClient.Pid, ["account_type"] = "ACCTRANS_ACCOUNT" });
        balance.Text("available_amount").Should().Be("999995.00");
    }

    [Theory]
    [InlineData("alipay.fund.trans.uni.transfer")]
    [InlineData("alipay.fund.trans.common.query")]
    [InlineData("alipay.fund.account.query")]
    public async Task Transfer_InKeyMode_IsRefused(string method)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);

        var answer = await client.CallAsync(method, Body());

        (answer.Code, answer.SubCode).Should().Be(("40002", "isv.missing-app-cert-sn"));
        client.Distrust(answer).Should().BeNull();
        host.Get<AlipayLedger>().Transfers.All.Should().BeEmpty();
    }

    [Theory]
    [InlineData("trans_amount", "\"0.09\"", "EXCEED_LIMIT_SM_MIN_AMOUNT")]
    [InlineData("trans_amount", "\"50000.00\"", "MEMO_REQUIRED_IN_TRANSFER_ERROR")]
    [InlineData("trans_amount", "\"5\"", "INVALID_PARAMETER")]
    [InlineData("product_code", "\"OTHER\"", "INVALID_PARAMETER")]
    [InlineData("biz_scene", "\"OTHER\"", "INVALID_PARAMETER")]
    [InlineData("payee_info", "{\"identity\":\"a@example.com\",\"identity_type\":\"ALIPAY_LOGON_ID\"}", "INVALID_PARAMETER")]
    [InlineData("product_code", "\"TRANS_BANKCARD_NO_PWD\"", "INVALID_PARAMETER")]
    public async Task Transfer_AgainstAFieldRule_IsRefused(string field, string json, string code)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        var body = Body();
        body[field] = JsonNode.Parse(json);

        (await client.CallAsync("alipay.fund.trans.uni.transfer", body)).SubCode.Should().Be(code);
        host.Get<AlipayLedger>().Transfers.All.Should().BeEmpty();
    }

    [Fact]
    public async Task Transfer_ThatCannotBePaid_IsRefused_AndNothingIsKept()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        using var named = await client.Http.PostAsJsonAsync("/control/alipay/payees", new { account = "a@example.com", name = "张三" }, Cancellation);
        named.StatusCode.Should().Be(HttpStatusCode.OK);
        var ledger = host.Get<AlipayLedger>();

        (await TransferAsync(client, "B1", name: "李四")).SubCode.Should().Be("PAYEE_USER_INFO_ERROR");
        ledger.Transfers.Payees.Set(new Payee { Account = "a@example.com", Refusal = "PAYEE_NOT_EXIST" });
        (await TransferAsync(client, "B1")).SubCode.Should().Be("PAYEE_NOT_EXIST");
        ledger.Transfers.Payees.Set(new Payee { Account = "a@example.com", Name = "张三" });
        ledger.Accounts.SetBalance(AlipayClient.Pid, AlipayLedger.Account, 499);
        (await TransferAsync(client, "B1")).SubCode.Should().Be("PAYER_BALANCE_NOT_ENOUGH");
        (await QueryAsync(client, "B1")).SubCode.Should().Be("ORDER_NOT_EXIST");

        ledger.Accounts.SetBalance(AlipayClient.Pid, AlipayLedger.Account, 500);
        (await TransferAsync(client, "B1")).Text("status").Should().Be("SUCCESS");
    }

    [Theory]
    [InlineData("SUCCESS", 500)]
    [InlineData("FAIL", 0)]
    [InlineData("REFUND", 0)]
    public async Task Transfer_Dealing_EndsWhenItsTimeHasCome_AndTellsTheGatewayAddress(string outcome, long paid)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await using var receiver = await NotifyReceiver.StartAsync(200);
        receiver.Body = "success";
        using var client = AlipayClient.Register(host, "certificate", gateway: receiver.Url);
        using var plan = await client.Http.PostAsJsonAsync(
            "/control/alipay/transfers/plan", new { delay_ms = 5000, outcome, fail_reason = "CARD_BIN_ERROR" }, Cancellation);

        (await TransferAsync(client)).Text("status").Should().Be("DEALING");
        (await QueryAsync(client)).Text("status").Should().Be("DEALING");
        time.Advance(TimeSpan.FromSeconds(5));

        var queried = await QueryAsync(client);
        (queried.Text("status"), queried.Text("trans_amount"), queried.Text("error_code"))
            .Should().Be(outcome == "SUCCESS" ? (outcome, "5.00", null) : (outcome, null, "CARD_BIN_ERROR"));
        host.Get<AlipayLedger>().Accounts.Balance(AlipayClient.Pid, AlipayLedger.Account).Should().Be(1_000_000_00 - paid);
        var form = AlipayClient.Form(Encoding.UTF8.GetString((await receiver.NextAsync()).Body));
        client.Distrust(form).Should().BeNull();
        (form["msg_method"], form["app_id"], form["version"]).Should().Be(("alipay.fund.trans.order.changed", App, "1.1"));
        var content = JsonNode.Parse(form["biz_content"])!;
        ((string)content["out_biz_no"]!, (string)content["status"]!, (string)content["trans_amount"]!).Should().Be(("B1", outcome, "5.00"));
    }

    [Fact]
    public async Task Transfer_ReturnedAfterItsSuccess_IsRefund()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        await TransferAsync(client);
        using var answer = await client.Http.PostAsJsonAsync(
            "/control/alipay/transfers/settle", new { app_id = App, number = "B1", outcome = "REFUND", fail_reason = "INVALID_CARDNO" }, Cancellation);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);

        (await QueryAsync(client)).Text("status").Should().Be("REFUND");
        (await TransferAsync(client)).Text("status").Should().Be("REFUND", "a repeat pays nothing anew");
        host.Get<AlipayLedger>().Accounts.EffectsOf("transfer_returned", "B1").Should().Be(1);
        host.Get<AlipayLedger>().Transfers.Invoking(t => t.Settle(App, "B1", "SUCCESS")).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task Query_TakesTheProvidersNumbersFirst()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        var one = await TransferAsync(client, "B1");
        var two = await TransferAsync(client, "B2");

        var found = await client.CallAsync("alipay.fund.trans.common.query", new JsonObject
        {
            ["pay_fund_order_id"] = one.Text("pay_fund_order_id"),
            ["order_id"] = two.Text("order_id"),
            ["out_biz_no"] = "B2",
        });

        found.Text("out_biz_no").Should().Be("B1");
        (await client.CallAsync("alipay.fund.trans.common.query", new JsonObject { ["out_biz_no"] = "B1" })).SubCode.Should().Be("INVALID_PARAMETER");
    }

    [Theory]
    [InlineData(FaultKinds.EffectThenDrop, true)]
    [InlineData(FaultKinds.Code20000After, true)]
    [InlineData(FaultKinds.Code20000Before, false)]
    [InlineData(FaultKinds.BusinessError, false)]
    public async Task Transfer_WithAFault_IsDoneOrNot_AndARepeatPaysOnce(string kind, bool done)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        host.Faults.Add(new Fault { Operation = "alipay.transfer", Kind = kind, OutTradeNo = "B1", SubCode = "SYSTEM_ERROR" });
        try
        {
            (await TransferAsync(client)).Code.Should().NotBe("10000");
        }
        catch (HttpRequestException)
        {
            kind.Should().Be(FaultKinds.EffectThenDrop);
        }

        host.Get<AlipayLedger>().Accounts.EffectsOf("transfer", "B1").Should().Be(done ? 1 : 0);
        (await TransferAsync(client)).Text("status").Should().Be("SUCCESS");
        host.Get<AlipayLedger>().Accounts.EffectsOf("transfer", "B1").Should().Be(1);
    }

    private static JsonObject Body(string number = "B1", string amount = "5.00", string name = "张三") => new()
    {
        ["out_biz_no"] = number,
        ["trans_amount"] = amount,
        ["product_code"] = "TRANS_ACCOUNT_NO_PWD",
        ["biz_scene"] = "DIRECT_TRANSFER",
        ["order_title"] = "奖金",
        ["payee_info"] = new JsonObject { ["identity"] = "a@example.com", ["identity_type"] = "ALIPAY_LOGON_ID", ["name"] = name },
    };

    private static Task<AlipayAnswer> TransferAsync(AlipayClient client, string number = "B1", string amount = "5.00", string name = "张三") =>
        client.CallAsync("alipay.fund.trans.uni.transfer", Body(number, amount, name));

    private static Task<AlipayAnswer> QueryAsync(AlipayClient client, string number = "B1") => client.CallAsync(
        "alipay.fund.trans.common.query",
        new JsonObject { ["out_biz_no"] = number, ["product_code"] = "TRANS_ACCOUNT_NO_PWD", ["biz_scene"] = "DIRECT_TRANSFER" });
}
