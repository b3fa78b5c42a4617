using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using PayCore.ServiceDefaults;
using IPNetwork = System.Net.IPNetwork;

namespace PayCore.Host;

/// <summary>What stands before us, and what is believed to it.</summary>
internal static class Proxies
{
    /// <summary>Takes the client's address and scheme from <c>X-Forwarded-For</c> and <c>-Proto</c> of the proxies that <see cref="PublicOptions.TrustedProxies"/> names.</summary>
    /// <exception cref="InvalidOperationException">One of them is neither an address nor a network.</exception>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var trusted = app.Services.GetRequiredService<IOptions<PublicOptions>>().Value.TrustedProxies;
        if (trusted.Count == 0)
        {
            return;
        }

        // However many of them stand in a row; the first that is not ours is the client.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var text in trusted)
        {
            options.KnownIPNetworks.Add(
                IPNetwork.TryParse(text, out var network) ? network
                : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
                : throw new InvalidOperationException($"Public:TrustedProxies has '{text}', which is neither an address nor a network such as 10.0.0.0/8."));
        }

        app.UseForwardedHeaders(options);
    }
}
