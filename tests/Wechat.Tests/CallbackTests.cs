using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>Which callbacks are believed and what they say (wechat-pay-v3.md 2.2, 2.3, 5).</summary>
public sealed class CallbackTests
{
    private delegate ReadCallbackRequest Make(World world);

    private static readonly Dictionary<string, (Make Make, int Status)> _refused = new()
    {
        ["GET"] = (w => w.Callback(request: r => r.HttpMethod = "GET"), 405),
        ["unknown account"] = (w => w.Callback(request: r => r.Account = "nobody"), 404),
        ["unsigned"] = (w => w.Callback(request: r => r.Headers.Clear()), 401),
        ["no timestamp"] = (w => w.Callback(request: r => Remove(r, "Wechatpay-Timestamp")), 401),
        ["no nonce"] = (w => w.Callback(request: r => Remove(r, "Wechatpay-Nonce")), 401),
        ["no signature"] = (w => w.Callback(request: r => Remove(r, "Wechatpay-Signature")), 401),
        ["no serial"] = (w => w.Callback(request: r => Remove(r, "Wechatpay-Serial")), 401),
        ["two timestamps"] = (w => w.Callback(request: r => Double(r, "Wechatpay-Timestamp")), 401),
        ["two nonces"] = (w => w.Callback(request: r => Double(r, "wechatpay-nonce")), 401),
        ["two signatures"] = (w => w.Callback(request: r => Double(r, "Wechatpay-Signature")), 401),
        ["two serials"] = (w => w.Callback(request: r => Double(r, "Wechatpay-Serial")), 401),
        ["two types"] = (w => w.Callback(request: r => Double(r, "Wechatpay-Signature-Type")), 401),
        ["SM2"] = (w => w.Callback(request: r => Set(r, "Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3")), 401),
        ["300 s old"] = (w => w.Callback(how: new FakeAnswer(0) { ClockOff = -300 }), 401),
        ["300 s ahead"] = (w => w.Callback(how: new FakeAnswer(0) { ClockOff = 300 }), 401),
        ["a day old"] = (w => w.Callback(how: new FakeAnswer(0) { ClockOff = -86_400 }), 401),
        ["timestamp in words"] = (w => w.Callback(request: r => Set(r, "Wechatpay-Timestamp", "now")), 401),
        ["other timestamp"] = (w => w.Callback(request: r => Set(r, "Wechatpay-Timestamp", $"{World.Start.ToUnixTimeSeconds() - 1}")), 401),
        ["other nonce"] = (w => w.Callback(request: r => Set(r, "Wechatpay-Nonce", "593BEC0C930BF1AFEB40B4A08C8FB242")), 401),
        ["unknown serial"] = (w => w.Callback(how: new FakeAnswer(0) { Serial = "PUB_KEY_ID_9" }), 401),
        ["stranger's key"] = (w => w.Callback(how: new FakeAnswer(0) { Key = Keys.Stranger }), 401),
        ["merchant's own key"] = (w => w.Callback(how: new FakeAnswer(0) { Key = Keys.Merchant }), 401),
        ["probe"] = (w => w.Callback(how: new FakeAnswer(0) { Probe = true }), 401),
        ["probe that is no base64"] = (w => w.Callback(request: r => Set(r, "Wechatpay-Signature", "WECHATPAY/SIGNTEST/!")), 401),
        ["altered body"] = (w => w.Callback(request: r => r.Body = ByteString.CopyFromUtf8(r.Body.ToStringUtf8() + " ")), 401),
        ["empty body"] = (w => w.Callback(request: r => r.Body = ByteString.Empty), 401),
        // Were anything parsed before the signature holds, these would be 400.
        ["unsigned, and no JSON"] = (w => w.Callback(request: r =>
        {
            r.Headers.Clear();
            r.Body = ByteString.CopyFromUtf8("<xml/>");
        }), 401),
        ["stranger's key, and no JSON"] = (w => Raw(w, "<xml/>", new FakeAnswer(0) { Key = Keys.Stranger }), 401),
        ["stranger's key, and another event"] = (w => w.Callback(envelope: e => e["event_type"] = "REFUND.SUCCESS", how: new FakeAnswer(0) { Key = Keys.Stranger }), 401),
        ["method in lower case"] = (w => w.Callback(request: r => r.HttpMethod = "post"), 405),
        ["no method"] = (w => w.Callback(request: r => r.HttpMethod = ""), 405),
        ["wrong APIv3 key"] = (w => w.Callback(apiV3Key: new string('k', 32)), 500),
        ["other associated data"] = (w => w.Callback(envelope: e => e["resource"]!["associated_data"] = "refund"), 500),
        ["no associated data"] = (w => w.Callback(envelope: e => e["resource"]!.AsObject().Remove("associated_data")), 500),
        ["other nonce of the resource"] = (w => w.Callback(envelope: e => e["resource"]!["nonce"] = "fdasflkja485"), 500),
        ["short nonce of the resource"] = (w => w.Callback(envelope: e => e["resource"]!["nonce"] = "fdasflkja48"), 500),
        ["no nonce of the resource"] = (w => w.Callback(envelope: e => e["resource"]!.AsObject().Remove("nonce")), 500),
        ["no ciphertext"] = (w => w.Callback(envelope: e => e["resource"]!.AsObject().Remove("ciphertext")), 500),
        ["ciphertext that is no base64"] = (w => w.Callback(envelope: e => e["resource"]!["ciphertext"] = "***"), 500),
        ["ciphertext shorter than its tag"] = (w => w.Callback(envelope: e => e["resource"]!["ciphertext"] = "AAAA"), 500),
        ["other algorithm"] = (w => w.Callback(envelope: e => e["resource"]!["algorithm"] = "AEAD_SM4_GCM"), 400),
        ["no algorithm"] = (w => w.Callback(envelope: e => e["resource"]!.AsObject().Remove("algorithm")), 400),
        ["other original type"] = (w => w.Callback(envelope: e => e["resource"]!["original_type"] = "refund"), 400),
        ["other resource type"] = (w => w.Callback(envelope: e => e["resource_type"] = "plain"), 400),
        ["no resource"] = (w => w.Callback(envelope: e => e.Remove("resource")), 400),
        ["no id"] = (w => w.Callback(envelope: e => e.Remove("id")), 400),
        ["long id"] = (w => w.Callback(envelope: e => e["id"] = new string('x', 65)), 400),
        ["no event type"] = (w => w.Callback(envelope: e => e.Remove("event_type")), 400),
        ["event type that is no text"] = (w => w.Callback(envelope: e => e["event_type"] = 7), 400),
        ["no JSON"] = (w => Raw(w, "<xml/>"), 400),
        ["JSON null"] = (w => Raw(w, "null"), 400),
        ["two ids"] = (w => Raw(w, """{"id":"a","id":"b","event_type":"TRANSACTION.SUCCESS","resource":{}}"""), 400),
        ["no UTF-8"] = (w => Raw(w, [0xff, 0xfe, 0x7b]), 400),
        ["signed emptiness"] = (w => Raw(w, ""), 400),
        ["amount as text"] = (w => w.Callback(t => t["amount"]!["total"] = "100"), 400),
        ["amount with a fraction"] = (w => w.Callback(t => t["amount"]!["total"] = JsonNode.Parse("100.0")), 400),
    };

    public static TheoryData<string> Refused => [.. _refused.Keys];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Callback_NotProvenOrUnreadable_IsRejectedAndNeverAcknowledged(string defect)
    {
        await using var world = await World.CreateAsync();
        var (make, status) = _refused[defect];

        var reply = await world.Client.ReadCallbackAsync(make(world));

        reply.Verdict.Should().Be(Verdict.Rejected);
        reply.Reason.Should().NotBeEmpty();
        (reply.Facts, reply.MessageId).Should().Be((null!, ""));
        reply.State.Should().Be(ChannelPayState.ChannelUnknown);
        reply.Failure.Status.Should().Be(status);
        reply.AccountKnown.Should().Be(defect != "unknown account", "of any other account the callback is kept");
        reply.Success.Status.Should().BeGreaterThanOrEqualTo(400);
        reply.Failure.ContentType.Should().Be("application/json");
        using var body = JsonDocument.Parse(reply.Failure.Body.ToStringUtf8());
        body.RootElement.GetProperty("code").GetString().Should().Be("FAIL");
        body.RootElement.GetProperty("message").GetString().Should().Be(reply.Reason);
        Secrets.In(reply.ToString()).Should().BeEmpty();
        world.Wechat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Callback_Payment_CarriesEveryFact()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.Client.ReadCallbackAsync(world.Callback());

        (reply.Verdict, reply.State, reply.Reason).Should().Be((Verdict.Payment, ChannelPayState.ChannelPaid, ""));
        reply.MessageId.Should().Be("EV-2018022511223320873");
        Facts.AreThoseOfAPayment(reply.Facts);
        (reply.Success.Status, reply.Success.Body.Length).Should().Be((204, 0));
        reply.Failure.Status.Should().Be(500);
        reply.Failure.Body.ToStringUtf8().Should().Be("""{"code":"FAIL","message":"not recorded"}""");
    }

    [Theory]
    [InlineData(299)]
    [InlineData(-299)]
    public async Task Callback_Within300Seconds_IsBelieved(int clockOff)
    {
        await using var world = await World.CreateAsync();

        (await world.Client.ReadCallbackAsync(world.Callback(how: new FakeAnswer(0) { ClockOff = clockOff }))).Verdict.Should().Be(Verdict.Payment);
    }

    [Fact]
    public async Task Callback_HeaderNamesInAnyCaseAndNoType_AreRead()
    {
        await using var world = await World.CreateAsync();
        var request = world.Callback(request: r => Remove(r, "Wechatpay-Signature-Type"));
        foreach (var header in request.Headers)
        {
            header.Name = header.Name.ToUpperInvariant();
        }

        (await world.Client.ReadCallbackAsync(request)).Verdict.Should().Be(Verdict.Payment);
    }

    [Fact]
    public async Task Callback_EmptyAssociatedDataAndNoOriginalType_IsRead()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.Client.ReadCallbackAsync(world.Callback(envelope: e =>
        {
            var resource = FakeWechat.Seal(Transactions.Paid().ToJsonString(), "");
            resource.Remove("associated_data");
            e["resource"] = resource;
        }));

        reply.Verdict.Should().Be(Verdict.Payment);
    }

    [Fact]
    public async Task Callback_Repeated_HasTheSameMessageId()
    {
        await using var world = await World.CreateAsync();
        var first = await world.Client.ReadCallbackAsync(world.Callback());
        world.Time.Advance(TimeSpan.FromHours(3));

        var later = await world.Client.ReadCallbackAsync(world.Callback());

        later.Should().Be(first, "only the headers are fresh");
    }

    [Fact]
    public async Task Callback_TheSameBytesAfter300Seconds_AreRefused()
    {
        await using var world = await World.CreateAsync();
        var request = world.Callback();
        world.Time.Advance(TimeSpan.FromSeconds(299));
        (await world.Client.ReadCallbackAsync(request)).Verdict.Should().Be(Verdict.Payment);
        world.Time.Advance(TimeSpan.FromSeconds(1));

        (await world.Client.ReadCallbackAsync(request)).Verdict.Should().Be(Verdict.Rejected);
    }

    [Theory]
    [InlineData("REFUND.PROCESSING")]
    [InlineData("TRANSACTION.FAIL")]
    [InlineData("MCHTRANSFER.BATCH.FINISHED")]
    [InlineData("MCHTRANSFER.BATCH.CLOSED")]
    [InlineData("ENTRUST.SIGN")]
    [InlineData("AN.EVENT.OF.TOMORROW")]
    public async Task Callback_OtherEvent_ChangesNothingAndIsAcknowledged(string eventType)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.Client.ReadCallbackAsync(world.Callback(envelope: e => e["event_type"] = eventType));

        (reply.Verdict, reply.Facts, reply.Success.Status).Should().Be((Verdict.Nothing, null!, 204));
        reply.MessageId.Should().NotBeEmpty();
        reply.Reason.Should().NotBeEmpty().And.NotContain(eventType, "no part of the body");
    }

    [Theory]
    [InlineData("REFUND")]
    [InlineData("NOTPAY")]
    [InlineData("CLOSED")]
    [InlineData("A_STATE_OF_TOMORROW")]
    [InlineData(null)]
    public async Task Callback_TradeStateOtherThanSuccess_ChangesNothing(string? state)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.Client.ReadCallbackAsync(world.Callback(t => t["trade_state"] = state));

        (reply.Verdict, reply.Facts, reply.Success.Status).Should().Be((Verdict.Nothing, null!, 204));
    }

    [Theory]
    [InlineData("out_trade_no")]
    [InlineData("mchid")]
    [InlineData("appid")]
    [InlineData("amount")]
    public async Task Callback_MissingMember_IsAFactThatIsAbsent(string member)
    {
        await using var world = await World.CreateAsync();

        var facts = (await world.Client.ReadCallbackAsync(world.Callback(t => t.Remove(member)))).Facts;

        facts.HasAttemptNo.Should().Be(member != "out_trade_no");
        facts.AccountIds.ContainsKey("mch_id").Should().Be(member != "mchid");
        facts.AccountIds.ContainsKey("app_id").Should().Be(member != "appid");
        (facts.HasAmountMinor, facts.HasCurrency).Should().Be((member != "amount", member != "amount"));
    }

    [Fact]
    public async Task Callback_AnothersValues_ArePassedOnAsTheyAre()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.Client.ReadCallbackAsync(world.Callback(t =>
        {
            t["mchid"] = "1999999999";
            t["appid"] = "wx0000000000000000";
            t["out_trade_no"] = "SOMEBODY_ELSES";
            t["amount"]!["total"] = 1;
            t["amount"]!["currency"] = "USD";
        }));

        reply.Verdict.Should().Be(Verdict.Payment, "the caller compares");
        (reply.Facts.AccountIds["mch_id"], reply.Facts.AccountIds["app_id"]).Should().Be(("1999999999", "wx0000000000000000"));
        (reply.Facts.AttemptNo, reply.Facts.AmountMinor, reply.Facts.Currency).Should().Be(("SOMEBODY_ELSES", 1, "USD"));
    }

    [Fact]
    public async Task Callback_TextBeyondTheBasicPlane_DoesNotDisturb()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.Client.ReadCallbackAsync(world.Callback(t => t["attach"] = "😀中文", e => e["summary"] = "😀"));

        reply.Verdict.Should().Be(Verdict.Payment);
    }

    [Fact]
    public async Task Callback_AnySingleByteChanged_IsRejected()
    {
        await using var world = await World.CreateAsync();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            var request = world.Callback();
            var body = request.Body.ToByteArray();
            body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
            request.Body = ByteString.CopyFrom(body);

            (await world.Client.ReadCallbackAsync(request)).Verdict.Should().Be(Verdict.Rejected);
        }
    }

    [Fact]
    public async Task Callback_SignedNoise_IsRejectedAndNothingThrows()
    {
        // Signed, so that it reaches the reader: whatever the platform might send, it is an answer and not a failure of ours.
        await using var world = await World.CreateAsync();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var good = world.Callback().Body.ToByteArray();
        for (var i = 0; i < 300; i++)
        {
            var body = (byte[])good.Clone();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            var reply = await world.Client.ReadCallbackAsync(Raw(world, body[..random.Next(body.Length + 1)]));

            // A change in a member that nobody reads, or in white space, is no change.
            reply.Verdict.Should().NotBe(Verdict.Unspecified);
            if (reply.Verdict == Verdict.Payment)
            {
                Facts.AreThoseOfAPayment(reply.Facts);
            }
        }
    }

    private static ReadCallbackRequest Raw(World world, string body, FakeAnswer? how = null) => Raw(world, Encoding.UTF8.GetBytes(body), how);

    private static ReadCallbackRequest Raw(World world, byte[] body, FakeAnswer? how = null)
    {
        var request = world.Callback(request: r => r.Body = ByteString.CopyFrom(body));
        world.Sign(request, how ?? new FakeAnswer(0));
        return request;
    }

    private static void Remove(ReadCallbackRequest request, string name) => request.Headers.Remove(Header(request, name));

    private static void Double(ReadCallbackRequest request, string name) =>
        request.Headers.Add(new RawHeader { Name = name, Value = Header(request, name).Value });

    private static void Set(ReadCallbackRequest request, string name, string value) => Header(request, name).Value = value;

    private static RawHeader Header(ReadCallbackRequest request, string name) =>
        request.Headers.First(h => string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase));
}
