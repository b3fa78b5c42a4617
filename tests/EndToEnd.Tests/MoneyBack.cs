using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.EndToEnd.Tests.Support;

namespace PayCore.EndToEnd.Tests;

/// <summary>Refunds over the whole system: never more than was paid, never twice, and never lost (invariants, I3, I4, I7, I13, I16).</summary>
public sealed class MoneyBack
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Refunds_InParts_UpToTheExactRestAndNotOneMore(string provider)
    {
        await using var cards = await CardWorld.StartAsync(provider);
        var (orderId, purchase) = await cards.PaidAsync(10_000);

        foreach (var (number, amount) in new[] { ("r1", 3_333L), ("r2", 1L), ("r3", 6_666L) })
        {
            var answer = await cards.RefundAsync(orderId, number, amount);
            answer.Json["result"]!.GetValue<string>().Should().Be("DONE", answer.Text);
            answer.Json["refund"]!["state"]!.GetValue<string>().Should().Be("SUCCEEDED");
        }

        var more = await cards.RefundAsync(orderId, "r4", 1);
        more.ShouldBe(400, "REFUND_NOT_ALLOWED");
        more.Json["details"]![0]!["metadata"]!["left_minor"]!.GetValue<string>().Should().Be("0");
        purchase.Refunds.Values.Sum().Should().Be(10_000);
        var payment = await cards.PaymentAsync(orderId);
        (payment.RefundedAmountMinor, payment.RefundReservedAmountMinor).Should().Be((10_000, 0));
        (await cards.World.ReadAsync(orderId)).Order.State.Should().Be(Contracts.V1.PayOrder.Types.State.Paid, "nothing leaves PAID");
        await cards.World.UntilReceivedAsync(4);
        cards.World.Receiver.All.Select(r => r.Json.GetProperty("type").GetString()).Should().BeEquivalentTo(
            ["payment.paid", "refund.succeeded", "refund.succeeded", "refund.succeeded"]);
    }

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Refund_FiftyCopiesAtOnce_AreOneAndAnswerAlike(string provider)
    {
        await using var cards = await CardWorld.StartAsync(provider);
        var (orderId, purchase) = await cards.PaidAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => cards.RefundAsync(orderId, "same", 700)));

        answers.Select(a => a.Text).Distinct().Should().ContainSingle().Which.Should().Contain("DONE");
        purchase.Refunds.Values.Should().Equal(700);
        var other = await cards.RefundAsync(orderId, "same", 701);
        other.ShouldBe(409, "ORDER_DIFFERS", "amount_minor ORDER_DIFFERS");
        (await cards.RefundAsync(orderId, "same", 700, "other words")).ShouldBe(409, "ORDER_DIFFERS", "reason ORDER_DIFFERS");
        purchase.Refunds.Values.Should().Equal(700);
    }

    /// <summary>The answer or the call is lost: the merchant is told PROCESSING, and the same number is asked for again until it is certain.</summary>
    [Theory]
    [InlineData("sqlite", false)]
    [InlineData("mysql", false)]
    [InlineData("sqlite", true)]
    [InlineData("mysql", true)]
    public async Task Refund_WhoseAnswerOrCallIsLost_IsGivenBackOnceAndFound(string provider, bool callIsLost)
    {
        await using var cards = await CardWorld.StartAsync(provider, _clock);
        var (orderId, purchase) = await cards.PaidAsync();
        _ = callIsLost ? cards.Issuer.LosesCall = call => call == 1 : cards.Issuer.LosesAnswer = call => call == 1;

        var lost = await cards.RefundAsync(orderId, "lost", 250);
        lost.Json["result"]!.GetValue<string>().Should().Be("PROCESSING", lost.Text);
        (await cards.RefundAsync(orderId, "lost", 250)).Json["result"]!.GetValue<string>().Should().Be("PROCESSING", "nobody asks twice within a minute");
        (await cards.PaymentAsync(orderId)).RefundReservedAmountMinor.Should().Be(250, "unknown keeps its reservation");

        var seconds = await _clock.PassAsync(300, async () => (await cards.ReadRefundAsync("lost"))["state"]!.GetValue<string>() == "SUCCEEDED");

        seconds.Should().BeInRange(20, callIsLost ? 200 : 60);
        purchase.Refunds.Values.Should().Equal(250);
        cards.Issuer.Calls.Should().Be(callIsLost ? 2 : 1);
        (await cards.RefundAsync(orderId, "lost", 250)).Json["result"]!.GetValue<string>().Should().Be("DONE");
    }

    [Fact]
    public async Task Refund_OfAnotherMerchantsPayment_IsNotThere()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var (orderId, purchase) = await cards.PaidAsync();
        await cards.RefundAsync(orderId, "r1", 100);
        var refundId = (await cards.ReadRefundAsync("r1"))["id"]!.GetValue<string>();

        var stranger = cards.World.OtherMerchant;
        var request = new JsonObject { ["out_refund_no"] = "r1", ["order_id"] = orderId, ["amount_minor"] = 100 };
        (await stranger.PostTextAsync("/v1/refunds", request.ToJsonString())).ShouldBe(404, "ORDER_NOT_FOUND");
        (await stranger.GetAnswerAsync($"/v1/refunds/{refundId}")).ShouldBe(404, "REFUND_NOT_FOUND");
        (await stranger.GetAnswerAsync("/v1/refunds?out_refund_no=r1")).ShouldBe(404, "REFUND_NOT_FOUND");
        (await stranger.GetAnswerAsync("/v1/refunds:list")).Json["refunds"]!.AsArray().Should().BeEmpty();
        purchase.Refunds.Values.Should().Equal(100);
    }

    [Theory]
    [InlineData("""{"out_refund_no": "", "order_id": "$ID", "amount_minor": 1}""", "out_refund_no NUMBER_INVALID")]
    [InlineData("""{"out_refund_no": "policy:1", "order_id": "$ID", "amount_minor": 1}""", "out_refund_no NUMBER_INVALID")]
    [InlineData("""{"out_refund_no": "r", "amount_minor": 1}""", "order_id PAYMENT_UNNAMED")]
    [InlineData("""{"out_refund_no": "r", "order_id": "$ID", "out_trade_no": "x", "amount_minor": 1}""", "out_trade_no PAYMENT_UNNAMED")]
    [InlineData("""{"out_refund_no": "r", "order_id": "$ID", "attempt_no": "x", "amount_minor": 1}""", "attempt_no PAYMENT_UNNAMED")]
    [InlineData("""{"out_refund_no": "r", "order_id": "$ID", "amount_minor": 0}""", "amount_minor AMOUNT_INVALID")]
    [InlineData("""{"out_refund_no": "r", "order_id": "$ID", "amount_minor": -1}""", "amount_minor AMOUNT_INVALID")]
    [InlineData("""{"out_refund_no": "r", "order_id": "$ID", "amount_minor": 1, "currency": "USD"}""", "currency CURRENCY_INVALID")]
    [InlineData("""{"out_refund_no": "r", "order_id": "$ID", "amount_minor": 1, "reason": "a\tb"}""", "reason REASON_INVALID")]
    [InlineData("""{"out_refund_no": "r", "order_id": "$ID", "amount_minor": 1, "notify_url": "http://10.0.0.1/"}""", "notify_url NOTIFY_URL_INVALID")]
    public async Task Refund_ThatIsNone_NamesTheFieldAndChangesNothing(string body, string violation)
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var (orderId, purchase) = await cards.PaidAsync();

        var answer = await cards.World.Merchant.PostTextAsync("/v1/refunds", body.Replace("$ID", orderId, StringComparison.Ordinal));

        answer.ShouldBe(400, "REQUEST_INVALID", violation);
        purchase.Refunds.Should().BeEmpty();
    }

    [Fact]
    public async Task Refund_OfWhatIsNotPaid_IsRefused()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var order = await cards.World.CreateAsync(cards.World.NewOrder(method: "giftcard"));

        (await cards.RefundAsync(order["order"]!["id"]!.GetValue<string>(), "r1", 1)).ShouldBe(400, "ORDER_NOT_PAID");
    }

    /// <summary>The seed is new on each run; the test's name prints it.</summary>
    public static TheoryData<string, int> Runs => new() { { "sqlite", Random.Shared.Next() }, { "mysql", Random.Shared.Next() } };

    /// <summary>Refunds of one payment race in every round; a tenth of the answers and a tenth of the calls are lost. In the end both books agree.</summary>
    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Refunds_RacingInAThousandRoundsWithLosses_NeverExceedThePaymentAndAgree(string provider, int seed)
    {
        const int Orders = 100;
        const int SideBySide = 10;
        const int RoundsEach = 10;
        var random = new Random(seed);
        await using var cards = await CardWorld.StartAsync(provider, _clock, World.OfThousands);
        var paid = new List<(string OrderId, Channels.GiftCard.Purchase Purchase)>();
        for (var i = 0; i < Orders; i++)
        {
            paid.Add(await cards.PaidAsync(1_000));
        }

        cards.Issuer.LosesAnswer = call => call % 10 == 3;
        cards.Issuer.LosesCall = call => call % 10 == 7;
        foreach (var side in paid.Chunk(SideBySide))
        {
            // Ten rounds of two at once, of which together more is asked for than was paid.
            for (var round = 0; round < RoundsEach; round++)
            {
                var wishes = side.SelectMany(p => new[] { "a", "b" }.Select(wish => (p.OrderId, Number: $"{p.OrderId}-{wish}{round}", Amount: random.Next(1, 200)))).ToList();
                await _clock.WhileAsync(Task.WhenAll(wishes.Select(w => cards.RefundAsync(w.OrderId, w.Number, w.Amount))));
            }
        }

        var settled = await _clock.PassAsync(3_600, async () => (await OpenAsync(cards)) == 0);

        settled.Should().BeLessThan(3_600, "everything ends by itself");
        foreach (var (orderId, purchase) in paid)
        {
            var payment = await cards.PaymentAsync(orderId);
            payment.RefundReservedAmountMinor.Should().Be(0);
            payment.RefundedAmountMinor.Should().Be(purchase.Refunds.Values.Sum()).And.BeLessThanOrEqualTo(1_000);
        }
    }

    private static async Task<int> OpenAsync(CardWorld cards)
    {
        var open = await cards.World.Merchant.GetAnswerAsync("/v1/refunds:list?states=CREATED&states=SENT&page_size=200");
        return open.Json["refunds"]?.AsArray().Count ?? 0;
    }
}
