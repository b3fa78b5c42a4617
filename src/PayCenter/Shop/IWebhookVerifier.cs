using Microsoft.AspNetCore.Http;

namespace PayCore.PayCenter.Shop;

/// <summary>Says whether a notification is the gateway's. To be replaced by the Standard Webhooks verifier of the merchant library.</summary>
internal interface IWebhookVerifier
{
    /// <summary>True only for an unaltered, fresh message under our secret.</summary>
    bool IsGenuine(IHeaderDictionary headers, ReadOnlySpan<byte> body);
}
