using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;

namespace PayCore.EndToEnd.Tests;

/// <summary>A request that is repeated when time has passed and settings have changed is the same request (invariants, I13).</summary>
public sealed class RepeatsLater
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));

    public static TheoryData<string> Providers => World.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_WhenItsExpiryCameNear_GetsItsAnswerAgain(string provider)
    {
        await using var world = await World.StartAsync(provider, _clock);
        var request = Expiring(world, "near", minutes: 5);
        var first = await world.CreateAsync(request);

        await _clock.StepAsync(TimeSpan.FromMinutes(2));
        var again = await world.CreateAsync(request);

        again.ToJsonString().Should().Be(first.ToJsonString());
        world.Ledger.All.Should().ContainSingle();
        (await PostAsync(world, Copy(request).With("subject", "other words"))).ShouldBe(409, "ORDER_DIFFERS", "subject ORDER_DIFFERS");
        (await PostAsync(world, Expiring(world, "near", minutes: 5))).ShouldBe(409, "ORDER_DIFFERS", "expire_time ORDER_DIFFERS");
        (await PostAsync(world, Copy(request).With("out_trade_no", "unused"))).ShouldBe(400, ErrorReason.RequestInvalid, "expire_time EXPIRE_TIME_INVALID");
    }

    /// <summary>The answer was lost, and meanwhile the app may take less, and by another way. A definite no would have the merchant make a second order.</summary>
    [Fact]
    public async Task Create_WhenTheAppMayTakeItNoMore_GetsItsAnswerAgain()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var request = world.NewOrder("kept");
        var first = await world.CreateAsync(request);

        await ChangeAppAsync(world, app => app with { Limits = app.Limits with { AmountMinorMax = 100 } });
        (await PostAsync(world, world.NewOrder())).ShouldBe(400, ErrorReason.RequestInvalid, "amount_minor AMOUNT_TOO_LARGE");
        (await world.CreateAsync(request)).ToJsonString().Should().Be(first.ToJsonString());

        await ChangeAppAsync(world, app => app with { Limits = new(), Routes = app.Routes.Where(r => r.Key != "wechat.QR").ToDictionary() });
        (await PostAsync(world, world.NewOrder())).ShouldBe(403, "METHOD_NOT_ALLOWED");
        (await world.CreateAsync(request)).ToJsonString().Should().Be(first.ToJsonString());
        world.Ledger.All.Should().ContainSingle();
    }

    [Fact]
    public async Task Attempt_UnderTheSameNumberWithOtherContent_IsRefusedAndChangesNothing()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var orderId = (await world.CreateAsync())["order"]!["id"]!.GetValue<string>();
        var request = new JsonObject { ["out_attempt_no"] = "2", ["method"] = "wechat", ["scene"] = "QR" };
        var first = await AttemptAsync(request);
        first.Status.Should().Be(200, first.Text);
        var before = await world.ReadAsync(orderId);

        (await AttemptAsync(Copy(request).With("method", "alipay"))).ShouldBe(409, "ORDER_DIFFERS", "method ORDER_DIFFERS");
        (await AttemptAsync(Copy(request).With("scene", "PAGE"))).ShouldBe(409, "ORDER_DIFFERS", "scene ORDER_DIFFERS");
        (await AttemptAsync(Copy(request).With("buyer", "somebody else"))).ShouldBe(409, "ORDER_DIFFERS", "buyer ORDER_DIFFERS");

        (await world.ReadAsync(orderId)).Should().Be(before);
        var again = await AttemptAsync(request);
        again.Text.Should().Be(first.Text);

        Task<RestAnswer> AttemptAsync(JsonObject attempt) => world.Merchant.PostTextAsync($"/v1/pay-orders/{orderId}/attempts", attempt.ToJsonString());
    }

    private static JsonObject Copy(JsonObject request) => request.DeepClone().AsObject();

    private static Task<RestAnswer> PostAsync(World world, JsonObject order) => world.Merchant.PostTextAsync("/v1/pay-orders", order.ToJsonString());

    private JsonObject Expiring(World world, string number, int minutes) =>
        world.NewOrder(number).With("expire_time", _clock.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));

    private async Task ChangeAppAsync(World world, Func<MerchantApp, MerchantApp> change)
    {
        var apps = world.App.Services.GetRequiredService<IConfigDocuments<MerchantApp>>();
        var before = apps.Find(World.AppId)!;
        var changed = change(before);
        await world.App.Services.GetRequiredService<IConfigBackend>().WriteAsync(
            "apps", World.AppId, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(changed, DocumentJson.Options)), CancellationToken.None);
        await _clock.PassAsync(60, () => Task.FromResult(!ReferenceEquals(apps.Find(World.AppId), before)));
    }
}
