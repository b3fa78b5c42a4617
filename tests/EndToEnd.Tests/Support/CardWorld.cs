using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Channels.GiftCard;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.Host;
using PayCore.ServiceDefaults;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>A world with the third channel, whose issuer's book is in this process: for stories of which thousands are told.</summary>
internal sealed class CardWorld : IAsyncDisposable
{
    public const string Account = "shop-1";
    public const string ShopId = "tea-house";

    private CardWorld(World world) => World = world;

    public static byte[] Secret { get; } = Encoding.ASCII.GetBytes("a secret of the test, 32 bytes or so.");

    public World World { get; }

    public GiftCardIssuer Issuer => World.App.Services.GetRequiredService<GiftCardIssuer>();

    /// <summary>The line that adds the channel.</summary>
    private static Role Role { get; } = new(RoleNames.Channel("giftcard"), 8119, [], s => s.AddGiftCardChannel(), m => m.MapGiftCardChannel());

    public static async Task<CardWorld> StartAsync(string provider, TimeProvider? clock = null, params string[] settings)
    {
        var account = Encoding.UTF8.GetBytes($$"""{"shop_id": "{{ShopId}}", "secret": "{{Convert.ToBase64String(Secret)}}"}""");
        return new CardWorld(await World.StartAsync(
            provider,
            [.. Role.All, Role],
            new() { ["giftcard.QR"] = Account, ["giftcard.TRANSFER"] = Account },
            documents => documents.WriteAsync("giftcard", Account, account, CancellationToken.None),
            clock, null, settings));
    }

    /// <summary>An order that is paid; answers its id and the purchase.</summary>
    public async Task<(string OrderId, Purchase Purchase)> PaidAsync(long amount = 10_000)
    {
        var order = await World.CreateAsync(World.NewOrder(method: "giftcard").With("amount_minor", amount));
        var id = order["order"]!["id"]!.GetValue<string>();
        var purchase = Issuer.Find(order["attempt_no"]!.GetValue<string>())!;
        purchase.Paid = true;
        (await World.Merchant.GetAnswerAsync($"/v1/pay-orders/{id}?refresh=true")).Json["order"]!["state"]!.GetValue<string>().Should().Be("PAID");
        return (id, purchase);
    }

    public Task<RestAnswer> RefundAsync(string orderId, string number, long amount, string? reason = null)
    {
        var request = new JsonObject { ["out_refund_no"] = number, ["order_id"] = orderId, ["amount_minor"] = amount };
        return World.Merchant.PostTextAsync("/v1/refunds", (reason is null ? request : request.With("reason", reason)).ToJsonString());
    }

    /// <summary>A request for a transfer.</summary>
    public static JsonObject NewTransfer(string number, long amount = 500, string payee = "card-7") => new()
    {
        ["out_transfer_no"] = number,
        ["amount_minor"] = amount,
        ["method"] = "giftcard",
        ["payee"] = new JsonObject { ["kind"] = "USER_ID", ["id"] = payee },
        ["title"] = "退还押金 deposit",
    };

    public Task<RestAnswer> TransferAsync(JsonObject request) => World.Merchant.PostTextAsync("/v1/transfers", request.ToJsonString());

    /// <summary>The refund as its merchant sees it.</summary>
    public async Task<JsonNode> ReadRefundAsync(string number) => (await World.Merchant.GetAnswerAsync($"/v1/refunds?out_refund_no={number}")).Json["refund"]!;

    /// <summary>The transfer as its merchant sees it.</summary>
    public async Task<JsonNode> ReadTransferAsync(string number) => (await World.Merchant.GetAnswerAsync($"/v1/transfers?out_transfer_no={number}")).Json["transfer"]!;

    /// <summary>The payment of an order: what of it is left, by the records.</summary>
    public async Task<Attempt> PaymentAsync(string orderId) =>
        (await World.ReadAsync(orderId)).Attempts.Single(a => a.Attempt.State == Attempt.Types.State.Won).Attempt;

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
