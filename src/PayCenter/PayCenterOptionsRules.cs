using Microsoft.Extensions.Options;

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

        if (options.Shop is not { } shop)
        {
            yield break;
        }

        foreach (var (key, value) in new[] { ("AppId", shop.AppId), ("KeyId", shop.KeyId), ("DataFolder", shop.DataFolder), ("Method", shop.Method) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                yield return $"PayCenter:Shop:{key} must not be empty.";
            }
        }

        if (!File.Exists(shop.PrivateKeyFile))
        {
            yield return "PayCenter:Shop:PrivateKeyFile must name a file.";
        }

        if (!shop.WebhookSecret.StartsWith("whsec_", StringComparison.Ordinal))
        {
            yield return "PayCenter:Shop:WebhookSecret must begin with whsec_.";
        }
    }

    private static bool IsSite(Uri? address) => address is { IsAbsoluteUri: true, Scheme: "http" or "https", PathAndQuery: "/" };
}
