using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>The timeline of an order: everything that happened, in order, in plain words of both languages, and no secret (invariants, I16, I25).</summary>
public sealed class ToldInOrder
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Timeline_OfALostCallbackARefundAndAFailedNotify_IsTheWholeStory(string database)
    {
        await using var provider = await Provider.StartAsync(database, "wechat", _clock);
        var world = provider.World;
        provider.Fail("callback", FaultKinds.Lost, count: -1);
        provider.PlanRefunds(new SettlementPlan { DelayMs = 2_000 });
        var acknowledges = world.Receiver.Answer;
        world.Receiver.Answer = (_, http) =>
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };

        var created = await world.CreateAsync(world.NewOrder("story").With("amount_minor", 10_000));
        var orderId = created["order"]!["id"]!.GetValue<string>();
        var attemptNo = created["attempt_no"]!.GetValue<string>();
        Next(await TimelineAsync(provider, orderId)).Should().Equal("look", "expiry");
        provider.Pay(attemptNo);
        await _clock.PassAsync(60, async () => (await world.ReadAsync(orderId)).Order.State == OrderState.Paid);
        await _clock.PassAsync(10, () => Task.FromResult(world.Receiver.All.Count > 0));
        await NextUntilAsync(provider, orderId, "notify_try");
        _clock.Advance(TimeSpan.FromMilliseconds(5));
        await provider.RefundAsync(orderId, "story-refund", 2_500);
        world.Receiver.Answer = acknowledges;
        await _clock.PassAsync(120, async () => (await TimelineAsync(provider, orderId)) is var told
            && Entries(told).Count(e => Kind(e) == "notify_try" && Fact(e, "result") == "delivered") == 2 && told["next"]!.AsArray().Count == 0);

        var timeline = await TimelineAsync(provider, orderId);
        var entries = Entries(timeline);
        timeline["next"]!.AsArray().Should().BeEmpty("nothing comes any more by itself");
        entries.Select(e => DateTimeOffset.Parse(e["time"]!.GetValue<string>(), null)).Should().BeInAscendingOrder();
        var refundId = (await provider.ReadRefundAsync("story-refund")).Refund.Id;
        ShouldFollow(
            entries,
            ("the request", e => Kind(e) == "request" && Subject(e) == orderId),
            ("the call", e => Kind(e) == "channel_call" && Fact(e, "operation") == "pay"),
            ("the question", e => Kind(e) == "channel_call" && Fact(e, "operation") == "query"),
            ("paid, by the question", e => Kind(e) == "move" && Subject(e) == orderId && Fact(e, "to") == "PAID" && Fact(e, "cause") == "query"),
            ("the merchant was down", e => Kind(e) == "notify_try" && Fact(e, "http_status") == "503" && Fact(e, "event_type") == "payment.paid"),
            ("the refund", e => Kind(e) == "request" && Subject(e) == refundId),
            ("its call", e => Kind(e) == "channel_call" && Fact(e, "operation") == "refund"),
            ("its callback", e => Kind(e) == "callback" && Fact(e, "verdict") == "APPLIED"),
            ("gone back, by the callback", e => Kind(e) == "move" && Subject(e) == refundId && Fact(e, "to") == "SUCCEEDED" && Fact(e, "cause") == "callback"),
            ("the merchant knows", e => Kind(e) == "notify_try" && Fact(e, "result") == "delivered" && Fact(e, "event_type") == "refund.succeeded"));
        entries.Count(e => Kind(e) == "move" && Subject(e) == orderId).Should().Be((await world.ReadAsync(orderId)).Order.Version);

        foreach (var entry in entries)
        {
            var (en, zh) = (entry["text_en"]!.GetValue<string>(), entry["text_zh"]!.GetValue<string>());
            en.Should().MatchRegex(@"^[A-Z][\x20-\x7e¥]+\.$");
            zh.Should().MatchRegex(@"\p{IsCJKUnifiedIdeographs}").And.EndWith("。");
            foreach (var word in new[] { Fact(entry, "cause"), Fact(entry, "operation"), Fact(entry, "result") }.OfType<string>())
            {
                zh.Should().NotContain(word, "it is told in plain words");
            }
        }
    }

    [Fact]
    public async Task Timeline_OfAnotherMerchant_IsNotThereAndNoneHoldsASecret()
    {
        await using var provider = await Provider.StartAsync("sqlite", "wechat", _clock);
        var world = provider.World;
        var created = await world.CreateAsync();
        var orderId = created["order"]!["id"]!.GetValue<string>();
        provider.Pay(created["attempt_no"]!.GetValue<string>());
        await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        await _clock.PassAsync(20, async () => Entries(await TimelineAsync(provider, orderId)).Any(e => Kind(e) == "notify_try"));
        var account = JsonNode.Parse((await world.App.Services.GetRequiredService<IConfigBackend>().ReadAllAsync(CancellationToken.None))
            .Single(d => (d.Folder, d.Name) == ("wechat", World.Account)).Content.Span)!;

        var text = (await world.Merchant.GetAnswerAsync($"/v1/pay-orders/{orderId}/timeline")).Text;

        text.Should().Contain("notify_try").And.Contain("callback");
        foreach (var secret in new[]
                 {
                     account["api_v3_key"]!.GetValue<string>(), account["private_key"]!.GetValue<string>().Split('\n')[1], world.Receiver.Secret, world.PrivateKeyPem.Split('\n')[1],
                     created["cashier_url"]!.GetValue<string>().Split('/')[^1], "oPayer", created["action"]!["qr_code_text"]!.GetValue<string>(),
                 })
        {
            secret.Length.Should().BeGreaterThan(5);
            text.Should().NotContain(secret);
        }

        (await world.OtherMerchant.GetAnswerAsync($"/v1/pay-orders/{orderId}/timeline")).ShouldBe(404, "ORDER_NOT_FOUND");
    }

    private static async Task<JsonNode> TimelineAsync(Provider provider, string orderId) =>
        (await provider.World.Merchant.GetAnswerAsync($"/v1/pay-orders/{orderId}/timeline")).Json;

    private static IEnumerable<string> Next(JsonNode timeline) => timeline["next"]!.AsArray().Select(n => n!["kind"]!.GetValue<string>());

    /// <summary>Waits until something comes next: a try that is under way is no future one. Looks only; moves no clock.</summary>
    private static async Task NextUntilAsync(Provider provider, string orderId, string kind)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!Next(await TimelineAsync(provider, orderId)).Contains(kind))
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), $"{kind} comes next");
            await Task.Delay(10);
        }
    }

    private static List<JsonNode> Entries(JsonNode timeline) => [.. timeline["entries"]!.AsArray().Select(e => e!)];

    private static string Kind(JsonNode entry) => entry["kind"]!.GetValue<string>();

    private static string Subject(JsonNode entry) => entry["subject"]!.GetValue<string>();

    private static string? Fact(JsonNode entry, string name) => entry["facts"]?[name]?.GetValue<string>();

    private static void ShouldFollow(List<JsonNode> entries, params (string What, Func<JsonNode, bool> Is)[] steps)
    {
        var at = -1;
        foreach (var (what, found) in steps)
        {
            var next = entries.FindIndex(at + 1, e => found(e));
            next.Should().BeGreaterThan(at, $"{what} comes next, after {(at < 0 ? "nothing" : entries[at])} in {string.Join('\n', entries.Select(e => e["text_en"]))}");
            at = next;
        }
    }
}
