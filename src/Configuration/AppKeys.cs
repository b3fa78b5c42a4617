using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.Configuration;

/// <summary>A key of a merchant that was just made or read.</summary>
/// <param name="Document">What PayCore keeps.</param>
/// <param name="Secret">What the merchant keeps and nobody else, when it was made here: a private key as PEM, or a shared secret in base64.</param>
public sealed record NewAppKey(AppKeyDocument Document, string? Secret)
{
    /// <summary>No member: one is a secret.</summary>
    public override string ToString() => Document.KeyId;
}

/// <summary>Merchants' keys as the command line and the console make and end them.</summary>
public static class AppKeys
{
    private const int HmacSecretBytes = 32;

    /// <summary>The first of k1, k2, … that is not taken.</summary>
    public static string FirstFreeId(IEnumerable<string> taken)
    {
        var ids = taken.ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, ids.Count + 1).Select(n => $"k{n}").First(id => !ids.Contains(id));
    }

    /// <summary>Makes a key pair, or a shared secret.</summary>
    public static NewAppKey Make(string keyId, MerchantKeyAlgorithm algorithm, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var document = new AppKeyDocument { KeyId = keyId, Alg = algorithm.ToName() };
        if (algorithm == MerchantKeyAlgorithm.HmacSha256)
        {
            var bytes = new byte[HmacSecretBytes];
            random.Fill(bytes);
            var secret = Convert.ToBase64String(bytes);
            return new NewAppKey(document with { Secret = secret }, secret);
        }

        var pair = MerchantKeyPair.Create(algorithm);
        return new NewAppKey(document with { PublicKey = pair.PublicKeyPem }, pair.PrivateKeyPem);
    }

    /// <summary>Whether the app has another key that counts from the moment on at which this one ends. Without one every call would be refused.</summary>
    public static bool HasAnother(MerchantApp app, string keyId, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.ParsedKeys.Values.Any(k => k.KeyId != keyId && k.IsActive(end) && k.NotAfter != end);
    }

    /// <summary>The app with a key ending. An end is never moved to a later time: the app is answered as it was then.</summary>
    public static MerchantApp Retire(MerchantApp app, string keyId, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.ParsedKeys[keyId].NotAfter <= end ? app : app with { Keys = [.. app.Keys.Select(k => k.KeyId == keyId ? k with { NotAfter = end } : k)] };
    }
}
