using System.Text.Json;
using PayCore.Configuration;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.Host.Demonstration;

/// <summary>
/// What the first start of the all-in-one makes: a demo merchant with fresh keys, known to the simulated providers, and a shop that signs as that
/// merchant. Nothing ships with a key. Later starts find what the first one made.
/// </summary>
/// <param name="dataFolder">Where keys and records are kept.</param>
/// <param name="baseUrl">Where browsers and merchants reach us.</param>
/// <param name="simulatorUrl">Where the simulated providers are.</param>
/// <param name="ways">The ways to pay that the merchant has.</param>
internal sealed class DemoMerchant(string dataFolder, string baseUrl, string simulatorUrl, IReadOnlyList<DemoWay> ways)
{
    private const string AppId = "demo-shop";
    private const string KeyId = "first";
    private const string WebhookSecretFile = "webhook-secret";
    private const string Name = "湖畔茶纸铺 Lakeside Tea & Paper";

    private readonly string _shopFolder = Path.Combine(dataFolder, "shop");

    private string KeyFile => Path.Combine(_shopFolder, "key.pem");

    /// <summary>The ways to pay of a merchant for trying things out: the usual ones, or with <c>Demo:Ways=all</c> one for each key mode.</summary>
    public static IReadOnlyList<DemoWay> WaysOf(string? setting) => setting switch
    {
        null or "" or "usual" => DemoWay.Usual,
        "all" => DemoWay.All,
        _ => throw new InvalidOperationException($"Demo:Ways is '{setting}'; it is usual or all."),
    };

    /// <summary>Makes the shop's keys when they are missing, and answers the settings of the shop, below whatever a person set.</summary>
    public Dictionary<string, string?> Settings()
    {
        DemoSecrets.KeepKey(_shopFolder);
        var settings = new Dictionary<string, string?>
        {
            ["PayCenter:PublicBaseUrl"] = baseUrl,
            ["PayCenter:ApiBaseUrl"] = baseUrl,
            ["PayCenter:WalletUrl"] = $"{simulatorUrl}/wallet",
            ["PayCenter:Shop:AppId"] = AppId,
            ["PayCenter:Shop:KeyId"] = KeyId,
            ["PayCenter:Shop:PrivateKeyFile"] = KeyFile,
            ["PayCenter:Shop:WebhookSecret"] = WebhookSecretText(),
            ["PayCenter:Shop:DataFolder"] = _shopFolder,
            ["Simulator:PublicBaseUrl"] = simulatorUrl,
            ["Simulator:DataFolder"] = Path.Combine(dataFolder, "simulator"),
            // The shop and the simulator live on this machine: their addresses, and no others, may be private.
            ["Outbound:AllowPrivateAddresses:0"] = new Uri(baseUrl).Authority,
        };
        for (var i = 0; i < ways.Count; i++)
        {
            settings[$"PayCenter:Shop:Ways:{i}"] = ways[i].Route;
        }

        return settings;
    }

    /// <summary>Registers the merchant with the simulated providers and writes the documents. The addresses follow the ports of this start.</summary>
    /// <param name="providers">The providers' consoles.</param>
    /// <param name="backend">Where the documents go.</param>
    public async Task WriteDocumentsAsync(IDemoProviders providers, IConfigBackend backend)
    {
        var accounts = new DemoAccounts(dataFolder, simulatorUrl, Name);
        foreach (var way in ways.DistinctBy(w => (w.Channel, w.Account)))
        {
            await backend.WriteAsync(way.Channel, way.Account, await accounts.DocumentAsync(way, providers), CancellationToken.None);
        }

        await backend.WriteAsync("apps", AppId, JsonSerializer.SerializeToUtf8Bytes(App(), DocumentJson.Options), CancellationToken.None);
    }

    /// <summary>The secret that the shop knows its notifications by, where something else has made it.</summary>
    public void KeepWebhookSecret(string secret) => DemoSecrets.Write(Path.Combine(_shopFolder, WebhookSecretFile), secret);

    private string WebhookSecretText() =>
        DemoSecrets.Keep(Path.Combine(_shopFolder, WebhookSecretFile), () => WebhookSecret.Create(RandomSource.System.Fill));

    private MerchantApp App() => new()
    {
        MerchantId = "demo",
        Name = Name,
        Keys = [new AppKeyDocument { KeyId = KeyId, Alg = "ed25519", PublicKey = DemoSecrets.KeepKey(_shopFolder).PublicKeyPem }],
        Webhook = new WebhookDocument { Url = $"{baseUrl}/shop/webhook", Secrets = [WebhookSecretText()] },
        Routes = ways.ToDictionary(
            w => w.Route, IReadOnlyList<RouteDocument> (w) => [new RouteDocument { Channel = w.Method == w.Channel ? null : w.Channel, Account = w.Account }]),
    };
}
