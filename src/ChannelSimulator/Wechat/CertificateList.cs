using System.Text;

namespace PayCore.ChannelSimulator;

/// <summary>The certificates a merchant can download (wechat-pay-v3.md 2.5).</summary>
internal sealed class CertificateList(Envelope envelope)
{
    public WechatAnswer Answer(WechatMerchant merchant)
    {
        var data = merchant.Certificates.Select(c =>
        {
            var (nonce, ciphertext) = envelope.Seal(merchant.Registration.ApiV3Key, "certificate", Encoding.UTF8.GetBytes(c.Certificate!.Pem));
            return new
            {
                SerialNo = c.Serial,
                EffectiveTime = WireTime.Text(c.Certificate.EffectiveTime),
                ExpireTime = WireTime.Text(c.Certificate.ExpireTime),
                EncryptCertificate = new { Algorithm = "AEAD_AES_256_GCM", Nonce = nonce, AssociatedData = "certificate", Ciphertext = ciphertext },
            };
        }).ToList();

        return data.Count > 0
            ? new WechatAnswer(200, SimulatorJson.Bytes(new { Data = data }))
            : throw new WechatError(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥");
    }
}
