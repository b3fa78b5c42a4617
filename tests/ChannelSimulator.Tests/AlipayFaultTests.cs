using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Faults of Alipay's calls and notifies (alipay.md 14, nos. 3, 9 and 12).</summary>
public sealed class AlipayFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> NotifyKinds => [.. FaultKinds.All.Where(k => FaultKinds.Fits(k, "alipay.callback"))];

    [Theory]
    [InlineData(FaultKinds.NotSigned, "unsigned")]
    [InlineData(FaultKinds.BadSignature, "signature")]
    [InlineData(FaultKinds.OtherKey, "signature")]
    [InlineData(FaultKinds.BodyChanged, "signature")]
    public async Task Answer_Falsified_IsNotBelievedOnceThoughTheWorkIsDone(string kind, string distrust)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await client.ScannedAsync(host);
        foreach (var operation in (string[])["alipay.precreate", "alipay.query", "alipay.close"])
        {
            var fault = host.Faults.Add(new Fault { Operation = operation, Kind = kind, OutTradeNo = operation == "alipay.precreate" ? "NEW" : "ORDER00001" });

            var answer = await CallAsync(client, operation);

            (answer.Status, answer.IsWhole, answer.Code, client.Distrust(answer)).Should().Be((HttpStatusCode.OK, true, "10000", distrust));
            fault.Fired.Should().Be(1);
            client.Distrust(await client.QueryAsync("ANOTHER")).Should().BeNull("the fault is for one order and has struck out");
        }

        var ledger = host.Get<AlipayLedger>();
        ledger.Find(AlipayClient.AppId, "NEW").Should().NotBeNull();
        ledger.Find(AlipayClient.AppId, "ORDER00001")!.TradeStatus.Should().Be("TRADE_CLOSED");
        host.Requests.Calls.Count(c => c.Fault == kind && c.Status == 200).Should().Be(3);
    }

    [Theory]
    [InlineData(FaultKinds.Error500Before, 500, false)]
    [InlineData(FaultKinds.Error500After, 500, true)]
    [InlineData(FaultKinds.Error429, 429, false)]
    [InlineData(FaultKinds.Error503, 503, false)]
    [InlineData(FaultKinds.BadGateway, 502, true)]
    [InlineData(FaultKinds.Garbage, 200, true)]
    [InlineData(FaultKinds.Truncated, 200, true)]
    public async Task Answer_BelowTheProtocol_IsNoJson(string kind, int status, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        host.Faults.Add(new Fault { Operation = "alipay.precreate", Kind = kind });

        var answer = await client.PrecreateAsync();

        ((int)answer.Status, answer.IsWhole).Should().Be((status, false));
        answer.Body.Should().NotBeEmpty();
        Encoding.UTF8.GetString(answer.Body).Should().StartWith(kind == FaultKinds.Truncated ? "{\"alipay_trade_precreate_response\":{" : "<html>");
        host.Get<AlipayLedger>().All.Should().HaveCount(placed ? 1 : 0);
        host.Requests.Calls.Single().Status.Should().Be(status);
    }

    [Theory]
    [InlineData(FaultKinds.Code20000Before, "alipay_trade_precreate_response", "20000", "isp.unknow-error", true, false)]
    [InlineData(FaultKinds.Code20000After, "alipay_trade_precreate_response", "20000", "isp.unknow-error", true, true)]
    [InlineData(FaultKinds.Code40005, "alipay_trade_precreate_response", "40005", "isv.app-call-limited", true, false)]
    [InlineData(FaultKinds.BusinessError, "alipay_trade_precreate_response", "40004", "ACQ.SYSTEM_ERROR", true, false)]
    [InlineData(FaultKinds.ErrorResponse, "error_response", "20000", "isp.unknow-error", true, false)]
    [InlineData(FaultKinds.UnsignedError, "alipay_trade_precreate_response", "40002", "isv.invalid-app-id", false, false)]
    public async Task Refusal_ByAFault_IsAsTheGatewayWouldSayIt(string kind, string node, string code, string subCode, bool isSigned, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        host.Faults.Add(new Fault { Operation = "alipay.precreate", Kind = kind });

        var answer = await client.PrecreateAsync();

        (answer.NodeName, answer.Code, answer.SubCode).Should().Be((node, code, subCode));
        client.Distrust(answer).Should().Be(isSigned ? null : "unsigned");
        host.Get<AlipayLedger>().All.Should().HaveCount(placed ? 1 : 0);
        host.Requests.Calls.Single().Should().Match<ReceivedCall>(c => c.Code == subCode && c.Fault == kind);
    }

    [Fact]
    public async Task BusinessError_HasTheSubCodeThatTheTestWants()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        using var added = await client.Http.PostAsJsonAsync(
            "/control/faults", new { operation = "alipay.query", kind = "business_error", sub_code = "ACQ.SELLER_BEEN_BLOCKED" });
        added.EnsureSuccessStatusCode();

        (await client.QueryAsync()).SubCode.Should().Be("ACQ.SELLER_BEEN_BLOCKED");
        (await client.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
    }

    [Theory]
    [InlineData(FaultKinds.Reordered)]
    [InlineData(FaultKinds.Blanks)]
    [InlineData(FaultKinds.UnicodeEscapes)]
    public async Task Answer_InAnotherShape_IsGoodAllTheSame(string kind)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        var order = AlipayClient.Order();
        order["passback_params"] = "茶/tea";
        await client.PrecreateAsync(content: order);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        var usual = await client.QueryAsync();
        host.Faults.Add(new Fault { Operation = "alipay.query", Kind = kind });

        var answer = await client.QueryAsync();

        client.Distrust(answer).Should().BeNull();
        answer.Node.Should().NotEqual(usual.Node);
        JsonNode.DeepEquals(answer.Json, usual.Json).Should().BeTrue();
        var text = Encoding.UTF8.GetString(answer.Body);
        text.Should().Contain(kind == FaultKinds.UnicodeEscapes ? @"\u8336\/tea" : @"茶\/tea");
        answer.Members.Should().Equal(kind == FaultKinds.Reordered
            ? ["sign", "alipay_cert_sn", "alipay_trade_query_response"]
            : ["alipay_trade_query_response", "alipay_cert_sn", "sign"]);
    }

    [Theory]
    [InlineData(FaultKinds.WrongAmount, "total_amount", "12.35")]
    [InlineData(FaultKinds.OtherOutTradeNo, "out_trade_no", "OTHERORDER00001")]
    public async Task Query_AnsweredWithALie_IsSignedAllTheSame(string kind, string member, string value)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        await client.ScannedAsync(host);
        host.Faults.Add(new Fault { Operation = "alipay.query", Kind = kind });

        var answer = await client.QueryAsync();

        answer.Text(member).Should().Be(value);
        client.Distrust(answer).Should().BeNull();
    }

    [Theory]
    [InlineData(FaultKinds.Lost, false)]
    [InlineData(FaultKinds.EffectThenTimeout, true)]
    public async Task Call_WithoutAnAnswer_EndsOnlyWhenTheCallerGoesAway(string kind, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var fault = host.Faults.Add(new Fault { Operation = "alipay.precreate", Kind = kind });
        using var patience = new CancellationTokenSource();
        var calling = client.SendAsync(client.Parameters("alipay.trade.precreate", AlipayClient.Order()), _ => false, patience.Token);
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);

        await patience.CancelAsync();

        await calling.Invoking(c => c).Should().ThrowAsync<OperationCanceledException>();
        (await host.Requests.WaitForCallAsync(c => c.Fault == kind, Cancellation)).Status.Should().BeNull();
        host.Get<AlipayLedger>().All.Should().HaveCount(placed ? 1 : 0);
    }

    [Theory]
    [InlineData(FaultKinds.DropBefore, false)]
    [InlineData(FaultKinds.EffectThenDrop, true)]
    public async Task Connection_Dropped_BeforeOrAfterTheWork(string kind, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        host.Faults.Add(new Fault { Operation = "alipay.precreate", Kind = kind });

        await client.Invoking(c => c.PrecreateAsync()).Should().ThrowAsync<HttpRequestException>();

        host.Get<AlipayLedger>().All.Should().HaveCount(placed ? 1 : 0);
    }

    [Theory]
    [InlineData(FaultKinds.Hold, false)]
    [InlineData(FaultKinds.HoldAfterEffect, true)]
    public async Task Call_Held_IsAnsweredWhenReleased(string kind, bool placed)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        var fault = host.Faults.Add(new Fault { Operation = "alipay.precreate", Kind = kind });
        var placing = client.PrecreateAsync();
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);
        host.Get<AlipayLedger>().All.Should().HaveCount(placed ? 1 : 0);

        host.Faults.Release(fault.Id).Should().BeTrue();

        (await placing).Code.Should().Be("10000");
    }

    [Theory]
    [InlineData(FaultKinds.BadGateway, 502)]
    [InlineData(FaultKinds.Error503, 503)]
    [InlineData(FaultKinds.Late, 302)]
    public async Task Page_MeetsItsFaultsToo(string kind, int status)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);
        host.Faults.Add(new Fault { Operation = "alipay.page", Kind = kind, OutTradeNo = "ORDER00001" });

        var answer = await client.CallAsync("alipay.trade.page.pay", AlipayClient.PageOrder());

        ((int)answer.Status).Should().Be(status);
        host.Requests.Calls.Single().Should().Match<ReceivedCall>(c => c.Operation == "alipay.page" && c.Status == status);
    }

    [Theory]
    [InlineData("alipay.query", FaultKinds.Twice)]
    [InlineData("alipay.query", FaultKinds.OldTimestamp)]
    [InlineData("alipay.page", FaultKinds.BadSignature)]
    [InlineData("alipay.callback", FaultKinds.ProbeSignature)]
    [InlineData("alipay.callback", FaultKinds.OtherMchId)]
    [InlineData("callback", FaultKinds.OtherAppId)]
    [InlineData("query", FaultKinds.Truncated)]
    [InlineData("alipay.repay", FaultKinds.Late)]
    public async Task Fault_WithoutMeaning_IsRefused(string operation, string kind)
    {
        await using var host = await SimulatorHost.StartAsync();

        host.Faults.Invoking(f => f.Add(new Fault { Operation = operation, Kind = kind })).Should().Throw<ArgumentException>();
    }

    [Theory]
    [MemberData(nameof(NotifyKinds))]
    public async Task Notify_WithAFault_GoesWrongThatWayAndThenRight(string kind)
    {
        await using var host = await SimulatorHost.StartAsync(scale: 0.00001);
        await using var receiver = await NotifyReceiver.StartAsync(200);
        receiver.Body = "success";
        using var client = AlipayClient.Register(host);
        receiver.Answer = (arrived, _) => Task.FromResult(Mistake(client, arrived) is null ? 200 : 500);
        var fault = host.Faults.Add(new Fault { Operation = "alipay.callback", Kind = kind });
        await client.PrecreateAsync(notify: receiver.Url);
        host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);
        if (kind is FaultKinds.Hold or FaultKinds.HoldAfterEffect)
        {
            host.Callbacks.Sends.Should().BeEmpty();
            host.Faults.Release(fault.Id);
        }

        var faulty = await host.Callbacks.WaitForSendAsync(s => s.Fault == kind, Cancellation);
        await host.Callbacks.WaitForSendAsync(s => s.Fault is null || s.Delivered, Cancellation);

        var expected = kind switch
        {
            FaultKinds.NotSigned => "unsigned",
            FaultKinds.BadSignature or FaultKinds.OtherKey or FaultKinds.BodyChanged => "signature",
            FaultKinds.Garbage => "unsigned",
            FaultKinds.WrongAmount => "amount",
            FaultKinds.OtherOutTradeNo => "number",
            FaultKinds.OtherAppId => "app_id",
            FaultKinds.OtherSellerId => "seller_id",
            FaultKinds.FinishedFirst => "status",
            FaultKinds.RefundFirst => "refund",
            _ => null,
        };
        if (kind != FaultKinds.Lost)
        {
            var first = await receiver.NextAsync();
            Mistake(client, first).Should().Be(expected);
            CheckShape(kind, first, faulty);
        }

        faulty.Delivered.Should().Be(expected is null && kind is not (FaultKinds.Lost or FaultKinds.EffectThenDrop or FaultKinds.EffectThenTimeout));
        fault.Fired.Should().Be(1);
    }

    [Theory]
    [InlineData(FaultKinds.FinishedFirst)]
    [InlineData(FaultKinds.RefundFirst)]
    public async Task Notify_OfAnotherEvent_DoesNotCountAsThePayments(string kind)
    {
        await using var host = await SimulatorHost.StartAsync(scale: 0.00001);
        await using var receiver = await NotifyReceiver.StartAsync(200);
        using var client = AlipayClient.Register(host);
        // The merchant acknowledges the other event and not yet the payment.
        receiver.Answer = (arrived, _) => Task.FromResult(Mistake(client, arrived) is null && host.Callbacks.Sends.Count == 0 ? 500 : 200);
        receiver.Body = "success";
        host.Faults.Add(new Fault { Operation = "alipay.callback", Kind = kind });
        await client.PrecreateAsync(notify: receiver.Url);
        var paid = host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");

        var delivered = await host.Callbacks.WaitForSendAsync(s => s.Delivered && s.NotificationId == paid.Callback!.Id, Cancellation);

        delivered.Attempt.Should().Be(2);
        var sends = host.Callbacks.Sends;
        sends.Select(s => (s.Fault, s.Delivered)).Should().Equal((kind, true), (null, false), (null, true));
        sends[0].NotificationId.Should().NotBe(sends[1].NotificationId);
    }

    [Fact]
    public async Task Date_OfAnAnswer_IsBySimulatedTimeAndCanBeOff()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);

        (await client.QueryAsync()).Date.Should().Be(time.GetUtcNow());
        host.Faults.Add(new Fault { Operation = "alipay.query", Kind = FaultKinds.ClockSkew, DelayMs = -600_000 });
        var skewed = await client.QueryAsync();
        host.Faults.Add(new Fault { Operation = "query", Kind = FaultKinds.ClockSkew, DelayMs = 600_000 });
        var wechat = await host.Client.QueryAsync("UNKNOWN1");

        (skewed.Date, skewed.SubCode, client.Distrust(skewed)).Should().Be((time.GetUtcNow().AddMinutes(-10), "ACQ.TRADE_NOT_EXIST", null));
        (wechat.Headers["Date"], wechat.Distrust).Should().Be(("Thu, 01 Jan 2026 00:10:00 GMT", null));
        (await host.Client.QueryAsync("UNKNOWN1")).Headers["Date"].Should().Be("Thu, 01 Jan 2026 00:00:00 GMT");
        (await client.CallAsync("alipay.trade.query", [], p => p["app_id"] = "1")).Date.Should().Be(time.GetUtcNow(), "refusals have it too");
    }

    [Fact]
    public async Task Date_OfALateAnswer_IsTheTimeOfItsSending()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host);
        var fault = host.Faults.Add(new Fault { Operation = "alipay.query", Kind = FaultKinds.Late, DelayMs = 5000 });
        var querying = client.QueryAsync();
        await host.Faults.WaitForFiredAsync(fault.Id, Cancellation);

        time.Advance(TimeSpan.FromSeconds(5));

        (await querying).Date.Should().Be(new DateTimeOffset(2026, 1, 1, 0, 0, 5, TimeSpan.Zero));
    }

    private static Task<AlipayAnswer> CallAsync(AlipayClient client, string operation) => operation switch
    {
        "alipay.precreate" => client.PrecreateAsync("NEW"),
        "alipay.query" => client.QueryAsync(),
        _ => client.CloseAsync(),
    };

    /// <summary>What a merchant finds wrong with a notify (alipay.md 6.4 and 6.5); null when it is the payment's.</summary>
    private static string? Mistake(AlipayClient client, NotifyReceiver.Received arrived)
    {
        var (form, charset) = Read(arrived);
        return client.Distrust(form, charset)
            ?? (form["app_id"] != AlipayClient.AppId ? "app_id"
            : form["out_trade_no"] != "ORDER00001" ? "number"
            : form["total_amount"] != "12.34" ? "amount"
            : form["seller_id"] != AlipayClient.Pid ? "seller_id"
            : form["trade_status"] != "TRADE_SUCCESS" ? "status"
            : form.ContainsKey("refund_fee") ? "refund" : null);
    }

    private static (Dictionary<string, string> Form, Encoding Charset) Read(NotifyReceiver.Received arrived)
    {
        var charset = arrived.Headers["Content-Type"].EndsWith("GBK", StringComparison.Ordinal)
            ? CodePagesEncodingProvider.Instance.GetEncoding("GBK")!
            : Encoding.UTF8;
        return (AlipayClient.Form(Encoding.ASCII.GetString(arrived.Body), charset), charset);
    }

    private static void CheckShape(string kind, NotifyReceiver.Received arrived, CallbackSend send)
    {
        var (form, _) = Read(arrived);
        switch (kind)
        {
            case FaultKinds.Gbk:
                (form["charset"], form["subject"]).Should().Be(("GBK", "一杯茶 A+B 100%"));
                break;
            case FaultKinds.OddSubject:
                form["subject"].Should().Contain("%41").And.Contain("+").And.Contain("&").And.Contain("茶");
                break;
            case FaultKinds.UnknownField:
                form.Should().ContainKey("field_of_tomorrow");
                break;
            case FaultKinds.FinishedFirst:
                form["trade_status"].Should().Be("TRADE_FINISHED");
                form["notify_id"].Should().Be(send.NotificationId);
                break;
            case FaultKinds.RefundFirst:
                (form["trade_status"], form["refund_fee"]).Should().Be(("TRADE_SUCCESS", "0.01"));
                form["notify_id"].Should().Be(send.NotificationId);
                form["gmt_refund"].Should().MatchRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.123$");
                form.Should().ContainKey("out_biz_no");
                break;
            default:
                break;
        }
    }
}
