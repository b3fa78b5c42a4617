using System.Security.Cryptography;
using System.Text.Json;
using PayCore.Channels.Alipay;
using PayCore.Channels.Wechat;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.ServiceDefaults;

namespace PayCore.Host.Demonstration;

/// <summary>The demo merchant's channel accounts: fresh keys at the first start, registered with the simulated providers at every start.</summary>
internal sealed class DemoAccounts(string dataFolder, string simulatorUrl, string name)
{
    private const string WechatAppId = "wx5e11e7c0ffee0001";

    /// <summary>The document of a way's account, for the ports of this start.</summary>
    public async Task<byte[]> DocumentAsync(DemoWay way, IDemoProviders providers) => way.Channel == "wechat"
        ? JsonSerializer.SerializeToUtf8Bytes(await WechatAsync(way, providers), DocumentJson.Options)
        : JsonSerializer.SerializeToUtf8Bytes(await AlipayAsync(way, providers), DocumentJson.Options);

    private async Task<WechatAccountDocument> WechatAsync(DemoWay way, IDemoProviders providers)
    {
        using var key = Key(way);
        var apiV3Key = DemoSecrets.Keep(Path.Combine(Folder(dataFolder, way), "api_v3_key"), () => RandomText(32));
        var serial = Convert.ToHexString(SerialOf(key.ExportSubjectPublicKeyInfo()));
        var platform = await providers.RegisterAsync(new WechatMerchantRegistration
        {
            MchId = way.Account,
            AppId = WechatAppId,
            Name = name,
            MerchantSerialNo = serial,
            MerchantPublicKeyPem = key.ExportSubjectPublicKeyInfoPem(),
            ApiV3Key = apiV3Key,
            KeyMode = way.KeyMode switch
            {
                DemoKeyMode.Certificate => WechatKeyMode.Certificate,
                DemoKeyMode.Migration => WechatKeyMode.Migration,
                _ => WechatKeyMode.PublicKey,
            },
            // Answers are signed with the public key that we ask for, callbacks with the certificate still: both count.
            MigrationPercent = 0,
        });
        var knowsPublicKey = way.KeyMode != DemoKeyMode.Certificate;
        return new WechatAccountDocument
        {
            MchId = way.Account,
            AppId = WechatAppId,
            MerchantSerialNo = serial,
            PrivateKey = key.ExportPkcs8PrivateKeyPem(),
            ApiV3Key = apiV3Key,
            PublicKeyId = knowsPublicKey ? platform.PublicKeyId : null,
            PublicKey = knowsPublicKey ? platform.PublicKeyPem : null,
            PlatformCertificates = way.KeyMode == DemoKeyMode.Migration ? true : null,
            BaseUrl = simulatorUrl,
        };
    }

    private async Task<AlipayAccountDocument> AlipayAsync(DemoWay way, IDemoProviders providers)
    {
        using var key = Key(way);
        var seller = $"2088{way.Account[^12..]}";
        var platform = await providers.RegisterAsync(new AlipayMerchantRegistration
        {
            AppId = way.Account,
            Pid = seller,
            Name = name,
            AppPublicKey = key.ExportSubjectPublicKeyInfoPem(),
            Mode = way.KeyMode == DemoKeyMode.Certificate ? "certificate" : "key",
        });
        return new AlipayAccountDocument
        {
            AppId = way.Account,
            SellerId = seller,
            PrivateKey = key.ExportPkcs8PrivateKeyPem(),
            AlipayPublicKey = platform.AlipayPublicKey,
            AppCert = platform.AppCert,
            AlipayCert = platform.AlipayCert,
            AlipayRootCert = platform.AlipayRootCert,
            GatewayUrl = $"{simulatorUrl}/gateway.do",
        };
    }

    private RSA Key(DemoWay way)
    {
        var pem = DemoSecrets.Keep(KeyFile(dataFolder, way), () =>
        {
            using var fresh = RSA.Create(2048);
            return fresh.ExportPkcs8PrivateKeyPem();
        });
        var key = RSA.Create();
        key.ImportFromPem(pem);
        return key;
    }

    /// <summary>Where the private key of a way's account is.</summary>
    internal static string KeyFile(string dataFolder, DemoWay way) => Path.Combine(Folder(dataFolder, way), "private_key.pem");

    private static string Folder(string dataFolder, DemoWay way) => Path.Combine(dataFolder, "demo-accounts", $"{way.Channel}-{way.Account}");

    /// <summary>A serial number of 40 hexadecimal characters, as certificates have; any will do, so it is taken from the key.</summary>
    private static byte[] SerialOf(byte[] publicKey) => SHA256.HashData(publicKey)[..20];

    private static string RandomText(int length)
    {
        const string letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
        return string.Create(length, 0, (text, _) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = letters[(int)(RandomSource.System.NextDouble() * letters.Length)];
            }
        });
    }
}
