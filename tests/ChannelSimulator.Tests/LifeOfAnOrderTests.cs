using System.Net;
using System.Net.Http.Json;

namespace PayCore.ChannelSimulator.Tests;

public sealed class LifeOfAnOrderTests
{
    [Fact]
    public async Task Order_PlacedPaidAndCalledBack_IsSuccessEverywhere()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync();

        var placed = await host.Client.PlaceAsync(notify: receiver.Url);
        placed.Status.Should().Be(HttpStatusCode.OK, placed.Text);
        placed.Distrust.Should().BeNull();
        (await host.Client.QueryAsync()).Json["trade_state"]!.GetValue<string>().Should().Be("NOTPAY");

        var paid = await host.Client.Http.PostAsJsonAsync("/control/wechat/pay", new { code_url = (string)placed.Json["code_url"]! });
        paid.StatusCode.Should().Be(HttpStatusCode.OK);

        var callback = await receiver.NextAsync();
        PlatformCheck.Verify(callback.Headers, callback.Body, host.Client.Trusted, TimeProvider.System).Should().BeNull();
        var transaction = callback.Transaction();
        ((string)transaction["trade_state"]!).Should().Be("SUCCESS");
        ((long)transaction["amount"]!["total"]!).Should().Be(1234);
        var query = await host.Client.QueryAsync();
        query.Json.ToJsonString().Should().Be(transaction.ToJsonString());
        var byNumber = await host.Client.GetAsync($"/v3/pay/transactions/id/{(string)transaction["transaction_id"]!}?mchid={SimulatorHost.MchId}");
        byNumber.Text.Should().Be(query.Text);
        (await host.Callbacks.WaitForSendAsync(s => s.Delivered, TestContext.Current.CancellationToken)).Attempt.Should().Be(1);
    }
}
