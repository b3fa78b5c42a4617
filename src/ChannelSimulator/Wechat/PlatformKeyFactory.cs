using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PayCore.ChannelSimulator;

/// <summary>Makes the platform's keys.</summary>
internal sealed class PlatformKeyFactory(SimulatedKeys keys, TimeProvider time, SimulatorRandom random)
{
    /// <summary>The merchant has the key from an earlier start.</summary>
    public void Keep(PlatformKey key) => keys.Keep(key.PrivateKeyPem);

    public PlatformKey NewPublicKey()
    {
        using var rsa = keys.NextRsa();
        return new PlatformKey
        {
            Serial = "PUB_KEY_ID_" + random.Digits(28),
            PrivateKeyPem = rsa.ExportPkcs8PrivateKeyPem(),
            PublicKeyPem = rsa.ExportSubjectPublicKeyInfoPem(),
        };
    }

    /// <summary>A platform certificate lives five years (wechat-pay-v3.md 2.4).</summary>
    /// <param name="signsAfter">How long it can be downloaded only.</param>
    /// <param name="days">How many days are left of it; null for all of them.</param>
    public PlatformKey NewCertificate(TimeSpan signsAfter, int? days = null)
    {
        using var rsa = keys.NextRsa();
        var now = time.GetUtcNow();
        var until = days is { } left ? now.AddDays(left) : now.AddYears(5);
        var from = until.AddYears(-5);
        var name = new X500DistinguishedName("CN=Tenpay.com Root CA (simulator), O=Tenpay.com");
        var request = new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var serial = new byte[20];
        random.Fill(serial);
        // A serial number is a positive integer without leading zeros: the first byte between 0x40 and 0x7F keeps all 40 characters.
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        using var certificate = request.Create(name, X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1), from, until, serial);
        return new PlatformKey
        {
            Serial = Convert.ToHexString(serial),
            PrivateKeyPem = rsa.ExportPkcs8PrivateKeyPem(),
            PublicKeyPem = rsa.ExportSubjectPublicKeyInfoPem(),
            Certificate = new PlatformCertificate
            {
                Pem = certificate.ExportCertificatePem(),
                EffectiveTime = from,
                ExpireTime = until,
                SignsFrom = now + signsAfter,
            },
        };
    }
}
