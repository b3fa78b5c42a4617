using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

public sealed class OrderRuleTests
{
    [Fact]
    public async Task Placing_TheSameAgain_GivesAFreshCodeAndKillsTheOlder()
    {
        await using var host = await SimulatorHost.StartAsync();
        var first = (string)(await host.Client.PlaceAsync()).Json["code_url"]!;
        var shuffled = new JsonObject(SigningClient.OrderBody().Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        shuffled["amount"]!.AsObject().Remove("currency");

        var second = (string)(await host.Client.PlaceAsync(shuffled)).Json["code_url"]!;

        second.Should().StartWith("weixin://wxpay/bizpayurl?pr=").And.NotBe(first);
        host.Ledger.FindByCode(first).Should().BeNull();
        host.Ledger.FindByCode(second)!.PlacedCount.Should().Be(2);
    }

    [Theory]
    [InlineData("description", "\"x\"")]
    [InlineData("amount", """{"total":1235}""")]
    [InlineData("notify_url", "\"http://127.0.0.1:9/other\"")]
    [InlineData("goods_tag", "\"g\"")]
    public async Task Placing_WithChangedParameters_IsInvalidRequest(string member, string json)
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PlaceAsync();
        var body = SigningClient.OrderBody();
        body[member] = JsonNode.Parse(json);

        var answer = await host.Client.PlaceAsync(body);

        (answer.Status, answer.Code).Should().Be((HttpStatusCode.BadRequest, "INVALID_REQUEST"));
        host.Ledger.All.Single().PlacedCount.Should().Be(1);
    }

    [Fact]
    public async Task Close_Repeated_Is204AndNothingPaysOrPlacesItAnyMore()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PlaceAsync();

        (await host.Client.CloseAsync()).Status.Should().Be(HttpStatusCode.NoContent);
        (await host.Client.CloseAsync()).Status.Should().Be(HttpStatusCode.NoContent);

        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be("CLOSED");
        (await host.Client.PlaceAsync()).Code.Should().Be("ORDER_CLOSED");
        await host.Invoking(h => h.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001")).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task PaidOrder_PlacedClosedOrPaidAgain_Refuses()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PlaceAsync();
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");

        var placed = await host.Client.PlaceAsync();
        var closed = await host.Client.CloseAsync();

        (placed.Status, placed.Code).Should().Be((HttpStatusCode.BadRequest, "ORDERPAID"));
        (closed.Status, closed.Code).Should().Be((HttpStatusCode.BadRequest, "ORDERPAID"));
        await host.Invoking(h => h.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001", "oSecond"))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("The order is paid.");
    }

    [Fact]
    public async Task UnknownOrder_QueriedOrClosed_IsOrderNotExist()
    {
        await using var host = await SimulatorHost.StartAsync();

        foreach (var answer in (Answer[])[await host.Client.QueryAsync(), await host.Client.CloseAsync()])
        {
            (answer.Status, answer.Code).Should().Be((HttpStatusCode.NotFound, "ORDER_NOT_EXIST"));
        }
    }

    [Fact]
    public async Task PayAndClose_AtTheSameMoment_ExactlyOneWins()
    {
        await using var host = await SimulatorHost.StartAsync();
        for (var round = 0; round < 40; round++)
        {
            var number = $"RACE{round:D6}";
            await host.Client.PlaceAsync(number);
            using var start = new SemaphoreSlim(0);
            var pay = Task.Run(async () =>
            {
                await start.WaitAsync();
                try
                {
                    await host.Ledger.PayAsync(SimulatorHost.MchId, number);
                    return true;
                }
                catch (InvalidOperationException)
                {
                    return false;
                }
            });
            var close = Task.Run(async () =>
            {
                await start.WaitAsync();
                return (await host.Client.CloseAsync(number)).Status == HttpStatusCode.NoContent;
            });
            start.Release(2);

            (await pay).Should().Be(!await close);
            host.Ledger.Find(SimulatorHost.MchId, number)!.State.Should().Be(await pay ? "SUCCESS" : "CLOSED");
        }
    }

    [Fact]
    public async Task TimeToPay_Over_StopsPayingButLeavesTheOrderOpen()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2025-06-08T10:00:00+08:00", System.Globalization.CultureInfo.InvariantCulture));
        await using var host = await SimulatorHost.StartAsync(time);
        var body = SigningClient.OrderBody();
        body["time_expire"] = "2025-06-08T10:30:00+08:00";
        await host.Client.PlaceAsync(body);
        time.Advance(TimeSpan.FromMinutes(31));

        await host.Invoking(h => h.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001"))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("The time to pay is over.");
        (await host.Client.PlaceAsync(body)).Code.Should().Be("ORDER_CLOSED");
        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be("NOTPAY");
        (await host.Client.CloseAsync()).Status.Should().Be(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Code_AfterTwoHours_IsDeadUntilPlacedAgain()
    {
        var time = new FakeTimeProvider();
        await using var host = await SimulatorHost.StartAsync(time);
        await host.Client.PlaceAsync();
        time.Advance(TimeSpan.FromHours(2));
        await host.Invoking(h => h.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001")).Should().ThrowAsync<InvalidOperationException>();

        (await host.Client.PlaceAsync()).Status.Should().Be(HttpStatusCode.OK);

        (await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001")).State.Should().Be("SUCCESS");
    }

    [Fact]
    public async Task UnpaidOrder_AfterSevenDays_IsClosed()
    {
        var time = new FakeTimeProvider();
        await using var host = await SimulatorHost.StartAsync(time);
        await host.Client.PlaceAsync();
        time.Advance(TimeSpan.FromDays(7));

        ((string)(await host.Client.QueryAsync()).Json["trade_state"]!).Should().Be("CLOSED");
    }

    [Fact]
    public async Task WaitingForAnOrder_EndsWhenItIsPlaced()
    {
        await using var host = await SimulatorHost.StartAsync();
        var waiting = host.Ledger.WaitForOrderAsync("ORDER00001", TestContext.Current.CancellationToken);
        waiting.IsCompleted.Should().BeFalse();

        await host.Client.PlaceAsync();

        (await waiting).Total.Should().Be(1234);
        host.Ledger.Totals().Should().Be(new LedgerTotals { Orders = 1, NotPaid = 1, Paid = 0, Closed = 0, PaidTotal = 0 });
    }
}
