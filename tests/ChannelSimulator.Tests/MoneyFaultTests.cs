using System.Text;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>The faults of refunds and transfers, at both providers: in answers and in callbacks.</summary>
public sealed class MoneyFaultTests
{
    private static readonly string[] _delivering = [FaultKinds.Late, FaultKinds.Hold, FaultKinds.HoldAfterEffect, FaultKinds.Twice];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Callbacks =>
    [
        .. new[] { "refund_callback", "transfer_callback", "alipay.refund_callback", "alipay.transfer_callback" }
            .SelectMany(o => FaultKinds.All.Where(k => FaultKinds.Fits(k, o)).Select(k => (o, k))),
    ];

    [Theory]
    [InlineData(FaultKinds.Garbage, "headers")]
    [InlineData(FaultKinds.NotSigned, "headers")]
    [InlineData(FaultKinds.BadSignature, "signature")]
    [InlineData(FaultKinds.OldTimestamp, "clock")]
    [InlineData(FaultKinds.ProbeSignature, "signature")]
    [InlineData(FaultKinds.BodyChanged, "signature")]
    public async Task Answer_Falsified_IsNotBelievedThoughTheWorkIsDone(string kind, string distrust)
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        foreach (var operation in (string[])["refund", "query_refund", "transfer", "query_transfer", "cancel_transfer"])
        {
            host.Faults.Add(new Fault { Operation = operation, Kind = kind, OutTradeNo = operation.EndsWith("refund", StringComparison.Ordinal) ? "REFUND1" : "TRANSFER1" });

            (await CallAsync(host, operation)).Distrust.Should().Be(distrust, operation);
            (await CallAsync(host, operation)).Distrust.Should().BeNull(operation);
        }

        host.Faults.All.Should().OnlyContain(f => f.Fired == 1);
        host.Ledger.Accounts.EffectsOf("refund", "REFUND1").Should().Be(1);
        host.Ledger.Accounts.EffectsOf("transfer", "TRANSFER1").Should().Be(1);
    }

    [Theory]
    [InlineData(FaultKinds.Error500Before, 500, 0)]
    [InlineData(FaultKinds.Error500After, 500, 1)]
    [InlineData(FaultKinds.Error429, 429, 0)]
    [InlineData(FaultKinds.Error503, 503, 0)]
    public async Task Error_OfTheGateway_KnowsWhetherTheMoneyMoved(string kind, int status, int effects)
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        host.Faults.Add(new Fault { Operation = "refund", Kind = kind });
        host.Faults.Add(new Fault { Operation = "transfer", Kind = kind });

        ((int)(await CallAsync(host, "refund")).Status).Should().Be(status);
        ((int)(await CallAsync(host, "transfer")).Status).Should().Be(status);

        host.Ledger.Accounts.EffectsOf("refund", "REFUND1").Should().Be(effects);
        host.Ledger.Accounts.EffectsOf("transfer", "TRANSFER1").Should().Be(effects);
        await CallAsync(host, "refund");
        await CallAsync(host, "transfer");
        host.Ledger.Accounts.EffectsOf("refund", "REFUND1").Should().Be(1);
        host.Ledger.Accounts.EffectsOf("transfer", "TRANSFER1").Should().Be(1);
    }

    [Theory]
    [InlineData("refund", "USER_ACCOUNT_ABNORMAL", 403)]
    [InlineData("transfer", "FREQUENCY_LIMITED", 429)]
    [InlineData("bill", "STATEMENT_CREATING", 400)]
    public async Task BusinessError_IsSigned_AndNothingIsDone(string operation, string code, int status)
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        host.Faults.Add(new Fault { Operation = operation, Kind = FaultKinds.BusinessError, SubCode = code });

        var answer = await CallAsync(host, operation);

        ((int)answer.Status, answer.Code, answer.Distrust).Should().Be((status, code, null));
        host.Ledger.Refunds.All.Should().BeEmpty();
        host.Ledger.Transfers.All.Should().BeEmpty();
    }

    [Theory]
    [InlineData("query_refund", FaultKinds.WrongAmount, "\"refund\":101")]
    [InlineData("query_refund", FaultKinds.OtherOutTradeNo, "OTHERD1")]
    [InlineData("query_transfer", FaultKinds.WrongAmount, "\"transfer_amount\":501")]
    [InlineData("query_transfer", FaultKinds.OtherOutTradeNo, "OTHERFER1")]
    [InlineData("query_transfer", FaultKinds.OtherMchId, "1999999999")]
    public async Task Query_AnsweredWithALie_IsSignedAllTheSame(string operation, string kind, string lie)
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PayAsync(host);
        await CallAsync(host, "refund");
        await CallAsync(host, "transfer");
        host.Faults.Add(new Fault { Operation = operation, Kind = kind });

        var answer = await CallAsync(host, operation);

        answer.Distrust.Should().BeNull();
        answer.Text.Should().Contain(lie);
        (await CallAsync(host, operation)).Text.Should().NotContain(lie);
    }

    [Theory]
    [MemberData(nameof(Callbacks))]
    public async Task Callback_WithAFault_GoesWrongThatWayAndThenRight(string operation, string kind)
    {
        await using var host = await SimulatorHost.StartAsync(scale: 0.0001);
        await using var receiver = await NotifyReceiver.StartAsync();
        var alipay = operation.StartsWith("alipay.", StringComparison.Ordinal);
        using var client = AlipayClient.Register(host, alipay ? "certificate" : "key", gateway: receiver.Url);
        receiver.Body = alipay ? "success" : "";
        receiver.Answer = (arrived, _) => Task.FromResult(IsPayment(arrived) || Believed(host, client, operation, arrived) ? 200 : 500);
        var fault = host.Faults.Add(new Fault { Operation = operation, Kind = kind });

        await MoveAsync(host, client, operation, receiver.Url);
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);
        if (kind is FaultKinds.Hold or FaultKinds.HoldAfterEffect)
        {
            host.Faults.Release(fault.Id);
        }

        var faulty = await host.Callbacks.WaitForSendAsync(s => s.Fault == kind, Cancellation);
        var good = await host.Callbacks.WaitForSendAsync(s => s.Delivered && s.Operation == operation, Cancellation);
        // What is only odd is delivered all the same.
        faulty.Delivered.Should().Be(_delivering.Contains(kind) || kind is FaultKinds.UnknownField or FaultKinds.Gbk or FaultKinds.OddSubject);
        good.NotificationId.Should().Be(faulty.NotificationId);
        fault.Fired.Should().Be(1);
    }

    private static async Task MoveAsync(SimulatorHost host, AlipayClient client, string operation, Uri notify)
    {
        switch (operation)
        {
            case "refund_callback":
                await host.Client.PayAsync(host);
                await host.Client.RefundAsync(SigningClient.RefundBody(notify: notify));
                break;
            case "transfer_callback":
                await host.Client.TransferAsync(SigningClient.TransferBody(notify: notify));
                host.Ledger.Transfers.Confirm(SimulatorHost.MchId, "TRANSFER1");
                break;
            case "alipay.refund_callback":
                await client.PrecreateAsync(notify: notify);
                host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
                await client.CallAsync(
                    "alipay.trade.refund", new JsonObject { ["out_trade_no"] = "ORDER00001", ["refund_amount"] = "1.00", ["out_request_no"] = "R1" });
                break;
            default:
                await client.CallAsync("alipay.fund.trans.uni.transfer", new JsonObject
                {
                    ["out_biz_no"] = "B1",
                    ["trans_amount"] = "5.00",
                    ["product_code"] = "TRANS_ACCOUNT_NO_PWD",
                    ["biz_scene"] = "DIRECT_TRANSFER",
                    ["order_title"] = "奖金",
                    ["payee_info"] = new JsonObject { ["identity"] = "2088000000000077", ["identity_type"] = "ALIPAY_USER_ID" },
                });
                break;
        }
    }

    /// <summary>The payment's own notify comes to the same address as its refund's.</summary>
    private static bool IsPayment(NotifyReceiver.Received arrived)
    {
        var text = Encoding.UTF8.GetString(arrived.Body);
        return text.Contains("notify_type=trade_status_sync", StringComparison.Ordinal) && !text.Contains("refund_fee", StringComparison.Ordinal);
    }

    private static bool Believed(SimulatorHost host, AlipayClient client, string operation, NotifyReceiver.Received arrived)
    {
        if (operation.StartsWith("alipay.", StringComparison.Ordinal))
        {
            return BelievedForm(client, operation, Encoding.UTF8.GetString(arrived.Body));
        }

        try
        {
            return PlatformCheck.Verify(arrived.Headers, arrived.Body, host.Client.Trusted, TimeProvider.System) is null
                && arrived.Transaction() is var t
                && ((string?)t["mchid"] ?? (string?)t["mch_id"]) == SimulatorHost.MchId
                && (operation == "refund_callback"
                    ? (string?)t["out_refund_no"] == "REFUND1" && (long)t["amount"]!["refund"]! == 100
                    : (string?)t["out_bill_no"] == "TRANSFER1" && (long)t["transfer_amount"]! == 500);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }

    private static bool BelievedForm(AlipayClient client, string operation, string body)
    {
        if (!body.Contains("sign=", StringComparison.Ordinal))
        {
            return false;
        }

        var gbk = body.Contains("charset=GBK", StringComparison.Ordinal) ? CodePagesEncodingProvider.Instance.GetEncoding("GBK") : null;
        var form = AlipayClient.Form(body, gbk);
        if (client.Distrust(form, gbk) is not null || form["app_id"] != AlipayClient.AppId)
        {
            return false;
        }

        return operation == "alipay.refund_callback"
            ? (form["out_trade_no"], form["seller_id"], form["total_amount"]) == ("ORDER00001", AlipayClient.Pid, "12.34")
            : JsonNode.Parse(form["biz_content"])! is var content && (string?)content["out_biz_no"] == "B1" && (string?)content["trans_amount"] == "5.00";
    }

    private static Task<Answer> CallAsync(SimulatorHost host, string operation) => operation switch
    {
        "refund" => host.Client.RefundAsync(SigningClient.RefundBody()),
        "query_refund" => host.Client.QueryRefundAsync(),
        "transfer" => host.Client.TransferAsync(SigningClient.TransferBody()),
        "query_transfer" => host.Client.QueryTransferAsync(),
        "cancel_transfer" => host.Client.CancelTransferAsync(),
        _ => host.Client.GetAsync("/v3/bill/tradebill?bill_date=2026-01-01"),
    };
}
