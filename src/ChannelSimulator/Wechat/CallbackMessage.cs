using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>What a callback tells (wechat-pay-v3.md 5.2).</summary>
internal sealed record WechatEvent
{
    public required string MchId { get; init; }

    public required string NotifyUrl { get; init; }

    public required CallbackState Callback { get; init; }

    public required string EventType { get; init; }

    public required string OriginalType { get; init; }

    public required string Summary { get; init; }

    public required JsonObject Resource { get; init; }
}

/// <summary>Makes callbacks (wechat-pay-v3.md 5.1): same id on every send, everything else fresh.</summary>
internal sealed class CallbackMessage(WechatMerchants merchants, PlatformSigner signer, Envelope envelope, TimeProvider time)
{
    private const string OtherKey = "00000000000000000000000000000000";

    /// <param name="told">What is told.</param>
    /// <param name="fault">The kind of the fault at work.</param>
    public HttpRequestMessage Make(WechatEvent told, string? fault)
    {
        var merchant = merchants.Find(told.MchId) ?? throw new InvalidOperationException("The merchant is not registered.");
        var plain = WechatLies.Falsify(told.Resource, fault);
        var (nonce, ciphertext) = envelope.Seal(fault == FaultKinds.OtherKey ? OtherKey : merchant.Registration.ApiV3Key, told.OriginalType, plain);
        var body = SimulatorJson.Bytes(new
        {
            told.Callback.Id,
            CreateTime = WireTime.Text(told.Callback.CreateTime),
            ResourceType = "encrypt-resource",
            told.EventType,
            told.Summary,
            Resource = new
            {
                told.OriginalType,
                Algorithm = "AEAD_AES_256_GCM",
                Ciphertext = ciphertext,
                AssociatedData = told.OriginalType,
                Nonce = nonce,
            },
        });
        var signed = signer.Sign(merchant, merchant.CallbackKey(time.GetUtcNow()), body, fault);
        var request = new HttpRequestMessage(HttpMethod.Post, told.NotifyUrl) { Content = new ByteArrayContent(signed.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", "Mozilla/4.0");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var (name, value) in signed.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
