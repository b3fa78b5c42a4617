using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>Payments by the buyer's code: the money comes at once or waits for a password, and is taken back when nobody learns in time what became of it.</summary>
public sealed class BarcodeStories
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Code_OfABuyerWithoutPassword_IsPaidInTheAnswer(string provider)
    {
        await using var world = await StartAsync(provider);

        var answer = await world.CreateAsync(Scanned(world, world.AlipayWallet.ShowCode()));

        answer["result"]!.GetValue<string>().Should().Be("ALREADY_PAID", answer.ToJsonString());
        (await world.ReadAsync(Id(answer))).Order.State.Should().Be(OrderState.Paid);
    }

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Code_WithAPasswordThatComesLater_IsFoundPaid(string provider)
    {
        await using var world = await StartAsync(provider);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Lost });
        var answer = await world.CreateAsync(Scanned(world, world.AlipayWallet.ShowCode(asksPassword: true)));
        answer["result"]!.GetValue<string>().Should().Be("PROCESSING", answer.ToJsonString());

        world.AlipayWallet.Pay(World.AlipayAccount, AttemptNo(answer));

        var seconds = await _clock.PassAsync(60, async () => (await world.ReadAsync(Id(answer))).Order.State == OrderState.Paid);
        seconds.Should().BeLessThanOrEqualTo(15);
    }

    /// <summary>The money came while nobody could ask, and then we took it back: nobody is told PAID, whatever the provider says of it afterwards.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Code_PaidAndThenReversed_IsClosedAndStaysClosed(string provider)
    {
        await using var world = await StartAsync(provider);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Hold });
        var answer = await world.CreateAsync(Scanned(world, world.AlipayWallet.ShowCode(asksPassword: true)));
        world.AlipayWallet.Pay(World.AlipayAccount, AttemptNo(answer));
        world.Faults.Add(new Fault { Operation = "alipay.query", Kind = FaultKinds.Error500Before });

        var closing = world.Merchant.PostTextAsync($"/v1/pay-orders/{Id(answer)}:close", "{}");
        await _clock.WhileAsync(closing);
        var closed = await closing;

        closed.Json["order"]!["state"]!.GetValue<string>().Should().Be("CLOSED", closed.Text);
        world.AlipayLedger.Find(World.AlipayAccount, AttemptNo(answer))!.TradeStatus.Should().Be("TRADE_CLOSED");
        world.Faults.Clear();
        await _clock.PassAsync(1_900, async () =>
        {
            (await world.ReadAsync(Id(answer))).Order.State.Should().Be(OrderState.Closed);
            return false;
        }, stride: 5);
        var order = await world.ReadAsync(Id(answer));
        order.Attempts.Single().Attempt.State.Should().Be(AttemptState.Closed);
        world.Receiver.All.Select(r => r.Json.GetProperty("type").GetString()).Should().Equal("payment.closed");
    }

    /// <summary>The same when the answer to our reverse is lost, and the news of the payment comes before we have asked again.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Code_PaidAndReversedWithoutAnswer_IsNeverPaidAndIsClosedAtTheNextLook(string provider)
    {
        await using var world = await StartAsync(provider);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Hold });
        var answer = await world.CreateAsync(Scanned(world, world.AlipayWallet.ShowCode(asksPassword: true)));
        world.AlipayWallet.Pay(World.AlipayAccount, AttemptNo(answer));
        world.Faults.Add(new Fault { Operation = "alipay.query", Kind = FaultKinds.Error500Before, Count = 3 });
        world.Faults.Add(new Fault { Operation = "alipay.cancel", Kind = FaultKinds.EffectThenDrop });

        var closing = world.Merchant.PostTextAsync($"/v1/pay-orders/{Id(answer)}:close", "{}");
        await _clock.WhileAsync(closing);
        (await closing).Json["order"]!["state"]!.GetValue<string>().Should().Be("PAYING", "nobody knows what became of it");
        world.Faults.Clear();

        var seconds = await _clock.PassAsync(60, async () => (await world.ReadAsync(Id(answer))).Order.State == OrderState.Closed);

        seconds.Should().BeLessThan(60);
        await _clock.PassAsync(60, () => Task.FromResult(world.Receiver.All.Count > 1));
        world.Receiver.All.Select(r => r.Json.GetProperty("type").GetString()).Should().Equal("payment.closed");
        (await world.ReadAsync(Id(answer))).History.Should().NotContain(h => h.ToState == "PAID" || h.ToState == "WON");
    }

    /// <summary>The provider confirmed our reverse and takes the money all the same: nobody takes it back any more, so a person is told.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Code_PaidAfterTheReverse_IsListed(string provider)
    {
        await using var world = await StartAsync(provider);
        world.Faults.Add(new Fault { Operation = "alipay.callback", Kind = FaultKinds.Lost, Count = -1 });
        var answer = await world.CreateAsync(Scanned(world, world.AlipayWallet.ShowCode(asksPassword: true)));
        await world.Database.RequestCloseAsync(new RequestCloseRequest { OrderId = Id(answer), Cause = "merchant" });
        await world.Database.RequestReverseAsync(new RequestReverseRequest { AttemptNo = AttemptNo(answer) });
        await world.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = AttemptNo(answer), Cause = "reverse" });
        world.AlipayWallet.Pay(World.AlipayAccount, AttemptNo(answer));

        List<ExceptionItem> items = [];
        await _clock.PassAsync(400, async () =>
        {
            items = [.. (await world.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = Id(answer) })).Exceptions];
            return items.Count > 0;
        });

        items.Select(i => (i.Kind, i.AttemptNo)).Should().Equal((ExceptionItem.Types.Kind.LatePayment, AttemptNo(answer)));
        (await world.ReadAsync(Id(answer))).Order.State.Should().Be(OrderState.Closed);
    }

    private Task<World> StartAsync(string provider) => World.StartAsync(
        provider, Host.Role.All, new() { ["alipay.BARCODE"] = World.AlipayAccount }, _ => Task.CompletedTask, _clock);

    private static JsonObject Scanned(World world, string code) => world.NewOrder(method: "alipay", scene: "BARCODE").With("buyer", code);

    private static string Id(JsonNode answer) => answer["order"]!["id"]!.GetValue<string>();

    private static string AttemptNo(JsonNode answer) => answer["attempt_no"]!.GetValue<string>();
}
