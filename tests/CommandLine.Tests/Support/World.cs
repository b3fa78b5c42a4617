using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.ChannelSimulator;
using PayCore.CommandLine.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.Host;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;

[assembly: AssemblyFixture(typeof(World))]

namespace PayCore.CommandLine.Tests.Support;

/// <summary>
/// The all-in-one in this process, as <c>./run</c> starts it, and commands beside it that see the same folder. Tests share it: each has apps and accounts of its
/// own. A merchant's endpoint acknowledges every notification.
/// </summary>
public sealed class World : IAsyncLifetime
{
    /// <summary>The account at the simulated provider that the first start made.</summary>
    public const string Account = "1900000001";

    private readonly TemporaryFolder _folder = new();
    private readonly string _provider;
    private readonly List<string> _settings = [];
    private WebApplication _app = null!;
    private WebApplication _merchant = null!;
    private int _number;

    public World()
        : this("sqlite")
    {
    }

    internal World(string provider) => _provider = provider;

    /// <summary>Where the merchant is notified.</summary>
    public string WebhookUrl => $"{_merchant.Urls.Single()}/hook";

    /// <summary>Where commands run.</summary>
    public string Folder => _folder.Path;

    /// <summary>Where documents of apps are.</summary>
    public string Apps => ConfigFolder("apps");

    internal SimulatedBills Bills => _app.Services.GetRequiredService<SimulatedBills>();

    internal WechatWallet Wallet => _app.Services.GetRequiredService<WechatWallet>();

    private Uri Web { get; set; } = new("http://127.0.0.1");

    public string ConfigFolder(string folder) => Path.Combine(_folder.Path, "data", "config", "paycore", "config", folder);

    /// <summary>A file in the folder where commands run.</summary>
    public string File(string name) => _folder.File(name);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _merchant = builder.Build();
        _merchant.MapPost("/hook", (HttpContext http) => http.Response.WriteAsync("success"));
        await _merchant.StartAsync();

        var ports = FreePorts.Take(4);
        Web = new Uri($"http://127.0.0.1:{ports[0]}");
        _settings.AddRange(
        [
            $"--Data={_folder.File("data")}", $"--Outbound:AllowPrivateAddresses:1={new Uri(WebhookUrl).Authority}", $"--Database:Provider={_provider}",
        ]);
        _settings.Add($"--Database:ConnectionString={await MigratedDatabase.CreateAsync(_provider, _folder.File("paycore.db"))}");

        _app = PayCoreHost.Build(
        [
            .. _settings, $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Simulator={ports[2]}", $"--Ports:Console={ports[3]}", "--Ports:Operations=0",
            "--Demo:Ways=all", "--Simulator:ScheduleScale=0.01", "--Notify:ScheduleScale=0.01", "--Logging:LogLevel:Default=Critical",
        ]);
        await PayCoreHost.PrepareAsync(_app);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _merchant.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Runs a command beside the running system.</summary>
    internal Task<CommandRun> RunAsync(params string[] command) => CommandRun.RunAsync(Folder, [.. command, .. _settings]);

    /// <summary>Runs a command with something on its standard input.</summary>
    internal Task<CommandRun> RunWithInputAsync(string input, params string[] command) => CommandRun.StartAsync(Folder, [.. command, .. _settings], input);

    /// <summary>Makes an operator of the console who may log in.</summary>
    internal async Task HireAsync(string name)
    {
        var operators = new Operators.OperatorsClient(_app.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));
        var token = new string('a', 64);
        var end = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddHours(1));
        await operators.InviteOperatorAsync(new InviteOperatorRequest { Name = name, DisplayName = name, Roles = { "admin" }, TokenHash = token, ExpireTime = end, By = "test" });
        await operators.UseLinkAsync(new UseLinkRequest { TokenHash = token, PasswordHash = "no password has this hash" });
    }

    /// <summary>Makes an app with a route, and answers what signs for it.</summary>
    internal async Task<SigningKey> CreateAppAsync(string appId, params string[] more)
    {
        (await RunAsync(["app", "create", appId, "--merchant", "m-test", "--route", $"wechat.QR={Account}", "--out", $"{appId}.first.pem", .. more])).Done();
        return KeyOf(appId, "k1", MerchantKeyAlgorithm.Ed25519, $"{appId}.first.pem");
    }

    /// <summary>A key from the file that a command wrote.</summary>
    internal SigningKey KeyOf(string appId, string keyId, MerchantKeyAlgorithm algorithm, string file)
    {
        var text = System.IO.File.ReadAllText(File(file));
        return algorithm == MerchantKeyAlgorithm.HmacSha256
            ? SigningKey.FromSecret(appId, keyId, Convert.FromBase64String(text))
            : SigningKey.FromPrivateKeyPem(appId, keyId, algorithm, text);
    }

    /// <summary>Asks for a payment; answers status and body.</summary>
    internal Task<(int Status, JsonNode Body)> AskAsync(SigningKey key, string? outTradeNo = null) => PostAsync(key, "/v1/pay-orders", new JsonObject
    {
        ["out_trade_no"] = outTradeNo ?? $"T{Interlocked.Increment(ref _number):D8}",
        ["amount_minor"] = 1299,
        ["currency"] = "CNY",
        ["subject"] = "龙井茶 Longjing tea",
        ["method"] = "wechat",
        ["scene"] = "QR",
    });

    /// <summary>Asks until the answer has that status: a change of a document is seen within a second. On a busy machine it may take a little longer.</summary>
    internal Task<JsonNode> AskUntilAsync(SigningKey key, int status, string? outTradeNo = null) => UntilAsync(() => AskAsync(key, outTradeNo), key, status);

    /// <summary>Asks for a transfer until its app's new route is seen.</summary>
    internal Task<JsonNode> TransferUntilTakenAsync(SigningKey key, long amount)
    {
        var number = $"T{Interlocked.Increment(ref _number):D8}";
        return UntilAsync(
            () => PostAsync(key, "/v1/transfers", new JsonObject
            {
                ["out_transfer_no"] = number,
                ["amount_minor"] = amount,
                ["method"] = "wechat",
                ["payee"] = new JsonObject { ["kind"] = "OPEN_ID", ["id"] = "o-supplier-of-tea", ["name"] = "王小明" },
                ["title"] = "tea leaves",
            }),
            key,
            200);
    }

    private async Task<(int Status, JsonNode Body)> PostAsync(SigningKey key, string path, JsonObject request)
    {
        var signer = new RequestSigner(key, TimeProvider.System, () => Guid.NewGuid().ToString("N"));
        using var client = new HttpClient(new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = Web };
        using var answer = await client.PostAsJsonAsync(path, request);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private static async Task<JsonNode> UntilAsync(Func<Task<(int Status, JsonNode Body)>> ask, SigningKey key, int status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (answer.Status == status)
            {
                return answer.Body;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(5), $"{key} gets {answer.Status}: {answer.Body}");
            await Task.Delay(50);
        }
    }
}
