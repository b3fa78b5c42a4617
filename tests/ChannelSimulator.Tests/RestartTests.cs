using System.Text.Json;
using PayCore.TestKit;

namespace PayCore.ChannelSimulator.Tests;

public sealed class RestartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ledger_AfterARestart_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<SimulatedOrder> before;
        RegisteredWechatMerchant registered;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path))
        {
            registered = host.Registered;
            await host.Client.PlaceAsync("ORDER00001");
            await host.Client.PlaceAsync("ORDER00001");
            await host.Client.PlaceAsync("ORDER00002");
            await host.Client.CloseAsync("ORDER00002");
            await host.Client.PlaceAsync("ORDER00003");
            await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00003");
            var code = WechatSceneTests.Body("codepay", host.Get<WechatWallet>().ShowCode());
            code["out_trade_no"] = "ORDER00004";
            (await WechatSceneTests.PlaceAsync(host, "codepay", code)).Distrust.Should().BeNull();
            await host.Callbacks.WaitForSendAsync(_ => true, Cancellation);
            before = host.Ledger.All;
        }

        await using var again = await SimulatorHost.StartAsync(folder: folder.Path);

        again.Registered.Should().Be(registered);
        again.Ledger.All.Should().Equal(before);
        (await again.Client.PlaceAsync("ORDER00001")).Distrust.Should().BeNull();
        (await again.Client.PlaceAsync("ORDER00002")).Code.Should().Be("ORDER_CLOSED");
        var transaction = before.Single(o => o.OutTradeNo == "ORDER00003").TransactionId;
        var found = await again.Client.GetAsync($"/v3/pay/transactions/id/{transaction}?mchid={SimulatorHost.MchId}");
        ((string)found.Json["out_trade_no"]!).Should().Be("ORDER00003");
    }

    [Fact]
    public async Task Callback_NotDelivered_GoesOnAfterARestart()
    {
        using var folder = new TemporaryFolder();
        await using var receiver = await NotifyReceiver.StartAsync(503);
        string id;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path, scale: 0.01))
        {
            await host.Client.PlaceAsync(notify: receiver.Url);
            await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");
            id = (await receiver.NextAsync()).Id;
            await host.Callbacks.WaitForSendAsync(s => s.Attempt == 1, Cancellation);
        }

        receiver.Answer = (_, _) => Task.FromResult(204);
        await using var again = await SimulatorHost.StartAsync(folder: folder.Path, scale: 0.01);

        var send = await again.Callbacks.WaitForSendAsync(s => s.Delivered, Cancellation);
        send.Attempt.Should().BeGreaterThan(1);
        send.NotificationId.Should().Be(id);
        again.Ledger.All.Single().Callback!.NextAt.Should().BeNull();
    }

    [Fact]
    public async Task Journal_WithAHalfWrittenLine_IsReadUpToIt()
    {
        using var folder = new TemporaryFolder();
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path))
        {
            await host.Client.PlaceAsync();
        }

        var journal = folder.File("wechat-ledger.jsonl");
        File.ReadAllLines(journal).Should().ContainSingle().Which.Should().Contain("\"change\":\"placed\"");
        await File.AppendAllTextAsync(journal, "{\"at\":\"2025", Cancellation);

        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path))
        {
            host.Ledger.All.Should().ContainSingle();
            await host.Client.PlaceAsync("ORDER00002");
        }

        File.ReadAllLines(journal).Should().HaveCount(2).And.AllSatisfy(l => JsonDocument.Parse(l).Dispose());
    }

    [Fact]
    public async Task MerchantFile_HoldingPrivateKeys_IsForTheOwnerOnly()
    {
        using var folder = new TemporaryFolder();
        await using var host = await SimulatorHost.StartAsync(folder: folder.Path);

        File.GetUnixFileMode(folder.File("wechat-merchants.json")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
