using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Wechat.Tests;

/// <summary>The examination of an account against the simulated provider: each mistake that a person makes is named by its field, and a right account has none.</summary>
public sealed class DoctorTests
{
    private const string Callback = "https://pay.example.com/callback/wechat/main";

    [Fact]
    public async Task RightAccount_WithAPublicKey_IsGoodThroughout()
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync();

        findings.Should().OnlyContain(f => f.Level == Level.Good);
        findings.Select(f => f.Check).Should().Equal("document", "callback_address", "clock", "key_pair", "certificate", "platform_key", "signed_query");
        One(findings, "certificate").TextEn.Should().Contain("could not be tried");
    }

    [Fact]
    public async Task RightAccount_WithCertificates_IsGoodThroughoutAndItsApiV3KeyIsProven()
    {
        await using var clinic = await Clinic.StartAsync(certificates: true);

        var findings = await clinic.ExamineAsync(Certificates);

        findings.Should().OnlyContain(f => f.Level == Level.Good);
        One(findings, "certificate").TextEn.Should().Contain("api_v3_key is proven");
    }

    [Fact]
    public async Task RightAccount_DuringAMigration_IsGoodThroughoutAndItsApiV3KeyIsProven()
    {
        await using var clinic = await Clinic.StartAsync(certificates: true);

        (await clinic.ExamineAsync()).Should().OnlyContain(f => f.Level == Level.Good);
        var both = await clinic.ExamineAsync(d => d["platform_certificates"] = true);

        both.Should().OnlyContain(f => f.Level == Level.Good);
        One(both, "certificate").TextEn.Should().Contain("api_v3_key is proven");
    }

    [Fact]
    public async Task ConfiguredAccount_IsExaminedByItsName()
    {
        await using var clinic = await Clinic.StartAsync();

        var reply = await clinic.World.Client.CheckAccountAsync(new CheckAccountRequest { Account = World.Account }, deadline: clinic.Deadline);

        reply.Findings.Should().OnlyContain(f => f.Level == Level.Good);
        reply.Findings.Should().NotContain(f => f.Check == "callback_address");
    }

    [Fact]
    public async Task UnknownAccount_IsOneFailure()
    {
        await using var clinic = await Clinic.StartAsync();

        var reply = await clinic.World.Client.CheckAccountAsync(new CheckAccountRequest { Account = "nobody" });

        Only([.. reply.Findings], "document", "");
    }

    [Theory]
    [InlineData("private_key")]
    [InlineData("merchant_serial_no")]
    [InlineData("mch_id")]
    public async Task Signature_ThatIsRefused_NamesTheThreeCauses(string wrong)
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(d => d[wrong] = wrong switch
        {
            "private_key" => Keys.Stranger.ExportPkcs8PrivateKeyPem(),
            "merchant_serial_no" => "2DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
            _ => "1230000110",
        });

        var failure = Only(findings, "key_pair", "private_key");
        foreach (var text in new[] { failure.TextEn, failure.TextZh })
        {
            text.Should().ContainAll("SIGN_ERROR", "private_key", "merchant_serial_no", "mch_id");
        }

        findings.Should().NotContain(f => f.Check == "platform_key" || f.Check == "signed_query");
    }

    [Fact]
    public async Task Document_WithAppIdsTransfersAndAStore_IsToldOf()
    {
        await using var clinic = await Clinic.StartAsync();

        var plain = One(await clinic.ExamineAsync(_ => { }), "document");
        var rich = One(
            await clinic.ExamineAsync(d =>
            {
                (d["mini_program_app_id"], d["transfer_scene_id"], d["barcode_store_id"]) = ("wx0000000000000001", "1005", "S-1");
                d["transfer_report_infos"] = new JsonObject { ["岗位类型"] = "导购" };
            }),
            "document");

        plain.TextEn.Should().Contain("pays nobody out").And.Contain(Keys.AppId).And.NotContain("Payment codes");
        foreach (var text in new[] { rich.TextEn, rich.TextZh })
        {
            text.Should().ContainAll(Keys.AppId, "wx0000000000000001", "1005", "S-1");
        }
    }

    [Fact]
    public async Task PublicKey_ThatIsTheMerchantsOwn_IsRefusedWithTheDocument()
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(d => d["public_key"] = Keys.Merchant.ExportSubjectPublicKeyInfoPem());

        Only(findings, "document", "public_key").TextEn.Should().Contain("merchant's own public key");
        clinic.Calls.Should().BeEmpty("a document that is refused is not tried");
    }

    [Fact]
    public async Task PublicKey_OfSomebodyElse_IsNamed()
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(d => d["public_key"] = Keys.Stranger.ExportSubjectPublicKeyInfoPem());

        Only(findings, "platform_key", "public_key").TextEn.Should().Contain("is not the key of PUB_KEY_ID_");
        One(findings, "key_pair").Level.Should().Be(Level.Good);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PublicKeyId_OfAnotherKey_IsNamedWithTheOneThatSigns(bool certificates)
    {
        await using var clinic = await Clinic.StartAsync(certificates);

        var findings = await clinic.ExamineAsync(d => d["public_key_id"] = "PUB_KEY_ID_0000000000000000000000000001");

        var failure = Only(findings, "platform_key", "public_key_id");
        failure.TextEn.Should().Contain("PUB_KEY_ID_0000000000000000000000000001");
        if (!certificates)
        {
            failure.TextEn.Should().Contain(clinic.Given.PublicKeyId);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ApiV3Key_ThatDoesNotOpenCertificates_IsNamed(bool inCertificateMode)
    {
        await using var clinic = await Clinic.StartAsync(certificates: true);

        var findings = await clinic.ExamineAsync(d =>
        {
            d["api_v3_key"] = "A7Zk2MvT9xLw4RbN8sYc1HdF6gJp3UaE";
            if (inCertificateMode)
            {
                Certificates(d);
            }
        });

        Only(findings, "certificate", "api_v3_key").TextEn.Should().Contain("does not open");
        One(findings, "key_pair").Level.Should().Be(Level.Good);
    }

    [Fact]
    public async Task Certificates_ThatTheMerchantDoesNotHave_AreNamedWithTheRemedy()
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(Certificates);

        Only(findings, "certificate", "public_key").TextEn.Should().ContainAll("no platform certificate", "pub_key.pem");
    }

    [Fact]
    public async Task Certificates_ThatAMigratedMerchantNoLongerHas_AreAWarning()
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(d => d["platform_certificates"] = true);

        (One(findings, "certificate").Level, One(findings, "certificate").Field).Should().Be((Level.Warning, "platform_certificates"));
        findings.Where(f => f.Check != "certificate").Should().OnlyContain(f => f.Level == Level.Good);
    }

    [Theory]
    [InlineData(-31, Level.Good)]
    [InlineData(-29, Level.Warning)]
    [InlineData(1, Level.Failure)]
    public async Task Certificate_NearItsEnd_IsSaid(int daysAfterEnd, Level level)
    {
        // The simulator's certificates live five years from now.
        await using var clinic = await Clinic.StartAsync(certificates: true, clock: DateTimeOffset.UtcNow.AddYears(5).AddDays(daysAfterEnd));

        var findings = await clinic.ExamineAsync(Certificates);

        One(findings, "certificate").Level.Should().Be(level);
        findings.Where(f => f.Check is not ("certificate" or "platform_key" or "signed_query")).Should().OnlyContain(f => f.Level == Level.Good);
    }

    [Theory]
    [InlineData(10, Level.Good, null)]
    [InlineData(11, Level.Warning, "11 seconds ahead of")]
    [InlineData(-60, Level.Warning, "60 seconds behind")]
    [InlineData(-61, Level.Failure, "61 seconds behind")]
    [InlineData(299, Level.Failure, "299 seconds ahead of")]
    public async Task Clock_ThatIsOff_IsSaidWithAmountAndDirection(int secondsAhead, Level level, string? words)
    {
        await using var clinic = await Clinic.StartAsync(ahead: secondsAhead);

        var findings = await clinic.ExamineAsync();

        var clock = One(findings, "clock");
        clock.Level.Should().Be(level);
        clock.TextEn.Should().Contain(words ?? "agrees");
        findings.Where(f => f.Check != "clock").Should().OnlyContain(f => f.Level == Level.Good);
    }

    [Theory]
    [InlineData(-400, "慢 400 秒")]
    [InlineData(3600, "快 3600 秒")]
    public async Task Clock_ThatIsRefused_IsTheCauseAndNotTheKeys(int secondsAhead, string words)
    {
        await using var clinic = await Clinic.StartAsync(ahead: secondsAhead);

        var findings = await clinic.ExamineAsync();

        One(findings, "clock").TextZh.Should().Contain(words);
        One(findings, "signed_query").TextEn.Should().Contain("the clock is why");
        findings.Should().NotContain(f => f.Check == "key_pair" || f.Check == "platform_key");
    }

    [Theory]
    [InlineData("https://pay.example.com/callback/wechat/main?x=1", Level.Failure, "without a query")]
    [InlineData("pay.example.com/callback", Level.Failure, "absolute")]
    [InlineData("ftp://pay.example.com/callback", Level.Failure, "absolute")]
    [InlineData("http://127.0.0.1:8080/callback/wechat/main", Level.Warning, "only this machine or this network")]
    [InlineData("https://localhost/callback/wechat/main", Level.Warning, "only this machine or this network")]
    [InlineData("https://10.0.0.7/callback/wechat/main", Level.Warning, "only this machine or this network")]
    [InlineData("http://pay.example.com/callback/wechat/main", Level.Warning, "https")]
    [InlineData(Callback, Level.Good, "calls back")]
    public async Task CallbackAddress_IsExaminedWithoutAsking(string url, Level level, string words)
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(callback: url, offline: true);

        One(findings, "callback_address").Level.Should().Be(level);
        One(findings, "callback_address").TextEn.Should().Contain(words);
        clinic.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Offline_LooksAtTheDocumentAlone()
    {
        await using var clinic = await Clinic.StartAsync();

        (await clinic.ExamineAsync(callback: "", offline: true)).Should().ContainSingle().Which.Level.Should().Be(Level.Good);
        Only(await clinic.ExamineAsync(d => d["mch_id"] = "12", callback: "", offline: true), "document", "mch_id");
        clinic.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task DisabledAccount_IsAWarning()
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(d => d["enabled"] = false);

        (One(findings, "document").Level, One(findings, "document").Field).Should().Be((Level.Warning, "enabled"));
        One(findings, "signed_query").Level.Should().Be(Level.Good);
    }

    [Fact]
    public async Task Provider_ThatDoesNotAnswer_IsNamed()
    {
        await using var clinic = await Clinic.StartAsync();

        var findings = await clinic.ExamineAsync(d => d["base_url"] = "http://127.0.0.1:1");

        Only(findings, "signed_query", "base_url").TextEn.Should().Contain("no connection");
    }

    [Fact]
    public async Task Provider_ThatIsBusy_IsAWarning()
    {
        await using var clinic = await Clinic.StartAsync();
        clinic.Faults.Add(new Fault { Operation = "query", Kind = FaultKinds.Error503, Count = -1 });

        One(await clinic.ExamineAsync(), "signed_query").Level.Should().Be(Level.Warning);
    }

    [Fact]
    public async Task AnswerSignedWronglyOnPurpose_IsAskedForAgain()
    {
        await using var clinic = await Clinic.StartAsync();
        clinic.Faults.Add(new Fault { Operation = "query", Kind = FaultKinds.ProbeSignature });

        (await clinic.ExamineAsync()).Should().OnlyContain(f => f.Level == Level.Good);
        await clinic.LoggedAsync(c => c is { Operation: "query", Fault: null });
        clinic.Calls.Count(c => c.Operation == "query").Should().Be(2);
    }

    [Theory]
    [InlineData(FaultKinds.NotSigned, Level.Warning)]
    [InlineData(FaultKinds.BadSignature, Level.Failure)]
    public async Task AnswerThatProvesNothing_IsNotCalledGood(string fault, Level level)
    {
        await using var clinic = await Clinic.StartAsync();
        clinic.Faults.Add(new Fault { Operation = "query", Kind = fault, Count = -1 });

        var findings = await clinic.ExamineAsync();

        One(findings, "platform_key").Level.Should().Be(level);
        findings.Should().NotContain(f => f.Check == "signed_query");
    }

    [Fact]
    public async Task Examination_ChangesNothingThatTheRunningAccountTrusts()
    {
        await using var clinic = await Clinic.StartAsync(certificates: true);
        var before = clinic.TrustedSerials();

        await clinic.World.Client.CheckAccountAsync(new CheckAccountRequest { Account = World.Account }, deadline: clinic.Deadline);

        clinic.TrustedSerials().Should().Equal(before);
    }

    [Fact]
    public async Task Describe_OfTheChannelAlone_HasTheShapeOfItsDocuments()
    {
        await using var clinic = await Clinic.StartAsync();

        var schema = JsonNode.Parse((await clinic.World.Client.DescribeAsync(new DescribeRequest())).AccountSchema)!;

        schema["properties"]!.AsObject().Where(p => p.Value!["writeOnly"] is not null).Select(p => p.Key).Should().BeEquivalentTo("private_key", "api_v3_key");
        schema["properties"]!.AsObject().Should().OnlyContain(p => p.Value!["description"] != null);
        schema["required"]!.AsArray().Select(r => r!.GetValue<string>())
            .Should().BeEquivalentTo("mch_id", "app_id", "merchant_serial_no", "private_key", "api_v3_key");
        (await clinic.World.Client.DescribeAsync(new DescribeRequest { Account = World.Account })).AccountSchema.Should().BeEmpty();
    }

    private static void Certificates(JsonObject document)
    {
        document.Remove("public_key_id");
        document.Remove("public_key");
    }

    private static AccountFinding One(IEnumerable<AccountFinding> findings, string check) => findings.Should().ContainSingle(f => f.Check == check).Subject;

    /// <summary>The only thing that is not good.</summary>
    private static AccountFinding Only(IReadOnlyList<AccountFinding> findings, string check, string field)
    {
        var failure = findings.Should().ContainSingle(f => f.Level != Level.Good).Subject;
        (failure.Level, failure.Check, failure.Field).Should().Be((Level.Failure, check, field));
        return failure;
    }

    /// <summary>The simulated provider with a clock of its own, a merchant registered with it, and the channel.</summary>
    private sealed class Clinic : IAsyncDisposable
    {
        private static readonly Lazy<WechatMerchants> _plain = new(() => NewMerchants(false));
        private static readonly Lazy<WechatMerchants> _migrating = new(() => NewMerchants(true));

        private readonly WebApplication _app;

        private Clinic(WebApplication app, World world, RegisteredWechatMerchant given) => (_app, World, Given) = (app, world, given);

        public World World { get; }

        public RegisteredWechatMerchant Given { get; }

        public Faults Faults => _app.Services.GetRequiredService<Faults>();

        public Task<ReceivedCall> LoggedAsync(Func<ReceivedCall, bool> wanted) =>
            _app.Services.GetRequiredService<RequestLog>().WaitForCallAsync(wanted, TestContext.Current.CancellationToken);

        public IReadOnlyList<ReceivedCall> Calls => _app.Services.GetRequiredService<RequestLog>().Calls;

        public DateTime Deadline => World.Time.GetUtcNow().UtcDateTime.AddSeconds(20);

        public static async Task<Clinic> StartAsync(bool certificates = false, int ahead = 0, DateTimeOffset? clock = null)
        {
            var providersTime = new FakeTimeProvider(clock ?? World.Start);
            var merchants = (certificates ? _migrating : _plain).Value;
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddSingleton<TimeProvider>(providersTime);
            builder.Services.AddSingleton(merchants);
            builder.Services.AddChannelSimulator();
            var app = builder.Build();
            // Kestrel's Date is the machine's; the provider's is its own.
            app.Use((http, next) =>
            {
                http.Response.Headers.Date = providersTime.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
                return next(http);
            });
            app.MapChannelSimulator();
            await app.StartAsync();

            var given = Register(merchants, certificates);
            var world = await World.CreateAsync(
                d => (d["public_key_id"], d["public_key"]) = (given.PublicKeyId, given.PublicKeyPem),
                app.Urls.Single(), new FakeTimeProvider(providersTime.GetUtcNow().AddSeconds(ahead)));
            return new Clinic(app, world, given);
        }

        /// <summary>Examines a document that is right but for the change. What is said holds no secret, and is said in both languages.</summary>
        public async Task<IReadOnlyList<AccountFinding>> ExamineAsync(Action<JsonObject>? change = null, string callback = Callback, bool offline = false)
        {
            var document = World.Document(
                d => (d["public_key_id"], d["public_key"]) = (Given.PublicKeyId, Given.PublicKeyPem), World.BaseUrl);
            change?.Invoke(document);
            var reply = await World.Client.CheckAccountAsync(
                new CheckAccountRequest
                {
                    Account = World.Account,
                    Document = ByteString.CopyFromUtf8(document.ToJsonString()),
                    CallbackUrl = callback,
                    Offline = offline,
                },
                deadline: Deadline);
            Secrets.In(reply.ToString()).Should().BeEmpty();
            reply.ToString().Should().NotContain(document["api_v3_key"]!.GetValue<string>());
            reply.Findings.Should().OnlyContain(f => f.Level != Level.Unspecified && f.TextEn.Length > 0 && f.TextZh.Any(c => c > 0x4e00));
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', reply.Findings));
            return reply.Findings;
        }

        public IReadOnlyList<string> TrustedSerials() =>
            [.. World.Get<Configuration.IConfigDocuments<Channels.Wechat.WechatAccount>>().Find(World.Account)!.Keys.Serials];

        public async ValueTask DisposeAsync()
        {
            await World.DisposeAsync();
            await _app.StopAsync(new CancellationToken(canceled: true));
            await _app.DisposeAsync();
        }

        private static WechatMerchants NewMerchants(bool certificates)
        {
            var merchants = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).AddChannelSimulator()
                .BuildServiceProvider().GetRequiredService<WechatMerchants>();
            Register(merchants, certificates);
            return merchants;
        }

        private static RegisteredWechatMerchant Register(WechatMerchants merchants, bool certificates) => merchants.Register(new WechatMerchantRegistration
        {
            MchId = Keys.MchId,
            AppId = Keys.AppId,
            Name = "茶馆 Tea House",
            MerchantSerialNo = Keys.MerchantSerial,
            MerchantPublicKeyPem = Keys.Merchant.ExportSubjectPublicKeyInfoPem(),
            ApiV3Key = Keys.ApiV3Key,
            KeyMode = certificates ? WechatKeyMode.Migration : WechatKeyMode.PublicKey,
        });
    }
}
