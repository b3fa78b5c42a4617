using System.Text.RegularExpressions;

namespace PayCore.MerchantApi;

/// <summary>Rules that fields of several merchant calls share. Pure. Each refusal is INVALID_ARGUMENT and names the field and its reason.</summary>
public static partial class FieldRules
{
    /// <summary>Refuses the field when the rule does not hold.</summary>
    /// <param name="holds">Whether it does.</param>
    /// <param name="field">The field's name in the contract.</param>
    /// <param name="reason">A reason of docs/errors.md.</param>
    /// <param name="description">What the field has to be, as the end of a sentence that begins with its name.</param>
    public static void Demand(bool holds, string field, string reason, string description)
    {
        if (!holds)
        {
            throw PayErrors.Field(field, reason, $"{field} {description}.");
        }
    }

    /// <summary>A field that names the app must agree with the app that signed.</summary>
    public static void CheckApp(string named, string appId) =>
        Demand(named.Length == 0 || named == appId, "app_id", ErrorReason.AppMismatch, "is not the app that signed");

    /// <summary>A number of the merchant's own.</summary>
    public static void CheckNumber(string number, string field) =>
        Demand(NumberRule().IsMatch(number), field, ErrorReason.NumberInvalid, "has 1 to 64 characters of 0-9 A-Z a-z _ -");

    /// <summary>An amount in minor units.</summary>
    public static void CheckAmount(long amountMinor) =>
        Demand(amountMinor >= 1, "amount_minor", ErrorReason.AmountInvalid, "is a whole number of minor units, at least 1");

    /// <summary>An amount in minor units, and its limit.</summary>
    public static void CheckAmount(long amountMinor, long max)
    {
        CheckAmount(amountMinor);
        CheckLimit(amountMinor, max);
    }

    /// <summary>The limit of an amount in minor units.</summary>
    public static void CheckLimit(long amountMinor, long max) =>
        Demand(amountMinor <= max, "amount_minor", ErrorReason.AmountTooLarge, $"is at most {max} for this app");

    /// <summary>A currency's code; empty means CNY.</summary>
    /// <returns>The code.</returns>
    public static string CheckCurrency(string currency)
    {
        Demand(currency.Length == 0 || CurrencyRule().IsMatch(currency), "currency", ErrorReason.CurrencyInvalid, "is three capital letters of ISO 4217");
        return currency.Length == 0 ? "CNY" : currency;
    }

    /// <summary>A wallet's name.</summary>
    public static void CheckMethod(string method) =>
        Demand(MethodRule().IsMatch(method), "method", ErrorReason.MethodInvalid, "is the wallet's name in lower case, for example wechat");

    /// <summary>No control characters, and no surrogates: those are the characters beyond the Basic Multilingual Plane, which providers refuse.</summary>
    public static bool IsPlainText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return !text.Any(c => char.IsControl(c) || char.IsSurrogate(c));
    }

    [GeneratedRegex("^[0-9A-Za-z_-]{1,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberRule();

    [GeneratedRegex("^[a-z][a-z0-9]{0,31}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex MethodRule();

    [GeneratedRegex("^[A-Z]{3}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex CurrencyRule();
}
