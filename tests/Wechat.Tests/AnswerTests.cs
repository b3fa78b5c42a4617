using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.Wechat.Tests;

/// <summary>Which answers are believed (wechat-pay-v3.md 2.2), and what an unusable one means.</summary>
public sealed class AnswerTests
{
    private const string CodeUrl = """{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}""";

    private static readonly Dictionary<string, Func<FakeAnswer, FakeAnswer>> _defects = new()
    {
        ["unsigned"] = a => a with { Signed = false },
        ["no timestamp"] = a => a with { Without = "Wechatpay-Timestamp" },
        ["no nonce"] = a => a with { Without = "Wechatpay-Nonce" },
        ["no signature"] = a => a with { Without = "Wechatpay-Signature" },
        ["no serial"] = a => a with { Without = "Wechatpay-Serial" },
        ["two timestamps"] = a => a with { Twice = "Wechatpay-Timestamp" },
        ["two nonces"] = a => a with { Twice = "Wechatpay-Nonce" },
        ["two signatures"] = a => a with { Twice = "Wechatpay-Signature" },
        ["two serials"] = a => a with { Twice = "Wechatpay-Serial" },
        ["300 s old"] = a => a with { ClockOff = -300 },
        ["300 s ahead"] = a => a with { ClockOff = 300 },
        ["no number as timestamp"] = a => With(a, "Wechatpay-Timestamp", "yesterday"),
        ["huge timestamp"] = a => With(a, "Wechatpay-Timestamp", "9223372036854775807"),
        ["negative timestamp"] = a => With(a, "Wechatpay-Timestamp", "-9223372036854775808"),
        ["other timestamp"] = a => With(a, "Wechatpay-Timestamp", $"{World.Start.ToUnixTimeSeconds() + 1}"),
        ["other nonce"] = a => With(a, "Wechatpay-Nonce", "593BEC0C930BF1AFEB40B4A08C8FB242"),
        ["unknown serial"] = a => a with { Serial = "PUB_KEY_ID_0000000000000000000000000000" },
        ["serial in lower case"] = a => a with { Serial = "pub_key_id_0112300001092026112200000001" },
        ["stranger's key"] = a => a with { Key = Keys.Stranger },
        ["our own key"] = a => a with { Key = Keys.Merchant },
        ["probe"] = a => a with { Probe = true },
        ["probe that is no base64"] = a => With(a, "Wechatpay-Signature", "WECHATPAY/SIGNTEST/*"),
        ["short signature"] = a => With(a, "Wechatpay-Signature", "AAAA"),
        ["long signature"] = a => With(a, "Wechatpay-Signature", Convert.ToBase64String(new byte[4096])),
        ["SM2"] = a => With(a, "Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"),
        ["two types"] = a => a with { Twice = "Wechatpay-Signature-Type" },
    };

    public static TheoryData<string> Defects => [.. _defects.Keys];

    [Theory]
    [MemberData(nameof(Defects))]
    public async Task Answers_WithADefectOfTheSignature_AreUnknown(string defect)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = r => _defects[defect](r switch
        {
            { Method: "GET" } => new FakeAnswer(200, Transactions.Paid().ToJsonString()),
            { Target: "/v3/pay/transactions/native" } => new FakeAnswer(200, CodeUrl),
            _ => new FakeAnswer(204),
        });

        var pay = await world.PayAsync();
        var query = await world.QueryAsync();
        var close = await world.CloseAsync();

        (pay.Outcome, pay.Action, pay.NothingSent, pay.Code).Should().Be((Outcome.Unknown, null!, false, "NO_USABLE_ANSWER"));
        (query.State, query.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
        (close.Outcome, close.State).Should().Be((Outcome.Unknown, ChannelPayState.ChannelUnknown));
        pay.Message.Should().Contain("taken as forged");
        pay.TraceId.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("""{"code_url":"weixin://wxpay/bizpayurl?pr=FORGED111"}""")]
    [InlineData("""{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"} """)]
    [InlineData("")]
    public async Task Pay_BodyChangedOnTheWay_IsUnknown(string sent)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, CodeUrl) { BodySent = Encoding.UTF8.GetBytes(sent) };

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Theory]
    [InlineData(299)]
    [InlineData(-299)]
    public async Task Pay_TimestampWithin300Seconds_IsBelieved(int clockOff)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, CodeUrl) { ClockOff = clockOff };

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
    }

    [Fact]
    public async Task Pay_NoSignatureType_StandsForRsa()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, CodeUrl) { Without = "Wechatpay-Signature-Type" };

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
    }

    [Fact]
    public async Task Refusal_SignedButWrongly_DecidesNothing()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(400, """{"code":"PARAM_ERROR","message":"x"}""") { Key = Keys.Stranger };
        var pay = await world.PayAsync();
        world.Wechat.Answer = _ => new FakeAnswer(404, """{"code":"ORDER_NOT_EXIST","message":"x"}""") { Probe = true };
        var query = await world.QueryAsync();

        pay.Outcome.Should().Be(Outcome.Unknown);
        query.State.Should().Be(ChannelPayState.ChannelUnknown);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"code_url":""}""")]
    [InlineData("""{"code_url":null}""")]
    [InlineData("""{"code_url":7}""")]
    [InlineData("""{"code_url":"a","code_url":"b"}""")]
    [InlineData("""{"code_url":"\ud800"}""")]
    [InlineData("""{"code_url":"a"}{}""")]
    public async Task Pay_SignedAnswerWithoutUsableCodeUrl_IsUnknown(string body)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, body);

        var reply = await world.PayAsync();

        (reply.Outcome, reply.Action, reply.QueryNow, reply.NothingSent).Should().Be((Outcome.Unknown, null!, false, false));
    }

    [Fact]
    public async Task Pay_SignedStatusOtherThan200_IsUnknown()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(202, CodeUrl);

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Fact]
    public async Task Pay_CodeUrlLongerThan512_IsUnknown()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, $$"""{"code_url":"weixin://{{new string('a', 504)}}"}""");

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Fact]
    public async Task Pay_AnswerLargerThanOneMegabyte_IsUnknown()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, $$"""{"code_url":"weixin://a","x":"{{new string('x', 1024 * 1024)}}"}""");

        var reply = await world.PayAsync();

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.Unknown, false));
        reply.Message.Should().Contain("1 MB");
    }

    [Fact]
    public async Task Calls_ConnectionCutAfterTheRequest_AreUnknownAndSent()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200) { Cut = true };

        var pay = await world.PayAsync();
        var close = await world.CloseAsync();
        var query = await world.QueryAsync();

        (pay.Outcome, pay.NothingSent, pay.QueryNow).Should().Be((Outcome.Unknown, false, false));
        close.Outcome.Should().Be(Outcome.Unknown);
        query.State.Should().Be(ChannelPayState.ChannelUnknown);
        world.Wechat.Requests.Should().HaveCount(3, "the channel does not repeat");
    }

    [Fact]
    public async Task PayAndClose_KeptConnectionCut_AreNotSentAgain()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, CodeUrl);
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);

        // An HTTP client likes to repeat what went out over a connection that had been idle. A call that moves money it must not.
        world.Wechat.Answer = _ => new FakeAnswer(200) { Cut = true };
        var pay = await world.PayAsync();
        world.Wechat.Requests.Should().HaveCount(2);
        world.Wechat.Answer = _ => new FakeAnswer(204);
        await world.CloseAsync();
        world.Wechat.Answer = _ => new FakeAnswer(204) { Cut = true };
        var close = await world.CloseAsync();

        (pay.Outcome, pay.NothingSent, close.Outcome).Should().Be((Outcome.Unknown, false, Outcome.Unknown));
        world.Wechat.Requests.Should().HaveCount(4);
    }

    [Fact]
    public async Task Pay_ConnectionCutInTheBody_IsUnknownAndSent()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, CodeUrl) { InBody = Task.CompletedTask };

        var reply = await world.PayAsync();

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.Unknown, false));
    }

    [Fact]
    public async Task Pay_BodyThatDoesNotEndIn6Seconds_IsUnknownAndSent()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200, CodeUrl) { InBody = new TaskCompletionSource().Task };

        var call = world.PayAsync();
        var request = await world.Wechat.ArrivalAsync();
        await request.HalfSent;
        world.Time.Advance(TimeSpan.FromMilliseconds(5_999));
        call.IsCompleted.Should().BeFalse();
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        var reply = await call;

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.Unknown, false));
    }

    [Fact]
    public async Task Pay_NoAnswerFor6Seconds_IsUnknownAndSent()
    {
        await using var world = await World.CreateAsync();
        var never = new TaskCompletionSource();
        world.Wechat.Answer = _ => new FakeAnswer(200, CodeUrl) { Until = never.Task };

        var call = world.PayAsync();
        var request = await world.Wechat.ArrivalAsync();
        world.Time.Advance(TimeSpan.FromMilliseconds(5_999));
        call.IsCompleted.Should().BeFalse();
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        var reply = await call;

        (reply.Outcome, reply.NothingSent, reply.Message).Should().Be((Outcome.Unknown, false, "no answer in time"));
        (await request.Aborted).Should().BeTrue();
    }

    [Fact]
    public async Task PayAndClose_CallerCancels_RunToTheirOwnEnd()
    {
        await using var world = await World.CreateAsync();
        foreach (var isPay in new[] { true, false })
        {
            var go = new TaskCompletionSource();
            world.Wechat.Answer = _ => (isPay ? new FakeAnswer(200, CodeUrl) : new FakeAnswer(204)) with { Until = go.Task };
            using var caller = new CancellationTokenSource();
            Task call = isPay
                ? world.Client.PayAsync(World.PayRequest(), cancellationToken: caller.Token).ResponseAsync
                : world.Client.CloseAsync(new ChannelCloseRequest { Account = World.Account, AttemptNo = World.AttemptNo }, cancellationToken: caller.Token).ResponseAsync;
            var request = await world.Wechat.ArrivalAsync();

            await caller.CancelAsync();
            (await FluentActions.Awaiting(() => call).Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Cancelled);
            go.SetResult();

            (await request.Aborted).Should().BeFalse();
        }
    }

    [Fact]
    public async Task Query_CallerCancels_EndsAtOnce()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(200) { Until = new TaskCompletionSource().Task };
        using var caller = new CancellationTokenSource();
        var call = world.Client.QueryAsync(
            new ChannelQueryRequest { Account = World.Account, AttemptNo = World.AttemptNo }, cancellationToken: caller.Token).ResponseAsync;
        var request = await world.Wechat.ArrivalAsync();

        await caller.CancelAsync();

        (await request.Aborted).Should().BeTrue();
        await FluentActions.Awaiting(() => call).Should().ThrowAsync<RpcException>();
    }

    [Fact]
    public async Task Pay_ConnectionRefused_IsNothingSent()
    {
        var free = FreePorts.Take(1)[0];
        await using var world = await World.CreateAsync(baseUrl: $"http://127.0.0.1:{free}");

        NothingWasSent(await world.PayAsync());
        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelUnknown);
        (await world.CloseAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Fact]
    public async Task Pay_HostWithoutAddress_IsNothingSent()
    {
        await using var world = await World.CreateAsync(baseUrl: "https://wechat.invalid");

        NothingWasSent(await world.PayAsync());
    }

    [Fact]
    public async Task Pay_ServerWithoutTls_IsNothingSent()
    {
        await using var plain = await FakeWechat.StartAsync(TimeProvider.System);
        await using var world = await World.CreateAsync(baseUrl: $"https://127.0.0.1:{plain.Address.Port}");

        NothingWasSent(await world.PayAsync());
        plain.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Pay_ConnectionNotMadeIn2Seconds_IsNothingSent()
    {
        // A full queue of a listener that never accepts: the next connection gets no answer. The two seconds are the socket's own and real.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(listener.LocalEndPoint!);
        await using var world = await World.CreateAsync(baseUrl: $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");

        NothingWasSent(await world.PayAsync());
    }

    private static void NothingWasSent(ChannelPayReply reply) =>
        (reply.Outcome, reply.NothingSent, reply.QueryNow, reply.Code).Should().Be((Outcome.Unknown, true, false, "NOT_SENT"), reply.Message);

    private static FakeAnswer With(FakeAnswer answer, string header, string value) =>
        answer with { Replace = new Dictionary<string, string> { [header] = value } };
}
