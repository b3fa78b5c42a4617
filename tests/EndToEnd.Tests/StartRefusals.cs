using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PayCore.Channels.Wechat;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary>What is wrong with a schema, a key or a file when a process starts: it serves no money by it (invariants, I28; the clock is in ClockTests).</summary>
public sealed class StartRefusals
{
    private const string Account = "1900000003";

    [Fact]
    public async Task Schema_OfANewerProgram_StopsTheProcess()
    {
        using var folder = new TemporaryFolder();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "paycore.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE schema_version (Version INTEGER NOT NULL, AppliedOn DATETIME, Description TEXT);
                INSERT INTO schema_version (Version, Description) VALUES (299901010000, 'of the future');
                """;
            await command.ExecuteNonQueryAsync();
        }

        var ports = FreePorts.Take(4);
        var start = async () =>
        {
            await using var app = PayCoreHost.Build(
                [$"--Data={folder.Path}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Simulator={ports[2]}", $"--Ports:Console={ports[3]}", "--Ports:Operations=0", "--Logging:LogLevel:Default=None"]);
            await PayCoreHost.PrepareAsync(app);
            await app.StartAsync();
            await app.StopAsync();
        };

        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*299901010000*");
    }

    /// <summary>The reason stands alone: that its loops were stopped is not told as failures.</summary>
    [Fact]
    public async Task Port_ThatAnotherProgramHas_StopsTheProcessWithNothingButTheReason()
    {
        using var folder = new TemporaryFolder();
        var ports = FreePorts.Take(4);
        using var another = new TcpListener(IPAddress.Loopback, ports[0]);
        another.Start();
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                HostProcess.Program, $"--Data={folder.Path}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Simulator={ports[2]}",
                $"--Ports:Console={ports[3]}", "--Ports:Operations=0",
            ]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.Should().Be(1, output);
        (await error).Trim().Split('\n').Should().ContainSingle().Which.Should().Contain($"{ports[0]}").And.Contain("address already in use").And.Contain("choose ports");
        output.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Callbacks:RejectedPerSecond=0", "1 to 1,000")]
    [InlineData("Callbacks:RejectedBurst=10001", "1 to 10,000")]
    [InlineData("Database:KeepRejectedCallbacks=00:30:00", "1 to 3,650 days")]
    public async Task Setting_OutOfItsRange_StopsTheProcess(string setting, string range)
    {
        using var folder = new TemporaryFolder();
        var ports = FreePorts.Take(4);
        var start = async () =>
        {
            await using var app = PayCoreHost.Build(
                [$"--Data={folder.Path}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Simulator={ports[2]}", $"--Ports:Console={ports[3]}", "--Ports:Operations=0", "--Logging:LogLevel:Default=None", $"--{setting}"]);
            await PayCoreHost.PrepareAsync(app);
            await app.StartAsync();
            await app.StopAsync();
        };

        (await start.Should().ThrowAsync<OptionsValidationException>()).Which.Message.Should().Contain(setting.Split('=')[0]).And.Contain(range);
    }

    [Theory]
    [InlineData("changeme", "is not id:base64 of 32 bytes")]
    [InlineData("k1:c2hvcnQ=", "is not id:base64 of 32 bytes")]
    [InlineData("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "is not random")]
    public async Task MasterKey_ThatIsShortOrNotRandom_StopsTheProcess(string key, string reason)
    {
        using var folder = new TemporaryFolder();
        var start = async () =>
        {
            await using var app = PayCoreHost.Build(
                [$"--Data={folder.Path}", "--roles=ChannelWechat", "--Security:Internal=none", $"--Ports:Inner:ChannelWechat={FreePorts.Take(1)[0]}", "--Ports:Operations=0", "--Logging:LogLevel:Default=None", $"--PAYCORE_MASTER_KEY={key}"]);
            await app.StartAsync();
            await app.StopAsync();
        };

        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("PAYCORE_MASTER_KEY").And.Contain(reason).And.NotContain(key);
    }

    [Theory]
    [InlineData("private_key_is_none")]
    [InlineData("private_key_is_weak")]
    [InlineData("api_v3_key_is_a_default")]
    [InlineData("public_key_is_none")]
    [InlineData("others_may_read_it")]
    public async Task ChannelAccount_WithAWrongKey_TakesNoOrder(string wrong)
    {
        var key = MerchantKeyPair.CreateEd25519();
        await using var world = await World.StartAsync("sqlite", null, builder =>
        {
            Write(builder, "wechat", Account, Encode(ChannelDocument(builder, wrong)), wrong == "others_may_read_it");
            Write(builder, "apps", "app-of-the-account", Encode(App(key)));
        });
        using var client = world.Client("app-of-the-account", key);

        var answer = await client.PostTextAsync(Refusals.OrdersPath, world.NewOrder().ToJsonString());

        Problems(world).Should().Equal($"wechat/{Account}");
        answer.ShouldBe(503, ErrorReason.ChannelUnavailable);
        world.ProviderCalls.Calls.Should().BeEmpty("nobody is asked for money");
    }

    [Theory]
    [InlineData("webhook_without_secret")]
    [InlineData("webhook_secret_is_short")]
    [InlineData("key_is_none")]
    [InlineData("others_may_read_it")]
    public async Task App_WithAWrongSecret_IsNotServed(string wrong)
    {
        var key = MerchantKeyPair.CreateEd25519();
        var app = App(key);
        app = wrong switch
        {
            "webhook_without_secret" => app with { Webhook = new WebhookDocument { Url = "https://shop.example/hook", Secrets = [] } },
            "webhook_secret_is_short" => app with { Webhook = new WebhookDocument { Url = "https://shop.example/hook", Secrets = ["whsec_c2hvcnQ="] } },
            "key_is_none" => app with { Keys = [.. app.Keys, new AppKeyDocument { KeyId = "k2", Alg = "ed25519", PublicKey = "none" }] },
            _ => app,
        };
        await using var world = await World.StartAsync(
            "sqlite", null, builder => Write(builder, "apps", "wrong-app", Encode(app), wrong == "others_may_read_it"));
        using var client = world.Client("wrong-app", key);

        var answer = await world.WithoutEffectAsync(null, () => client.PostTextAsync(Refusals.OrdersPath, world.NewOrder().ToJsonString()));

        Problems(world).Should().Equal("apps/wrong-app");
        answer.ShouldBe(401, ErrorReason.SignatureKeyUnknown);
    }

    /// <summary>The documents that are refused, as console and health show them.</summary>
    private static IEnumerable<string> Problems(World world) =>
        world.App.Services.GetRequiredService<ConfigStore>().Problems.Select(p => $"{p.Folder}/{p.Name}");

    private static MerchantApp App(MerchantKeyPair key) => new()
    {
        MerchantId = "m-wrong",
        Keys = [new AppKeyDocument { KeyId = "k1", Alg = "ed25519", PublicKey = key.PublicKeyPem }],
        Routes = new Dictionary<string, IReadOnlyList<RouteDocument>> { ["wechat.QR"] = [new RouteDocument { Account = Account }] },
    };

    private static WechatAccountDocument ChannelDocument(WebApplicationBuilder builder, string wrong)
    {
        using var key = RSA.Create(wrong == "private_key_is_weak" ? 1024 : 2048);
        return new WechatAccountDocument
        {
            MchId = Account,
            AppId = "wx5e11e7c0ffee0001",
            MerchantSerialNo = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
            PrivateKey = wrong == "private_key_is_none" ? "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" : key.ExportPkcs8PrivateKeyPem(),
            ApiV3Key = wrong == "api_v3_key_is_a_default" ? "01234567890123456789012345678901" : "Kd83hfkWq02mzPxu5yTnb7RcVe14sGaJ",
            PublicKeyId = "PUB_KEY_ID_0000000000000000000000000000003",
            PublicKey = wrong == "public_key_is_none" ? "none" : key.ExportSubjectPublicKeyInfoPem(),
            BaseUrl = $"http://127.0.0.1:{builder.Configuration["Ports:Simulator"]}",
        };
    }

    private static byte[] Encode<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, DocumentJson.Options);

    /// <summary>Puts a document into the folder that the process is about to read.</summary>
    private static void Write(WebApplicationBuilder builder, string folder, string name, byte[] content, bool othersMayRead = false)
    {
        var config = new ConfigOptions { Folder = Path.Combine(builder.Configuration["Data"]!, "config") };
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(config.BaseFolder, folder)).FullName, name);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | (othersMayRead ? UnixFileMode.OtherRead : UnixFileMode.None));
    }
}
