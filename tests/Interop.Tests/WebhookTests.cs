using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Interop.Tests.Support;
using PayCore.MerchantApi;

namespace PayCore.Interop.Tests;

/// <summary>npm <c>standardwebhooks</c> verifies the notifications of payments as they arrived, byte for byte.</summary>
public sealed class WebhookTests(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private readonly World _world = shared.World;

    [Fact]
    public async Task Notification_IsVerifiedWithTheSecretAndWithNoOther()
    {
        var secret = NewSecret();
        var told = await NotifiedAsync(secret);

        var verdicts = await VerifyAsync(told, told.Body, secret, NewSecret());

        var seen = verdicts[0].Event!;
        seen["type"]!.GetValue<string>().Should().Be("payment.paid");
        seen["data"]!["amount_minor"]!.GetValue<long>().Should().Be(1299);
        seen["data"]!["subject"]!.GetValue<string>().Should().Be("龙井茶 Longjing tea");
        verdicts[1].Should().Be(Refused);
    }

    [Fact]
    public async Task Notification_DuringARotation_IsVerifiedWithEitherSecretAlone()
    {
        var (old, fresh) = (NewSecret(), NewSecret());
        var told = await NotifiedAsync(old, fresh);

        var verdicts = await VerifyAsync(told, told.Body, old, fresh, NewSecret());

        verdicts[0].Event!["data"]!["amount_minor"]!.GetValue<long>().Should().Be(1299);
        verdicts[1].Event!.ToJsonString().Should().Be(verdicts[0].Event!.ToJsonString());
        verdicts[2].Should().Be(Refused);
    }

    [Fact]
    public async Task Notification_Altered_IsNotVerified()
    {
        var secret = NewSecret();
        var told = await NotifiedAsync(secret);
        var altered = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(told.Body).Replace("1299", "9999", StringComparison.Ordinal));
        altered.Should().NotEqual(told.Body);

        (await VerifyAsync(told, altered, secret)).Should().Equal(Refused);
        (await VerifyAsync(told with { Id = told.Id + "x" }, told.Body, secret)).Should().Equal(Refused);
        var later = (long.Parse(told.Timestamp, System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        (await VerifyAsync(told with { Timestamp = later }, told.Body, secret)).Should().Equal(Refused);
    }

    private static Verdict Refused { get; } = new() { Refused = "No matching signature found" };

    private static string NewSecret() => WebhookSecret.Create(RandomNumberGenerator.Fill);

    private static async Task<IReadOnlyList<Verdict>> VerifyAsync(Received told, byte[] body, params string[] secrets) =>
        await NodeScript.RunAsync<Verdict[]>("webhooks.mjs", new
        {
            Secrets = secrets,
            Headers = new Dictionary<string, string>
            {
                [WebhookHeaders.IdName] = told.Id,
                [WebhookHeaders.TimestampName] = told.Timestamp,
                [WebhookHeaders.SignatureName] = told.Signature,
            },
            Body = Convert.ToBase64String(body),
        });

    /// <summary>The notification of a payment of an app with these secrets.</summary>
    private async Task<Received> NotifiedAsync(params string[] secrets)
    {
        var app = new InteropApp(_world);
        var pair = MerchantKeyPair.CreateEd25519();
        await app.WriteAsync([new() { KeyId = "k1", Alg = "ed25519", PublicKey = pair.PublicKeyPem }], secrets);
        using var merchant = _world.Client(app.Id, pair);
        var created = await merchant.PostTextAsync(Refusals.OrdersPath, _world.NewOrder().ToJsonString());
        created.Status.Should().Be(200, created.Text);
        var before = _world.Receiver.All.Count;
        _world.Wallet.Pay(World.Account, created.Json["attempt_no"]!.GetValue<string>());
        await _world.UntilReceivedAsync(before + 1);
        return _world.Receiver.All[before];
    }

    /// <summary>What the library said with one secret.</summary>
    private sealed record Verdict
    {
        public JsonNode? Event { get; init; }

        public string? Refused { get; init; }
    }
}
