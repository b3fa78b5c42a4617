using Microsoft.Extensions.Options;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.PayCenter.Shop;

/// <summary>What the shop signs and verifies with, read once at the start.</summary>
internal sealed class ShopKeys
{
    /// <summary>Reads them. A bad key stops the start.</summary>
    public ShopKeys(IOptions<PayCenterOptions> options, TimeProvider time, RandomSource random)
    {
        var shop = options.Value.Shop ?? throw new InvalidOperationException("There is no shop.");
        Signer = new RequestSigner(SigningKeyOf(shop), time, random.NextToken);
        Webhook = new StandardWebhook([WebhookSecret.Parse(shop.WebhookSecret)], time);
    }

    /// <summary>Signs requests.</summary>
    public RequestSigner Signer { get; }

    /// <summary>Verifies notifications.</summary>
    public StandardWebhook Webhook { get; }

    /// <summary>Reads the private key of the settings.</summary>
    /// <exception cref="MerchantKeyException">It is no ed25519 key.</exception>
    public static SigningKey SigningKeyOf(ShopOptions shop) =>
        SigningKey.FromPrivateKeyPem(shop.AppId, shop.KeyId, MerchantKeyAlgorithm.Ed25519, File.ReadAllText(shop.PrivateKeyFile));
}
