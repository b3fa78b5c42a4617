using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PayCore.EndToEnd.Tests.Support;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>The path that everything stands on, and what many at once do to it.</summary>
public sealed class PaidAndNotified
{
    public static TheoryData<string> Providers => World.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Order_PaidInTheWallet_IsPaidOnceAndItsMerchantTold(string provider)
    {
        await using var world = await World.StartAsync(provider);

        var answer = await world.CreateAsync();
        answer["result"]!.GetValue<string>().Should().Be("ACTION");
        var orderId = answer["order"]!["id"]!.GetValue<string>();
        world.Wallet.Scan(answer["action"]!["qr_code_text"]!.GetValue<string>())!.Total.Should().Be(1299);
        world.Wallet.Pay(World.Account, answer["attempt_no"]!.GetValue<string>());

        var order = await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        order.Attempts.Should().ContainSingle().Which.Attempt.State.Should().Be(AttemptState.Won);
        order.Order.PaidAmountMinor.Should().Be(1299);
        await world.UntilReceivedAsync(1);
        var told = world.Receiver.All.Single();
        world.Receiver.Verifies(told).Should().BeTrue();
        told.Json.GetProperty("type").GetString().Should().Be("payment.paid");
        told.Json.GetProperty("data").GetProperty("id").GetString().Should().Be(orderId);

        var query = await world.Merchant.GetFromJsonAsync<JsonNode>($"/v1/pay-orders/{orderId}");
        query!["order"]!["state"]!.GetValue<string>().Should().Be("PAID");
        query["order"]!["amount_minor"]!.GetValue<long>().Should().Be(1299);
        var found = await world.Merchant.GetFromJsonAsync<JsonNode>($"/v1/pay-orders?out_trade_no={order.Order.OutTradeNo}");
        found!["order"]!["id"]!.GetValue<string>().Should().Be(orderId);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_FiftyEqualAtOnce_MakesOneOrderWithEqualAnswers(string provider)
    {
        await using var world = await World.StartAsync(provider);
        var order = world.NewOrder("fifty-at-once");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            using var answer = await world.Merchant.PostAsJsonAsync("/v1/pay-orders", order);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }));

        answers.Should().OnlyContain(a => a.Item1 == 200);
        answers.Select(a => a.Item2).Distinct().Should().ContainSingle("equal requests get equal answers");
        world.ProviderCalls.Calls.Count(c => c.Operation == "place").Should().Be(1, "the channel is asked once");
        world.Ledger.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Create_RepeatedOnceItIsPaid_IsAnsweredAsTheFirstTime()
    {
        await using var world = await World.StartAsync("sqlite");
        var order = world.NewOrder();
        var first = await world.CreateAsync(order);
        world.Wallet.Pay(World.Account, first["attempt_no"]!.GetValue<string>());
        await world.UntilAsync(first["order"]!["id"]!.GetValue<string>(), o => o.Order.State == OrderState.Paid);

        var repeat = await world.CreateAsync(order);

        repeat.ToJsonString().Should().Be(first.ToJsonString());
        world.ProviderCalls.Calls.Count(c => c.Operation == "place").Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Callback_FiftyCopiesAtOnce_MovesOnceAndNotifiesOnce(string provider)
    {
        await using var world = await World.StartAsync(provider);
        var answer = await world.CreateAsync();
        var attemptNo = answer["attempt_no"]!.GetValue<string>();
        var orderId = answer["order"]!["id"]!.GetValue<string>();
        world.Faults.Add(new ChannelSimulator.Fault { Operation = "callback", Kind = "lost" });
        world.Wallet.Pay(World.Account, attemptNo);
        await world.Callbacks.WaitForSendAsync(s => s.Fault == "lost", TestContext.Current.CancellationToken);

        var sends = await world.Wallet.ResendCallbackAsync(World.Account, attemptNo, 50);

        sends.Should().OnlyContain(s => s.HttpStatus == 204);
        var order = await world.ReadAsync(orderId);
        order.Order.State.Should().Be(OrderState.Paid);
        order.History.Count(h => h.ToState == "PAID").Should().Be(1);
        await world.UntilReceivedAsync(1);
        await world.UntilAsync(orderId, _ => true);
        world.Receiver.All.Select(r => r.Id).Distinct().Should().ContainSingle();
        world.Receiver.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Merchant_DownAtFirst_IsToldUntilItAcknowledges()
    {
        await using var world = await World.StartAsync("sqlite");
        var tries = 0;
        var acknowledge = world.Receiver.Answer;
        world.Receiver.Answer = (received, http) =>
        {
            if (Interlocked.Increment(ref tries) <= 3)
            {
                http.Response.StatusCode = 503;
                return Task.CompletedTask;
            }

            return acknowledge(received, http);
        };
        var answer = await world.CreateAsync();
        world.Wallet.Pay(World.Account, answer["attempt_no"]!.GetValue<string>());

        await world.UntilReceivedAsync(4);

        world.Receiver.All.Select(r => r.Id).Distinct().Should().ContainSingle("the event's id is stable");
        world.Receiver.All.Should().OnlyContain(r => world.Receiver.Verifies(r));
    }
}
