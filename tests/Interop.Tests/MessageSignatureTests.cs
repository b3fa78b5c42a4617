using System.Text;
using System.Text.Json.Nodes;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Interop.Tests.Support;
using PayCore.MerchantApi;

namespace PayCore.Interop.Tests;

/// <summary>npm <c>http-message-signatures</c> asks for payments, with each algorithm (architecture.md 4).</summary>
public sealed class MessageSignatureTests(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private readonly World _world = shared.World;

    public static TheoryData<string> Algorithms => AppKey.Algorithms;

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Create_SignedByTheLibrary_MakesOneOrderThatItCanRead(string algorithm)
    {
        var (app, key) = await RegisterAsync(algorithm);
        var order = _world.NewOrder();
        var signer = SignedRequestKey.Of(app, key);

        var answers = await SignedRequest.SendAsync(
            Create(order, signer), Create(order, signer), Create(order, signer with { IsAlgorithmNamed = false }) with { Digest = "sha-512" }, Query(order, signer));

        answers.ShouldBeGood();
        var created = answers[0].Json;
        created["result"]!.GetValue<string>().Should().Be("ACTION");
        created["order"]!["app_id"]!.GetValue<string>().Should().Be(app.Id);
        created["order"]!["subject"]!.GetValue<string>().Should().Be("龙井茶 Longjing tea");
        answers[1].Text.Should().Be(answers[0].Text, "a repeat is answered equally");
        answers[2].Text.Should().Be(answers[0].Text, "a repeat is answered equally");
        answers[3].Json["order"]!["id"]!.GetValue<string>().Should().Be(created["order"]!["id"]!.GetValue<string>());
        _world.Ledger.All.Should().ContainSingle(o => o.OutTradeNo == created["attempt_no"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Create_SignedWithAnotherKey_IsRefused(string algorithm)
    {
        var (app, key) = await RegisterAsync(algorithm);
        var order = _world.NewOrder();
        var forger = SignedRequestKey.Of(app, AppKey.Create(algorithm, "k1"));

        var answers = await SignedRequest.SendAsync(Create(order, forger), Query(order, SignedRequestKey.Of(app, key)));

        answers[0].ShouldBe(401, ErrorReason.SignatureInvalid);
        answers[1].ShouldBe(404, ErrorReason.OrderNotFound);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Create_BodyAlteredAfterSigning_IsRefused(string algorithm)
    {
        var (app, key) = await RegisterAsync(algorithm);
        var order = _world.NewOrder();
        var signer = SignedRequestKey.Of(app, key);
        var altered = order.DeepClone().AsObject().With("amount_minor", 1).ToJsonString();

        var answers = await SignedRequest.SendAsync(
            Create(order, signer) with { SentBody = altered }, Create(order, signer) with { SentBody = altered, SentDigest = true }, Query(order, signer));

        answers[0].ShouldBe(401, ErrorReason.ContentDigestMismatch);
        answers[1].ShouldBe(401, ErrorReason.SignatureInvalid);
        answers[2].ShouldBe(404, ErrorReason.OrderNotFound);
    }

    /// <summary>Public keys are no secrets: whoever could have one taken for a shared secret could sign for everybody.</summary>
    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa-p256-sha256")]
    [InlineData("rsa-v1_5-sha256")]
    public async Task Create_ThePublicKeyUsedAsASecret_IsRefused(string algorithm)
    {
        var (app, key) = await RegisterAsync(algorithm);
        var order = _world.NewOrder();
        var forger = new SignedRequestKey
        {
            Id = $"{app.Id}/k1",
            Algorithm = "hmac-sha256",
            Secret = Convert.ToBase64String(Encoding.ASCII.GetBytes(key.Document.PublicKey!)),
        };

        var answers = await SignedRequest.SendAsync(
            Create(order, forger), Create(order, forger with { IsAlgorithmNamed = false }), Query(order, SignedRequestKey.Of(app, key)));

        answers[0].ShouldBe(401, ErrorReason.SignatureAlgorithm);
        answers[1].ShouldBe(401, ErrorReason.SignatureInvalid);
        answers[2].ShouldBe(404, ErrorReason.OrderNotFound);
    }

    private async Task<(InteropApp App, AppKey Key)> RegisterAsync(string algorithm)
    {
        var app = new InteropApp(_world);
        var key = AppKey.Create(algorithm, "k1");
        await app.WriteAsync([key.Document]);
        return (app, key);
    }

    private SignedRequest Create(JsonObject order, SignedRequestKey key) => _world.CreateRequest(order, key, TimeProvider.System);

    private SignedRequest Query(JsonObject order, SignedRequestKey key) => _world.QueryRequest(order, key, TimeProvider.System);
}
