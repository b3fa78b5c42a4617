using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;

namespace PayCore.EndToEnd.Tests;

/// <summary>What one merchant cannot see or change of another, and what a number means the second time (invariants, I13 and I16).</summary>
public sealed class OtherMerchants(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private readonly World _world = shared.World;

    [Theory]
    [InlineData("GET", "/v1/pay-orders/{0}")]
    [InlineData("GET", "/v1/pay-orders/{0}?refresh=true")]
    [InlineData("POST", "/v1/pay-orders/{0}:close")]
    [InlineData("POST", "/v1/pay-orders/{0}/attempts")]
    public async Task Order_OfAnotherMerchant_LooksExactlyLikeAMissingOne(string verb, string path)
    {
        var id = (await _world.CreateAsync())["order"]!["id"]!.GetValue<string>();
        var missingId = id[..^1] + (id[^1] == '0' ? '1' : '0');
        var before = await _world.ReadAsync(id);

        var foreign = await _world.WithoutEffectAsync(null, () => SendAsync(_world.OtherMerchant, verb, string.Format(null, path, id)));
        var missing = await SendAsync(_world.OtherMerchant, verb, string.Format(null, path, missingId));

        missing.ShouldBe(404, ErrorReason.OrderNotFound);
        foreign.Should().Be(missing, "status and every byte are those of an order that is not there");
        (await _world.ReadAsync(id)).Should().Be(before);
        var own = await SendAsync(_world.Merchant, verb, string.Format(null, path, id));
        own.Status.Should().Be(200, own.Text);
    }

    [Fact]
    public async Task Number_OfAnotherMerchant_IsFreeAndFindsOnlyItsOwn()
    {
        var mine = await _world.CreateAsync(_world.NewOrder("shared-number"));
        (await _world.OtherMerchant.GetAnswerAsync("/v1/pay-orders?out_trade_no=shared-number")).ShouldBe(404, ErrorReason.OrderNotFound);

        var theirs = await _world.OtherMerchant.PostTextAsync(Refusals.OrdersPath, _world.NewOrder("shared-number").With("amount_minor", 5).ToJsonString());

        theirs.Status.Should().Be(200, theirs.Text);
        theirs.Json["order"]!["id"]!.GetValue<string>().Should().NotBe(mine["order"]!["id"]!.GetValue<string>());
        var found = await _world.Merchant.GetAnswerAsync("/v1/pay-orders?out_trade_no=shared-number");
        found.Json["order"]!["amount_minor"]!.GetValue<long>().Should().Be(1299);
    }

    [Theory]
    [InlineData("amount_minor", "1300")]
    [InlineData("subject", "\"another\"")]
    [InlineData("attach", "\"another\"")]
    [InlineData("return_url", "\"https://shop.example/\"")]
    [InlineData("notify_url", "\"https://example.com/hook\"")]
    [InlineData("client_ip", "\"203.0.113.7\"")]
    [InlineData("buyer", "\"another\"")]
    [InlineData("currency", "\"USD\"")]
    [InlineData("expire_time", "soon")]
    public async Task Create_SameNumberOtherContent_IsRefusedByTheFieldsName(string field, string json)
    {
        var order = _world.NewOrder();
        var first = await _world.CreateAsync(order);
        var id = first["order"]!["id"]!.GetValue<string>();
        var before = await _world.ReadAsync(id);
        json = json == "soon" ? $"\"{DateTimeOffset.UtcNow.AddHours(1):yyyy-MM-dd'T'HH:mm:ss'Z'}\"" : json;
        var other = JsonNode.Parse(order.ToJsonString())!.AsObject().WithRaw(field, json);

        var answer = await _world.WithoutEffectAsync(null, () => _world.Merchant.PostTextAsync(Refusals.OrdersPath, other));

        answer.ShouldBe(409, ErrorReason.OrderDiffers, $"{field} {ErrorReason.OrderDiffers}");
        (await _world.ReadAsync(id)).Should().Be(before);
        (await _world.CreateAsync(order)).ToJsonString().Should().Be(first.ToJsonString(), "the first content is answered as before");
    }

    [Fact]
    public async Task App_SwitchedOff_IsRefusedUntilItIsOnAgain()
    {
        var key = MerchantKeyPair.CreateEd25519();
        using var client = _world.Client("switched-app", key);
        await WriteAsync(key, enabled: true);
        await UntilAsync(client, 200);
        await WriteAsync(key, enabled: false);
        await UntilAsync(client, 401);

        var number = _world.NewOrder();
        var answer = await _world.WithoutEffectAsync(
            number["out_trade_no"]!.GetValue<string>(), () => client.PostTextAsync(Refusals.OrdersPath, number.ToJsonString()));
        answer.ShouldBe(401, ErrorReason.SignatureKeyUnknown);
        (await client.GetAnswerAsync("/v1/pay-orders?out_trade_no=a")).ShouldBe(401, ErrorReason.SignatureKeyUnknown);

        await WriteAsync(key, enabled: true);
        await UntilAsync(client, 200);
    }

    private static async Task<RestAnswer> SendAsync(HttpClient client, string verb, string path) =>
        verb == "GET" ? await client.GetAnswerAsync(path)
        : await client.PostTextAsync(path, path.EndsWith("attempts", StringComparison.Ordinal) ? "{\"out_attempt_no\":\"second\"}" : "{}");

    /// <summary>Creates until the document counts.</summary>
    private async Task UntilAsync(HttpClient client, int status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await client.PostTextAsync(Refusals.OrdersPath, _world.NewOrder().ToJsonString()) is { } answer && answer.Status != status)
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), answer.Text);
            await Task.Delay(10);
        }
    }

    private Task WriteAsync(MerchantKeyPair key, bool enabled) => _world.App.Services.GetRequiredService<IConfigBackend>().WriteAsync(
        "apps", "switched-app", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new MerchantApp
        {
            MerchantId = "m-switched",
            Enabled = enabled,
            Keys = [new AppKeyDocument { KeyId = "k1", Alg = "ed25519", PublicKey = key.PublicKeyPem }],
            Routes = new Dictionary<string, IReadOnlyList<RouteDocument>> { ["wechat.QR"] = [new RouteDocument { Account = World.Account }] },
        }, DocumentJson.Options)), CancellationToken.None);
}
