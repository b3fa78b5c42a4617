using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

public sealed class ControlTests
{
    [Fact]
    public async Task Merchant_RegisteredByTheApi_GetsItsPlatformKey()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var key = RSA.Create(2048);
        var registration = new
        {
            mchid = "1900000077", appid = "wx1", name = "n", merchant_serial_no = new string('A', 40),
            merchant_public_key_pem = key.ExportSubjectPublicKeyInfoPem(), api_v3_key = SimulatorHost.ApiV3Key,
        };

        using var first = await host.Client.Http.PostAsJsonAsync("/control/wechat/merchants", registration);
        using var second = await host.Client.Http.PostAsJsonAsync("/control/wechat/merchants", registration);

        var answer = await first.Content.ReadAsStringAsync();
        JsonNode.Parse(answer)!["public_key_id"]!.GetValue<string>().Should().StartWith("PUB_KEY_ID_");
        (await second.Content.ReadAsStringAsync()).Should().Be(answer);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("0123456789abcdef0123456789ABCDE!")]
    public async Task Merchant_WithAWrongApiV3Key_IsRefused(string apiV3Key)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var key = RSA.Create(2048);
        var registration = SimulatorHost.Registration(key) with { ApiV3Key = apiV3Key };

        host.Invoking(h => h.Get<WechatMerchants>().Register(registration)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task Paying_IsPossibleByNumberAndSaysWhyItIsNot()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.PlaceAsync();

        (await StatusAsync(host, "/control/wechat/pay", new { })).Should().Be(HttpStatusCode.BadRequest);
        (await StatusAsync(host, "/control/wechat/pay", new { out_trade_no = "UNKNOWN1" })).Should().Be(HttpStatusCode.NotFound);
        (await StatusAsync(host, "/control/wechat/pay", new { out_trade_no = "ORDER00001", mchid = "1" })).Should().Be(HttpStatusCode.NotFound);
        (await StatusAsync(host, "/control/callbacks/resend", new { out_trade_no = "ORDER00001", times = 1 })).Should().Be(HttpStatusCode.Conflict);
        (await StatusAsync(host, "/control/wechat/decline", new { out_trade_no = "ORDER00001" })).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(host, "/control/wechat/pay", new { out_trade_no = "ORDER00001", mchid = SimulatorHost.MchId })).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(host, "/control/wechat/pay", new { out_trade_no = "ORDER00001" })).Should().Be(HttpStatusCode.Conflict);
        (await StatusAsync(host, "/control/callbacks/resend", new { out_trade_no = "ORDER00001", times = 0 })).Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task LedgerRequestsAndCallbacks_AreShown()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync();
        await host.Client.PlaceAsync(notify: receiver.Url);
        await host.Client.QueryAsync("UNKNOWN1");
        await host.Ledger.PayAsync(SimulatorHost.MchId, "ORDER00001");
        await host.Callbacks.WaitForSendAsync(s => s.Delivered, TestContext.Current.CancellationToken);

        var ledger = await GetAsync(host, "/control/ledger");
        var requests = await GetAsync(host, "/control/requests");
        var callbacks = await GetAsync(host, "/control/callbacks");

        ((long)ledger["totals"]!["paid_total"]!).Should().Be(1234);
        ((string)ledger["orders"]![0]!["mchid"]!).Should().Be(SimulatorHost.MchId);
        requests.AsArray().Select(r => $"{r!["operation"]} {r["out_trade_no"]} {r["status"]} {r["code"]}")
            .Should().Equal("place ORDER00001 200 ", "query UNKNOWN1 404 ORDER_NOT_EXIST");
        ((int)callbacks[0]!["http_status"]!).Should().Be(204);
    }

    [Fact]
    public async Task Faults_AreAddedListedReleasedAndCleared()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var added = await host.Client.Http.PostAsJsonAsync(
            "/control/faults", new { operation = "query", kind = "hold", out_trade_no = "UNKNOWN1", count = -1 });
        var id = (string)JsonNode.Parse(await added.Content.ReadAsStringAsync())!["id"]!;
        var held = host.Client.QueryAsync("UNKNOWN1");
        (await host.Client.QueryAsync("UNKNOWN2")).Status.Should().Be(HttpStatusCode.NotFound, "the fault is for another order");
        await host.Faults.WaitForFiredAsync(id, TestContext.Current.CancellationToken);

        (await StatusAsync(host, "/control/faults/nothing/release", new { })).Should().Be(HttpStatusCode.NotFound);
        (await StatusAsync(host, $"/control/faults/{id}/release", new { })).Should().Be(HttpStatusCode.NoContent);

        (await held).Status.Should().Be(HttpStatusCode.NotFound);
        ((int)(await GetAsync(host, "/control/faults"))[0]!["fired"]!).Should().Be(1);
        using var cleared = await host.Client.Http.DeleteAsync(new Uri("/control/faults", UriKind.Relative));
        (await GetAsync(host, "/control/faults")).AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task TwoSimulators_InOneProcess_ShareNothing()
    {
        await using var one = await SimulatorHost.StartAsync();
        await using var other = await SimulatorHost.StartAsync();

        await one.Client.PlaceAsync();

        other.Ledger.All.Should().BeEmpty();
        other.Registered.PublicKeyId.Should().NotBe(one.Registered.PublicKeyId);
    }

    private static async Task<HttpStatusCode> StatusAsync(SimulatorHost host, string path, object body)
    {
        using var answer = await host.Client.Http.PostAsJsonAsync(path, body);
        return answer.StatusCode;
    }

    private static async Task<JsonNode> GetAsync(SimulatorHost host, string path) =>
        JsonNode.Parse(await host.Client.Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;
}
