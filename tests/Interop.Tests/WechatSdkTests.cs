using System.Security.Cryptography;
using System.Text.Json.Nodes;
using PayCore.ChannelSimulator;
using PayCore.Interop.Tests.Support;

namespace PayCore.Interop.Tests;

/// <summary>npm <c>wechatpay-axios-plugin</c> takes the simulator for WeChat Pay in every key mode. Only the address changed.</summary>
public sealed class WechatSdkTests
{
    [Theory]
    [InlineData(WechatKeyMode.PublicKey)]
    [InlineData(WechatKeyMode.Certificate)]
    [InlineData(WechatKeyMode.Migration)]
    public async Task Order_PlacedQueriedClosedAndPaid_IsUnderstoodByTheSdk(WechatKeyMode mode)
    {
        await using var simulator = await WechatSimulator.StartAsync(mode);
        var merchant = SdkMerchant.Of(simulator, mode);

        var (serials, open) = await RunAsync(
            simulator, merchant,
            Call("place", "TEA_paid"), Call("query", "TEA_paid"), Call("place", "TEA_closed"), Call("close", "TEA_closed"), Call("query", "TEA_closed"));

        open.Should().OnlyContain(a => a.Error == null);
        open.Select(a => a.Status).Should().Equal(200, 200, 200, 204, 200);
        var order = simulator.Ledger.Find(WechatSimulator.MchId, "TEA_paid")!;
        (order.Total, order.Description).Should().Be((1299, "龙井茶 Longjing tea"));
        Text(open[0], "code_url").Should().Be(order.CodeUrl);
        Text(open[1], "trade_state").Should().Be("NOTPAY");
        Text(open[4], "trade_state").Should().Be("CLOSED");
        serials.Contains(simulator.Registered.PublicKeyId).Should().Be(mode != WechatKeyMode.Certificate);
        serials.Should().HaveCount(mode == WechatKeyMode.Migration ? 2 : 1);

        simulator.Merchants.ChangeKeys(new() { MchId = WechatSimulator.MchId, Percent = 50 });
        simulator.Wallet.Pay(WechatSimulator.MchId, "TEA_paid");
        await simulator.Wallet.ResendCallbackAsync(WechatSimulator.MchId, "TEA_paid", 1);
        ArrivedCallback[] callbacks = [await simulator.NextCallbackAsync(), await simulator.NextCallbackAsync()];
        callbacks.Select(c => c.Headers["wechatpay-serial"]).Distinct().Should().HaveCount(mode == WechatKeyMode.Migration ? 2 : 1, "half of them by either key");
        var transaction = simulator.Ledger.Find(WechatSimulator.MchId, "TEA_paid")!.TransactionId;

        var (_, paid) = await RunAsync(
            simulator, merchant, Call("query", "TEA_paid"), new JsonObject { ["operation"] = "query_transaction", ["transaction_id"] = transaction },
            Callback(callbacks[0]), Callback(callbacks[1]), Call("place", "TEA_paid"));

        paid.Take(4).Should().AllSatisfy(a =>
        {
            a.Error.Should().BeNull();
            (Text(a, "out_trade_no"), Text(a, "trade_state"), Text(a, "transaction_id")).Should().Be(("TEA_paid", "SUCCESS", transaction));
            a.Data!["amount"]!["total"]!.GetValue<long>().Should().Be(1299);
        });
        (paid[4].Status, Text(paid[4], "code")).Should().Be((400, "ORDERPAID"));
    }

    [Fact]
    public async Task Callback_AlteredOrByAnUnknownKey_IsNotVerifiedByTheSdk()
    {
        await using var simulator = await WechatSimulator.StartAsync(WechatKeyMode.PublicKey);
        var merchant = SdkMerchant.Of(simulator, WechatKeyMode.PublicKey);
        await RunAsync(simulator, merchant, Call("place", "TEA_paid"));
        simulator.Wallet.Pay(WechatSimulator.MchId, "TEA_paid");
        var callback = await simulator.NextCallbackAsync();
        var altered = callback with { Body = [.. callback.Body, (byte)' '] };
        var unknown = callback with { Headers = new Dictionary<string, string>(callback.Headers) { ["wechatpay-serial"] = "PUB_KEY_ID_1" } };

        var (_, answers) = await RunAsync(simulator, merchant, Callback(callback), Callback(altered), Callback(unknown));

        answers.Select(a => a.Data is not null).Should().Equal(true, false, false);
    }

    [Fact]
    public async Task Certificates_ThroughARotation_AreFollowedByTheSdk()
    {
        await using var simulator = await WechatSimulator.StartAsync(WechatKeyMode.Certificate);
        var merchant = SdkMerchant.Of(simulator, WechatKeyMode.Certificate);
        var (before, first) = await RunAsync(simulator, merchant, Call("place", "TEA_1234"), new JsonObject { ["operation"] = "certificates" });
        first.Select(a => a.Status).Should().Equal(200, 200);

        var keys = simulator.Merchants.ChangeKeys(new() { MchId = WechatSimulator.MchId, Rotate = true, SignsAfterSeconds = 0 });
        var (overlap, second) = await RunAsync(simulator, merchant, Call("query", "TEA_1234"));
        second.Single().Status.Should().Be(200);
        overlap.Should().Equal(keys.Certificates).And.HaveCount(2).And.Contain(before.Single());

        simulator.Merchants.ChangeKeys(new() { MchId = WechatSimulator.MchId, Retire = true });
        var (after, third) = await RunAsync(simulator, merchant, Call("query", "TEA_1234"));
        third.Single().Status.Should().Be(200);
        after.Should().Equal(keys.Certificates[1]);
    }

    [Fact]
    public async Task Sdk_WithAPlatformKeyOfAnotherMerchant_DoesNotBelieveTheAnswer()
    {
        await using var simulator = await WechatSimulator.StartAsync(WechatKeyMode.PublicKey);
        var merchant = SdkMerchant.Of(simulator, WechatKeyMode.PublicKey);
        using var other = RSA.Create(2048);

        var (_, wrongKey) = await RunAsync(
            simulator, merchant with { PublicKeys = new Dictionary<string, string> { [simulator.Registered.PublicKeyId] = other.ExportSubjectPublicKeyInfoPem() } },
            Call("place", "TEA_1234"));
        var (_, wrongSerial) = await RunAsync(
            simulator, merchant with { PublicKeys = new Dictionary<string, string> { ["PUB_KEY_ID_1"] = simulator.Registered.PublicKeyPem } },
            Call("place", "TEA_1234"));

        wrongKey.Single().Error.Should().Be("EV3_RES_HEADER_SIGNATURE_DIGEST");
        wrongSerial.Single().Error.Should().Be("EV3_RES_HEADER_PLATFORM_SERIAL");
    }

    [Fact]
    public async Task Sdk_WithAMerchantKeyThatIsNotRegistered_IsRefused()
    {
        await using var simulator = await WechatSimulator.StartAsync(WechatKeyMode.PublicKey);
        var merchant = SdkMerchant.Of(simulator, WechatKeyMode.PublicKey);
        using var other = RSA.Create(2048);

        var (_, answers) = await RunAsync(simulator, merchant with { PrivateKey = other.ExportPkcs8PrivateKeyPem() }, Call("place", "TEA_1234"));

        (answers.Single().Status, Text(answers.Single(), "code")).Should().Be((401, "SIGN_ERROR"));
        simulator.Ledger.All.Should().BeEmpty();
    }

    private static JsonObject Call(string operation, string outTradeNo) => new() { ["operation"] = operation, ["out_trade_no"] = outTradeNo };

    private static JsonObject Callback(ArrivedCallback callback) => new()
    {
        ["operation"] = "callback",
        ["headers"] = new JsonObject(callback.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value))),
        ["body"] = Convert.ToBase64String(callback.Body),
    };

    private static string? Text(SdkAnswer answer, string member) => answer.Data?[member]?.GetValue<string>();

    private static async Task<SdkResult> RunAsync(WechatSimulator simulator, SdkMerchant merchant, params JsonObject[] calls) =>
        await NodeScript.RunAsync<SdkResult>("wechatpay-sdk.mjs", new
        {
            BaseUrl = simulator.Address,
            Mchid = WechatSimulator.MchId,
            Appid = WechatSimulator.AppId,
            Serial = WechatSimulator.MerchantSerialNo,
            WechatSimulator.ApiV3Key,
            simulator.NotifyUrl,
            merchant.PrivateKey,
            merchant.PublicKeys,
            NamedKey = merchant.PublicKeys.Keys.SingleOrDefault(),
            merchant.UsesCertificates,
            Calls = calls,
        });

    /// <summary>How the merchant has set up the SDK.</summary>
    private sealed record SdkMerchant(string PrivateKey, IReadOnlyDictionary<string, string> PublicKeys, bool UsesCertificates)
    {
        /// <summary>As the key mode asks.</summary>
        public static SdkMerchant Of(WechatSimulator simulator, WechatKeyMode mode)
        {
            var publicKeys = new Dictionary<string, string>();
            if (mode != WechatKeyMode.Certificate)
            {
                publicKeys[simulator.Registered.PublicKeyId] = simulator.Registered.PublicKeyPem;
            }

            return new SdkMerchant(simulator.MerchantPrivateKey, publicKeys, mode != WechatKeyMode.PublicKey);
        }
    }

    /// <summary>What the SDK holds as the platform's keys, and what it made of each call.</summary>
    private sealed record SdkResult(IReadOnlyList<string> Serials, IReadOnlyList<SdkAnswer> Answers);

    private sealed record SdkAnswer(int Status, JsonNode? Data, string? Error = null);
}
