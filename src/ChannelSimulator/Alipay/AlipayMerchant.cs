using System.Security.Cryptography;
using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>What is kept of an application: what was entered, our key for it, and in certificate mode the certificates of both sides.</summary>
internal sealed record StoredAlipayMerchant
{
    public required AlipayMerchantRegistration Registration { get; init; }

    public required string AlipayKeyPem { get; init; }

    /// <summary>Certificate mode only.</summary>
    public AlipayCertificate? AppCert { get; init; }

    /// <summary>Certificate mode only: every certificate our key ever had, the one in use last.</summary>
    public IReadOnlyList<AlipayCertificate> AlipayCerts { get; init; } = [];
}

/// <summary>An application as the provider knows it, with its keys ready for use.</summary>
internal sealed class AlipayMerchant
{
    private readonly RsaKey _appKey;
    private readonly RsaKey _alipayKey;

    public AlipayMerchant(StoredAlipayMerchant stored)
    {
        Stored = stored;
        AppKeyBytes = KeyBytes(stored.Registration.AppPublicKey);
        _appKey = new RsaKey(PemEncoding.WriteString("PUBLIC KEY", AppKeyBytes));
        _alipayKey = new RsaKey(stored.AlipayKeyPem);
    }

    public StoredAlipayMerchant Stored { get; }

    public AlipayMerchantRegistration Registration => Stored.Registration;

    /// <summary>The application's public key, SubjectPublicKeyInfo.</summary>
    public byte[] AppKeyBytes { get; }

    public string AppId => Registration.AppId;

    public string Pid => Registration.Pid;

    public bool ByCertificate => Registration.Mode == "certificate";

    /// <summary>Our certificate in use; null in key mode.</summary>
    public AlipayCertificate? AlipayCert => ByCertificate ? Stored.AlipayCerts[^1] : null;

    /// <summary>A key as consoles and merchants hand it around: PEM or bare Base64.</summary>
    public static byte[] KeyBytes(string key)
    {
        if (PemEncoding.TryFind(key, out var fields))
        {
            return Convert.FromBase64String(key[fields.Base64Data]);
        }

        try
        {
            return Convert.FromBase64String(key);
        }
        catch (FormatException)
        {
            throw new ArgumentException("The public key of the application is neither PEM nor Base64.", nameof(key));
        }
    }

    public string Sign(byte[] message) => _alipayKey.Sign(message);

    public string Sign(string text) => Sign(Encoding.UTF8.GetBytes(text));

    public bool HasSigned(string text, string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && !signature.Any(char.IsWhiteSpace)
            && _appKey.Verify(Encoding.UTF8.GetBytes(text), bytes.AsSpan(0, length));
    }
}
