using System.Security.Cryptography;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.MerchantApi.Tests;

public class StandardWebhookTests
{
    // The example of the Standard Webhooks specification's reference libraries.
    private const string ExampleSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(1614265330));

    [Fact]
    public void Message_OfTheSpecification_HasTheSameSignature()
    {
        var webhook = new StandardWebhook([WebhookSecret.Parse(ExampleSecret)], time);
        var headers = webhook.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}"u8);
        headers.Timestamp.Should().Be("1614265330");
        headers.Signature.Should().Be("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    [Fact]
    public void Message_DuringAKeyChange_VerifiesWithEitherSecret()
    {
        WebhookSecret old = New(), young = New();
        var headers = new StandardWebhook([young, old], time).Sign("msg_1", "{}"u8);
        headers.Signature.Split(' ').Should().HaveCount(2);
        Verify(headers, old).Should().Be(WebhookVerdict.Verified);
        Verify(headers, young).Should().Be(WebhookVerdict.Verified);
        Verify(headers, New(), old).Should().Be(WebhookVerdict.Verified);
        Verify(headers, New()).Should().Be(WebhookVerdict.WrongSignature);
    }

    [Theory]
    [InlineData(300, WebhookVerdict.Verified)]
    [InlineData(301, WebhookVerdict.Stale)]
    [InlineData(-300, WebhookVerdict.Verified)]
    [InlineData(-301, WebhookVerdict.Stale)]
    public void Message_OfAnotherTime_IsStaleBeyondTheTolerance(int age, WebhookVerdict expected)
    {
        var secret = New();
        var headers = new StandardWebhook([secret], new FakeTimeProvider(time.GetUtcNow().AddSeconds(-age))).Sign("msg_1", "{}"u8);
        Verify(headers, secret).Should().Be(expected);
    }

    [Theory]
    [InlineData(null, "1614265330", "v1,AAAA")]
    [InlineData("", "1614265330", "v1,AAAA")]
    [InlineData("a.b", "1614265330", "v1,AAAA")]
    [InlineData("a", null, "v1,AAAA")]
    [InlineData("a", "+1614265330", "v1,AAAA")]
    [InlineData("a", "99999999999999999999", "v1,AAAA")]
    [InlineData("a", "1614265330", null)]
    [InlineData("a", "1614265330", "")]
    public void Message_WithUnreadableHeaders_IsMalformed(string? id, string? timestamp, string? signature) =>
        new StandardWebhook([New()], time).Verify(id, timestamp, signature, "{}"u8).Should().Be(WebhookVerdict.Malformed);

    [Theory]
    [InlineData("v1,")]
    [InlineData("v1,not base64")]
    [InlineData("v2,{0}")]
    [InlineData("v1a,{0}")]
    [InlineData("{0}")]
    public void Message_WithoutAFittingV1_IsWrong(string form)
    {
        var secret = New();
        var headers = new StandardWebhook([secret], time).Sign("msg_1", "{}"u8);
        Verify(headers with { Signature = form.Replace("{0}", headers.Signature[3..], StringComparison.Ordinal) }, secret).Should().Be(WebhookVerdict.WrongSignature);
    }

    [Fact]
    public void Message_WithOtherVersionsBeside_Verifies()
    {
        var secret = New();
        var headers = new StandardWebhook([secret], time).Sign("msg_1", "{}"u8);
        Verify(headers with { Signature = $"v1a,AAAA  v1,AAAA {headers.Signature}" }, secret).Should().Be(WebhookVerdict.Verified);
    }

    [Fact]
    public void Message_WithAnythingAltered_DoesNotVerify()
    {
        var secret = New();
        var webhook = new StandardWebhook([secret], time);
        Gen.Select(Gen.Byte.Array[1, 200], Gen.Int[0, 10_000], Gen.Int[1, 255], Gen.Int[0, 2]).Sample((body, where, by, part) =>
        {
            var headers = webhook.Sign("msg_1", body);
            var altered = body.ToArray();
            switch (part)
            {
                case 0: altered[where % body.Length] ^= (byte)by; break;
                case 1: headers = headers with { Id = "msg_2" }; break;
                default: headers = headers with { Timestamp = "1614265331" }; break;
            }

            return webhook.Verify(headers.Id, headers.Timestamp, headers.Signature, altered) == WebhookVerdict.WrongSignature;
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_AAAA")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS")]
    [InlineData("whsec_MfKQ9r8GKYqr TwjUPD8ILPZIo2LaLaSw")]
    public void Secret_NotInForm_IsRefusedWithoutQuotingIt(string text)
    {
        var message = ((Action)(() => WebhookSecret.Parse(text))).Should().Throw<MerchantKeyException>().Which.Message;
        message.Should().NotContain("MfKQ");
    }

    [Fact]
    public void Secret_Created_CanBeParsedAndDoesNotShowItself()
    {
        var text = WebhookSecret.Create(RandomNumberGenerator.Fill);
        WebhookSecret.Parse(text).ToString().Should().Be("whsec_…");
    }

    private static WebhookSecret New() => WebhookSecret.Parse(WebhookSecret.Create(RandomNumberGenerator.Fill));

    private WebhookVerdict Verify(WebhookHeaders headers, params WebhookSecret[] secrets) =>
        new StandardWebhook(secrets, time).Verify(headers.Id, headers.Timestamp, headers.Signature, "{}"u8);
}
