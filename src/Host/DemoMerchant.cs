using System.Security.Cryptography;
using System.Text.Json;
using PayCore.Channels.Wechat;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.Host;

/// <summary>
/// What the first start of the all-in-one makes: a demo merchant with fresh keys, known to the simulated provider, and a shop that signs as that
/// merchant. Nothing ships with a key. Later starts find what the first one made.
/// </summary>
internal sealed class DemoMerchant(string dataFolder, string baseUrl, string simulatorUrl)
{
    private const string AppId = "demo-shop";
    private const string KeyId = "first";
    private const string WechatAccount = "1900000001";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string ShopFolder => Path.Combine(dataFolder, "shop");

    private string KeyFile => Path.Combine(ShopFolder, "key.pem");

    private string PublicKeyFile => Path.Combine(ShopFolder, "key.pub.pem");

    private string SecretFile => Path.Combine(ShopFolder, "webhook-secret");

    /// <summary>Makes the shop's keys when they are missing, and answers the settings of the shop, below whatever a person set.</summary>
    public Dictionary<string, string?> Settings()
    {
        Directory.CreateDirectory(ShopFolder);
        if (!File.Exists(SecretFile))
        {
            var pair = MerchantKeyPair.CreateEd25519();
            WriteSecret(KeyFile, pair.PrivateKeyPem);
            WriteSecret(PublicKeyFile, pair.PublicKeyPem);
            // Last, since it is what the next start looks for.
            WriteSecret(SecretFile, WebhookSecret.Create(RandomSource.System.Fill));
        }

        return new Dictionary<string, string?>
        {
            ["PayCenter:PublicBaseUrl"] = baseUrl,
            ["PayCenter:ApiBaseUrl"] = baseUrl,
            ["PayCenter:WalletUrl"] = $"{simulatorUrl}/wallet",
            ["PayCenter:Shop:AppId"] = AppId,
            ["PayCenter:Shop:KeyId"] = KeyId,
            ["PayCenter:Shop:PrivateKeyFile"] = KeyFile,
            ["PayCenter:Shop:WebhookSecret"] = File.ReadAllText(SecretFile),
            ["PayCenter:Shop:DataFolder"] = ShopFolder,
            ["Simulator:PublicBaseUrl"] = simulatorUrl,
            ["Simulator:DataFolder"] = Path.Combine(dataFolder, "simulator"),
            // The shop and the simulator live on this machine: their addresses, and no others, may be private.
            ["Outbound:AllowPrivateAddresses:0"] = new Uri(baseUrl).Authority,
        };
    }

    /// <summary>Registers the merchant with the simulated provider and writes the documents. The addresses follow the ports of this start.</summary>
    /// <param name="register">The provider's console.</param>
    /// <param name="backend">Where the documents go.</param>
    public async Task WriteDocumentsAsync(
        Func<WechatMerchantRegistration, Task<RegisteredWechatMerchant>> register, IConfigBackend backend)
    {
        await backend.WriteAsync("apps", AppId, JsonSerializer.SerializeToUtf8Bytes(App(), DocumentJson.Options), CancellationToken.None);
        await backend.WriteAsync(
            "wechat", WechatAccount, JsonSerializer.SerializeToUtf8Bytes(await WechatDocumentAsync(register), DocumentJson.Options), CancellationToken.None);
    }

    private MerchantApp App() => new()
    {
        MerchantId = "demo",
        Name = "湖畔茶纸铺 Lakeside Tea & Paper",
        Keys = [new AppKeyDocument { KeyId = KeyId, Alg = "ed25519", PublicKey = File.ReadAllText(PublicKeyFile) }],
        Webhook = new WebhookDocument { Url = $"{baseUrl}/shop/webhook", Secrets = [File.ReadAllText(SecretFile)] },
        Routes = new Dictionary<string, IReadOnlyList<RouteDocument>> { ["wechat.QR"] = [new RouteDocument { Account = WechatAccount }] },
    };

    private async Task<WechatAccountDocument> WechatDocumentAsync(Func<WechatMerchantRegistration, Task<RegisteredWechatMerchant>> register)
    {
        var folder = Directory.CreateDirectory(Path.Combine(dataFolder, "wechat-demo-merchant")).FullName;
        var keyFile = Path.Combine(folder, "apiclient_key.pem");
        var apiV3File = Path.Combine(folder, "api_v3_key");
        if (!File.Exists(apiV3File))
        {
            using var fresh = RSA.Create(2048);
            WriteSecret(keyFile, fresh.ExportPkcs8PrivateKeyPem());
            WriteSecret(apiV3File, RandomText(32));
        }

        using var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(keyFile));
        var serial = Convert.ToHexString(SerialOf(key.ExportSubjectPublicKeyInfo()));
        var platform = await register(new WechatMerchantRegistration
        {
            MchId = WechatAccount,
            AppId = "wx5e11e7c0ffee0001",
            Name = "湖畔茶纸铺 Lakeside Tea & Paper",
            MerchantSerialNo = serial,
            MerchantPublicKeyPem = key.ExportSubjectPublicKeyInfoPem(),
            ApiV3Key = File.ReadAllText(apiV3File),
        });
        return new WechatAccountDocument
        {
            MchId = WechatAccount,
            AppId = "wx5e11e7c0ffee0001",
            MerchantSerialNo = serial,
            PrivateKey = File.ReadAllText(keyFile),
            ApiV3Key = File.ReadAllText(apiV3File),
            PublicKeyId = platform.PublicKeyId,
            PublicKey = platform.PublicKeyPem,
            BaseUrl = simulatorUrl,
        };
    }

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

    private static void WriteSecret(string file, string content)
    {
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, OwnerOnly);
    }
}
