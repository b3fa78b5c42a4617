using PayCore.Configuration;
using PayCore.ServiceDefaults.Clock;

namespace PayCore.Channels.Wechat;

/// <summary>The platform's clock, with which requests are signed and callbacks judged within 300 s (wechat-pay-v3.md 1.3, 2.2).</summary>
internal sealed class WechatClock(IConfigDocuments<WechatAccount> accounts, IHttpClientFactory clients) : HttpDateClock(clients, WechatWire.HttpName)
{
    public override string Name => "WeChat Pay";

    protected override Uri? Address => accounts.All.Values.FirstOrDefault(a => a.Enabled)?.BaseUrl;
}
