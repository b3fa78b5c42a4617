using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.Alipay.Tests;

/// <summary>Which answers are believed (alipay.md 3.2), and what an unusable one means.</summary>
public sealed class AnswerTests
{
    private static readonly Dictionary<string, Func<FakeAnswer, FakeAnswer>> _unusable = new()
    {
        ["no JSON"] = a => a with { Whole = (_, _) => "<html>busy</html>" },
        ["empty"] = a => a with { Whole = (_, _) => "" },
        ["null"] = a => a with { Whole = (_, _) => "null" },
        ["array"] = a => a with { Whole = (_, _) => "[]" },
        ["truncated"] = a => a with { Whole = (n, s) => $"{{\"{n}\":{a.Node},\"sign\":\"{s}\"" },
        ["something after it"] = a => a with { Whole = (n, s) => $"{{\"{n}\":{a.Node},\"sign\":\"{s}\"}}{{}}" },
        ["no node"] = a => a with { Whole = (_, s) => $"{{\"sign\":\"{s}\"}}" },
        ["another method's node"] = a => a with { NodeName = "alipay_trade_refund_response" },
        ["two nodes"] = a => a with { Whole = (n, s) => $"{{\"{n}\":{a.Node},\"{n}\":{a.Node},\"sign\":\"{s}\"}}" },
        ["node and error node"] = a => a with { Whole = (n, s) => $"{{\"error_response\":{a.Node},\"{n}\":{a.Node},\"sign\":\"{s}\"}}" },
        ["two signatures"] = a => a with { Whole = (n, s) => $"{{\"{n}\":{a.Node},\"sign\":\"{s}\",\"sign\":\"{s}\"}}" },
        ["signature that is a number"] = a => a with { Whole = (n, _) => $"{{\"{n}\":{a.Node},\"sign\":7}}" },
        ["node that is text"] = a => a with { Whole = (n, s) => $"{{\"{n}\":\"AES\",\"sign\":\"{s}\"}}" },
        ["node that is null"] = a => a with { Whole = (n, s) => $"{{\"{n}\":null,\"sign\":\"{s}\"}}" },
        ["half of a character"] = a => a with { Whole = (n, s) => $"{{\"{n}\":{a.Node},\"sign\":\"\\ud800\"}}" },
        ["status 500"] = a => a with { Status = 500 },
        ["status 502"] = a => a with { Status = 502 },
        ["status 201"] = a => a with { Status = 201 },
        ["status 302"] = a => a with { Status = 302 },
        ["status 404"] = a => a with { Status = 404 },
        ["signed node without code"] = a => a with { Node = """{"msg":"Success"}""" },
        ["signed node with a number as code"] = a => a with { Node = """{"code":10000}""" },
        ["signed node with its code twice"] = a => a with { Node = """{"code":"40004","code":"10000"}""" },
    };

    private static readonly Dictionary<string, Func<FakeAnswer, FakeAnswer>> _forged = new()
    {
        ["unsigned"] = a => a with { Signed = false },
        ["null signature"] = a => a with { Whole = (n, _) => $"{{\"{n}\":{a.Node},\"sign\":null}}" },
        ["empty signature"] = a => a with { Whole = (n, _) => $"{{\"{n}\":{a.Node},\"sign\":\"\"}}" },
        ["short signature"] = a => a with { Whole = (n, _) => $"{{\"{n}\":{a.Node},\"sign\":\"AAAA\"}}" },
        ["long signature"] = a => a with { Whole = (n, _) => $"{{\"{n}\":{a.Node},\"sign\":\"{Convert.ToBase64String(new byte[4096])}\"}}" },
        ["signature that is no base64"] = a => a with { Whole = (n, _) => $"{{\"{n}\":{a.Node},\"sign\":\"***\"}}" },
        ["stranger's key"] = a => a with { Key = Keys.Stranger },
        ["our own key"] = a => a with { Key = Keys.App },
        ["another text signed"] = a => a with { NodeSigned = a.Node + " " },
        ["signature over the text without its braces"] = a => a with { NodeSigned = a.Node[1..^1] },
        ["signature inside the node"] = a => a with
        {
            Whole = (n, s) => $"{{\"{n}\":{a.Node[..^1]},\"sign\":\"{s}\"}}}}",
        },
        // A search for the first "sign" or the last brace would take these for signed.
        ["signed node in the subject"] = a => a with
        {
            Whole = (n, s) => $"{{\"{n}\":{{\"code\":\"10000\",\"trade_status\":\"TRADE_SUCCESS\",\"x\":{a.Node}}},\"sign\":\"{s}\"}}",
        },
    };

    public static TheoryData<string> Unusable => [.. _unusable.Keys];

    public static TheoryData<string> Forged => [.. _forged.Keys];

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Answers_ThatCannotBeRead_AreUnknown(string defect)
    {
        await using var world = await World.CreateAsync();

        await DecideNothingAsync(world, _unusable[defect]);
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task Answers_ThatAlipayDidNotSign_AreUnknownAndAnAlarm(string defect)
    {
        await using var world = await World.CreateAsync();
        world.ExpectError("claims success, but the answer is");

        var pay = await DecideNothingAsync(world, _forged[defect]);

        pay.Message.Should().Match(m => m.Contains("taken as forged") || m.Contains("not signed"));
    }

    private static async Task<ChannelPayReply> DecideNothingAsync(World world, Func<FakeAnswer, FakeAnswer> spoil)
    {
        world.Alipay.Answer = r => spoil(new FakeAnswer(r.Call switch
        {
            "alipay.trade.query" => Nodes.Trade(),
            "alipay.trade.close" => Nodes.Closed,
            _ => Nodes.Placed,
        }));

        var pay = await world.PayAsync();
        var query = await world.QueryAsync();
        var close = await world.CloseAsync();

        (pay.Outcome, pay.Action, pay.NothingSent, pay.QueryNow, pay.Code).Should().Be((Outcome.Unknown, null!, false, false, "NO_USABLE_ANSWER"));
        (query.State, query.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
        (close.Outcome, close.State).Should().Be((Outcome.Unknown, ChannelPayState.ChannelUnknown));
        pay.Message.Should().NotBeEmpty();
        world.Alipay.Requests.Should().HaveCount(3, "nothing is repeated or followed");
        return pay;
    }

    [Theory]
    [InlineData("stranger", "40004", "ACQ.TRADE_NOT_EXIST")]
    [InlineData("unsigned", "40004", "ACQ.TRADE_NOT_EXIST")]
    [InlineData("stranger", "40004", "ACQ.TRADE_HAS_SUCCESS")]
    [InlineData("unsigned", "40004", "ACQ.INVALID_PARAMETER")]
    [InlineData("stranger", "40002", "isv.invalid-app-id")]
    [InlineData("unsigned", "40002", "isv.invalid-signature")]
    [InlineData("unsigned", "40006", "isv.insufficient-isv-permissions")]
    public async Task Refusal_ThatIsNotProven_DecidesNothing(string how, string code, string subCode)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error(code, subCode)) { Signed = how != "unsigned", Key = Keys.Stranger };

        var pay = await world.PayAsync();
        var query = await world.QueryAsync();
        var close = await world.CloseAsync();

        (pay.Outcome, pay.QueryNow, pay.NothingSent).Should().Be((Outcome.Unknown, false, false));
        (query.State, close.Outcome, close.State).Should().Be((ChannelPayState.ChannelUnknown, Outcome.Unknown, ChannelPayState.ChannelUnknown));
    }

    public static TheoryData<string, string> HonestShapes => new()
    {
        { "blanks", """{ "code" : "10000" , "msg":"Success","out_trade_no":"NO","qr_code":"https://qr.alipay.com/x" }""" },
        { "another order", """{"qr_code":"https://qr.alipay.com/x","out_trade_no":"NO","msg":"Success","code":"10000"}""" },
        { "escaped slashes", """{"code":"10000","msg":"Success","out_trade_no":"NO","qr_code":"https:\/\/qr.alipay.com\/x"}""" },
        { "unicode escapes", """{"code":"10000","msg":"Success","out_trade_no":"NO","qr_code":"\u0068ttps://qr.alipay.com/x","subject":"\u8336"}""" },
        { "hostile texts", """{"code":"10000","body":"\",\"sign\":\"x\"}}{[","out_trade_no":"NO","qr_code":"https://qr.alipay.com/x","subject":"\"sign\" } {"}""" },
        { "nested members", """{"code":"10000","sign":{"sign":["}"]},"out_trade_no":"NO","qr_code":"https://qr.alipay.com/x"}""" },
        { "text outside of ASCII", """{"code":"10000","subject":"测试商品 😀","out_trade_no":"NO","qr_code":"https://qr.alipay.com/x"}""" },
    };

    [Theory]
    [MemberData(nameof(HonestShapes))]
    public async Task Answers_InEveryShapeThatWasSigned_AreBelieved(string shape, string node)
    {
        await using var world = await World.CreateAsync();
        var sent = node.Replace("\"NO\"", $"\"{World.AttemptNo}\"", StringComparison.Ordinal);
        foreach (var whole in (Func<string, string, string>[])
                 [
                     (n, s) => $"{{\"{n}\":{sent},\"sign\":\"{s}\"}}",
                     (n, s) => $"{{\"sign\":\"{s}\",\"{n}\":{sent}}}",
                     (n, s) => $"  {{ \"alipay_cert_sn\" : \"x\",\n\"{n}\" :\t{sent} , \"new\":[{{\"sign\":1}}], \"sign\" : \"{s}\" }}\r\n",
                     (n, s) => $"{{\"error_response\":{sent},\"sign\":\"{s.Replace("/", "\\/", StringComparison.Ordinal)}\"}}",
                     (n, s) => $"{{\"\\u0073ign\":\"{s}\",\"{n}\":{sent}}}",
                 ])
        {
            world.Alipay.Answer = _ => new FakeAnswer(sent) { Whole = whole };

            var reply = await world.PayAsync();

            (reply.Outcome, reply.Action?.QrCodeText).Should().Be((Outcome.Yes, "https://qr.alipay.com/x"), shape);
        }
    }

    [Fact]
    public async Task Answer_SignedBeforeItsSlashesWereEscaped_IsBelieved()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Placed) { NodeSigned = Nodes.Placed.Replace("\\/", "/", StringComparison.Ordinal) };

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
    }

    [Fact]
    public async Task Answer_AnySingleByteChanged_IsNotBelieved()
    {
        await using var world = await World.CreateAsync();
        world.ExpectError("claims success, but the answer is taken as forged");
        var node = Nodes.Trade("WAIT_BUYER_PAY");
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            world.Alipay.Answer = _ => new FakeAnswer(node)
            {
                Whole = (n, s) =>
                {
                    var part = Encoding.ASCII.GetBytes(i % 2 == 0 ? node : s);
                    // Base64's last character before its == holds bits that mean nothing.
                    part[random.Next(part.Length - 3)] ^= (byte)(1 << random.Next(7));
                    var changed = Encoding.ASCII.GetString(part);
                    return i % 2 == 0 ? $"{{\"{n}\":{changed},\"sign\":\"{s}\"}}" : $"{{\"{n}\":{node},\"sign\":\"{changed}\"}}";
                },
            };

            var reply = await world.QueryAsync();

            (reply.State, reply.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
        }
    }

    [Fact]
    public async Task Answer_ByRenewedCertificateOfTheSameKey_IsBelievedAndToldOnce()
    {
        await using var world = await World.CreateAsync(d => World.UseCertificates(d));
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Placed) { CertificateSerial = "0123456789abcdef0123456789abcdef" };

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);

        world.Log.Should().ContainSingle(l => l.Contains("0123456789abcdef0123456789abcdef", StringComparison.Ordinal)).Which.Should().Contain("new certificate");
    }

    [Theory]
    [InlineData("""{"code":"10000"}""")]
    [InlineData("""{"code":"10000","out_trade_no":"NO"}""")]
    [InlineData("""{"code":"10000","out_trade_no":"NO","qr_code":""}""")]
    [InlineData("""{"code":"10000","out_trade_no":"NO","qr_code":null}""")]
    [InlineData("""{"code":"10000","out_trade_no":"NO","qr_code":7}""")]
    [InlineData("""{"code":"10000","out_trade_no":"NO","qr_code":"a","qr_code":"b"}""")]
    [InlineData("""{"code":"10000","qr_code":"https://qr.alipay.com/x"}""")]
    [InlineData("""{"code":"10000","out_trade_no":"A01H3V7M0000000000000000000T2","qr_code":"https://qr.alipay.com/x"}""")]
    [InlineData("""{"code":"10003","out_trade_no":"NO","qr_code":"https://qr.alipay.com/x"}""")]
    public async Task Pay_SignedAnswerWithoutACodeForThisNumber_IsUnknown(string node)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node.Replace("\"NO\"", $"\"{World.AttemptNo}\"", StringComparison.Ordinal));

        var reply = await world.PayAsync();

        (reply.Outcome, reply.Action, reply.QueryNow, reply.NothingSent).Should().Be((Outcome.Unknown, null!, false, false));
    }

    [Fact]
    public async Task Pay_CodeLongerThan512_IsUnknown()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer($$"""{"code":"10000","out_trade_no":"{{World.AttemptNo}}","qr_code":"{{new string('a', 513)}}"}""");

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Fact]
    public async Task Pay_AnswerLargerThanOneMegabyte_IsUnknown()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer($$"""{"code":"10000","x":"{{new string('x', 1024 * 1024)}}"}""");

        var reply = await world.PayAsync();

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.Unknown, false));
        reply.Message.Should().Contain("1 MB");
    }

    [Fact]
    public async Task Calls_ConnectionCutAfterTheRequest_AreUnknownAndSentOnce()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Placed);
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);

        // An HTTP client likes to repeat what went out over a connection that had been idle. A call that moves money it must not.
        world.Alipay.Answer = _ => new FakeAnswer("{}") { Cut = true };
        var pay = await world.PayAsync();
        world.Alipay.Requests.Should().HaveCount(2);
        var close = await world.CloseAsync();
        var query = await world.QueryAsync();

        (pay.Outcome, pay.NothingSent, pay.QueryNow).Should().Be((Outcome.Unknown, false, false));
        (close.Outcome, query.State).Should().Be((Outcome.Unknown, ChannelPayState.ChannelUnknown));
        world.Alipay.Requests.Should().HaveCount(4);
    }

    [Fact]
    public async Task Pay_ConnectionCutInTheBody_IsUnknownAndSent()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Placed) { InBody = Task.CompletedTask };

        var reply = await world.PayAsync();

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.Unknown, false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pay_NoWholeAnswerFor6Seconds_IsUnknownAndSent(bool half)
    {
        await using var world = await World.CreateAsync();
        var never = new TaskCompletionSource().Task;
        world.Alipay.Answer = _ => half ? new FakeAnswer(Nodes.Placed) { InBody = never } : new FakeAnswer(Nodes.Placed) { Until = never };

        var call = world.PayAsync();
        var request = await world.Alipay.ArrivalAsync();
        if (half)
        {
            await request.HalfSent;
        }

        world.Time.Advance(TimeSpan.FromMilliseconds(5_999));
        call.IsCompleted.Should().BeFalse();
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        var reply = await call;

        (reply.Outcome, reply.NothingSent, reply.Message).Should().Be((Outcome.Unknown, false, "no answer in time"));
        (await request.Aborted).Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PayAndClose_CallerCancels_RunToTheirOwnEnd(bool isPay)
    {
        await using var world = await World.CreateAsync();
        var go = new TaskCompletionSource();
        world.Alipay.Answer = _ => new FakeAnswer(isPay ? Nodes.Placed : Nodes.Closed) { Until = go.Task };
        using var caller = new CancellationTokenSource();
        Task call = isPay
            ? world.Client.PayAsync(World.PayRequest(), cancellationToken: caller.Token).ResponseAsync
            : world.Client.CloseAsync(new ChannelCloseRequest { Account = World.Account, AttemptNo = World.AttemptNo }, cancellationToken: caller.Token).ResponseAsync;
        var request = await world.Alipay.ArrivalAsync();

        await caller.CancelAsync();
        (await FluentActions.Awaiting(() => call).Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.Cancelled);
        go.SetResult();

        (await request.Aborted).Should().BeFalse();
    }

    [Fact]
    public async Task Query_CallerCancels_EndsAtOnce()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer("{}") { Until = new TaskCompletionSource().Task };
        using var caller = new CancellationTokenSource();
        var call = world.Client.QueryAsync(
            new ChannelQueryRequest { Account = World.Account, AttemptNo = World.AttemptNo }, cancellationToken: caller.Token).ResponseAsync;
        var request = await world.Alipay.ArrivalAsync();

        await caller.CancelAsync();

        (await request.Aborted).Should().BeTrue();
        await FluentActions.Awaiting(() => call).Should().ThrowAsync<RpcException>();
    }

    [Fact]
    public async Task Calls_ConnectionRefused_AreNothingSent()
    {
        var free = FreePorts.Take(1)[0];
        await using var world = await World.CreateAsync(gatewayUrl: $"http://127.0.0.1:{free}/gateway.do");

        NothingWasSent(await world.PayAsync());
        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelUnknown);
        (await world.CloseAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Fact]
    public async Task Pay_HostWithoutAddress_IsNothingSent()
    {
        await using var world = await World.CreateAsync(gatewayUrl: "https://alipay.invalid/gateway.do");

        NothingWasSent(await world.PayAsync());
    }

    [Fact]
    public async Task Pay_ServerWithoutTls_IsNothingSent()
    {
        await using var plain = await FakeAlipay.StartAsync(TimeProvider.System);
        await using var world = await World.CreateAsync(gatewayUrl: $"https://127.0.0.1:{plain.Address.Port}/gateway.do");

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
        await using var world = await World.CreateAsync(gatewayUrl: $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}/gateway.do");

        NothingWasSent(await world.PayAsync());
    }

    private static void NothingWasSent(ChannelPayReply reply) =>
        (reply.Outcome, reply.NothingSent, reply.QueryNow, reply.Code).Should().Be((Outcome.Unknown, true, false, "NOT_SENT"), reply.Message);
}
