namespace PayCore.PayCenter.Shop;

/// <summary>A way to pay that the shop offers by itself: a wallet and a scene, as the app's routes name them (<c>alipay.PAGE</c>).</summary>
/// <param name="Method">The wallet; empty lets the buyer choose at the cashier.</param>
/// <param name="Scene">How the buyer pays with it.</param>
internal sealed record ShopWay(string Method, string Scene)
{
    /// <summary>The buyer chooses at the cashier.</summary>
    public static ShopWay Choose { get; } = new("", "CASHIER");

    /// <summary>The scenes that the shop has words for.</summary>
    private static readonly string[] _scenes = ["QR", "PAGE"];

    /// <summary>Its value in the form, and how it is written in settings.</summary>
    public string Name => this == Choose ? "choose" : $"{Method}.{Scene}";

    /// <summary>Reads a setting; null when it is none.</summary>
    public static ShopWay? Parse(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 2 && parts[0].Length > 0 && parts[0].All(char.IsAsciiLetterOrDigit) && _scenes.Contains(parts[1])
            ? new ShopWay(parts[0], parts[1])
            : null;
    }
}
