using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// What is different with Alipay, end to end: the trade that does not exist before the scan, the page that needs no call, the answer <c>success</c>, and notifies
/// that are not about our payment.
/// </summary>
public sealed class AlipayStories
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));

    public static TheoryData<string> Providers => World.Providers;

    /// <summary>What is wrong with a notify that is not the provider's word, and words of the reason with which it is kept.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { FaultKinds.NotSigned, "sign" },
        { FaultKinds.BadSignature, "does not verify" },
        { FaultKinds.BodyChanged, "does not verify" },
        { FaultKinds.Garbage, "" },
        { FaultKinds.OtherOutTradeNo, "unknown number" },
    };

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Code_ScannedAndPaid_IsPaidOnceAndItsMerchantTold(string provider)
    {
        await using var world = await World.StartAsync(provider);
        var answer = await world.CreateAsync(world.NewOrder(method: "alipay"));
        var attemptNo = answer["attempt_no"]!.GetValue<string>();
        var code = answer["action"]!["qr_code_text"]!.GetValue<string>();

        code.Should().StartWith("https://qr.alipay.com/");
        world.AlipayWallet.Scan(code)!.Total.Should().Be(1299);
        world.AlipayWallet.Pay(World.AlipayAccount, attemptNo);

        var order = await world.UntilAsync(Id(answer), o => o.Order.State == OrderState.Paid);
        order.Order.PaidAmountMinor.Should().Be(1299);
        order.Order.Method.Should().Be("alipay");
        order.Order.ChannelOrderId.Should().Be(world.AlipayLedger.Find(World.AlipayAccount, attemptNo)!.TradeNo);
        (await SendAsync(world, attemptNo)).Should().Match<CallbackSend>(s => s.HttpStatus == 200 && s.Delivered, "the answer is exactly success");
        await world.UntilReceivedAsync(1);
        world.Receiver.Verifies(world.Receiver.All.Single()).Should().BeTrue();
    }

    [Fact]
    public async Task Page_PaidThere_IsPaidByTheNotifyAndNotByTheReturn()
    {
        await using var world = await World.StartAsync("sqlite");
        var answer = await world.CreateAsync(world.NewOrder(method: "alipay", scene: "PAGE"));
        var attemptNo = answer["attempt_no"]!.GetValue<string>();
        var address = new Uri(answer["action"]!["redirect_url"]!.GetValue<string>());
        world.ProviderCalls.Calls.Should().BeEmpty("a page payment is signed, not sent");
        var held = world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Hold, OutTradeNo = attemptNo });

        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var opened = await browser.GetAsync(address);
        opened.StatusCode.Should().Be(HttpStatusCode.Redirect, "the provider takes our signature and shows its page");
        world.AlipayWallet.Pay(World.AlipayAccount, attemptNo);
        using (var back = await browser.GetAsync(new Uri($"{answer["cashier_url"]}?out_trade_no={attemptNo}&total_amount=12.99&trade_no=1&sign=x&sign_type=RSA2")))
        {
            back.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        (await world.ReadAsync(Id(answer))).Order.State.Should().Be(OrderState.Paying, "who comes back has proven nothing");
        world.Faults.Release(held.Id);
        await world.UntilAsync(Id(answer), o => o.Order.State == OrderState.Paid);
    }

    [Theory]
    [InlineData("sqlite", "QR")]
    [InlineData("mysql", "QR")]
    [InlineData("sqlite", "PAGE")]
    public async Task Payment_WithAllNotifiesLost_IsFoundWithin75Seconds(string provider, string scene)
    {
        await using var world = await World.StartAsync(provider, _clock);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Lost, Count = -1 });
        var answer = await world.CreateAsync(world.NewOrder(method: "alipay", scene: scene));
        if (scene == "PAGE")
        {
            using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            (await browser.GetAsync(new Uri(answer["action"]!["redirect_url"]!.GetValue<string>()))).Dispose();
        }

        await _clock.PassAsync(TimeSpan.FromSeconds(5));
        world.AlipayWallet.Pay(World.AlipayAccount, answer["attempt_no"]!.GetValue<string>());

        var seconds = await _clock.PassAsync(600, async () => (await world.ReadAsync(Id(answer))).Order.State == OrderState.Paid);

        seconds.Should().BeLessThanOrEqualTo(75, "I1");
        (await world.ReadAsync(Id(answer))).History.Single(h => h.ToState == "PAID").Cause.Should().Be("query");
    }

    [Fact]
    public async Task Code_NobodyScanned_CannotBeClosedBeforeItsExpiryAndIsClosedAfter()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var expiry = _clock.GetUtcNow().AddMinutes(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var answer = await world.CreateAsync(world.NewOrder(method: "alipay").With("expire_time", expiry));

        var closing = await CloseAsync(world, Id(answer));
        closing["order"]!["state"]!.GetValue<string>().Should().Be("PAYING", "the provider does not know the number, and it can be paid all the same");
        closing["order"]!["close_requested"]!.GetValue<bool>().Should().BeTrue();

        var seconds = await _clock.PassAsync(600, async () => (await world.ReadAsync(Id(answer))).Order.State == OrderState.Closed);
        seconds.Should().BeInRange(300 + 59, 300 + 180, "60 s after the expiry that was sent");
        var pay = () => world.AlipayWallet.Pay(World.AlipayAccount, answer["attempt_no"]!.GetValue<string>());
        pay.Should().Throw<InvalidOperationException>("I11: a CLOSED order cannot be paid at the channel");
    }

    [Fact]
    public async Task Code_PaidAfterItsCloseWasAskedFor_IsPaid()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var answer = await world.CreateAsync(world.NewOrder(method: "alipay"));
        await CloseAsync(world, Id(answer));

        world.AlipayWallet.Pay(World.AlipayAccount, answer["attempt_no"]!.GetValue<string>());

        var order = await world.UntilAsync(Id(answer), o => o.Order.State == OrderState.Paid);
        order.Order.Late.Should().BeFalse("the order was still open");
    }

    [Fact]
    public async Task Code_ScannedAndNotPaid_IsClosedAtOnce()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var answer = await world.CreateAsync(world.NewOrder(method: "alipay"));
        world.AlipayWallet.Scan(answer["action"]!["qr_code_text"]!.GetValue<string>());

        (await CloseAsync(world, Id(answer)))["order"]!["state"]!.GetValue<string>().Should().Be("CLOSED");

        world.AlipayLedger.Find(World.AlipayAccount, answer["attempt_no"]!.GetValue<string>())!.TradeStatus.Should().Be("TRADE_CLOSED");
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Notify_NotTheProvidersWord_ChangesNothingAndTheHonestRepeatPays(string kind, string reason)
    {
        await using var world = await World.StartAsync("sqlite");
        var (orderId, attemptNo) = await CreateAsync(world);
        var before = await world.ReadAsync(orderId);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = kind, OutTradeNo = attemptNo });
        var honest = world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Hold, OutTradeNo = attemptNo });

        world.AlipayWallet.Pay(World.AlipayAccount, attemptNo);
        var send = await SendAsync(world, attemptNo, kind);

        send.Delivered.Should().BeFalse("what is not proven is never acknowledged");
        (await world.ReadAsync(orderId)).Should().Be(before, "nothing of the order changed");
        (await world.CallbacksAsync()).Should().ContainSingle().Which.Should().Match<KeptCallback>(c => c.State == "REJECTED" && c.Reason.Contains(reason));

        world.Faults.Release(honest.Id);
        await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
    }

    [Theory]
    [InlineData(FaultKinds.WrongAmount, "amount")]
    [InlineData(FaultKinds.OtherAppId, "app_id")]
    [InlineData(FaultKinds.OtherSellerId, "seller_id")]
    public async Task Notify_VerifiedButNotOfOurPayment_IsAConflictOnRecord(string kind, string field)
    {
        await using var world = await World.StartAsync("sqlite");
        var (orderId, attemptNo) = await CreateAsync(world);
        var before = await world.ReadAsync(orderId);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = kind, OutTradeNo = attemptNo });

        world.AlipayWallet.Pay(World.AlipayAccount, attemptNo);
        var send = await SendAsync(world, attemptNo, kind);

        send.Delivered.Should().BeTrue("a contradiction on record is acknowledged");
        (await world.ReadAsync(orderId)).Should().Be(before);
        (await world.CallbacksAsync()).Should().ContainSingle().Which.Should().Match<KeptCallback>(c => c.State == "CONFLICT" && c.Reason.Contains(field));
        (await ExceptionsAsync(world, orderId)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.CallbackConflict);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Notify_FiftyCopiesAtOnce_MovesOnceAndNotifiesOnce(string provider)
    {
        await using var world = await World.StartAsync(provider);
        var (orderId, attemptNo) = await CreateAsync(world);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Lost, OutTradeNo = attemptNo });
        world.AlipayWallet.Pay(World.AlipayAccount, attemptNo);
        await SendAsync(world, attemptNo, FaultKinds.Lost);

        var sends = await world.AlipayWallet.ResendCallbackAsync(World.AlipayAccount, attemptNo, 50);

        sends.Should().OnlyContain(s => s.Delivered);
        (await world.ReadAsync(orderId)).History.Count(h => h.ToState == "PAID").Should().Be(1);
        await world.UntilReceivedAsync(1);
    }

    [Fact]
    public async Task Wallets_PaidOnBoth_OneWinsTheOtherIsListed()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var (orderId, alipayNo) = await CreateAsync(world);
        using var another = await world.Merchant.PostAsJsonAsync($"/v1/pay-orders/{orderId}/attempts", new { out_attempt_no = "2", method = "wechat", scene = "QR" });
        var wechatNo = JsonNode.Parse(await another.Content.ReadAsStringAsync())!["attempt_no"]!.GetValue<string>();

        world.Wallet.Pay(World.Account, wechatNo);
        await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        world.AlipayWallet.Pay(World.AlipayAccount, alipayNo);
        var order = await world.UntilAsync(orderId, o => o.Attempts.All(a => a.Attempt.State is AttemptState.Won or AttemptState.ExtraPaid));

        order.Order.AttemptNo.Should().Be(wechatNo);
        order.Order.Method.Should().Be("wechat");
        (await ExceptionsAsync(world, orderId)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.SurplusPayment);
    }

    [Fact]
    public async Task Notify_OfARefundThatWeDidNotMake_ProvesThePaymentAndIsListed()
    {
        await using var world = await World.StartAsync("sqlite");
        var (orderId, attemptNo) = await CreateAsync(world);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.RefundFirst, OutTradeNo = attemptNo });

        world.AlipayWallet.Pay(World.AlipayAccount, attemptNo);

        var order = await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        order.Order.PaidAmountMinor.Should().Be(1299);
        (await ExceptionsAsync(world, orderId)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.ForeignRefund);
    }

    private static string Id(JsonNode answer) => answer["order"]!["id"]!.GetValue<string>();

    private static async Task<(string OrderId, string AttemptNo)> CreateAsync(World world)
    {
        var answer = await world.CreateAsync(world.NewOrder(method: "alipay"));
        return (Id(answer), answer["attempt_no"]!.GetValue<string>());
    }

    private static async Task<JsonNode> CloseAsync(World world, string orderId)
    {
        using var answer = await world.Merchant.PostAsync(new Uri($"/v1/pay-orders/{orderId}:close", UriKind.Relative), JsonContent.Create(new { }));
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
    }

    private static Task<CallbackSend> SendAsync(World world, string attemptNo, string? fault = null) =>
        world.Callbacks.WaitForSendAsync(s => s.OutTradeNo == attemptNo && s.Fault == fault, TestContext.Current.CancellationToken);

    private static async Task<IReadOnlyList<ExceptionItem>> ExceptionsAsync(World world, string orderId) =>
        (await world.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = orderId, Limit = 100 })).Exceptions;
}
