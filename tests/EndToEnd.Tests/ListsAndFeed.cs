using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using PayCore.EndToEnd.Tests.Support;

namespace PayCore.EndToEnd.Tests;

/// <summary>Lists by page and the feed of events, over REST: complete, without repeats while others write, and of nobody else (invariants, I16, I20, I21).</summary>
public sealed class ListsAndFeed
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    public static TheoryData<string> Databases => World.Providers;

    /// <summary>All of them are made in the same millisecond, so that the time alone orders nothing.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Orders_PagedWhileOthersAreMade_AreEachThereOnce(string database)
    {
        await using var world = await World.StartAsync(database, _clock);
        var before = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            before.Add((await world.CreateAsync())["order"]!["id"]!.GetValue<string>());
        }

        var seen = new List<string>();
        var token = "";
        do
        {
            await world.CreateAsync();
            var page = (await world.Merchant.GetAnswerAsync($"/v1/pay-orders:list?page_size=7&page_token={token}")).Json;
            seen.AddRange(Ids(page, "orders"));
            token = page["next_page_token"]!.GetValue<string>();
            _clock.Advance(TimeSpan.FromMilliseconds(3));
        }
        while (token.Length > 0);

        seen.Should().OnlyHaveUniqueItems();
        seen.Should().Contain(before);
        seen.Where(before.Contains).Should().Equal(before.OrderDescending(StringComparer.Ordinal), "newest first");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Orders_Filtered_AreThoseAndNoOthers(string database)
    {
        await using var world = await World.StartAsync(database, _clock);
        var early = (await world.CreateAsync())["order"]!["id"]!.GetValue<string>();
        _clock.Advance(TimeSpan.FromSeconds(10));
        var from = _clock.GetUtcNow();
        var alipay = (await world.CreateAsync(world.NewOrder(method: "alipay")))["order"]!["id"]!.GetValue<string>();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var wechat = new Provider(world, "wechat");
        var paid = (await wechat.PaidAsync()).OrderId;
        _clock.Advance(TimeSpan.FromSeconds(10));
        var before = _clock.GetUtcNow();
        var late = (await world.CreateAsync())["order"]!["id"]!.GetValue<string>();

        (await ListAsync("")).Should().Equal(late, paid, alipay, early);
        (await ListAsync("states=PAID")).Should().Equal(paid);
        (await ListAsync("states=PAID&states=PAYING")).Should().HaveCount(4);
        (await ListAsync("states=CLOSED")).Should().BeEmpty();
        (await ListAsync("method=alipay")).Should().Equal(alipay);
        (await ListAsync($"created_from={from:yyyy-MM-dd'T'HH:mm:ss'Z'}&created_before={before:yyyy-MM-dd'T'HH:mm:ss'Z'}")).Should().Equal(paid, alipay);
        (await ListAsync($"created_from={before:yyyy-MM-dd'T'HH:mm:ss'Z'}")).Should().Equal([late], "from is inclusive, before is not");

        async Task<IEnumerable<string>> ListAsync(string filter) => Ids((await world.Merchant.GetAnswerAsync($"/v1/pay-orders:list?{filter}")).Json, "orders");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Refunds_PagedAndFiltered_AreEachThereOnce(string database)
    {
        await using var provider = await Provider.StartAsync(database, "alipay", _clock);
        var (one, _) = await provider.PaidAsync();
        var (other, _) = await provider.PaidAsync();
        for (var i = 0; i < 12; i++)
        {
            await provider.RefundAsync(i % 3 == 0 ? other : one, $"r{i:D2}", 10);
        }

        var seen = new List<string>();
        var token = "";
        do
        {
            var page = (await provider.World.Merchant.GetAnswerAsync($"/v1/refunds:list?order_id={one}&page_size=3&page_token={token}")).Json;
            seen.AddRange(page["refunds"]!.AsArray().Select(r => r!["out_refund_no"]!.GetValue<string>()));
            token = page["next_page_token"]!.GetValue<string>();
        }
        while (token.Length > 0);

        seen.Should().OnlyHaveUniqueItems().And.BeEquivalentTo(["r01", "r02", "r04", "r05", "r07", "r08", "r10", "r11"]);
        (await provider.World.OtherMerchant.GetAnswerAsync($"/v1/refunds:list?order_id={one}")).Json["refunds"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task Pages_OfAnotherMerchantOrWithABrokenToken_ShowNothing()
    {
        await using var world = await World.StartAsync("sqlite", _clock);
        for (var i = 0; i < 5; i++)
        {
            await world.CreateAsync();
        }

        var first = (await world.Merchant.GetAnswerAsync("/v1/pay-orders:list?page_size=2")).Json;
        var token = first["next_page_token"]!.GetValue<string>();

        (await world.OtherMerchant.GetAnswerAsync($"/v1/pay-orders:list?page_token={token}")).Json["orders"]!.AsArray().Should().BeEmpty("a token grants nothing");
        foreach (var broken in new[] { token[..^1], $"{token}A", "AAAA", "%20", new string('A', 400), $"{token}.", "LTEuMDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5" })
        {
            (await world.Merchant.GetAnswerAsync($"/v1/pay-orders:list?page_token={broken}")).ShouldBe(400, "REQUEST_INVALID", "page_token PAGE_TOKEN_INVALID");
        }

        (await world.Merchant.GetAnswerAsync("/v1/pay-orders:list?page_size=201")).ShouldBe(400, "REQUEST_INVALID", "page_size PAGE_SIZE_INVALID");
        (await world.Merchant.GetAnswerAsync("/v1/pay-orders:list?page_size=-1")).ShouldBe(400, "REQUEST_INVALID", "page_size PAGE_SIZE_INVALID");
        (await world.Merchant.GetAnswerAsync("/v1/events?after=-1")).ShouldBe(400, "REQUEST_INVALID", "after FIELD_RANGE");
    }

    /// <summary>
    /// Two merchants' orders end at the same time while one of the merchants is down. By the feed it has exactly the events of its notifications, numbered without
    /// gaps, those of one order in their order; asking for them while they are written loses none.
    /// </summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Feed_OverThreeHundredEventsWithConcurrentWriters_IsExactlyTheNotifications(string database)
    {
        const int Writers = 10;
        const int OrdersEach = 24;
        await using var world = await World.StartAsync(database);
        // Down at first, for fewer messages in a row than make us pause for a minute.
        var calls = 0;
        var acknowledges = world.Receiver.Answer;
        world.Receiver.Answer = (received, http) =>
        {
            if (Interlocked.Increment(ref calls) > 60)
            {
                return acknowledges(received, http);
            }

            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => WriteAsync(world, w, OrdersEach)));
        var feed = new List<JsonNode>();
        while (!writing.IsCompleted)
        {
            await ReadAsync(world, feed, pageSize: 7);
        }

        var expected = (await writing).Sum();
        var began = TimeProvider.System.GetTimestamp();
        while (feed.Count < expected || world.Receiver.All.Select(r => r.Id).Distinct().Count() < expected + (Writers * OrdersEach / 4))
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(40), $"{feed.Count} of {expected} events came");
            await ReadAsync(world, feed, pageSize: 200);
            await Task.Delay(20);
        }

        expected.Should().BeGreaterThanOrEqualTo(300);
        feed.Select(e => e["number"]!.GetValue<long>()).Should().Equal(Enumerable.Range(1, expected).Select(n => (long)n));
        var told = world.Receiver.All.Where(r => r.Json.GetProperty("data").GetProperty("app_id").GetString() == World.AppId)
            .DistinctBy(r => r.Id).ToDictionary(r => r.Id, r => JsonNode.Parse(r.Body)!);
        feed.Select(e => e["event_id"]!.GetValue<string>()).Should().BeEquivalentTo(told.Keys);
        foreach (var entry in feed)
        {
            var notification = told[entry["event_id"]!.GetValue<string>()];
            entry["type"]!.GetValue<string>().Should().Be(notification["type"]!.GetValue<string>());
            JsonNode.DeepEquals(entry["order"] ?? entry["refund"], notification["data"]).Should().BeTrue($"the feed says {entry}, the notification {notification}");
        }

        foreach (var order in feed.Where(e => e["order"] is not null).GroupBy(e => e["order"]!["id"]!.GetValue<string>()))
        {
            order.Select(e => e["order"]!["version"]!.GetValue<int>()).Should().BeInAscendingOrder();
        }

        // The answer's number is the next question; when there is nothing new it stays.
        var last = await world.Merchant.GetAnswerAsync($"/v1/events?after={expected}");
        last.Json["events"]!.AsArray().Should().BeEmpty();
        last.Json["after"]!.GetValue<long>().Should().Be(expected);
        RestAnswer others;
        while ((others = await world.OtherMerchant.GetAnswerAsync("/v1/events?after=0&page_size=200")).Json["events"]!.AsArray().Count < Writers * OrdersEach / 4)
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(60), $"the other merchant's events come too: {others.Json["after"]} so far");
            await Task.Delay(20);
        }

        others.Json["events"]!.AsArray().Should().HaveCount(Writers * OrdersEach / 4).And.OnlyContain(e => e!["order"]!["app_id"]!.GetValue<string>() == World.OtherAppId);
    }

    /// <summary>Orders that end in several ways; every fourth is the other merchant's.</summary>
    /// <returns>How many events of the first merchant there are.</returns>
    private static async Task<int> WriteAsync(World world, int writer, int count)
    {
        var events = 0;
        for (var i = 0; i < count; i++)
        {
            var isOther = i % 4 == 3;
            var client = isOther ? world.OtherMerchant : world.Merchant;
            var order = (await client.PostTextAsync(Refusals.OrdersPath, world.NewOrder($"W{writer}-{i}").ToJsonString())).Json;
            var id = order["order"]!["id"]!.GetValue<string>();
            var attemptNo = order["attempt_no"]!.GetValue<string>();
            if (i % 3 == 0)
            {
                // CLOSED, and paid all the same: two events of one order.
                await world.Database.RequestCloseAsync(new Contracts.V1.RequestCloseRequest { OrderId = id, Cause = "merchant" });
                await world.Database.RecordAttemptClosedAsync(new Contracts.V1.RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "close" });
                events += isOther ? 0 : 1;
            }

            if (!isOther || i % 3 != 0)
            {
                world.Wallet.Pay(World.Account, attemptNo);
                events += isOther ? 0 : 1;
            }

            if (!isOther && i % 3 == 1)
            {
                await world.UntilAsync(id, o => o.Order.State == Contracts.V1.PayOrder.Types.State.Paid);
                await new Provider(world, "wechat").RefundAsync(id, $"R{writer}-{i}", 1);
                events++;
            }
        }

        return events;
    }

    private static async Task ReadAsync(World world, List<JsonNode> feed, int pageSize)
    {
        var answer = await world.Merchant.GetAnswerAsync($"/v1/events?after={feed.Count}&page_size={pageSize}");
        feed.AddRange(answer.Json["events"]!.AsArray().Select(e => e!));
    }

    private static IEnumerable<string> Ids(JsonNode page, string list) => page[list]!.AsArray().Select(o => o!["id"]!.GetValue<string>());
}
