using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MySqlConnector;
using PayCore.Channels.Wechat;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// kill -9 of the host between intent and result, at each seam: the call to the channel, the commit, the notification. The provider and the merchant live on in
/// the test's process. After a restart nothing is lost and nothing is doubled.
/// </summary>
public sealed class KilledBetween : IAsyncLifetime
{
    private const string Account = "1900000001";

    private readonly TemporaryFolder _folder = new();
    private readonly MerchantKeyPair _key = MerchantKeyPair.CreateEd25519();
    private readonly int[] _ports = FreePorts.Take(12);
    private WebApplication _provider = null!;
    private MerchantReceiver _receiver = null!;
    private HttpClient _merchant = null!;
    private HostProcess _host = null!;
    private CommitProxy? _proxy;
    private string _connection = "";

    private Faults Faults => _provider.Services.GetRequiredService<Faults>();

    private WechatLedger Ledger => _provider.Services.GetRequiredService<WechatLedger>();

    private Uri Web => new($"http://127.0.0.1:{_ports[0]}");

    public async ValueTask InitializeAsync()
    {
        _receiver = await MerchantReceiver.StartAsync();
        var builder = WebApplication.CreateSlimBuilder(["--Simulator:ScheduleScale=0.02"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddChannelSimulator();
        _provider = builder.Build();
        _provider.MapChannelSimulator();
        await _provider.StartAsync();

        var server = await MariaDbServer.SharedAsync();
        _connection = await server.CreateDatabaseAsync();
        _proxy = new CommitProxy(server.Port);
        await WriteDocumentsAsync();
        var signer = new RequestSigner(
            SigningKey.FromPrivateKeyPem("app", "k1", MerchantKeyAlgorithm.Ed25519, _key.PrivateKeyPem), TimeProvider.System, () => Guid.NewGuid().ToString("N"));
        _merchant = new HttpClient(new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = Web, Timeout = TimeSpan.FromSeconds(30) };

        var throughProxy = new MySqlConnectionStringBuilder(_connection) { Port = (uint)_proxy.Port, SslMode = MySqlSslMode.None };
        string[] inner = ["PayDatabase", "PayGateway", "QueryGateway", "NotifyGateway", "ChannelWechat"];
        _host = new HostProcess(
        [
            "--roles=PayDatabase,PayGateway,QueryGateway,CallbackGateway,NotifyGateway,OrderMonitor,ChannelWechat", "--Security:Internal=none",
            $"--Data={_folder.Path}", $"--Ports:Web={_ports[0]}", $"--Ports:MerchantGrpc={_ports[1]}", "--Ports:Operations=0",
            .. inner.Select((role, i) => $"--Ports:Inner:{role}={_ports[2 + i]}"),
            "--Database:Provider=mysql", $"--Database:ConnectionString={throughProxy.ConnectionString}", "--Database:Writers=1",
            $"--Outbound:AllowPrivateAddresses:0={_receiver.Authority}", "--Notify:Lease=00:00:04", "--Notify:RenewEvery=00:00:01", "--Notify:TryTimeout=00:00:03",
            "--Notify:ScheduleScale=0.02", "--Calls:Lease=00:00:05", "--Monitor:NumberEventsEvery=01:00:00", "--Monitor:StatementsAt=1.00:00:00",
        ], new Uri(Web, "/health/live"));
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        await _host.DisposeAsync();
        await _provider.DisposeAsync();
        await _receiver.DisposeAsync();
        await _proxy!.DisposeAsync();
        _merchant.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public Task BeforeTheOrderIsCommitted_ARepeatMakesIt() => KilledWhileCreatingAsync(() => _proxy!.TrapNextCommit("pay_order", afterCommit: false), ordersAfterwards: 0);

    /// <summary>A cashier's order needs one write and no channel, so that its answer stands on this commit alone.</summary>
    [Fact]
    public async Task BeforeTheOrderIsCommitted_NothingIsAcknowledged()
    {
        var order = new { out_trade_no = "cashier", amount_minor = 1299, subject = "茶", scene = "CASHIER" };
        var caught = _proxy!.TrapNextCommit("pay_order", afterCommit: false);

        using (var lost = await _merchant.PostAsJsonAsync("/v1/pay-orders", order))
        {
            caught.IsCompleted.Should().BeTrue();
            ((int)lost.StatusCode).Should().Be(503, "the commit never came to the server");
        }

        (await CountAsync("pay_order")).Should().Be(0);
        using var repeat = await _merchant.PostAsJsonAsync("/v1/pay-orders", order);
        ((int)repeat.StatusCode).Should().Be(200);
        (await CountAsync("pay_order")).Should().Be(1);
    }

    [Fact]
    public Task AfterTheOrderIsCommitted_ARepeatContinuesIt() => KilledWhileCreatingAsync(() => _proxy!.TrapNextCommit("pay_order", afterCommit: true), ordersAfterwards: 1);

    [Fact]
    public Task BeforeTheChannelDidIt_ARepeatAsksAgain() => KilledWhileCreatingAsync(() => FaultFired("place", "hold"), ordersAfterwards: 1);

    [Fact]
    public Task AfterTheChannelDidIt_ARepeatAsksAgainUnderTheSameNumber() => KilledWhileCreatingAsync(() => FaultFired("place", "hold_after_effect"), ordersAfterwards: 1);

    [Fact]
    public Task BeforeTheAnswerIsCommitted_ARepeatAsksAgainUnderTheSameNumber() => KilledWhileCreatingAsync(
        async () =>
        {
            // The channel is held until the trap stands, so that the next commit is the answer's.
            var fault = Faults.Add(new Fault { Operation = "place", Kind = "hold_after_effect" });
            await Faults.WaitForFiredAsync(fault.Id, TestContext.Current.CancellationToken);
            var caught = _proxy!.TrapNextCommit("pay_attempt", afterCommit: false);
            Faults.Release(fault.Id);
            await caught;
        }, ordersAfterwards: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhileTheCallbackIsCommitted_TheProvidersRepeatSettlesIt(bool afterCommit)
    {
        var attemptNo = await CreateAsync("callback");
        await UntilAsync(async () => await CountAsync("channel_call") == 1);
        var caught = _proxy!.TrapNextCommit("callback", afterCommit);
        await PayAsync(attemptNo);
        await caught.WaitAsync(TimeSpan.FromSeconds(20));

        await _host.KillAsync();
        await _host.StartAsync();

        await AssertPaidOnceAsync("callback", attemptNo);
    }

    [Fact]
    public async Task WhileTheMerchantIsTold_ItIsToldAgainUnderTheSameId()
    {
        var asked = new TaskCompletionSource();
        var acknowledge = _receiver.Answer;
        _receiver.Answer = async (_, http) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        var attemptNo = await CreateAsync("told");
        await PayAsync(attemptNo);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));

        await _host.KillAsync();
        _receiver.Answer = acknowledge;
        await _host.StartAsync();

        await AssertPaidOnceAsync("told", attemptNo);
        _receiver.All.Should().HaveCountLessThanOrEqualTo(2, "a crash may cause one duplicate");
    }

    private async Task KilledWhileCreatingAsync(Func<Task> seamReached, long ordersAfterwards)
    {
        var reached = seamReached();
        var create = _merchant.PostAsJsonAsync("/v1/pay-orders", Order("killed"));
        await reached.WaitAsync(TimeSpan.FromSeconds(20));

        await _host.KillAsync();
        await ((Task)create).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        create.IsCompletedSuccessfully.Should().BeFalse("the merchant got no answer");
        Faults.Clear();
        (await CountAsync("pay_order")).Should().Be(ordersAfterwards);
        await _host.StartAsync();

        var attemptNo = await CreateAsync("killed");
        await PayAsync(attemptNo);
        await AssertPaidOnceAsync("killed", attemptNo);
    }

    /// <summary>Repeats the create until the channel's answer is there, as a merchant would.</summary>
    private async Task<string> CreateAsync(string outTradeNo)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await _merchant.PostAsJsonAsync("/v1/pay-orders", Order(outTradeNo));
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode && JsonNode.Parse(text)!["result"]!.GetValue<string>() == "ACTION")
            {
                return JsonNode.Parse(text)!["attempt_no"]!.GetValue<string>();
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(30), $"{text}\n{_host.Output}");
            await Task.Delay(200);
        }
    }

    private async Task PayAsync(string attemptNo)
    {
        using var control = new HttpClient { BaseAddress = new Uri(_provider.Urls.Single()) };
        (await control.PostAsJsonAsync("/control/wechat/pay", new { out_trade_no = attemptNo })).EnsureSuccessStatusCode();
    }

    private async Task AssertPaidOnceAsync(string outTradeNo, string attemptNo)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await CountAsync("notify_delivery WHERE state = 'DELIVERED'") == 0)
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(40), $"the merchant is told\n{_host.Output}");
            await Task.Delay(50);
        }

        using var answer = await _merchant.GetAsync($"/v1/pay-orders?out_trade_no={outTradeNo}");
        var order = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["order"]!;
        order["state"]!.GetValue<string>().Should().Be("PAID");
        order["attempt_no"]!.GetValue<string>().Should().Be(attemptNo);
        (await CountAsync("pay_order")).Should().Be(1);
        (await CountAsync("pay_attempt")).Should().Be(1);
        (await CountAsync("event")).Should().Be(1);
        (await CountAsync("notify_delivery")).Should().Be(1);
        (await CountAsync("pay_order_history WHERE to_state = 'PAID'")).Should().Be(1);
        (await CountAsync("callback WHERE state = 'APPLIED'")).Should().BeLessThanOrEqualTo(1);
        Ledger.All.Should().ContainSingle("the channel has one order").Which.State.Should().Be("SUCCESS");
        _receiver.All.Select(r => r.Id).Distinct().Should().ContainSingle("one event, whatever the number of tries");
        _receiver.All.Should().OnlyContain(r => _receiver.Verifies(r));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(20);
        }
    }

    private async Task<long> CountAsync(string table)
    {
        await using var connection = new MySqlConnection(_connection);
        await connection.OpenAsync();
        await using var command = new MySqlCommand($"SELECT COUNT(*) FROM {table}", connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task FaultFired(string operation, string kind)
    {
        var fault = Faults.Add(new Fault { Operation = operation, Kind = kind });
        await Faults.WaitForFiredAsync(fault.Id, TestContext.Current.CancellationToken);
    }

    private static object Order(string outTradeNo) => new
    {
        out_trade_no = outTradeNo,
        amount_minor = 1299,
        subject = "茶",
        method = "wechat",
        scene = "QR",
    };

    private async Task WriteDocumentsAsync()
    {
        using var key = RSA.Create(2048);
        const string serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
        const string apiV3Key = "Kd83hfkWq02mzPxu5yTnb7RcVe14sGaJ";
        var platform = _provider.Services.GetRequiredService<WechatMerchants>().Register(new WechatMerchantRegistration
        {
            MchId = Account,
            AppId = "wx5e11e7c0ffee0001",
            Name = "tea",
            MerchantSerialNo = serial,
            MerchantPublicKeyPem = key.ExportSubjectPublicKeyInfoPem(),
            ApiV3Key = apiV3Key,
        });
        var backend = new FolderConfigBackend(new ConfigOptions { Folder = Path.Combine(_folder.Path, "config") }.BaseFolder, TimeProvider.System);
        await backend.WriteAsync("wechat", Account, JsonSerializer.SerializeToUtf8Bytes(
            new WechatAccountDocument
            {
                MchId = Account,
                AppId = "wx5e11e7c0ffee0001",
                MerchantSerialNo = serial,
                PrivateKey = key.ExportPkcs8PrivateKeyPem(),
                ApiV3Key = apiV3Key,
                PublicKeyId = platform.PublicKeyId,
                PublicKey = platform.PublicKeyPem,
                BaseUrl = _provider.Urls.Single(),
            }, DocumentJson.Options), CancellationToken.None);
        await backend.WriteAsync("apps", "app", JsonSerializer.SerializeToUtf8Bytes(
            new MerchantApp
            {
                MerchantId = "m",
                Keys = [new AppKeyDocument { KeyId = "k1", Alg = "ed25519", PublicKey = _key.PublicKeyPem }],
                Webhook = new WebhookDocument { Url = _receiver.Url, Secrets = [_receiver.Secret] },
                Routes = new Dictionary<string, IReadOnlyList<RouteDocument>> { ["wechat.QR"] = [new RouteDocument { Account = Account }] },
            }, DocumentJson.Options), CancellationToken.None);
    }
}
