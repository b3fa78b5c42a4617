using System.Security.Cryptography;
using static PayCore.Channels.Alipay.AccountDefectException;

namespace PayCore.Channels.Alipay;

/// <summary>Reads RSA keys in every form in which merchants get them (alipay.md 1.5).</summary>
internal static class RsaKeys
{
    private const int BitsMin = 2048;

    /// <summary>A private key: PKCS#8 or PKCS#1, PEM or bare base64.</summary>
    /// <exception cref="AccountDefectException">It is none, or a weak one.</exception>
    public static RSA ReadPrivate(string field, string text) => Read(field, text, isPrivate: true);

    /// <summary>A public key: SubjectPublicKeyInfo, PEM or bare base64.</summary>
    /// <exception cref="AccountDefectException">It is none, a weak one, or a private one.</exception>
    public static RSA ReadPublic(string field, string text) => Read(field, text, isPrivate: false);

    /// <summary>Whether two keys have the same public half.</summary>
    public static bool ArePair(RSA one, RSA other) => one.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(other.ExportSubjectPublicKeyInfo());

    /// <summary>Refuses a weak key.</summary>
    /// <exception cref="AccountDefectException">It has fewer than 2048 bits.</exception>
    public static RSA DemandStrength(string field, RSA key)
    {
        Demand(
            key.KeySize >= BitsMin, Checks.Document, field,
            $"has {key.KeySize} bits; at least {BitsMin} are needed (RSA2)", $"只有 {key.KeySize} 位，RSA2 至少需要 {BitsMin} 位");
        return key;
    }

    private static RSA Read(string field, string text, bool isPrivate)
    {
        var rsa = RSA.Create();
        try
        {
            var trimmed = text.Trim();
            if (trimmed.StartsWith("-----", StringComparison.Ordinal))
            {
                DemandKind(trimmed.Contains("PRIVATE KEY", StringComparison.Ordinal) == isPrivate, field, isPrivate);
                rsa.ImportFromPem(trimmed);
            }
            else
            {
                ImportDer(rsa, field, Convert.FromBase64String(trimmed), isPrivate);
            }
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            // The exception's own message could quote the key.
            throw Of(
                Checks.Document, field, "is no readable RSA key (PEM, or base64 of its DER)", "不是可读的 RSA 密钥（应为 PEM，或其 DER 的 base64）");
        }

        return DemandStrength(field, rsa);
    }

    private static void ImportDer(RSA rsa, string field, byte[] der, bool isPrivate)
    {
        var looksPrivate = TryImport(() => rsa.ImportPkcs8PrivateKey(der, out _)) || TryImport(() => rsa.ImportRSAPrivateKey(der, out _));
        if (!looksPrivate)
        {
            rsa.ImportSubjectPublicKeyInfo(der, out _);
        }

        DemandKind(looksPrivate == isPrivate, field, isPrivate);
    }

    private static bool TryImport(Action import)
    {
        try
        {
            import();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static void DemandKind(bool holds, string field, bool isPrivate) => Demand(
        holds, Checks.Document, field, isPrivate ? "is no private key" : "is a private key, which must not be here",
        isPrivate ? "不是私钥" : "是私钥，不应填在这里");
}
