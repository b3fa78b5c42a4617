using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PayCore.PayCenter.Shop;

/// <summary>Standard Webhooks, version 1: HMAC-SHA256 over <c>id.timestamp.body</c>, at most five minutes old or early.</summary>
internal sealed class StandardWebhookVerifier(string secret, TimeProvider time) : IWebhookVerifier
{
    private const long SecondsMax = 300;
    private readonly byte[] _key = Convert.FromBase64String(secret["whsec_".Length..]);

    public bool IsGenuine(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        var id = headers["webhook-id"].ToString();
        var timestamp = headers["webhook-timestamp"].ToString();
        if (id.Length == 0 || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - seconds) > SecondsMax)
        {
            return false;
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = Encoding.ASCII.GetBytes($"v1,{Convert.ToBase64String(HMACSHA256.HashData(_key, signed))}");
        return headers["webhook-signature"].ToString().Split(' ')
            .Any(signature => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected));
    }
}
