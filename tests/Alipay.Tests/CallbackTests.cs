using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using PayCore.Channels.Alipay;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Alipay.Tests;

/// <summary>Which callbacks are believed and what they say (alipay.md 6).</summary>
public sealed class CallbackTests
{
    private static readonly Dictionary<string, (Func<ReadCallbackRequest> Make, int Status)> _refused = new()
    {
        ["GET"] = (() => With(r => r.HttpMethod = "GET"), 405),
        ["method in lower case"] = (() => With(r => r.HttpMethod = "post"), 405),
        ["unknown account"] = (() => With(r => r.Account = "nobody"), 404),
        ["empty body"] = (() => With(r => r.Body = ByteString.Empty), 400),
        ["no form"] = (() => With(r => r.Body = ByteString.CopyFromUtf8("<xml/>")), 400),
        ["JSON"] = (() => With(r => r.Body = ByteString.CopyFromUtf8("""{"trade_status":"TRADE_SUCCESS"}""")), 400),
        ["name without a value"] = (() => Spoilt(b => b + "&x"), 400),
        ["value without a name"] = (() => Spoilt(b => b + "&=x"), 400),
        ["& at the end"] = (() => Spoilt(b => b + "&"), 400),
        ["% without digits"] = (() => Spoilt(b => b + "&x=%"), 400),
        ["% with one digit"] = (() => Spoilt(b => b + "&x=%4"), 400),
        ["% with other letters"] = (() => Spoilt(b => b + "&x=%4g"), 400),
        ["name in other letters"] = (() => Spoilt(b => b + "&%E8%8C%B6=x"), 400),
        ["name with a blank"] = (() => Spoilt(b => b + "&a+b=x"), 400),
        ["two amounts"] = (() => Spoilt(b => b + "&total_amount=88.88"), 400),
        ["two signatures"] = (() => Spoilt(b => Regex.Replace(b, "(&|^)(sign=[^&]*)", "$1$2&$2")), 400),
        ["a second name in disguise"] = (() => Spoilt(b => b + "&total%5Famount=88.88"), 400),
        ["a name twice, once empty"] = (() => Spoilt(b => b + "&subject="), 400),
        ["no signature"] = (() => Spoilt(b => Regex.Replace(b, "(^|&)sign=[^&]*", "$1x=y")), 401),
        ["empty signature"] = (() => Spoilt(b => Regex.Replace(b, "(^|&)sign=[^&]*", "$1sign=")), 401),
        ["signature that is no base64"] = (() => Spoilt(b => Regex.Replace(b, "(^|&)sign=[^&]*", "$1sign=***")), 401),
        ["RSA with SHA-1"] = (() => Notify.Make(n => n.SignType = "RSA"), 401),
        ["sign_type in lower case"] = (() => Notify.Make(n => n.SignType = "rsa2"), 401),
        ["no sign_type"] = (() => Spoilt(b => Regex.Replace(b, "(^|&)sign_type=[^&]*", "$1x=y")), 401),
        ["stranger's key"] = (() => Notify.Make(n => n.Key = Keys.Stranger), 401),
        ["our own key"] = (() => Notify.Make(n => n.Key = Keys.App), 401),
        ["stranger's key, and another message"] = (() => Notify.Make(n => (n.Key, n.Parameters["notify_type"]) = (Keys.Stranger, "dut_user_sign")), 401),
        ["changed amount"] = (() => Spoilt(b => b.Replace("total_amount=88.88", "total_amount=88.89", StringComparison.Ordinal)), 401),
        ["changed number"] = (() => Spoilt(b => b.Replace("T1", "T2", StringComparison.Ordinal)), 401),
        ["one more parameter"] = (() => Spoilt(b => b + "&x=y"), 401),
        ["one parameter less"] = (() => Spoilt(b => Regex.Replace(b, "&buyer_id=[^&]*", "")), 401),
        ["decoded twice"] = (() => Spoilt(b => b.Replace("%25", "%", StringComparison.Ordinal).Replace("100%", "100%2525", StringComparison.Ordinal)), 401),
        ["signed without its numbers"] = (() => Notify.Make(n => n.IsSigned = p => p.Key is not ("sign_type" or "total_amount")), 401),
        ["signed, no notify_id"] = (() => Notify.Make(n => n.Parameters.Remove("notify_id")), 400),
        ["signed, amount with three decimals"] = (() => Notify.Make(n => n.Parameters["total_amount"] = "88.880"), 400),
        ["signed, amount in words"] = (() => Notify.Make(n => n.Parameters["total_amount"] = "1e2"), 400),
        ["signed, negative amount"] = (() => Notify.Make(n => n.Parameters["total_amount"] = "-88.88"), 400),
        // The signed text escapes nothing: these could be other parameters, or be made of them.
        ["signed, a parameter in the subject"] = (() => Notify.Make(n => n.Parameters["subject"] = "x&total_amount=9999.00"), 400),
        ["signed, a parameter in a list"] = (() => Notify.Make(n => n.Parameters["voucher_detail_list"] = "[]&sign=x"), 400),
    };

    public static TheoryData<string> Refused => [.. _refused.Keys];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Callback_NotProvenOrUnreadable_IsRejectedAndNeverAcknowledged(string defect)
    {
        await using var world = await World.CreateAsync();
        var (make, status) = _refused[defect];

        var reply = await world.ReadAsync(make());

        reply.Verdict.Should().Be(Verdict.Rejected);
        reply.Reason.Should().NotBeEmpty();
        (reply.Facts, reply.MessageId, reply.State).Should().Be((null!, "", ChannelPayState.ChannelUnknown));
        (reply.Failure.Status, reply.Failure.ContentType, reply.Failure.Body.ToStringUtf8()).Should().Be((status, "text/plain", "fail"));
        reply.Success.Should().Be(reply.Failure);
        reply.AccountKnown.Should().Be(defect != "unknown account", "of any other account the callback is kept");
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public void SignedText_CheckValue_IsByteEqual()
    {
        const string body =
            "trade_status=TRADE_SUCCESS&total_amount=88.88&subject=%E6%B5%8B%E8%AF%95%E5%95%86%E5%93%81+A%2BB&trade_no=2026010122001400000000000001"
            + "&version=1.0&sign_type=RSA2&sign=AAAA&seller_id=2088000000000001&out_trade_no=T202601010001&notify_type=trade_status_sync"
            + "&notify_time=2026-01-01%2008:00:05&notify_id=2026010100222080005000000001&charset=utf-8&app_id=2021000000000001"
            + "&fund_bill_list=%5B%7B%22amount%22%3a%2288.88%22%2C%22fundChannel%22%3A%22ALIPAYACCOUNT%22%7D%5D";

        var text = NotifyForm.Read(Encoding.ASCII.GetBytes(body))!.SignedTexts().First();

        text.Should().HaveCount(379);
        Convert.ToHexStringLower(SHA256.HashData(text)).Should().Be("f6c3885a990f2c6ae2cc0ec3a48445e73a72761ae8f53b1fe65c92e337589895");
    }

    [Fact]
    public async Task Callback_Payment_CarriesEveryFact()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make());

        (reply.Verdict, reply.State, reply.Reason).Should().Be((Verdict.Payment, ChannelPayState.ChannelPaid, ""));
        reply.MessageId.Should().Be("2026112200222100102000005000000001");
        AreThoseOfAPayment(reply.Facts);
        (reply.Success.Status, reply.Success.ContentType, reply.Success.Body.ToStringUtf8()).Should().Be((200, "text/plain", "success"));
        (reply.Failure.Status, reply.Failure.Body.ToStringUtf8()).Should().Be((500, "fail"));
    }

    [Fact]
    public async Task Callback_InCertificateMode_IsVerifiedWithTheCertificatesKey()
    {
        await using var world = await World.CreateAsync(d => World.UseCertificates(d));

        (await world.ReadAsync(Notify.Make())).Verdict.Should().Be(Verdict.Payment);
        (await world.ReadAsync(Notify.Make(n => n.Key = Keys.Stranger))).Verdict.Should().Be(Verdict.Rejected);
    }

    public static TheoryData<string, Action<Notify>> Rules => new()
    {
        { "without empty values", n => n.Parameters["body"] = "" },
        { "with empty values", n => (n.Parameters["body"], n.IsSigned) = ("", p => p.Key != "sign_type") },
        { "with sign_type", n => n.IsSigned = p => p.Value.Length > 0 },
        { "with sign_type and empty values", n => (n.Parameters["body"], n.IsSigned) = ("", _ => true) },
    };

    [Theory]
    [MemberData(nameof(Rules), DisableDiscoveryEnumeration = true)]
    public async Task Callback_SignedByAnyRuleOfThePlatform_IsBelieved(string rule, Action<Notify> change)
    {
        await using var world = await World.CreateAsync();

        (await world.ReadAsync(Notify.Make(change))).Verdict.Should().Be(Verdict.Payment, rule);
    }

    public static TheoryData<string> Subjects =>
    [
        "\"sign\":\"x\"", "{}[]\"\\/", "100% %41 %", "A+B +", "a & b && c&", "a=b", "&", "a&b c=d", "a&b=c", "   ", "茶 😀", "\u0001\n", "sign=x", "<script>",
    ];

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task Callback_HostileSubject_DoesNotDisturb(string subject)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(n => n.Parameters["subject"] = subject));

        AreThoseOfAPayment(reply.Facts);
    }

    [Fact]
    public async Task Callback_InGbk_IsVerifiedAsTheBytesThatWereSigned()
    {
        await using var world = await World.CreateAsync();
        var gbk = CodePagesEncodingProvider.Instance.GetEncoding(936)!;

        var reply = await world.ReadAsync(Notify.Make(n => (n.Charset, n.Parameters["charset"]) = (gbk, "GBK")));
        var signedOtherwise = await world.ReadAsync(Notify.Make(n =>
        {
            n.Parameters["charset"] = "GBK";
            n.Body = b => b.Replace(
                "%E6%B5%8B%E8%AF%95%E5%95%86%E5%93%81", Encoding.ASCII.GetString(System.Net.WebUtility.UrlEncodeToBytes(gbk.GetBytes("测试商品"), 0, 8)),
                StringComparison.Ordinal);
        }));

        AreThoseOfAPayment(reply.Facts);
        signedOtherwise.Verdict.Should().Be(Verdict.Rejected);
    }

    [Fact]
    public async Task Callback_EncodedInOtherWays_IsTheSame()
    {
        await using var world = await World.CreateAsync();
        foreach (var encode in (Func<string, string>[])
                 [
                     b => b.Replace("+", "%20", StringComparison.Ordinal),
                     b => Regex.Replace(b, "%[0-9A-F]{2}", m => m.Value.ToLowerInvariant()),
                     b => b.Replace("_", "%5F", StringComparison.Ordinal),
                     b => string.Join("&", b.Split('&').Order(StringComparer.Ordinal)),
                 ])
        {
            AreThoseOfAPayment((await world.ReadAsync(Notify.Make(n => n.Body = encode))).Facts);
        }
    }

    [Fact]
    public async Task Callback_AfterADay_IsBelievedAndHasTheSameMessageId()
    {
        await using var world = await World.CreateAsync();
        var request = Notify.Make();
        var first = await world.ReadAsync(request);
        world.Time.Advance(TimeSpan.FromHours(25));

        (await world.ReadAsync(request)).Should().Be(first);
    }

    [Fact]
    public async Task Callback_LongNotifyId_IsToldByItsDigest()
    {
        await using var world = await World.CreateAsync();

        var kept = await world.ReadAsync(Notify.Make(n => n.Parameters["notify_id"] = new string('a', 64)));
        var first = await world.ReadAsync(Notify.Make(n => n.Parameters["notify_id"] = new string('a', 128)));
        var again = await world.ReadAsync(Notify.Make(n => n.Parameters["notify_id"] = new string('a', 128)));
        var other = await world.ReadAsync(Notify.Make(n => n.Parameters["notify_id"] = new string('a', 127) + "b"));

        kept.MessageId.Should().Be(new string('a', 64));
        first.MessageId.Should().HaveLength(64).And.Be(again.MessageId).And.NotBe(other.MessageId);
    }

    public static TheoryData<string, bool, Action<Notify>> Paid => new()
    {
        { "success", false, _ => { } },
        { "finished", false, n => n.Parameters["trade_status"] = "TRADE_FINISHED" },
        { "refund of nothing", false, n => n.Parameters["refund_fee"] = "0.00" },
        { "partial refund without its number", true, n => (n.Parameters["refund_fee"], n.Parameters["gmt_refund"]) = ("1.00", "2026-11-22 11:00:00.123") },
        { "number of a refund that moved nothing", false, n => (n.Parameters["refund_fee"], n.Parameters["out_biz_no"]) = ("0.00", World.RefundNo) },
        { "partial refund without its time", true, n => n.Parameters["refund_fee"] = "0.01" },
        { "partial refund without its sum", true, n => n.Parameters["gmt_refund"] = "2026-11-22 11:00:00" },
        { "closed after payment", true, n => n.Parameters["trade_status"] = "TRADE_CLOSED" },
        {
            "closed by full refund", true, n =>
            {
                n.Parameters.Remove("gmt_payment");
                (n.Parameters["trade_status"], n.Parameters["refund_fee"], n.Parameters["gmt_close"]) = ("TRADE_CLOSED", "88.88", "2026-11-22 11:00:00");
            }
        },
    };

    [Theory]
    [MemberData(nameof(Paid), DisableDiscoveryEnumeration = true)]
    public async Task Callback_ThatProvesAPayment_IsOneWithItsRefund(string kind, bool refunded, Action<Notify> change)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(change));

        (reply.Verdict, reply.State, reply.Facts.Refunded).Should().Be((Verdict.Payment, ChannelPayState.ChannelPaid, refunded), kind);
        (reply.Facts.AttemptNo, reply.Facts.AmountMinor).Should().Be((World.AttemptNo, 8888));
    }

    public static TheoryData<string, Action<Notify>> ChangesNothing => new()
    {
        { "closed unpaid", n => (n.Parameters["trade_status"], n.Parameters["gmt_payment"], n.Parameters["refund_fee"]) = ("TRADE_CLOSED", "", "0.00") },
        { "waiting", n => n.Parameters["trade_status"] = "WAIT_BUYER_PAY" },
        { "a status of tomorrow", n => n.Parameters["trade_status"] = "A_STATUS_OF_TOMORROW" },
        { "no status", n => n.Parameters.Remove("trade_status") },
        { "an agreement", n => n.Parameters["notify_type"] = "dut_user_sign" },
        { "no type", n => n.Parameters.Remove("notify_type") },
        { "a message of the message service", n => (n.Parameters["notify_type"], n.Parameters["msg_method"]) = ("", "alipay.trade.refund.depositback.completed") },
    };

    [Theory]
    [MemberData(nameof(ChangesNothing), DisableDiscoveryEnumeration = true)]
    public async Task Callback_ThatProvesNoPayment_IsAcknowledgedAndChangesNothing(string kind, Action<Notify> change)
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(change));

        (reply.Verdict, reply.Facts, reply.Success.Body.ToStringUtf8()).Should().Be((Verdict.Nothing, null!, "success"), kind);
        reply.MessageId.Should().NotBeEmpty();
        reply.Reason.Should().NotBeEmpty().And.NotContain("TOMORROW", "no part of the body").And.NotContain("dut_user_sign");
    }

    [Theory]
    [InlineData("out_trade_no")]
    [InlineData("app_id")]
    [InlineData("seller_id")]
    [InlineData("total_amount")]
    public async Task Callback_MissingParameter_IsAFactThatIsAbsent(string name)
    {
        await using var world = await World.CreateAsync();

        var facts = (await world.ReadAsync(Notify.Make(n => n.Parameters.Remove(name)))).Facts;

        facts.HasAttemptNo.Should().Be(name != "out_trade_no");
        facts.AccountIds.ContainsKey("app_id").Should().Be(name != "app_id");
        facts.AccountIds.ContainsKey("seller_id").Should().Be(name != "seller_id");
        facts.HasAmountMinor.Should().Be(name != "total_amount");
        facts.HasCurrency.Should().BeFalse();
    }

    [Fact]
    public async Task Callback_AnothersValues_ArePassedOnAsTheyAre()
    {
        await using var world = await World.CreateAsync();

        var reply = await world.ReadAsync(Notify.Make(n =>
        {
            n.Parameters["app_id"] = "2021000000000009";
            n.Parameters["seller_id"] = "2088000000000009";
            n.Parameters["out_trade_no"] = "SOMEBODY_ELSES";
            n.Parameters["total_amount"] = "0.01";
        }));

        reply.Verdict.Should().Be(Verdict.Payment, "the caller compares");
        reply.Facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["app_id"] = "2021000000000009", ["seller_id"] = "2088000000000009" });
        (reply.Facts.AttemptNo, reply.Facts.AmountMinor).Should().Be(("SOMEBODY_ELSES", 1));
    }

    [Fact]
    public async Task Callback_CutIntoOtherParametersUnderTheSameSignature_IsNeverBelieved()
    {
        await using var world = await World.CreateAsync();
        const string hostile = "x&total_amount=9999.00&trade_no=A";
        var request = Notify.Make(n => n.Parameters["subject"] = hostile);

        // The signed text is the same when the subject ends earlier and trade_no begins earlier.
        var form = FakeAlipay.Decode(request.Body.ToStringUtf8());
        var amount = form["total_amount"];
        var tradeNo = form["trade_no"];
        (form["subject"], form["total_amount"], form["trade_no"]) = ("x", "9999.00", $"A&total_amount={amount}&trade_no={tradeNo}");
        var forged = request.Clone();
        forged.Body = ByteString.CopyFromUtf8(string.Join("&", form.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}")));
        var text = string.Join("&", form.Where(p => p.Key is not ("sign" or "sign_type")).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
        Keys.Alipay.VerifyData(Encoding.UTF8.GetBytes(text), Convert.FromBase64String(form["sign"]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .Should().BeTrue("otherwise this test tests nothing");

        (await world.ReadAsync(forged)).Verdict.Should().Be(Verdict.Rejected);
        (await world.ReadAsync(request)).Verdict.Should().Be(Verdict.Rejected);
    }

    [Fact]
    public async Task Callback_AnySingleByteChanged_IsRejectedOrSaysTheSame()
    {
        await using var world = await World.CreateAsync();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var good = Notify.Make();
        var told = await world.ReadAsync(good);
        var rejected = 0;
        for (var i = 0; i < 500; i++)
        {
            var body = good.Body.ToByteArray();
            body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
            var request = good.Clone();
            request.Body = ByteString.CopyFrom(body);

            var reply = await world.ReadAsync(request);

            // %2b for %2B, and the bits of base64's end that mean nothing, are the same message.
            if (reply.Verdict == Verdict.Rejected)
            {
                rejected++;
            }
            else
            {
                reply.Should().Be(told);
            }
        }

        rejected.Should().BeGreaterThan(400);
    }

    [Fact]
    public async Task Callback_Noise_IsRejectedAndNothingThrows()
    {
        await using var world = await World.CreateAsync();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var good = Notify.Make().Body.ToByteArray();
        for (var i = 0; i < 500; i++)
        {
            var body = (byte[])good.Clone();
            for (var n = random.Next(3, 9); n > 0; n--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            var request = With(r => r.Body = ByteString.CopyFrom(body[..random.Next(body.Length + 1)]));

            (await world.ReadAsync(request)).Verdict.Should().BeOneOf(Verdict.Rejected, Verdict.Payment);
        }
    }

    private static ReadCallbackRequest With(Action<ReadCallbackRequest> change)
    {
        var request = Notify.Make();
        change(request);
        return request;
    }

    private static ReadCallbackRequest Spoilt(Func<string, string> body) => Notify.Make(n => n.Body = body);

    private static void AreThoseOfAPayment(PaymentFacts facts)
    {
        facts.AttemptNo.Should().Be(World.AttemptNo);
        facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["app_id"] = Keys.AppId, ["seller_id"] = Keys.SellerId });
        facts.AmountMinor.Should().Be(8888, "it is total_amount, not receipt_amount");
        facts.HasCurrency.Should().BeFalse();
        facts.ChannelOrderId.Should().Be("2026112222001400000000000001");
        facts.PaidTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 10, 1, 2, TimeSpan.FromHours(8)));
        facts.Refunded.Should().BeFalse();
    }
}
