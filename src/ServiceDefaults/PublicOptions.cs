namespace PayCore.ServiceDefaults;

/// <summary>How the world reaches us.</summary>
public sealed class PublicOptions
{
    /// <summary>Scheme, host and port of the web port as browsers and providers see it, without a slash at the end.
    /// Cashier and callback addresses are made from it.</summary>
    public string BaseUrl { get; set; } = "http://127.0.0.1:8080";

    /// <summary>The same for providers' callbacks, where they come in by another name or port. Empty (default): <see cref="BaseUrl"/>.</summary>
    public string CallbackBaseUrl { get; set; } = "";

    /// <summary>
    /// Addresses and networks (<c>10.0.0.0/8</c>) of the proxies before the ports for the world. Whose address a request came from is believed to them, and to nobody
    /// else. None (default): nothing stands before us, and the address of the connection counts.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>The cashier's address of an order.</summary>
    public string CashierUrl(string pageToken) => $"{BaseUrl}/pay/{pageToken}";

    /// <summary>Where a provider sends the user's browser back to after its own pages. Whoever comes there proves nothing: the provider is asked.</summary>
    public string ReturnUrl(string pageToken) => $"{CashierUrl(pageToken)}/return";

    /// <summary>Where a provider calls back for an account.</summary>
    public string CallbackUrl(string channel, string account) => $"{(CallbackBaseUrl.Length > 0 ? CallbackBaseUrl : BaseUrl)}/callback/{channel}/{account}";
}
