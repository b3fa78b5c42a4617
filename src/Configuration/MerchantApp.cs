using System.Text.Json.Serialization;
using PayCore.MerchantApi;

namespace PayCore.Configuration;

/// <summary>What to do with money that comes for an order that ended, or a second time.</summary>
public enum MoneyPolicy
{
    /// <summary>Keep it and tell the merchant.</summary>
    Accept,

    /// <summary>Give it back.</summary>
    Refund,

    /// <summary>Keep it until a person decides.</summary>
    Hold,
}

/// <summary>A key by which an app signs its requests.</summary>
public sealed record AppKeyDocument
{
    /// <summary>The part after the slash in <c>keyid</c>.</summary>
    public required string KeyId { get; init; }

    /// <summary><c>rsa-v1_5-sha256</c>, <c>ecdsa-p256-sha256</c>, <c>ed25519</c> or <c>hmac-sha256</c>.</summary>
    public required string Alg { get; init; }

    /// <summary>PEM, for the public-key algorithms.</summary>
    public string? PublicKey { get; init; }

    /// <summary>Base64 of at least 32 bytes, for hmac-sha256.</summary>
    [Secret]
    public string? Secret { get; init; }

    /// <summary>Not valid before; absent means since ever.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Not valid after; absent means for ever.</summary>
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>How a merchant acknowledges a notification.</summary>
public enum AckRule
{
    /// <summary>2xx and the body <c>success</c>.</summary>
    Success,

    /// <summary>Any 2xx.</summary>
    Status,
}

/// <summary>Where and how an app is notified.</summary>
public sealed record WebhookDocument
{
    /// <summary>The default address. An order may name its own.</summary>
    public string? Url { get; init; }

    /// <summary><c>whsec_…</c>; every one of them signs, so that a rotation has an overlap. At least one.</summary>
    [Secret]
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>What counts as delivered. Default: 2xx and <c>success</c>.</summary>
    public AckRule Ack { get; init; }
}

/// <summary>One channel account that may take an app's payments of one method and scene.</summary>
public sealed record RouteDocument
{
    /// <summary>The account's name within its channel.</summary>
    public required string Account { get; init; }

    /// <summary>The channel; absent means the one named like the method.</summary>
    public string? Channel { get; init; }

    /// <summary>Share of the new attempts, relative to the other routes; 0 takes none. Default 1.</summary>
    public int Weight { get; init; } = 1;
}

/// <summary>Limits of an app.</summary>
public sealed record LimitsDocument
{
    /// <summary>Largest single payment in minor units.</summary>
    public long AmountMinorMax { get; init; } = 100_000_000_000;

    /// <summary>Largest single transfer in minor units. Default 20,000 of the main unit.</summary>
    public long TransferMinorMax { get; init; } = 2_000_000;

    /// <summary>A transfer of more than this waits for a person's approval; 0: every one does. Default 1,000 of the main unit.</summary>
    public long TransferApprovalAboveMinor { get; init; } = 100_000;

    /// <summary>A refund of more than this that an operator gives waits for a second operator; 0: every one does. Default 1,000 of the main unit.</summary>
    public long RefundApprovalAboveMinor { get; init; } = 100_000;
}

/// <summary>A merchant's application, as its document <c>apps/{app_id}</c> says.</summary>
public sealed record MerchantApp
{
    private const int AppIdCharsMax = 32;

    /// <summary>The merchant that owns it.</summary>
    public required string MerchantId { get; init; }

    /// <summary>The payee's name, shown to users.</summary>
    public string? Name { get; init; }

    /// <summary>False refuses every call.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Keys that may sign.</summary>
    public required IReadOnlyList<AppKeyDocument> Keys { get; init; }

    /// <summary>Notifications; absent means none are sent.</summary>
    public WebhookDocument? Webhook { get; init; }

    /// <summary>Limits.</summary>
    public LimitsDocument Limits { get; init; } = new();

    /// <summary><c>method.SCENE</c> → accounts.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<RouteDocument>> Routes { get; init; } = new Dictionary<string, IReadOnlyList<RouteDocument>>();

    /// <summary>How the cashier shows the app; absent means without logo, colour and support contact.</summary>
    public CashierDocument Cashier { get; init; } = new();

    /// <summary>Stores with a static code, by their id: 1 to 24 of a-z, 0-9 and "-". The id stands in the code's address and in the order numbers.</summary>
    public IReadOnlyDictionary<string, StoreDocument> Stores { get; init; } = new Dictionary<string, StoreDocument>();

    /// <summary>Money for an order that ended. Default: accept, and list it.</summary>
    public MoneyPolicy LatePayment { get; init; } = MoneyPolicy.Accept;

    /// <summary>A second payment of one order. Default: refund.</summary>
    public MoneyPolicy Surplus { get; init; } = MoneyPolicy.Refund;

    /// <summary>The keys, parsed once, by their id.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, MerchantKey> ParsedKeys { get; private init; } = new Dictionary<string, MerchantKey>();

    /// <summary>Reads and checks a document.</summary>
    /// <exception cref="InvalidDocumentException">Names the field and the reason.</exception>
    public static MerchantApp Parse(string name, ReadOnlyMemory<byte> content)
    {
        if (name.Length is 0 or > AppIdCharsMax)
        {
            throw new InvalidDocumentException("app_id", $"has 1 to {AppIdCharsMax} characters");
        }

        var app = DocumentJson.Read<MerchantApp>(content);
        if (app.MerchantId.Length is 0 or > 32)
        {
            throw new InvalidDocumentException("merchant_id", "has 1 to 32 characters");
        }

        if (app.Webhook is { Secrets.Count: 0 })
        {
            throw new InvalidDocumentException("webhook.secrets", "needs at least one secret");
        }

        foreach (var secret in app.Webhook?.Secrets ?? [])
        {
            CheckSecret(secret);
        }

        foreach (var (key, routes) in app.Routes)
        {
            if (key.Split('.') is not [{ Length: > 0 }, { Length: > 0 }])
            {
                throw new InvalidDocumentException($"routes.{key}", "is named method.SCENE, for example wechat.QR");
            }

            if (routes.Any(r => r.Weight < 0) || routes.Sum(r => (long)r.Weight) is 0 or > 1_000_000)
            {
                throw new InvalidDocumentException($"routes.{key}", "needs weights of 0 or more with a sum from 1 to 1,000,000");
            }
        }

        app.Cashier.Check();
        foreach (var (id, store) in app.Stores)
        {
            store.Check(id);
        }

        return app with { ParsedKeys = ParseKeys(name, app.Keys) };
    }

    private static Dictionary<string, MerchantKey> ParseKeys(string appId, IReadOnlyList<AppKeyDocument> documents)
    {
        var keys = new Dictionary<string, MerchantKey>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            var field = $"keys[{keys.Count}]";
            if (!MerchantKeyAlgorithms.TryParse(document.Alg, out var algorithm))
            {
                throw new InvalidDocumentException($"{field}.alg", "is rsa-v1_5-sha256, ecdsa-p256-sha256, ed25519 or hmac-sha256");
            }

            var isSecret = algorithm == MerchantKeyAlgorithm.HmacSha256;
            var text = isSecret ? document.Secret : document.PublicKey;
            if (text is null || (isSecret ? document.PublicKey : document.Secret) is not null)
            {
                throw new InvalidDocumentException(field, isSecret ? "needs secret, and no public_key" : "needs public_key, and no secret");
            }

            if (!keys.TryAdd(document.KeyId, ParseKey(appId, document, algorithm, text, field)))
            {
                throw new InvalidDocumentException($"{field}.key_id", "is there twice");
            }
        }

        return keys;
    }

    private static MerchantKey ParseKey(string appId, AppKeyDocument document, MerchantKeyAlgorithm algorithm, string text, string field)
    {
        try
        {
            return algorithm == MerchantKeyAlgorithm.HmacSha256
                ? MerchantKey.FromSecret(appId, document.KeyId, Convert.FromBase64String(text), document.NotBefore, document.NotAfter)
                : MerchantKey.FromPublicKeyPem(appId, document.KeyId, algorithm, text, document.NotBefore, document.NotAfter);
        }
        catch (Exception e) when (e is MerchantKeyException or ArgumentException)
        {
            throw new InvalidDocumentException(field, e.Message);
        }
        catch (FormatException)
        {
            throw new InvalidDocumentException($"{field}.secret", "is no base64");
        }
    }

    private static void CheckSecret(string secret)
    {
        try
        {
            WebhookSecret.Parse(secret);
        }
        catch (Exception e) when (e is MerchantKeyException or FormatException or ArgumentException)
        {
            throw new InvalidDocumentException("webhook.secrets", "are whsec_ and the base64 of 24 to 64 random bytes");
        }
    }
}
