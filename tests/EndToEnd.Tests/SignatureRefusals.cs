using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;

namespace PayCore.EndToEnd.Tests;

/// <summary>Who did not sign, or not this, changes nothing. Every request here is good but for its signature.</summary>
public sealed class SignatureRefusals(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private readonly World _world = shared.World;

    [Fact]
    public async Task Create_Unsigned_IsRefused()
    {
        var order = _world.NewOrder();
        var answer = await _world.WithoutEffectAsync(Number(order), () => _world.Anonymous.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(401, ErrorReason.SignatureMissing);
    }

    [Theory]
    [InlineData("GET", "/v1/pay-orders?out_trade_no=T00000001")]
    [InlineData("GET", "/v1/pay-orders/P0000000000000000000")]
    [InlineData("POST", "/v1/pay-orders/P0000000000000000000:close")]
    [InlineData("POST", "/v1/pay-orders/P0000000000000000000/attempts")]
    public async Task AnyMethod_Unsigned_IsRefused(string verb, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        using var answer = await _world.Anonymous.SendAsync(request);

        (await answer.ReadAnswerAsync()).ShouldBe(401, ErrorReason.SignatureMissing);
        answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.Scheme.Should().Be("Signature");
    }

    [Fact]
    public async Task Create_SignedWithAnotherKeyUnderOurName_IsRefused()
    {
        using var forger = _world.Client(World.AppId, MerchantKeyPair.CreateEd25519());
        var order = _world.NewOrder();
        var answer = await _world.WithoutEffectAsync(Number(order), () => forger.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(401, ErrorReason.SignatureInvalid);
    }

    [Theory]
    [InlineData(World.AppId, "k2")]
    [InlineData("no-such-app", "k1")]
    [InlineData("TEST-APP", "k1")]
    public async Task Create_UnknownKey_IsRefused(string appId, string keyId)
    {
        using var stranger = _world.Client(appId, MerchantKeyPair.CreateEd25519(), keyId);
        var order = _world.NewOrder();
        var answer = await _world.WithoutEffectAsync(Number(order), () => stranger.PostTextAsync(Refusals.OrdersPath, order.ToJsonString()));

        answer.ShouldBe(401, ErrorReason.SignatureKeyUnknown);
    }

    [Fact]
    public async Task Create_BodyAlteredAfterSigning_IsRefused()
    {
        var order = _world.NewOrder();
        var signed = Sign("POST", Refusals.OrdersPath, order.ToJsonString());
        var altered = order.With("amount_minor", 1).ToJsonString();

        var answer = await _world.WithoutEffectAsync(Number(order), () => SendAsync("POST", Refusals.OrdersPath, altered, signed));

        answer.ShouldBe(401, ErrorReason.ContentDigestMismatch);
    }

    [Fact]
    public async Task Create_BodyAndDigestAlteredAfterSigning_IsRefused()
    {
        var order = _world.NewOrder();
        var signed = Sign("POST", Refusals.OrdersPath, order.ToJsonString());
        var altered = order.With("amount_minor", 1).ToJsonString();
        var digest = Sign("POST", Refusals.OrdersPath, altered).ContentDigest;

        var answer = await _world.WithoutEffectAsync(
            Number(order), () => SendAsync("POST", Refusals.OrdersPath, altered, signed with { ContentDigest = digest }));

        answer.ShouldBe(401, ErrorReason.SignatureInvalid);
    }

    [Theory]
    [InlineData("POST", "/v1/pay-orders/P1/attempts", "POST", "/v1/pay-orders/P2/attempts")]
    [InlineData("POST", "/v1/pay-orders/P1/attempts", "POST", "/v1/pay-orders/%501/attempts")]
    [InlineData("GET", "/v1/pay-orders?out_trade_no=a", "GET", "/v1/pay-orders?out_trade_no=b")]
    [InlineData("GET", "/v1/pay-orders?out_trade_no=a", "GET", "/v1/pay-orders?out_trade_no=a&refresh=true")]
    [InlineData("GET", "/v1/pay-orders/P1:close", "POST", "/v1/pay-orders/P1:close")]
    public async Task Target_AlteredAfterSigning_IsRefused(string verb, string target, string sentVerb, string sentTarget)
    {
        var body = verb == "POST" ? "{}" : "";
        var signed = Sign(verb, target, body);

        var answer = await _world.WithoutEffectAsync(null, () => SendAsync(sentVerb, sentTarget, body, signed));

        answer.ShouldBe(401, ErrorReason.SignatureInvalid);
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(-86_400)]
    [InlineData(330)]
    public async Task Create_SignedAtAnotherTime_IsRefused(int secondsFromNow)
    {
        var order = _world.NewOrder();
        var body = order.ToJsonString();
        var signed = Sign("POST", Refusals.OrdersPath, body, secondsFromNow);

        var answer = await _world.WithoutEffectAsync(Number(order), () => SendAsync("POST", Refusals.OrdersPath, body, signed));

        answer.ShouldBe(401, ErrorReason.SignatureStale);
    }

    [Theory]
    [InlineData(-270)]
    [InlineData(290)]
    public async Task Create_SignedWithinTheClocksTolerance_IsAccepted(int secondsFromNow)
    {
        var body = _world.NewOrder().ToJsonString();

        var answer = await SendAsync("POST", Refusals.OrdersPath, body, Sign("POST", Refusals.OrdersPath, body, secondsFromNow));

        answer.Status.Should().Be(200, answer.Text);
    }

    [Fact]
    public async Task Create_SameSignedRequestTwice_IsRefusedTheSecondTimeAndARepeatSignedAnewIsAnsweredEqually()
    {
        var body = _world.NewOrder().ToJsonString();
        var signed = Sign("POST", Refusals.OrdersPath, body);
        var first = await SendAsync("POST", Refusals.OrdersPath, body, signed);
        first.Status.Should().Be(200, first.Text);

        var second = await _world.WithoutEffectAsync(null, () => SendAsync("POST", Refusals.OrdersPath, body, signed));
        second.ShouldBe(401, ErrorReason.SignatureNonceReused);

        var anew = await _world.WithoutEffectAsync(null, () => SendAsync("POST", Refusals.OrdersPath, body, Sign("POST", Refusals.OrdersPath, body)));
        anew.Should().Be(first);
    }

    /// <summary>Otherwise whoever sees a request could use up its nonce with a broken copy.</summary>
    [Fact]
    public async Task Create_RefusedOnce_HasNotUsedUpItsNonce()
    {
        var body = _world.NewOrder().ToJsonString();
        var signed = Sign("POST", Refusals.OrdersPath, body);
        (await SendAsync("POST", Refusals.OrdersPath, body + " ", signed)).ShouldBe(401, ErrorReason.ContentDigestMismatch);

        (await SendAsync("POST", Refusals.OrdersPath, body, signed)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Create_DigestLeftOut_IsRefused()
    {
        var order = _world.NewOrder();
        var body = order.ToJsonString();
        var signed = Sign("POST", Refusals.OrdersPath, body) with { ContentDigest = null };

        (await _world.WithoutEffectAsync(Number(order), () => SendAsync("POST", Refusals.OrdersPath, body, signed))).ShouldBe(401, ErrorReason.ContentDigestMissing);
    }

    /// <summary>A signature over a request without a body does not cover one that is put under it.</summary>
    [Fact]
    public async Task Create_BodyPutUnderASignatureWithoutOne_IsRefused()
    {
        var order = _world.NewOrder();
        var body = order.ToJsonString();
        var digest = Sign("POST", Refusals.OrdersPath, body).ContentDigest;
        var signed = Sign("POST", Refusals.OrdersPath, "") with { ContentDigest = digest };

        (await _world.WithoutEffectAsync(Number(order), () => SendAsync("POST", Refusals.OrdersPath, body, signed))).ShouldBe(401, ErrorReason.SignatureComponents);
    }

    [Fact]
    public async Task Create_TwoSignatures_IsRefused()
    {
        var order = _world.NewOrder();
        var body = order.ToJsonString();
        var good = Sign("POST", Refusals.OrdersPath, body);
        var two = good with { SignatureInput = $"{good.SignatureInput}, x{good.SignatureInput}", Signature = $"{good.Signature}, x{good.Signature}" };

        (await _world.WithoutEffectAsync(Number(order), () => SendAsync("POST", Refusals.OrdersPath, body, two))).ShouldBe(401, ErrorReason.SignatureMultiple);
    }

    private static string Number(JsonObject order) => order["out_trade_no"]!.GetValue<string>();

    private SignedHeaders Sign(string verb, string target, string body, int secondsFromNow = 0)
    {
        var key = SigningKey.FromPrivateKeyPem(World.AppId, "k1", MerchantKeyAlgorithm.Ed25519, _world.PrivateKeyPem);
        return new RequestSigner(key, new OtherClock(TimeSpan.FromSeconds(secondsFromNow)), () => Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture))
            .Sign(verb, target, Encoding.UTF8.GetBytes(body));
    }

    private async Task<RestAnswer> SendAsync(string verb, string target, string body, SignedHeaders signed)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(verb), new Uri($"{_world.Web.GetLeftPart(UriPartial.Authority)}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        if (signed.ContentDigest is not null)
        {
            request.Headers.TryAddWithoutValidation("Content-Digest", signed.ContentDigest);
        }

        request.Headers.TryAddWithoutValidation("Signature-Input", signed.SignatureInput);
        request.Headers.TryAddWithoutValidation("Signature", signed.Signature);
        using var answer = await _world.Anonymous.SendAsync(request);
        return await answer.ReadAnswerAsync();
    }

    private sealed class OtherClock(TimeSpan difference) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + difference;
    }
}
