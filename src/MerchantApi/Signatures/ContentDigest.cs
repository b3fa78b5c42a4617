using System.Security.Cryptography;

namespace PayCore.MerchantApi;

/// <summary>RFC 9530 Content-Digest over the raw bytes of a body.</summary>
internal static class ContentDigest
{
    /// <summary>The header value that a client of ours sends.</summary>
    public static string Create(ReadOnlySpan<byte> body) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(body))}:";

    /// <summary>
    /// Compares. Each value of an algorithm that we know must fit, and there must be one; others are passed over as the RFC says.
    /// </summary>
    public static SignatureResult? Check(string header, ReadOnlySpan<byte> body)
    {
        var parser = new FieldParser(header);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var known = 0;
        do
        {
            if (!parser.Key(out var algorithm) || !parser.Eat('=') || !parser.Bytes(out var sent) || !seen.Add(algorithm))
            {
                return Malformed();
            }

            var actual = algorithm switch
            {
                "sha-256" => SHA256.HashData(body),
                "sha-512" => SHA512.HashData(body),
                _ => null,
            };
            if (actual is null)
            {
                continue;
            }

            known++;
            if (!CryptographicOperations.FixedTimeEquals(actual, sent))
            {
                return SignatureResult.Refused(
                    SignatureRefusal.ContentDigestMismatch,
                    $"Content-Digest {algorithm} is not the digest of the {body.Length} bytes that arrived.");
            }
        }
        while (parser.EatComma());

        if (!parser.AtEnd)
        {
            return Malformed();
        }

        return known > 0
            ? null
            : SignatureResult.Refused(SignatureRefusal.ContentDigestMissing, "Content-Digest has neither sha-256 nor sha-512.");
    }

    private static SignatureResult Malformed() =>
        SignatureResult.Refused(
            SignatureRefusal.ContentDigestMalformed,
            "Content-Digest must look like sha-256=:<padded base64>:, each algorithm once.");
}
