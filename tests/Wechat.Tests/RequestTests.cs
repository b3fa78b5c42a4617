using System.Text;
using PayCore.Channels.Wechat;
using PayCore.Contracts.V1;

namespace PayCore.Wechat.Tests;

/// <summary>What leaves this machine (wechat-pay-v3.md 1).</summary>
public sealed class RequestTests
{
    private static readonly FakeAnswer _placed = new(200, """{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}""");

    [Theory]
    [InlineData("GET", "/v3/pay/transactions/out-trade-no/T20250608000001?mchid=1230000109", "",
        "GET\n/v3/pay/transactions/out-trade-no/T20250608000001?mchid=1230000109\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n")]
    [InlineData("POST", "/v3/pay/transactions/out-trade-no/T20250608000001/close", """{"mchid":"1230000109"}""",
        "POST\n/v3/pay/transactions/out-trade-no/T20250608000001/close\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n{\"mchid\":\"1230000109\"}\n")]
    public void Message_WorkedExamples_AreByteEqual(string method, string target, string body, string expected)
    {
        var message = WechatSigner.Message(method, target, 1554208460, "593BEC0C930BF1AFEB40B4A08C8FB242", Encoding.UTF8.GetBytes(body));

        Encoding.UTF8.GetString(message).Should().Be(expected);
    }

    [Fact]
    public async Task Pay_Request_IsSignedAndWrittenAsSpecified()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => _placed;

        var reply = await world.PayAsync(r => (r.Subject, r.AmountMinor) = ("中文 T-shirt <&+'>", 1234567));

        reply.Outcome.Should().Be(Outcome.Yes);
        reply.Action.QrCodeText.Should().Be("weixin://wxpay/bizpayurl?pr=p4lpSuKzz");
        reply.TraceId.Should().Be("08F78BB5AF0610D302189F-268448896");
        reply.NothingSent.Should().BeFalse();
        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        request.SignatureProblem.Should().BeNull();
        (request.Method, request.Target).Should().Be(("POST", "/v3/pay/transactions/native"));
        request.Text.Should().Be(
            $$$"""{"appid":"{{{Keys.AppId}}}","mchid":"{{{Keys.MchId}}}","description":"中文 T-shirt <&+'>","out_trade_no":"{{{World.AttemptNo}}}","time_expire":"2026-11-22T10:30:00+08:00","notify_url":"https://pay.example.com/callback/wechat/main","amount":{"total":1234567,"currency":"CNY"}}""");
        request.Headers["Accept"].Should().Be("application/json");
        request.Headers["Content-Type"].Should().Be("application/json");
        request.Headers["User-Agent"].Should().StartWith("PayCore/");
        request.Headers["Wechatpay-Serial"].Should().Be(Keys.PublicKeyId);
        request.Headers.Should().NotContainKey("Cookie").And.NotContainKey("Expect").And.NotContainKey("Transfer-Encoding");
    }

    [Fact]
    public async Task Pay_ExpiryWithFractionOrAbsent_IsWholeSecondsOrLeftOut()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => _placed;

        await world.PayAsync(r => r.ExpireTime.Nanos = 999_999_999);
        await world.PayAsync(r => r.ExpireTime = null);

        world.Wechat.Requests[0].Text.Should().Contain("\"time_expire\":\"2026-11-22T10:30:00+08:00\"");
        world.Wechat.Requests[1].Text.Should().NotContain("time_expire").And.NotContain("null");
    }

    [Fact]
    public async Task Query_Request_SignsPathWithQueryAndAnEmptyBody()
    {
        await using var world = await World.CreateAsync();

        await world.QueryAsync();

        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        request.SignatureProblem.Should().BeNull();
        (request.Method, request.Target).Should().Be(("GET", $"/v3/pay/transactions/out-trade-no/{World.AttemptNo}?mchid={Keys.MchId}"));
        request.Body.Should().BeEmpty();
        request.Headers["Wechatpay-Serial"].Should().Be(Keys.PublicKeyId);
        request.Headers.Should().NotContainKey("Content-Type");
    }

    [Fact]
    public async Task Query_NumberWithCharactersThatStacksEncode_SignsWhatLeaves()
    {
        await using var world = await World.CreateAsync();

        await world.QueryAsync("T-2026_11|22*1");

        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        request.SignatureProblem.Should().BeNull();
        Uri.UnescapeDataString(request.Target).Should().StartWith("/v3/pay/transactions/out-trade-no/T-2026_11|22*1?");
    }

    [Fact]
    public async Task Close_Request_IsSignedAndWrittenAsSpecified()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(204);

        await world.CloseAsync();

        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        request.SignatureProblem.Should().BeNull();
        (request.Method, request.Target).Should().Be(("POST", $"/v3/pay/transactions/out-trade-no/{World.AttemptNo}/close"));
        request.Text.Should().Be($$"""{"mchid":"{{Keys.MchId}}"}""");
        request.Headers["Wechatpay-Serial"].Should().Be(Keys.PublicKeyId);
    }

    [Fact]
    public async Task Calls_EachOne_HasItsOwnNonce()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => _placed;

        // The keys of an account are shared: signing and verifying at once must hold.
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => world.PayAsync()));

        replies.Should().OnlyContain(r => r.Outcome == Outcome.Yes);
        world.Wechat.Requests.Should().HaveCount(50).And.OnlyContain(r => r.SignatureProblem == null);
        world.Wechat.Requests.Select(r => r.Headers["Authorization"].Split("nonce_str=\"")[1].Split('"')[0]).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Pay_Redirected_IsNotFollowed()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => new FakeAnswer(302) { Signed = false };

        var reply = await world.PayAsync();

        reply.Outcome.Should().Be(Outcome.Unknown);
        world.Wechat.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Describe_AccountOrNone_SaysWhatTheChannelCanDo()
    {
        await using var world = await World.CreateAsync();

        var channel = await world.Client.DescribeAsync(new DescribeRequest());
        var account = await world.Client.DescribeAsync(new DescribeRequest { Account = World.Account });

        channel.Channel.Should().Be("wechat");
        channel.Scenes.Should().Equal(Scene.Qr, Scene.H5, Scene.Jsapi, Scene.MiniProgram, Scene.App, Scene.Barcode);
        account.Scenes.Should().Equal([Scene.Qr, Scene.H5, Scene.Jsapi, Scene.MiniProgram, Scene.App], "payment codes are off until a store is named");
        channel.Currencies.Should().Equal("CNY");
        channel.SubjectMaxChars.Should().Be(127);
        channel.ActionSecondsMax.Should().Be(7200);
        (channel.Statements, channel.Balances, channel.QueriesPerSecond).Should().Be((true, false, 100));
        (channel.Transfers, account.Transfers).Should().Be((true, false), "an account pays out when it names its transfer scene");
        ProofField[] all = [ProofField.ProofAttemptNo, ProofField.ProofAccount, ProofField.ProofAmount, ProofField.ProofCurrency];
        channel.QueryCarries.Should().Equal(all);
        channel.CallbackCarries.Should().Equal(all);
        channel.AccountIds.Should().BeEmpty();
        account.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["mch_id"] = Keys.MchId, ["app_id"] = Keys.AppId });
        (string.Join(' ', channel.StatementAccounts), string.Join(' ', account.StatementAccounts)).Should().Be(("", World.Account));
        world.Wechat.Requests.Should().BeEmpty();
    }
}
