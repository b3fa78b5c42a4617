using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Alipay.Tests;

/// <summary>The examination of an account: each mistake that a person makes is named by its field, and a right account has none.</summary>
public sealed class DoctorTests
{
    private const string Callback = "https://pay.example.com/callback/alipay/main";

    private static readonly FakeAnswer _notExist = new(Nodes.Error("40004", "ACQ.TRADE_NOT_EXIST"));

    [Fact]
    public async Task RightAccount_InKeyMode_IsGoodThroughout()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _notExist;

        var findings = await ExamineAsync(world);

        findings.Should().OnlyContain(f => f.Level == Level.Good);
        findings.Select(f => f.Check).Should().Equal("document", "callback_address", "platform_key", "clock", "signed_query");
        var request = world.Alipay.Requests.Should().ContainSingle().Subject;
        (request.Call, request.SignatureProblem).Should().Be(("alipay.trade.query", null));
        request.Content.Should().MatchRegex("""^\{"out_trade_no":"CHECK_[0-9A-Za-z_]{43}"\}$""");
    }

    [Fact]
    public async Task RightAccount_InCertificateMode_IsGoodThroughout()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _notExist with { CertificateSerial = "x" };

        var findings = await ExamineAsync(world, d => World.UseCertificates(d));

        findings.Should().OnlyContain(f => f.Level == Level.Good);
        findings.Select(f => f.Check).Should().Equal(
            "document", "key_pair", "certificate", "certificate", "certificate", "certificate", "callback_address", "platform_key", "clock", "signed_query");
    }

    [Fact]
    public async Task Account_ByName_IsTheConfiguredOne()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _notExist;

        (await world.CheckAsync()).Findings.Should().OnlyContain(f => f.Level == Level.Good);
        var nobody = (await world.CheckAsync(r => r.Account = "nobody")).Findings.Should().ContainSingle().Subject;
        world.Configure(d => d["seller_id"] = "x").Should().NotBeNull();
        var stale = await world.CheckAsync();
        world.Configure(d => d["enabled"] = false).Should().BeNull();
        var disabled = await world.CheckAsync();

        (nobody.Check, nobody.Level).Should().Be(("document", Level.Failure));
        stale.Findings[0].Level.Should().Be(Level.Warning);
        stale.Findings[0].TextEn.Should().Contain("seller_id").And.Contain("stays in use");
        (disabled.Findings[0].Level, disabled.Findings[0].Field).Should().Be((Level.Warning, "enabled"));
    }

    [Fact]
    public async Task Account_WhoseOnlyDocumentIsRefused_SaysWhy()
    {
        await using var world = await World.CreateAsync(d => d["seller_id"] = "x");

        var finding = (await world.CheckAsync()).Findings.Should().ContainSingle().Subject;

        (finding.Check, finding.Level).Should().Be(("document", Level.Failure));
        finding.TextEn.Should().Contain("seller_id");
        finding.TextZh.Should().Contain("seller_id");
    }

    public static TheoryData<string, string, string, Action<JsonObject>> WrongDocuments => new()
    {
        { "document", "seller_id", "2088", d => d["seller_id"] = "x" },
        { "document", "private_key", "no private key", d => d["private_key"] = Keys.App.ExportSubjectPublicKeyInfoPem() },
        { "document", "colour", "not what is expected", d => d["colour"] = "x" },
        { "document", "alipay_public_key", "is missing", d => d.Remove("alipay_public_key") },
        { "document", "app_cert", "one mode", d => d["app_cert"] = Keys.Good.AppPem },
        { "platform_key", "alipay_public_key", "application's own public key", d => d["alipay_public_key"] = Keys.App.ExportSubjectPublicKeyInfoPem() },
        {
            "key_pair", "app_cert", "does not belong to private_key", d =>
            {
                World.UseCertificates(d);
                d["private_key"] = Keys.Stranger.ExportPkcs8PrivateKeyPem();
            }
        },
        {
            "certificate", "alipay_cert", "does not lead to", d =>
            {
                World.UseCertificates(d);
                d["alipay_cert"] = Keys.Good.Alipay.ExportCertificatePem();
            }
        },
    };

    [Theory]
    [MemberData(nameof(WrongDocuments), DisableDiscoveryEnumeration = true)]
    public async Task WrongDocument_IsOneFailureNamingItsField(string check, string field, string words, Action<JsonObject> change)
    {
        await using var world = await World.CreateAsync();

        var finding = (await ExamineAsync(world, change)).Should().ContainSingle().Subject;

        (finding.Check, finding.Level, finding.Field).Should().Be((check, Level.Failure, field));
        finding.TextEn.Should().Contain(words);
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("app_cert")]
    [InlineData("alipay_cert")]
    [InlineData("alipay_root_cert")]
    public async Task Certificate_ByItsEnd_IsGoodWarnedOfOrFailing(string field)
    {
        await using var world = await World.CreateAsync();
        foreach (var (days, level, words) in new[] { (31, Level.Good, "valid until"), (30, Level.Warning, "ends on"), (1, Level.Warning, "ends on"), (0, Level.Failure, "ended on") })
        {
            DateTimeOffset? until = World.Start.AddDays(days);
            var certificates = new Certificates(
                appUntil: field == "app_cert" ? until : null, alipayUntil: field == "alipay_cert" ? until : null,
                rootUntil: field == "alipay_root_cert" ? until : null);

            var findings = await ExamineAsync(world, d => World.UseCertificates(d, certificates), offline: true);

            var finding = findings.Where(f => f.Check == "certificate" && f.Field == field).MaxBy(f => f.Level)!;
            finding.Level.Should().Be(level, $"{days} days");
            finding.TextEn.Should().StartWith(field).And.Contain(words).And.Contain(until.Value.UtcDateTime.ToString("yyyy-MM-dd"));
            findings.Where(f => f.Field != field).Should().OnlyContain(f => f.Level == Level.Good);
        }
    }

    [Fact]
    public async Task Certificate_ThatBeginsLater_IsAFailure()
    {
        await using var world = await World.CreateAsync();
        var certificates = new Certificates(appFrom: World.Start.AddDays(2));

        var findings = await ExamineAsync(world, d => World.UseCertificates(d, certificates), offline: true);

        findings.Should().ContainSingle(f => f.Level == Level.Failure).Which.TextEn.Should().Contain("app_cert").And.Contain("2026-11-24");
    }

    [Fact]
    public async Task Answer_ThatDoesNotVerify_IsTheKeysFault()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _notExist with { Key = Keys.Stranger };

        var key = Only(await ExamineAsync(world));
        var certificate = Only(await ExamineAsync(world, d => World.UseCertificates(d)));

        (key.Check, key.Field).Should().Be(("platform_key", "alipay_public_key"));
        key.TextEn.Should().Contain("is not the key that signs for this application");
        (certificate.Check, certificate.Field).Should().Be(("platform_key", "alipay_cert"));
    }

    [Theory]
    [InlineData("isv.invalid-signature", true, "private_key", "application public key uploaded at Alipay does not belong to private_key")]
    [InlineData("isv.invalid-app-id", false, "app_id", "sandbox and production")]
    [InlineData("isv.missing-app-cert-sn", true, "alipay_public_key", "certificate mode")]
    [InlineData("isv.invalid-app-cert-sn", true, "app_cert", "download the application certificate")]
    [InlineData("isv.invalid-alipay-root-cert-sn", true, "alipay_root_cert", "alipayRootCert.crt")]
    [InlineData("isv.app-cert-expired", true, "app_cert", "expired")]
    [InlineData("isv.missing-signature-config", true, "private_key", "upload the public key")]
    [InlineData("isv.insufficient-isv-permissions", true, "app_id", "contract")]
    [InlineData("not-online-app", true, "app_id", "not online")]
    [InlineData("isv.invalid-timestamp", true, "", "clock")]
    [InlineData("ACQ.ACCESS_FORBIDDEN", true, "", "ACQ.ACCESS_FORBIDDEN for people")]
    public async Task Query_ThatIsRefused_NamesCauseAndRemedy(string subCode, bool isSigned, string field, string words)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error("40002", subCode)) { Signed = isSigned };

        var finding = Only(await ExamineAsync(world));

        (finding.Check, finding.Level, finding.Field).Should().Be(("signed_query", Level.Failure, field));
        finding.TextEn.Should().Contain(words);
        finding.TextZh.Should().MatchRegex("[\u4e00-\u9fff]");
    }

    [Fact]
    public async Task Query_ThatFindsNobody_NamesTheAddress()
    {
        var free = FreePorts.Take(1)[0];
        await using var world = await World.CreateAsync(gatewayUrl: $"http://127.0.0.1:{free}/gateway.do");

        var finding = Only(await ExamineAsync(world));

        (finding.Check, finding.Field).Should().Be(("signed_query", "gateway_url"));
        finding.TextEn.Should().Contain("no connection");
    }

    [Fact]
    public async Task Query_ThatIsAnsweredByAnotherServer_NamesTheAddress()
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _notExist with { Whole = (_, _) => "<html>hello</html>" };

        Only(await ExamineAsync(world)).Field.Should().Be("gateway_url");
    }

    [Theory]
    [InlineData(0, Level.Good, "agrees", "一致")]
    [InlineData(10, Level.Good, "agrees", "一致")]
    [InlineData(-10, Level.Good, "agrees", "一致")]
    [InlineData(11, Level.Warning, "11 s behind", "慢 11 秒")]
    [InlineData(-60, Level.Warning, "60 s ahead", "快 60 秒")]
    [InlineData(61, Level.Failure, "61 s behind", "慢 61 秒")]
    [InlineData(-3600, Level.Failure, "3600 s ahead", "快 3600 秒")]
    public async Task Clock_AgainstAlipays_IsToldWithItsDirection(int alipayAheadSeconds, Level level, string words, string wordsZh)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => _notExist with { ClockOff = TimeSpan.FromSeconds(alipayAheadSeconds) };

        var finding = (await ExamineAsync(world)).Single(f => f.Check == "clock");

        finding.Level.Should().Be(level);
        finding.TextEn.Should().Contain(words);
        finding.TextZh.Should().Contain(wordsZh);
    }

    [Theory]
    [InlineData("https://pay.example.com/callback/alipay/main", Level.Good)]
    [InlineData("http://203.0.113.7:8080/c", Level.Good)]
    [InlineData("http://127.0.0.1:8080/c", Level.Warning)]
    [InlineData("http://localhost/c", Level.Warning)]
    [InlineData("https://10.1.2.3/c", Level.Warning)]
    [InlineData("https://172.31.0.1/c", Level.Warning)]
    [InlineData("https://192.168.1.1/c", Level.Warning)]
    [InlineData("https://[::1]/c", Level.Warning)]
    [InlineData("https://[fd00::1]/c", Level.Warning)]
    [InlineData("https://paycore/c", Level.Warning)]
    [InlineData("https://pay.example.com/c#x", Level.Failure)]
    [InlineData("pay.example.com/c", Level.Failure)]
    [InlineData("ftp://pay.example.com/c", Level.Failure)]
    public async Task CallbackAddress_InProduction_MustBeReachable(string url, Level level)
    {
        await using var world = await World.CreateAsync();

        var findings = await ExamineAsync(world, d => d["gateway_url"] = "https://openapi.alipay.com/gateway.do", url, offline: true);

        findings.Single(f => f.Check == "callback_address").Level.Should().Be(level);
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task CallbackAddress_BesideASimulatorOnLoopback_MayBeThereToo()
    {
        await using var world = await World.CreateAsync();

        (await ExamineAsync(world, null, "http://127.0.0.1:8080/c", offline: true)).Should().OnlyContain(f => f.Level == Level.Good);
    }

    [Fact]
    public async Task Offline_AsksNobody()
    {
        await using var world = await World.CreateAsync();

        var findings = await ExamineAsync(world, offline: true);

        findings.Select(f => f.Check).Should().Equal("document", "callback_address", "platform_key");
        (await ExamineAsync(world, null, "", offline: true)).Should().HaveCount(2);
        world.Alipay.Requests.Should().BeEmpty();
    }

    private static async Task<IReadOnlyList<AccountFinding>> ExamineAsync(
        World world, Action<JsonObject>? change = null, string callbackUrl = Callback, bool offline = false)
    {
        var document = World.Document(change, world.GatewayUrl).ToJsonString();
        var reply = await world.CheckAsync(r =>
            (r.Account, r.Document, r.CallbackUrl, r.Offline) = ("new", ByteString.CopyFromUtf8(document), callbackUrl, offline));
        Secrets.In(reply.ToString()).Should().BeEmpty();
        reply.Findings.Should().OnlyContain(f => f.TextEn.Length > 0 && f.TextZh.Length > 0 && f.Level != Level.Unspecified);
        return reply.Findings;
    }

    private static AccountFinding Only(IEnumerable<AccountFinding> findings) => findings.Should().ContainSingle(f => f.Level != Level.Good).Subject;
}
