using Microsoft.Extensions.Options;
using PayCore.MerchantApi;
using PayCore.PayCenter.Shop;
using PayCore.PayCenter.Web;
using PayCore.ServiceDefaults.Security;

namespace PayCore.PayCenter;

/// <summary>Stops the start when a setting is missing or plainly wrong; names the setting, never a secret's value.</summary>
internal sealed class PayCenterOptionsRules : IValidateOptions<PayCenterOptions>
{
    public ValidateOptionsResult Validate(string? name, PayCenterOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(PayCenterOptions options)
    {
        if (!IsSite(options.PublicBaseUrl))
        {
            yield return "PayCenter:PublicBaseUrl must be http(s)://host[:port] without a path.";
        }

        if (!IsSite(options.ApiBaseUrl))
        {
            yield return "PayCenter:ApiBaseUrl must be http(s)://host[:port] without a path.";
        }

        if (options.WalletUrl is { } wallet && !(wallet.IsAbsoluteUri && wallet.Scheme is "http" or "https"))
        {
            yield return "PayCenter:WalletUrl must be an absolute http(s) address.";
        }

        if (options.FormsKey is { } forms && KeyFault(() => new FormsKey(forms)) is { } formsFault)
        {
            yield return $"PayCenter:FormsKey: {formsFault}";
        }

        if (options.Shop is not { } shop)
        {
            yield break;
        }

        foreach (var (key, value) in new[]
        {
            ("AppId", shop.AppId), ("KeyId", shop.KeyId), ("DataFolder", shop.DataFolder),
        })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                yield return $"PayCenter:Shop:{key} must not be empty.";
            }
        }

        foreach (var way in shop.Ways.Where(w => ShopWay.Parse(w) is null))
        {
            yield return $"PayCenter:Shop:Ways has '{way}'; a way is a wallet and QR or PAGE, such as alipay.PAGE.";
        }

        if (KeyFault(() => ShopKeys.SigningKeyOf(shop)) is { } keyFault)
        {
            yield return $"PayCenter:Shop:PrivateKeyFile must name a PEM file with an ed25519 private key (PKCS#8): {keyFault}";
        }

        if (KeyFault(() => WebhookSecret.Parse(shop.WebhookSecret)) is { } secretFault)
        {
            yield return $"PayCenter:Shop:WebhookSecret: {secretFault}";
        }
    }

    private static string? KeyFault(Func<object> read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception e) when (e is MerchantKeyException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return e.Message;
        }
    }

    private static bool IsSite(Uri? address) => address is { IsAbsoluteUri: true, Scheme: "http" or "https", PathAndQuery: "/" };
}
