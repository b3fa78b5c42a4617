using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PayCore.MerchantApi;

/// <summary>A secret for webhooks, written <c>whsec_</c> and base64 of 24 to 64 bytes. Immutable; the bytes cannot be read back.</summary>
public sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int BytesMin = 24;
    private const int BytesMax = 64;

    private readonly byte[] key;

    private WebhookSecret(byte[] key)
    {
        this.key = key;
    }

    /// <summary>Reads a secret.</summary>
    /// <param name="text">For instance from the app's configuration document.</param>
    /// <returns>The secret.</returns>
    /// <exception cref="MerchantKeyException">
    /// Not <c>whsec_</c> with padded base64 of 24 to 64 bytes. The message does not quote it.
    /// </exception>
    public static WebhookSecret Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var buffer = new byte[text.Length];
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)
            || !Convert.TryFromBase64Chars(text.AsSpan(Prefix.Length), buffer, out var written)
            || written is < BytesMin or > BytesMax
            || Convert.ToBase64String(buffer, 0, written) != text[Prefix.Length..])
        {
            throw new MerchantKeyException($"A webhook secret is {Prefix} and padded base64 of {BytesMin} to {BytesMax} bytes.");
        }

        return new WebhookSecret(buffer[..written]);
    }

    /// <summary>Makes the text of a new secret of 32 bytes.</summary>
    /// <param name="fillRandom">Fills the span with unguessable bytes.</param>
    /// <returns>The text to give to the merchant and to configure; the only place where the secret can be read.</returns>
    public static string Create(Action<Span<byte>> fillRandom)
    {
        ArgumentNullException.ThrowIfNull(fillRandom);
        var bytes = new byte[32];
        fillRandom(bytes);
        return Prefix + Convert.ToBase64String(bytes);
    }

    /// <summary>Shows nothing.</summary>
    /// <returns><c>whsec_…</c></returns>
    public override string ToString() => Prefix + "…";

    internal byte[] Sign(ReadOnlySpan<byte> data) => HMACSHA256.HashData(key, data);
}

/// <summary>The three headers of a webhook message.</summary>
/// <param name="Id"><c>webhook-id</c>: the event, the same at each try.</param>
/// <param name="Timestamp"><c>webhook-timestamp</c>: seconds since 1970, of this try.</param>
/// <param name="Signature"><c>webhook-signature</c>: one <c>v1,…</c> for each secret, with spaces between.</param>
public sealed record WebhookHeaders(string Id, string Timestamp, string Signature)
{
    /// <summary>The header that carries <see cref="Id"/>.</summary>
    public const string IdName = "webhook-id";

    /// <summary>The header that carries <see cref="Timestamp"/>.</summary>
    public const string TimestampName = "webhook-timestamp";

    /// <summary>The header that carries <see cref="Signature"/>.</summary>
    public const string SignatureName = "webhook-signature";
}

/// <summary>What a webhook's headers turned out to be.</summary>
public enum WebhookVerdict
{
    /// <summary>Signed by one of the secrets, and fresh.</summary>
    Verified,

    /// <summary>A header is missing or cannot be read.</summary>
    Malformed,

    /// <summary>The timestamp is more than 300 seconds from our clock.</summary>
    Stale,

    /// <summary>No signature fits.</summary>
    WrongSignature,
}

/// <summary>
/// Signs and verifies webhook messages by the Standard Webhooks specification (symmetric, <c>v1</c>): HMAC-SHA256 over
/// <c>id.timestamp.body</c>. While a secret is being changed, both sign and either verifies. Safe to share between threads.
/// </summary>
public sealed class StandardWebhook
{
    /// <summary>How far a timestamp may be from our clock, either way, in seconds.</summary>
    public const int ToleranceSeconds = 300;

    private const int SignaturesMax = 16;

    private readonly WebhookSecret[] secrets;
    private readonly TimeProvider time;

    /// <summary>Creates a signer and verifier for one endpoint.</summary>
    /// <param name="secrets">The endpoint's secrets, at least one.</param>
    /// <param name="time">The clock.</param>
    public StandardWebhook(IEnumerable<WebhookSecret> secrets, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(time);
        this.secrets = [.. secrets];
        this.time = time;
        ArgumentOutOfRangeException.ThrowIfZero(this.secrets.Length, nameof(secrets));
    }

    /// <summary>Signs a message for one try, at the present time.</summary>
    /// <param name="id">The event's id: printable ASCII without a full stop, since that is what separates the signed parts.</param>
    /// <param name="body">The body as it will be sent.</param>
    /// <returns>The headers to send with it.</returns>
    public WebhookHeaders Sign(string id, ReadOnlySpan<byte> body)
    {
        if (!IsId(id))
        {
            throw new ArgumentException("An id has printable ASCII characters, but no space and no full stop.", nameof(id));
        }

        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var data = Data(id, timestamp, body);
        var signatures = secrets.Select(secret => $"v1,{Convert.ToBase64String(secret.Sign(data))}");
        return new WebhookHeaders(id, timestamp, string.Join(' ', signatures));
    }

    /// <summary>Verifies a message.</summary>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>.</param>
    /// <param name="signatures">The header <c>webhook-signature</c>.</param>
    /// <param name="body">The raw body.</param>
    /// <returns>Whether it can be believed. A repeat verifies too: keep the ids of the events that were handled.</returns>
    public WebhookVerdict Verify(string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body)
    {
        if (!IsId(id)
            || timestamp is not { Length: > 0 and <= 12 } || timestamp.AsSpan().ContainsAnyExceptInRange('0', '9')
            || string.IsNullOrEmpty(signatures))
        {
            return WebhookVerdict.Malformed;
        }

        var age = time.GetUtcNow().ToUnixTimeMilliseconds() - (long.Parse(timestamp, CultureInfo.InvariantCulture) * 1000);
        if (Math.Abs(age) > ToleranceSeconds * 1000)
        {
            return WebhookVerdict.Stale;
        }

        var data = Data(id!, timestamp, body);
        var expected = secrets.Select(secret => secret.Sign(data)).ToList();
        var fits = false;
        Span<byte> sent = stackalloc byte[64];
        foreach (var signature in signatures.Split(' ', SignaturesMax + 1).Take(SignaturesMax))
        {
            // Other versions (v1a is asymmetric) may stand beside ours.
            if (!signature.StartsWith("v1,", StringComparison.Ordinal))
            {
                continue;
            }

            if (Convert.TryFromBase64Chars(signature.AsSpan(3), sent, out var written))
            {
                foreach (var candidate in expected)
                {
                    fits |= CryptographicOperations.FixedTimeEquals(candidate, sent[..written]);
                }
            }
        }

        return fits ? WebhookVerdict.Verified : WebhookVerdict.WrongSignature;
    }

    private static byte[] Data(string id, string timestamp, ReadOnlySpan<byte> body) =>
        [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];

    private static bool IsId(string? id) =>
        id is { Length: > 0 and <= 256 } && !id.AsSpan().ContainsAnyExceptInRange('!', '~') && !id.Contains('.', StringComparison.Ordinal);
}
