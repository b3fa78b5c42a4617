namespace PayCore.ChannelSimulator;

/// <summary>Makes the callback of a paid order (wechat-pay-v3.md 5.1): same id on every send, everything else fresh.</summary>
internal sealed class CallbackMessage(WechatMerchants merchants, PlatformSigner signer, Envelope envelope, TimeProvider time)
{
    private const string OtherKey = "00000000000000000000000000000000";

    public HttpRequestMessage Make(SimulatedOrder order, string? fault)
    {
        var merchant = merchants.Find(order.MchId) ?? throw new InvalidOperationException("The merchant is not registered.");
        var plain = WechatEndpoints.Falsify(TransactionObject.Of(order), fault);
        var (nonce, ciphertext) = envelope.Seal(fault == FaultKinds.OtherKey ? OtherKey : merchant.Registration.ApiV3Key, "transaction", plain);
        var body = SimulatorJson.Bytes(new
        {
            order.Callback!.Id,
            CreateTime = WireTime.Text(order.Callback.CreateTime),
            ResourceType = "encrypt-resource",
            EventType = "TRANSACTION.SUCCESS",
            Summary = "支付成功",
            Resource = new
            {
                OriginalType = "transaction",
                Algorithm = "AEAD_AES_256_GCM",
                Ciphertext = ciphertext,
                AssociatedData = "transaction",
                Nonce = nonce,
            },
        });
        var signed = signer.Sign(merchant, merchant.CallbackKey(time.GetUtcNow()), body, fault);
        var request = new HttpRequestMessage(HttpMethod.Post, order.NotifyUrl) { Content = new ByteArrayContent(signed.Body) };
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
