using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PayCore.NotifyGateway;

/// <summary>The three headers of a webhook message.</summary>
internal sealed record WebhookHeaders(string Id, string Timestamp, string Signature);

/// <summary>Standard Webhooks signatures, until the shared implementation is here.</summary>
internal static class WebhookSignature
{
    private const string SecretPrefix = "whsec_";

    /// <summary>One signature per usable secret, separated by spaces; null when there is none.</summary>
    public static WebhookHeaders? Sign(IReadOnlyList<string> secrets, string id, TimeProvider time, ReadOnlySpan<byte> body)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] content = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var signatures = new List<string>();
        foreach (var secret in secrets)
        {
            var key = new byte[secret.Length];
            if (secret.StartsWith(SecretPrefix, StringComparison.Ordinal)
                && Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out var length) && length >= 24)
            {
                signatures.Add($"v1,{Convert.ToBase64String(HMACSHA256.HashData(key.AsSpan(0, length), content))}");
            }
        }

        return signatures.Count == 0 ? null : new WebhookHeaders(id, timestamp, string.Join(' ', signatures));
    }
}
