using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Channels.Wechat;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>Payments by documents in a real etcd, with sealed secrets: changed and broken while they are in use, and with etcd away.</summary>
public sealed class ConfiguredByEtcd
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Payments_WhileTheConfigurationChangesBreaksAndIsAway_GoOn()
    {
        await using var etcd = await EtcdServer.StartAsync();
        using var folder = new TemporaryFolder();
        await MasterKeys.AddAsync(folder.File("master.key"), "k1", RandomSource.System);
        var seals = new DocumentSeals(MasterKeys.From(new ConfigOptions { MasterKeyFile = folder.File("master.key") }), RandomSource.System);
        string[] settings =
        [
            "--Config:Backend=etcd", $"--Config:Etcd:Endpoints={etcd.Url}", "--Config:Base=/foo/bar/pay/config", $"--Config:MasterKeyFile={folder.File("master.key")}",
            $"--Config:LastGoodFolder={folder.File("last")}",
        ];
        await using var world = await World.StartAsync("sqlite", Role.All, [], backend => SealAsync(backend, seals), settings: settings);
        var (backend, store) = (world.App.Services.GetRequiredService<IConfigBackend>(), world.App.Services.GetRequiredService<ConfigStore>());
        var good = await KeptAsync(backend, "wechat", World.Account);
        good.Should().Contain("sealed:v1:k1:").And.NotContain("PRIVATE KEY");
        (await etcd.ControlAsync("get", $"/foo/bar/pay/config/wechat/{World.Account}", "--print-value-only")).Should().Be(good);
        await PayAsync(world);

        // An app is switched off while another one's requests go on; none of those fails.
        await backend.WriteAsync("apps", World.OtherAppId, With(await KeptAsync(backend, "apps", World.OtherAppId), "enabled", false), CancellationToken.None);
        await UntilAsync(async () =>
        {
            await world.CreateAsync();
            using var answer = await world.OtherMerchant.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder());
            return !answer.IsSuccessStatusCode && (await answer.Content.ReadAsStringAsync()).Contains("SIGNATURE_KEY_UNKNOWN", StringComparison.Ordinal);
        });

        // A document that is none is refused, and the last good one pays.
        await backend.WriteAsync("wechat", World.Account, With(good, "mch_id", "12"), CancellationToken.None);
        await UntilAsync(() => Task.FromResult(store.Problems.Count == 1));
        store.Problems[0].Should().BeEquivalentTo(new { Folder = "wechat", Name = World.Account });
        await PayAsync(world);

        // Without etcd what is in use stays in use, here and in a process that starts only now.
        await etcd.StopAsync();
        await UntilAsync(() => Task.FromResult(store.Freshness.Trouble is not null));
        await PayAsync(world);
        await using (var late = Channel([.. settings, $"--Data={folder.Path}"]))
        {
            await late.StartAsync(TestContext.Current.CancellationToken);
            late.Services.GetRequiredService<IConfigDocuments<WechatAccount>>().Find(World.Account).Should().NotBeNull("the last good one is the copy");
            late.Services.GetRequiredService<ConfigStore>().Freshness.Trouble.Should().Contain(etcd.Url);
            await late.StopAsync(TestContext.Current.CancellationToken);
        }

        await using (var empty = Channel([.. settings, $"--Data={folder.Path}", $"--Config:LastGoodFolder={folder.File("nothing")}"]))
        {
            (await FluentActions.Awaiting(() => empty.StartAsync(TestContext.Current.CancellationToken)).Should().ThrowAsync<InvalidOperationException>()).WithMessage("*no last good copy*");
        }

        await etcd.StartAgainAsync();
        await UntilAsync(() => Task.FromResult(store.Freshness.Trouble is null));
        await backend.WriteAsync("wechat", World.Account, Encoding.UTF8.GetBytes(good), CancellationToken.None);
        await UntilAsync(() => Task.FromResult(store.Problems.Count == 0));
        await PayAsync(world);
    }

    private static async Task PayAsync(World world)
    {
        var answer = await world.CreateAsync();
        world.Wallet.Pay(World.Account, answer["attempt_no"]!.GetValue<string>());
        await world.UntilAsync(answer["order"]!["id"]!.GetValue<string>(), o => o.Order.State == OrderState.Paid);
    }

    private static async Task SealAsync(IConfigBackend backend, DocumentSeals seals)
    {
        var content = Encoding.UTF8.GetBytes(await KeptAsync(backend, "wechat", World.Account));
        await backend.WriteAsync(
            "wechat", World.Account, seals.Seal("wechat", World.Account, content, DocumentSecrets.Of<WechatAccountDocument>()), CancellationToken.None);
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Channel(string[] settings) => PayCoreHost.Build(
        ["--roles=ChannelWechat", "--Security:Internal=none", $"--Ports:Inner:ChannelWechat={FreePorts.Take(1)[0]}", "--Ports:Operations=0", "--Logging:LogLevel:Default=None", .. settings]);

    private static async Task<string> KeptAsync(IConfigBackend backend, string folder, string name) =>
        Encoding.UTF8.GetString((await backend.ReadAllAsync(CancellationToken.None)).Single(d => d.Folder == folder && d.Name == name).Content.Span);

    private static byte[] With(string document, string member, JsonNode value)
    {
        var changed = JsonNode.Parse(document)!;
        changed[member] = value;
        return Encoding.UTF8.GetBytes(changed.ToJsonString());
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(_patience);
            await Task.Delay(10);
        }
    }
}
