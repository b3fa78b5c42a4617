using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Channels.Wechat;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using CallbackSend = PayCore.ChannelSimulator.CallbackSend;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>A callback that is not the provider's word about our payment changes no state and is kept (invariants, I17 to I19).</summary>
public sealed class CallbackRefusals(CallbackWorld shared) : IClassFixture<CallbackWorld>
{
    private readonly World _world = shared.World;

    /// <summary>What is wrong, the status that answers it, and words of the reason with which it is kept.</summary>
    public static TheoryData<string, int, string> Refused => new()
    {
        { "unsigned", 401, "missing" },
        { "bad_signature", 401, "does not verify" },
        { "old_timestamp", 401, "300 seconds" },
        { "probe_signature", 401, "does not verify" },
        { "body_changed", 401, "does not verify" },
        { "other_key", 500, "does not open" },
        { "garbage", 401, "missing" },
        { "other_out_trade_no", 500, "unknown number" },
    };

    /// <summary>Bodies that the provider of the other account signed, and the answer.</summary>
    public static TheoryData<string, int> Unreadable => new()
    {
        { "", 400 },
        { "not json", 400 },
        { "null", 400 },
        { "[]", 400 },
        { "{}", 400 },
        { """{"id":"E","event_type":"TRANSACTION.SUCCESS"}""", 400 },
        { """{"id":"E","event_type":"TRANSACTION.SUCCESS","resource":null}""", 400 },
        { """{"id":"E","event_type":"TRANSACTION.SUCCESS","resource":{}}""", 400 },
        { """{"id":"E","event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"none","ciphertext":"e30=","nonce":"000000000000"}}""", 400 },
        { """{"id":"E","event_type":"TRANSACTION.SUCCESS","resource_type":"encrypt-resource","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"*","nonce":"000000000000"}}""", 500 },
        { """{"id":"E","event_type":"TRANSACTION.SUCCESS","resource_type":"encrypt-resource","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"e30=","nonce":"000000000000"}}""", 500 },
        { """{"id":"E","event_type":"TRANSACTION.SUCCESS","resource_type":"encrypt-resource","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"","nonce":"0"}}""", 500 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Callback_NotTheProvidersWord_ChangesNothingAndTheHonestRepeatPays(string kind, int status, string reason)
    {
        var before = await CreateAsync();
        var attemptNo = before.Attempts.Single().Attempt.AttemptNo;
        _world.Faults.Add(new Fault { Operation = "callback", Kind = kind, OutTradeNo = attemptNo });
        var honest = _world.Faults.Add(new Fault { Operation = "callback", Kind = "hold", OutTradeNo = attemptNo });
        var kept = (await _world.CallbacksAsync()).Count;

        _world.Wallet.Pay(World.Account, attemptNo);
        var send = await SendAsync(s => s.OutTradeNo == attemptNo && s.Fault == kind);

        send.HttpStatus.Should().Be(status);
        (await _world.ReadAsync(before.Order.Id)).Should().Be(before, "nothing of the order changed");
        var callback = (await _world.CallbacksAsync()).Skip(kept).Should().ContainSingle().Subject;
        callback.Should().Match<KeptCallback>(c => c.State == "REJECTED" && c.Reason.Contains(reason) && c.OrderId.Length == 0);
        (await ExceptionsAsync(before.Order.Id)).Should().BeEmpty();

        _world.Faults.Release(honest.Id);
        await PaidOnceAsync(before.Order.Id);
        (await SendAsync(s => s.OutTradeNo == attemptNo && s.Fault == "hold")).HttpStatus.Should().Be(204);
    }

    [Theory]
    [InlineData("wrong_amount", "amount")]
    [InlineData("other_mchid", "mch_id")]
    public async Task Callback_VerifiedButNotOfOurPayment_IsAConflictOnRecordAndTheHonestOnePays(string kind, string field)
    {
        var before = await CreateAsync();
        var attemptNo = before.Attempts.Single().Attempt.AttemptNo;
        _world.Faults.Add(new Fault { Operation = "callback", Kind = kind, OutTradeNo = attemptNo });
        // A look at the order that happens to fall into this moment would find the payment.
        _world.Faults.Add(new Fault { Operation = "query", Kind = FaultKinds.Error500Before, OutTradeNo = attemptNo, Count = -1 });

        _world.Wallet.Pay(World.Account, attemptNo);
        var send = await SendAsync(s => s.OutTradeNo == attemptNo && s.Fault == kind);

        send.HttpStatus.Should().Be(204, "the contradiction is on record, a repeat would say the same");
        (await _world.ReadAsync(before.Order.Id)).Should().Be(before, "nothing of the order changed");
        (await KeptOfAsync(attemptNo)).Should().ContainSingle().Which.Should()
            .Match<KeptCallback>(c => c.State == "CONFLICT" && c.OrderId == before.Order.Id && c.Reason.StartsWith(field));
        var item = (await ExceptionsAsync(before.Order.Id)).Should().ContainSingle().Subject;
        item.Kind.Should().Be(ExceptionKind.CallbackConflict);
        item.AttemptNo.Should().Be(attemptNo);
        item.CallbackId.Should().NotBeEmpty();
        item.Resolved.Should().BeFalse();

        (await _world.Wallet.ResendCallbackAsync(World.Account, attemptNo, 1)).Single().HttpStatus.Should().Be(204);
        await PaidOnceAsync(before.Order.Id);
        (await ExceptionsAsync(before.Order.Id)).Should().ContainSingle("a person still has to look");
    }

    /// <summary>Success means that it is committed (invariants, I19).</summary>
    [Fact]
    public async Task Callback_WhileTheDatabaseTakesNoWrite_FailsAndTheRepeatPays()
    {
        var before = await CreateAsync();
        var attemptNo = before.Attempts.Single().Attempt.AttemptNo;

        await using (await _world.LockWritesAsync())
        {
            _world.Wallet.Pay(World.Account, attemptNo);
            (await SendAsync(s => s.OutTradeNo == attemptNo)).HttpStatus.Should().BeInRange(500, 599);
        }

        await PaidOnceAsync(before.Order.Id);
        await SendAsync(s => s.OutTradeNo == attemptNo && s.HttpStatus == 204);
    }

    [Fact]
    public async Task Callback_GenuineOneReplayedAfterPaid_SucceedsAndIsADuplicate()
    {
        var (paid, genuine) = await PaidWithItsCallbackAsync();

        (await PostAsync("/callback/wechat/1900000001", genuine)).Should().Be(204);

        (await _world.ReadAsync(paid.Order.Id)).Should().Be(paid, "nothing of the order changed");
        (await KeptOfAsync(paid.Attempts.Single().Attempt.AttemptNo)).Select(c => c.State).Should().Equal("APPLIED", "DUPLICATE");
    }

    /// <summary>What was heard of one payment proves nothing about another: every header, and the body, is bound by the signature.</summary>
    [Theory]
    [InlineData("Wechatpay-Timestamp")]
    [InlineData("Wechatpay-Nonce")]
    [InlineData("Wechatpay-Signature")]
    [InlineData("Wechatpay-Serial")]
    [InlineData("Wechatpay-Signature-Type")]
    [InlineData("body")]
    public async Task Callback_GenuineOneWithOnePartOfAnother_IsRefused(string part)
    {
        var (_, genuine) = await PaidWithItsCallbackAsync();
        var order = await CreateAsync();
        var mixed = part == "body"
            ? genuine with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(genuine.Body).Replace("SUCCESS", "SUCCESs", StringComparison.Ordinal)) }
            : genuine with { Headers = new Dictionary<string, string>(genuine.Headers) { [part] = Other(genuine.Headers[part]) } };

        (await PostAsync("/callback/wechat/1900000001", mixed)).Should().Be(401);

        (await _world.ReadAsync(order.Order.Id)).Should().Be(order);
    }

    [Theory]
    [InlineData("/callback/wechat/1900000009", 404)]
    [InlineData("/callback/wechat/%2e%2e", 404)]
    [InlineData("/callback/alipay/1900000001", 404)]
    [InlineData("/callback/nosuchwallet/1900000001", 503)]
    [InlineData("/callback/WECHAT/1900000001", 404)]
    [InlineData("/callback/wechat%0A/1900000001", 404)]
    [InlineData("/callback/apps/demo-shop", 404)]
    [InlineData("/callback/wechat/", 404)]
    [InlineData("/callback/wechat", 404)]
    [InlineData("/callback/wechat/1900000001/more", 404)]
    public async Task Callback_GenuineOneAtAnAddressThatIsNone_Fails(string target, int status)
    {
        var (paid, genuine) = await PaidWithItsCallbackAsync();

        (await PostAsync(target, genuine)).Should().Be(status);

        (await _world.ReadAsync(paid.Order.Id)).Should().Be(paid);
    }

    [Fact]
    public async Task Callback_GenuineOneAtAnotherAccountsAddress_IsRefused()
    {
        var (paid, genuine) = await PaidWithItsCallbackAsync();

        (await PostAsync($"/callback/wechat/{CallbackWorld.OtherAccount}", genuine)).Should().Be(401);

        (await _world.ReadAsync(paid.Order.Id)).Should().Be(paid);
        (await _world.CallbacksAsync())[^1].Should().Match<KeptCallback>(c => c.State == "REJECTED" && c.Account == CallbackWorld.OtherAccount);
    }

    /// <summary>The other account's owner can sign anything under that account, but its word about our order counts for nothing.</summary>
    [Theory]
    [InlineData(CallbackWorld.OtherAccount)]
    [InlineData(World.Account)]
    public async Task Callback_OfOurOrderSignedUnderAnotherAccount_IsAConflict(string mchId)
    {
        var before = await CreateAsync();
        var attemptNo = before.Attempts.Single().Attempt.AttemptNo;

        (await PostAsync($"/callback/wechat/{CallbackWorld.OtherAccount}", shared.Forge(attemptNo, 1299, mchId))).Should().Be(204);

        (await _world.ReadAsync(before.Order.Id)).Should().Be(before, "nothing of the order changed");
        (await KeptOfAsync(attemptNo)).Should().ContainSingle().Which.State.Should().Be("CONFLICT");
        (await ExceptionsAsync(before.Order.Id)).Should().ContainSingle().Which.Kind.Should().Be(ExceptionKind.CallbackConflict);
    }

    [Fact]
    public async Task Callback_SignedUnderAnotherAccountSentToOurs_IsRefused()
    {
        var before = await CreateAsync();

        (await PostAsync("/callback/wechat/1900000001", shared.Forge(before.Attempts.Single().Attempt.AttemptNo, 1299, World.Account))).Should().Be(401);

        (await _world.ReadAsync(before.Order.Id)).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task Callback_SignedButNotReadable_FailsAndIsKept(string body, int status)
    {
        (await PostAsync($"/callback/wechat/{CallbackWorld.OtherAccount}", shared.Sign(Encoding.UTF8.GetBytes(body)))).Should().Be(status);

        (await _world.CallbacksAsync())[^1].Should()
            .Match<KeptCallback>(c => c.State == "REJECTED" && c.Account == CallbackWorld.OtherAccount && Encoding.UTF8.GetString(c.Raw.Body) == body);
    }

    /// <summary>What changes nothing is acknowledged: the provider need not repeat it.</summary>
    [Fact]
    public async Task Callback_OfAnEventThatChangesNothing_SucceedsAndIsKept()
    {
        var body = """{"id":"E","event_type":"COUPON.USE","resource":{"algorithm":"AEAD_AES_256_GCM"}}"""u8.ToArray();

        (await PostAsync($"/callback/wechat/{CallbackWorld.OtherAccount}", shared.Sign(body))).Should().Be(204);

        (await _world.CallbacksAsync())[^1].State.Should().Be("DUPLICATE");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Callback_OfAnotherVerb_IsRefused(string verb)
    {
        var (paid, genuine) = await PaidWithItsCallbackAsync();

        (await PostAsync("/callback/wechat/1900000001", genuine, verb)).Should().Be(405);

        (await _world.ReadAsync(paid.Order.Id)).Should().Be(paid);
    }

    [Theory]
    [InlineData(64 * 1024, 401, 1)]
    [InlineData((64 * 1024) + 1, 413, 0)]
    [InlineData(65 * 1024, 413, 0)]
    public async Task Callback_TooLarge_IsNotReadAndNotKept(int length, int status, int rows)
    {
        var kept = (await _world.CallbacksAsync()).Count;

        (await PostAsync("/callback/wechat/1900000001", new RawCallback(new Dictionary<string, string>(), new byte[length]))).Should().Be(status);

        (await _world.CallbacksAsync()).Should().HaveCount(kept + rows);
    }

    private static string Other(string value) => (value[0] == '1' ? '2' : '1') + value[1..];

    private async Task<StoredOrder> CreateAsync()
    {
        var answer = await _world.CreateAsync();
        var stored = await _world.ReadAsync(answer["order"]!["id"]!.GetValue<string>());
        stored.Order.State.Should().Be(OrderState.Paying);
        return stored;
    }

    private async Task<(StoredOrder Paid, RawCallback Genuine)> PaidWithItsCallbackAsync()
    {
        var created = await CreateAsync();
        var attemptNo = created.Attempts.Single().Attempt.AttemptNo;
        _world.Wallet.Pay(World.Account, attemptNo);
        await SendAsync(s => s.OutTradeNo == attemptNo);
        var paid = await PaidOnceAsync(created.Order.Id);
        return (paid, (await KeptOfAsync(attemptNo)).Single().Raw);
    }

    private async Task<StoredOrder> PaidOnceAsync(string orderId)
    {
        var order = await _world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        order.History.Count(h => h.ToState == "PAID").Should().Be(1);
        order.Order.PaidAmountMinor.Should().Be(1299);
        return order;
    }

    private Task<CallbackSend> SendAsync(Func<CallbackSend, bool> wanted) =>
        _world.Callbacks.WaitForSendAsync(wanted, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20));

    private async Task<IReadOnlyList<ExceptionItem>> ExceptionsAsync(string orderId) =>
        (await _world.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = orderId, Limit = 100 })).Exceptions;

    private async Task<List<KeptCallback>> KeptOfAsync(string attemptNo) => [.. (await _world.CallbacksAsync()).Where(c => c.AttemptNo == attemptNo)];

    private async Task<int> PostAsync(string target, RawCallback callback, string verb = "POST")
    {
        var uri = new Uri($"{_world.Web.GetLeftPart(UriPartial.Authority)}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(verb), uri) { Content = new ByteArrayContent(callback.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        foreach (var (name, value) in callback.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _world.Anonymous.SendAsync(request);
        return (int)answer.StatusCode;
    }
}

/// <summary>A world with a second account, of whose provider the test has the key.</summary>
public sealed class CallbackWorld : IAsyncLifetime
{
    public const string OtherAccount = "1900000002";
    private const string OtherSerial = "PUB_KEY_ID_0000000000000000000000000000002";
    private readonly string _otherApiV3Key = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly RSA _otherProvider = RSA.Create(2048);

    public World World { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        World = await World.StartAsync("sqlite");
        using var own = RSA.Create(2048);
        await World.App.Services.GetRequiredService<IConfigBackend>().WriteAsync(
            "wechat", OtherAccount,
            JsonSerializer.SerializeToUtf8Bytes(
                new WechatAccountDocument
                {
                    MchId = OtherAccount,
                    AppId = "wx5e11e7c0ffee0002",
                    MerchantSerialNo = "00000000000000000000000000000000000000B2",
                    PrivateKey = own.ExportPkcs8PrivateKeyPem(),
                    ApiV3Key = _otherApiV3Key,
                    PublicKeyId = OtherSerial,
                    PublicKey = _otherProvider.ExportSubjectPublicKeyInfoPem(),
                    BaseUrl = World.Simulator.GetLeftPart(UriPartial.Authority),
                },
                DocumentJson.Options),
            CancellationToken.None);
        await UntilKnownAsync();
    }

    /// <summary>A well-sealed, well-signed payment as the other account's provider would tell it.</summary>
    public RawCallback Forge(string attemptNo, long amount, string mchId)
    {
        var plain = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["appid"] = mchId == OtherAccount ? "wx5e11e7c0ffee0002" : "wx5e11e7c0ffee0001",
            ["mchid"] = mchId,
            ["out_trade_no"] = attemptNo,
            ["trade_state"] = "SUCCESS",
            ["transaction_id"] = "4200000000000000000000000002",
            ["trade_type"] = "NATIVE",
            ["bank_type"] = "OTHERS",
            ["success_time"] = "2026-01-01T00:00:00+08:00",
            ["payer"] = new JsonObject { ["openid"] = "oForged" },
            ["amount"] = new JsonObject { ["total"] = amount, ["payer_total"] = amount, ["currency"] = "CNY", ["payer_currency"] = "CNY" },
        }.ToJsonString());
        var sealedBytes = new byte[plain.Length + 16];
        using (var aes = new AesGcm(Encoding.ASCII.GetBytes(_otherApiV3Key), 16))
        {
            aes.Encrypt("000000000000"u8, plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length), "transaction"u8);
        }

        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["id"] = $"EV-{attemptNo}",
            ["create_time"] = "2026-01-01T00:00:00+08:00",
            ["resource_type"] = "encrypt-resource",
            ["event_type"] = "TRANSACTION.SUCCESS",
            ["resource"] = new JsonObject
            {
                ["original_type"] = "transaction",
                ["algorithm"] = "AEAD_AES_256_GCM",
                ["ciphertext"] = Convert.ToBase64String(sealedBytes),
                ["associated_data"] = "transaction",
                ["nonce"] = "000000000000",
            },
        }.ToJsonString());
        return Sign(body);
    }

    /// <summary>A body under the signature of the other account's provider.</summary>
    public RawCallback Sign(byte[] body)
    {
        var timestamp = $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{timestamp}\nnonce-of-the-forger\n"), .. body, (byte)'\n'];
        return new RawCallback(
            new Dictionary<string, string>
            {
                ["Wechatpay-Timestamp"] = timestamp,
                ["Wechatpay-Nonce"] = "nonce-of-the-forger",
                ["Wechatpay-Signature"] = Convert.ToBase64String(_otherProvider.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
                ["Wechatpay-Serial"] = OtherSerial,
            },
            body);
    }

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        _otherProvider.Dispose();
    }

    /// <summary>The document counts when an unsigned callback is no longer "no such account".</summary>
    private async Task UntilKnownAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await World.Anonymous.PostAsync(new Uri($"/callback/wechat/{OtherAccount}", UriKind.Relative), null);
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
            {
                return;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), $"the new account answers {answer.StatusCode}");
            await Task.Delay(10);
        }
    }
}
