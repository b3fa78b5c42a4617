using System.Security.Cryptography;
using System.Text;
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
            await host.Callbacks.WaitForSendAsync(_ => true, Cancellation);
            before = host.Ledger.All;
        }

        await using var again = await SimulatorHost.StartAsync(folder: folder.Path);

        again.Registered.Should().Be(registered);
        again.Ledger.All.Should().Equal(before);
        (await again.Client.PlaceAsync("ORDER00001")).Distrust.Should().BeNull();
        (await again.Client.PlaceAsync("ORDER00002")).Code.Should().Be("ORDER_CLOSED");
        var transaction = before.Single(o => o.State == "SUCCESS").TransactionId;
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

    [Fact]
    public async Task Certificates_OfAPublicKeyMerchant_Are404()
    {
        await using var host = await SimulatorHost.StartAsync();

        var answer = await host.Client.GetAsync("/v3/certificates");

        ((int)answer.Status, answer.Code).Should().Be((404, "RESOURCE_NOT_EXISTS"));
    }

    [Fact]
    public async Task Certificates_OfAMigratingMerchant_AreDecryptedAndSignAnswersThatNameThem()
    {
        await using var host = await SimulatorHost.StartAsync(certificate: true);
        var listed = (await host.Client.GetAsync("/v3/certificates")).Json["data"]![0]!;
        var sealedText = listed["encrypt_certificate"]!;
        var raw = Convert.FromBase64String((string)sealedText["ciphertext"]!);
        var plain = new byte[raw.Length - 16];
        using var aes = new AesGcm(Encoding.UTF8.GetBytes(SimulatorHost.ApiV3Key), 16);
        aes.Decrypt(Encoding.UTF8.GetBytes((string)sealedText["nonce"]!), raw.AsSpan(0, plain.Length), raw.AsSpan(plain.Length), plain, "certificate"u8);
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(plain));
        certificate.SerialNumber.Should().Be((string)listed["serial_no"]!).And.HaveLength(40);

        var request = host.Client.Make(HttpMethod.Get, "/v3/certificates", "");
        request.Headers.Remove("Wechatpay-Serial");
        var byCertificate = await host.Client.SendAsync(request);

        byCertificate.Headers["Wechatpay-Serial"].Should().Be(certificate.SerialNumber);
        (await host.Client.GetAsync("/v3/certificates")).Distrust.Should().BeNull("it names the public key");
    }
}
