using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using PayCore.EndToEnd.Tests.Support;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>docs/add-a-channel.md: a third channel is one folder (tests/GiftCard), one reference, and one line.</summary>
public sealed class AddAChannel
{
    [Fact]
    public async Task Order_OfANewChannel_IsPaidByItsCallbackAndNotified()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var world = cards.World;
        var order = await world.CreateAsync(world.NewOrder(method: "giftcard"));
        var attemptNo = order["attempt_no"]!.GetValue<string>();
        order["action"]!["qr_code_text"]!.GetValue<string>().Should().Be($"giftcard:{attemptNo}");
        cards.Issuer.Find(attemptNo)!.Paid = true;

        (await CallBackAsync(world, attemptNo, 1299, signed: false)).Should().Be(HttpStatusCode.InternalServerError);
        (await CallBackAsync(world, attemptNo, 1298)).Should().Be(HttpStatusCode.NoContent, "the contradiction is on record");
        (await world.ReadAsync(Id(order))).Order.State.Should().Be(OrderState.Paying);
        (await CallBackAsync(world, attemptNo, 1299)).Should().Be(HttpStatusCode.NoContent);

        (await world.ReadAsync(Id(order))).Order.State.Should().Be(OrderState.Paid);
        await world.UntilReceivedAsync(1);
    }

    [Fact]
    public async Task Order_OfANewChannel_IsFoundWithoutACallbackAndRefunded()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var world = cards.World;
        var order = await world.CreateAsync(world.NewOrder(method: "giftcard"));
        var purchase = cards.Issuer.Find(order["attempt_no"]!.GetValue<string>())!;
        purchase.Paid = true;

        var found = await world.Merchant.GetAnswerAsync($"/v1/pay-orders/{Id(order)}?refresh=true");
        found.Json["order"]!["state"]!.GetValue<string>().Should().Be("PAID");
        var refund = await world.Merchant.PostTextAsync(
            "/v1/refunds", new JsonObject { ["out_refund_no"] = "r1", ["order_id"] = Id(order), ["amount_minor"] = 299 }.ToJsonString());

        refund.Json["result"]!.GetValue<string>().Should().Be("DONE", refund.Text);
        purchase.Refunds.Values.Should().Equal(299);
    }

    /// <summary>Anybody can make up names of accounts: what a channel says nothing of is not kept.</summary>
    [Fact]
    public async Task Callback_ToANewChannelThatKnowsNoSuchAccount_IsNotKept()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");

        (await CallBackAsync(cards.World, "A1", 1299, account: "made-up")).Should().Be(HttpStatusCode.InternalServerError);
        (await cards.World.CallbacksAsync()).Should().BeEmpty();
        (await CallBackAsync(cards.World, "A1", 1299, signed: false)).Should().Be(HttpStatusCode.InternalServerError);
        (await cards.World.CallbacksAsync()).Should().ContainSingle("of an account it is evidence").Which.State.Should().Be("REJECTED");
    }

    private static string Id(JsonNode answer) => answer["order"]!["id"]!.GetValue<string>();

    private static async Task<HttpStatusCode> CallBackAsync(World world, string attemptNo, long amount, bool signed = true, string account = CardWorld.Account)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"shop_id": "{{CardWorld.ShopId}}", "number": "{{attemptNo}}", "amount_minor": {{amount}}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/callback/giftcard/{account}") { Content = new ByteArrayContent(body) };
        request.Headers.Add("Gift-Card-Signature", Convert.ToBase64String(HMACSHA256.HashData(signed ? CardWorld.Secret : new byte[32], body)));
        using var answer = await world.Anonymous.SendAsync(request);
        return answer.StatusCode;
    }
}
