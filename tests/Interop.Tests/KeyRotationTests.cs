using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Interop.Tests.Support;
using PayCore.MerchantApi;

namespace PayCore.Interop.Tests;

/// <summary>A merchant changes its key while npm <c>http-message-signatures</c> goes on signing. The clock is the test's.</summary>
public sealed class KeyRotationTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));

    public static TheoryData<string> Algorithms => AppKey.Algorithms;

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Keys_BothCountUntilTheOldOneEnds(string algorithm)
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var app = new InteropApp(world);
        var (old, fresh) = (AppKey.Create(algorithm, "old"), AppKey.Create(algorithm, "new"));
        var ends = _clock.GetUtcNow() + TimeSpan.FromHours(1);
        await app.WriteAsync([old.Document with { NotAfter = ends }, fresh.Document]);
        var (oldKey, newKey) = (SignedRequestKey.Of(app, old), SignedRequestKey.Of(app, fresh));

        var during = await SignedRequest.SendAsync(Create(world, world.NewOrder(), oldKey), Create(world, world.NewOrder(), newKey));
        during.ShouldBeGood();

        _clock.Advance(ends - _clock.GetUtcNow());
        (await SignedRequest.SendAsync(Create(world, world.NewOrder(), oldKey))).Single().Status.Should().Be(200, "the last moment counts");

        _clock.Advance(TimeSpan.FromSeconds(1));
        var order = world.NewOrder();
        var after = await SignedRequest.SendAsync(
            Create(world, order, oldKey), world.QueryRequest(order, newKey, _clock), Create(world, order, newKey));
        after[0].ShouldBe(401, ErrorReason.SignatureKeyInactive);
        after[1].ShouldBe(404, ErrorReason.OrderNotFound);
        after[2].Status.Should().Be(200, after[2].Text);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Key_DoesNotCountBeforeItBegins(string algorithm)
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        var app = new InteropApp(world);
        var (present, next) = (AppKey.Create(algorithm, "present"), AppKey.Create(algorithm, "next"));
        var begins = _clock.GetUtcNow() + TimeSpan.FromHours(1);
        await app.WriteAsync([present.Document, next.Document with { NotBefore = begins }]);
        var (presentKey, nextKey) = (SignedRequestKey.Of(app, present), SignedRequestKey.Of(app, next));
        var order = world.NewOrder();

        var before = await SignedRequest.SendAsync(Create(world, order, nextKey), world.QueryRequest(order, presentKey, _clock));
        before[0].ShouldBe(401, ErrorReason.SignatureKeyInactive);
        before[1].ShouldBe(404, ErrorReason.OrderNotFound);

        _clock.Advance(begins - _clock.GetUtcNow());
        (await SignedRequest.SendAsync(Create(world, order, nextKey))).Single().Status.Should().Be(200);
    }

    private SignedRequest Create(World world, JsonObject order, SignedRequestKey key) => world.CreateRequest(order, key, _clock);
}
