using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MySqlConnector;
using PayCore.Deploy.Tests.Support;
using PayCore.Host;
using PayCore.ServiceDefaults;
using PayCore.TestKit;

namespace PayCore.Deploy.Tests;

/// <summary>The image is built without a registry, and the pods of overlays/try, run by podman against real servers, make payments.</summary>
public sealed partial class PodsRunTests
{
    private const string Image = "localhost/paycore:0.1.0";

    private static readonly TimeSpan _buildLimit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Pods_OfTheTry_MakePaymentsThatTheMerchantAcknowledges()
    {
        using var folder = new TemporaryFolder();
        await using var etcd = await EtcdServer.StartAsync();
        await using var queue = await RabbitMqServer.CreateAsync();
        var database = await (await MariaDbServer.SharedAsync()).CreateDatabaseAsync();
        await using var store = new ContainerStore();
        await Programs.RunAsync([Path.Combine(Repository.Root, "deploy", "container", "build-rootfs"), Image], _buildLimit, store.Environment);
        var manifests = await RenderAsync(folder.Path, database, queue.Uri);
        await using var host = new PodmanHost(store, manifests);

        var settings = new Dictionary<string, string> { ["Config__Etcd__Endpoints"] = etcd.Url };
        // As README.md says: the schema, then the rest. The shop makes its merchant known to the provider before it starts.
        await host.PlayAsync(settings, host.Pod(manifests.OfKind("Job").Single(), new Dictionary<string, string>()));
        await host.UntilDoneAsync("migrate");
        var shop = manifests.DeploymentOf(RoleNames.PayCenter);
        var others = manifests.RoleDeployments.Where(d => d != shop).ToList();
        await host.PlayAsync(settings, [.. others.Select(host.PodOf)]);
        await host.UntilReadyAsync(others);
        await host.PlayAsync(settings, host.PodOf(shop));
        await host.UntilReadyAsync([shop]);

        foreach (var role in Role.All)
        {
            Narrow(await host.InspectAsync(role.Name.ToLowerInvariant()));
        }

        await PayAsync(host, "wechat.QR", "/control/wechat/pay", "code_url");
        await PayAsync(host, "alipay.QR", "/control/alipay/pay", "qr_code");
        // The merchant knows a moment before its acknowledgement is recorded.
        for (var began = TimeProvider.System.GetTimestamp(); await DeliveredAsync() < 2 && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20);)
        {
            await Task.Delay(50);
        }

        (await DeliveredAsync()).Should().Be(2, "the merchant acknowledged both");

        Task<long> DeliveredAsync() => CountAsync(database, "SELECT COUNT(*) FROM notify_delivery WHERE state = 'DELIVERED'");
    }

    /// <summary>The overlay with the servers of this machine; certificates and keys are made by the program that is in the image.</summary>
    private static async Task<Manifests> RenderAsync(string folder, string database, string queue)
    {
        var program = Path.Combine(Repository.Root, "artifacts", "container", "rootfs", "app", "paycore-host");
        var copy = await Manifests.CopyAsync(folder, $"{program} cli", secrets =>
        {
            File.WriteAllText(Path.Combine(secrets, "database.env"), $"password=none\nconnection-string={database}\n");
            File.WriteAllText(Path.Combine(secrets, "queue.env"), $"password=none\nuri={queue}\n");
        });
        return await Manifests.RenderAsync(copy, "overlays/try");
    }

    /// <summary>No user of the image is root, nothing can be written to it, and no right is left.</summary>
    private static void Narrow(JsonNode container)
    {
        var name = (string?)container["Name"];
        ((string?)container["Config"]!["User"]).Should().Be("1654:1654", name);
        ((bool?)container["HostConfig"]!["ReadonlyRootfs"]).Should().BeTrue(name);
        Manifests.List(container["EffectiveCaps"]).Should().BeEmpty(name);
        Manifests.List(container["HostConfig"]!["SecurityOpt"]).Select(o => (string)o!).Should().Contain("no-new-privileges", name);
        ((long?)container["HostConfig"]!["Memory"]).Should().BePositive(name);
    }

    /// <summary>Buys as a browser does, pays as a phone does, and waits until the shop was told.</summary>
    private static async Task PayAsync(PodmanHost host, string way, string wallet, string code)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = new Uri(host.AddressOf("paycenter", 8080)) };
        using var phone = new HttpClient { BaseAddress = new Uri(host.AddressOf("channelsimulator", 8090)) };
        var page = await browser.GetStringAsync("/shop?lang=en");
        var number = Hidden(page, "number");
        var goods = Goods().Match(page).Groups[1].Value;
        var order = $"/shop/orders/{number}-{goods}-{way.Replace('.', '-')}?lang=en";
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = Hidden(page, "__RequestVerificationToken"), ["number"] = number, ["goods"] = goods, ["pay"] = way,
        });
        using var bought = await browser.PostAsync("/shop/buy", form);
        bought.Headers.Location.Should().NotBeNull(await bought.Content.ReadAsStringAsync());

        // The overlay's public address is that of a port-forward; here the pod has another.
        var cashier = await browser.GetStringAsync($"{new Uri(browser.BaseAddress!, bought.Headers.Location!).AbsolutePath}?lang=en");
        var text = Uri.UnescapeDataString(WalletLink().Match(cashier).Groups[1].Value);
        using var words = new StringContent(JsonSerializer.Serialize(new Dictionary<string, string> { [code] = text }), System.Text.Encoding.UTF8, "application/json");
        using var paid = await phone.PostAsync(wallet, words);
        paid.StatusCode.Should().Be(HttpStatusCode.OK, await paid.Content.ReadAsStringAsync());

        var began = TimeProvider.System.GetTimestamp();
        while (!(page = await browser.GetStringAsync(order)).Contains("Paid", StringComparison.Ordinal))
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(_limit, $"the shop shows {page}");
            await Task.Delay(_look);
        }
    }

    private static async Task<long> CountAsync(string database, string sql)
    {
        await using var connection = new MySqlConnection(database);
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static string Hidden(string page, string name) => WebUtility.HtmlDecode(Regex.Match(page, $"name=\"{name}\"[^>]*value=\"([^\"]*)\"").Groups[1].Value);

    [GeneratedRegex("name=\"goods\" value=\"([^\"]+)\"")]
    private static partial Regex Goods();

    [GeneratedRegex("/wallet\\?code_url=([^\"&]+)")]
    private static partial Regex WalletLink();
}
