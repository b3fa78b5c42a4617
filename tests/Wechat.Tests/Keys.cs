using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PayCore.Wechat.Tests;

/// <summary>Keys made for this run. None of them is used anywhere else.</summary>
internal static class Keys
{
    public const string MchId = "1230000109";
    public const string AppId = "wxd678efh567hg6787";
    public const string MerchantSerial = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    public const string PublicKeyId = "PUB_KEY_ID_0112300001092026112200000001";
    public const string ApiV3Key = "q7Zk2MvT9xLw4RbN8sYc1HdF6gJp3UaE";

    public static RSA Merchant { get; } = RSA.Create(2048);

    /// <summary>Behind <see cref="PublicKeyId"/>.</summary>
    public static RSA Platform { get; } = RSA.Create(2048);

    /// <summary>Nobody's who matters.</summary>
    public static RSA Stranger { get; } = RSA.Create(2048);

    /// <summary>A platform certificate of five years with that serial number, and its private key.</summary>
    public static (X509Certificate2 Certificate, RSA Key) NewCertificate(string serial, DateTimeOffset from, DateTimeOffset? until = null)
    {
        var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Tenpay.com sign, O=Tenpay.com, C=CN", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var issuer = new X500DistinguishedName("CN=Tenpay.com Root CA, O=Tenpay.com, C=CN");
        var certificate = request.Create(
            issuer, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), from, until ?? from.AddYears(5), Convert.FromHexString(serial));
        return (certificate, key);
    }
}
