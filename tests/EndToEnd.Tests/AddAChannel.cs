using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Channels.GiftCard;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host;
using PayCore.ServiceDefaults;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>docs/add-a-channel.md: a third channel is one folder (tests/GiftCard), one reference, and one line.</summary>
public sealed class AddAChannel
{
    private const string Account = "shop-1";
    private const string ShopId = "tea-house";
    private static readonly byte[] _secret = Encoding.ASCII.GetBytes("a secret of the test, 32 bytes or so.");

    /// <summary>The line.</summary>
    private static readonly Role _role = new(RoleNames.Channel("giftcard"), 8119, [], s => s.AddGiftCardChannel(), m => m.MapGiftCardChannel());

    [Fact]
    public async Task Order_OfANewChannel_IsPaidByItsCallbackAndNotified()
    {
        await using var world = await StartAsync();
        var order = await world.CreateAsync(world.NewOrder(method: "giftcard"));
        var attemptNo = order["attempt_no"]!.GetValue<string>();
        order["action"]!["qr_code_text"]!.GetValue<string>().Should().Be($"giftcard:{attemptNo}");
        Issuer(world).Find(attemptNo)!.Paid = true;

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
        await using var world = await StartAsync();
        var order = await world.CreateAsync(world.NewOrder(method: "giftcard"));
        var purchase = Issuer(world).Find(order["attempt_no"]!.GetValue<string>())!;
        purchase.Paid = true;

        var found = await world.Merchant.GetAnswerAsync($"/v1/pay-orders/{Id(order)}?refresh=true");
        found.Json["order"]!["state"]!.GetValue<string>().Should().Be("PAID");
        var refund = await world.Merchant.PostTextAsync(
            "/v1/refunds", new JsonObject { ["out_refund_no"] = "r1", ["order_id"] = Id(order), ["amount_minor"] = 299 }.ToJsonString());

        refund.Json["result"]!.GetValue<string>().Should().Be("DONE", refund.Text);
        purchase.Refunds.Values.Should().Equal(299);
    }

    private static string Id(JsonNode answer) => answer["order"]!["id"]!.GetValue<string>();

    private static GiftCardIssuer Issuer(World world) => world.App.Services.GetRequiredService<GiftCardIssuer>();

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync("sqlite", [.. Role.All, _role], new() { ["giftcard.QR"] = Account });
        await world.App.Services.GetRequiredService<IConfigBackend>().WriteAsync(
            "giftcard", Account, Encoding.UTF8.GetBytes($$"""{"shop_id": "{{ShopId}}", "secret": "{{Convert.ToBase64String(_secret)}}"}"""), CancellationToken.None);
        var documents = world.App.Services.GetRequiredService<IConfigDocuments<GiftCardAccount>>();
        while (documents.Find(Account) is null)
        {
            await Task.Delay(10);
        }

        return world;
    }

    private static async Task<HttpStatusCode> CallBackAsync(World world, string attemptNo, long amount, bool signed = true)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"shop_id": "{{ShopId}}", "number": "{{attemptNo}}", "amount_minor": {{amount}}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/callback/giftcard/{Account}") { Content = new ByteArrayContent(body) };
        request.Headers.Add("Gift-Card-Signature", Convert.ToBase64String(HMACSHA256.HashData(signed ? _secret : new byte[32], body)));
        using var answer = await world.Anonymous.SendAsync(request);
        return answer.StatusCode;
    }
}
