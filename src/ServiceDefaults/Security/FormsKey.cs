using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace PayCore.ServiceDefaults.Security;

/// <summary>
/// The key ring of one key by which several instances take one another's forms, made from a secret of the settings. It never changes by itself: what
/// a form proves is only that the browser got it from us.
/// </summary>
public sealed class FormsKey : IXmlRepository
{
    private const int SecretBytes = 32;
    private const int DistinctBytesMin = 16;
    private const int MasterKeyBytes = 64;
    private const int IdBytes = 16;

    private readonly XElement _key;

    /// <summary>Makes it.</summary>
    /// <exception cref="ArgumentException">The text is no random key; does not show it.</exception>
    public FormsKey(string text)
    {
        var secret = new byte[SecretBytes];
        if (!Convert.TryFromBase64String(text, secret, out var length) || length != SecretBytes || secret.Distinct().Count() < DistinctBytesMin)
        {
            throw new ArgumentException("It is not 32 random bytes in base64: openssl rand -base64 32");
        }

        byte[] Derive(int bytes, string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, bytes, info: Encoding.ASCII.GetBytes($"PayCore forms {use}"));
        _key = new XElement(
            "key",
            new XAttribute("id", new Guid(Derive(IdBytes, "id"))),
            new XAttribute("version", 1),
            new XElement("creationDate", DateTimeOffset.UnixEpoch),
            new XElement("activationDate", DateTimeOffset.UnixEpoch),
            new XElement("expirationDate", DateTimeOffset.UnixEpoch.AddYears(1000)),
            new XElement(
                "descriptor",
                new XAttribute("deserializerType", typeof(AuthenticatedEncryptorDescriptorDeserializer).AssemblyQualifiedName!),
                new XElement(
                    "descriptor",
                    new XElement("encryption", new XAttribute("algorithm", "AES_256_GCM")),
                    new XElement("masterKey", new XElement("value", Convert.ToBase64String(Derive(MasterKeyBytes, "key")))))));
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements() => [_key];

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName) => throw new NotSupportedException("No other key is made.");
}
