using PayCore.Configuration;
using PayCore.ServiceDefaults.Clock;

namespace PayCore.Channels.Alipay;

/// <summary>The platform's clock: expiries that we send are judged by it.</summary>
internal sealed class AlipayClock(IConfigDocuments<AlipayAccount> accounts, IHttpClientFactory clients) : HttpDateClock(clients, AlipayWire.HttpName)
{
    public override string Name => "Alipay";

    protected override Uri? Address => accounts.All.Values.FirstOrDefault(a => a.Enabled) is { } account ? new Uri(account.GatewayUrl, "/") : null;
}
