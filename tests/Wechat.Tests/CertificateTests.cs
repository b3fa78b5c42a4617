using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PayCore.Channels.Wechat;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>Certificate mode, rotation, and the migration to a public key (wechat-pay-v3.md 2.4, 2.5).</summary>
public sealed class CertificateTests
{
    private const string FirstSerial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    private const string SecondSerial = "0C2A8D7F00112233445566778899AABBCCDDEEFF";

    private static readonly (X509Certificate2 Certificate, RSA Key) _first = Keys.NewCertificate(FirstSerial, World.Start.AddYears(-1));
    private static readonly (X509Certificate2 Certificate, RSA Key) _second = Keys.NewCertificate(SecondSerial, World.Start.AddDays(-1));

    private static readonly FakeAnswer _byFirst = new(200) { Serial = FirstSerial, Key = _first.Key };
    private static readonly FakeAnswer _bySecond = new(200) { Serial = SecondSerial, Key = _second.Key };

    [Fact]
    public async Task Pay_CertificateMode_DownloadsFirstAndNamesNoKey()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));

        var replies = new[] { await world.PayAsync(), await world.PayAsync() };

        replies.Should().OnlyContain(r => r.Outcome == Outcome.Yes);
        world.Wechat.Requests.Select(r => $"{r.Method} {r.Target}").Should().Equal(
            "GET /v3/certificates", "POST /v3/pay/transactions/native", "POST /v3/pay/transactions/native");
        world.Wechat.Requests.Should().OnlyContain(r => r.SignatureProblem == null && !r.Headers.ContainsKey("Wechatpay-Serial"));
    }

    private static readonly Dictionary<string, Func<FakeAnswer>> _badLists = new()
    {
        ["error"] = () => new FakeAnswer(404, """{"code":"RESOURCE_NOT_EXISTS","message":"no platform certificate"}""") { Signed = false },
        ["unsigned"] = () => _byFirst with { Body = List(_first), Signed = false },
        ["signed by another key"] = () => _byFirst with { Body = List(_first), Key = Keys.Stranger },
        ["signed by a certificate that it does not bring"] = () => _bySecond with { Body = List(_first) },
        ["probe"] = () => _byFirst with { Body = List(_first), Probe = true },
        ["stale"] = () => _byFirst with { Body = List(_first), ClockOff = -300 },
        ["empty"] = () => _byFirst with { Body = """{"data":[]}""" },
        ["no list"] = () => _byFirst with { Body = "{}" },
        ["null entry"] = () => _byFirst with { Body = """{"data":[null]}""" },
        ["wrong APIv3 key"] = () => _byFirst with { Body = List("AEAD_AES_256_GCM", FirstSerial, _first.Certificate, new string('k', 32)) },
        ["other algorithm"] = () => _byFirst with { Body = List("AEAD_SM4_GCM", FirstSerial, _first.Certificate) },
        ["other serial"] = () => _bySecond with { Key = _first.Key, Body = List("AEAD_AES_256_GCM", SecondSerial, _first.Certificate) },
        ["expired"] = () => Expired(),
        ["no certificate"] = () => _byFirst with { Body = Listed(FirstSerial, FakeWechat.Seal("hello", "certificate")) },
    };

    public static TheoryData<string> BadLists => [.. _badLists.Keys];

    [Theory]
    [MemberData(nameof(BadLists))]
    public async Task Pay_CertificatesNotToBeHad_SendsNothing(string defect)
    {
        await using var world = await World.CreateAsync(CertificateMode);
        var answer = _badLists[defect]();
        world.Wechat.Answer = _ => answer;

        var reply = await world.PayAsync();

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.Unknown, true), defect);
        world.Wechat.Requests.Should().ContainSingle().Which.Target.Should().Be("/v3/certificates");
    }

    [Fact]
    public async Task Pay_AfterAFailedDownload_AsksAgainAfterAPause()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = _ => new FakeAnswer(500) { Signed = false };
        await world.PayAsync();
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        (await world.PayAsync()).NothingSent.Should().BeTrue("the pause is not over");

        world.Time.Advance(PlatformCertificates.PauseAfterFailure);

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
    }

    [Fact]
    public async Task Pay_AfterADownloadThatFoundNoConnection_AsksAgainAtOnce()
    {
        // A process may be up before the way to the platform is.
        var port = FreePorts.Take(1)[0];
        await using var world = await World.CreateAsync(CertificateMode, $"http://127.0.0.1:{port}");
        (await world.PayAsync()).NothingSent.Should().BeTrue();

        await using var platform = await FakeWechat.StartAsync(world.Time, port);
        platform.Answer = r => Answer(r, _byFirst, List(_first));

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
    }

    [Fact]
    public async Task Calls_ManyAtOnceWithoutCertificates_DownloadOnce()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.PayAsync()));

        replies.Should().OnlyContain(r => r.Outcome == Outcome.Yes);
        world.Wechat.Requests.Count(r => r.Target == "/v3/certificates").Should().Be(1);
    }

    [Fact]
    public async Task Rotation_UnknownSerial_RefreshesOnceAndBothCount()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        await world.PayAsync();
        world.Time.Advance(PlatformCertificates.PauseAfterSuccess);

        world.Wechat.Answer = r => Answer(r, _bySecond, List(_first, _second));
        var byNew = await world.PayAsync();
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first, _second));
        var byOld = await world.PayAsync();

        (byNew.Outcome, byOld.Outcome).Should().Be((Outcome.Yes, Outcome.Yes));
        world.Wechat.Requests.Count(r => r.Target == "/v3/certificates").Should().Be(2);
    }

    [Fact]
    public async Task Rotation_CertificateNoLongerListed_CountsNoMore()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        await world.PayAsync();
        world.Time.Advance(PlatformCertificates.PauseAfterSuccess);
        world.Wechat.Answer = r => Answer(r, _bySecond, List(_second));
        await world.PayAsync();

        world.Wechat.Answer = r => Answer(r, _byFirst, List(_second));

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown);
    }

    [Fact]
    public async Task Callbacks_WithMadeUpSerials_DownloadAtMostOncePerPause()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        for (var i = 0; i < 10; i++)
        {
            var forged = world.Callback(how: new FakeAnswer(0) { Serial = $"{i:X40}", Key = Keys.Stranger });
            (await world.Client.ReadCallbackAsync(forged)).Verdict.Should().Be(Verdict.Rejected);
        }

        world.Wechat.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Callback_BeforeAnyDownload_FetchesTheCertificate()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));

        (await world.Client.ReadCallbackAsync(world.Callback(how: _byFirst))).Verdict.Should().Be(Verdict.Payment);
    }

    [Fact]
    public async Task Callback_PlatformSilent_IsRefusedWithinItsLimit()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = _ => new FakeAnswer(200) { Until = new TaskCompletionSource().Task };
        var reading = world.Client.ReadCallbackAsync(world.Callback(how: _byFirst)).ResponseAsync;
        await world.Wechat.ArrivalAsync();

        world.Time.Advance(TimeSpan.FromMilliseconds(2500));

        (await reading).Verdict.Should().Be(Verdict.Rejected);
    }

    [Fact]
    public async Task Certificate_Ended_CountsNoMore()
    {
        var serial = "1111111111111111111111111111111111111111";
        var brief = Keys.NewCertificate(serial, World.Start.AddDays(-1), World.Start.AddHours(1));
        await using var world = await World.CreateAsync(CertificateMode);
        var by = new FakeAnswer(200) { Serial = serial, Key = brief.Key };
        world.Wechat.Answer = r => Answer(r, by, List(brief, _first));
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);

        world.Time.Advance(TimeSpan.FromHours(1));

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown);
        (await world.Client.ReadCallbackAsync(world.Callback(how: by))).Verdict.Should().Be(Verdict.Rejected);
    }

    [Fact]
    public async Task Migration_PublicKeyBesideCertificates_BothCountByTheHeader()
    {
        await using var world = await World.CreateAsync(d => d["platform_certificates"] = true);
        world.Wechat.Answer = r => Answer(r, new FakeAnswer(200), List(_first));
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
        world.Wechat.Requests.Should().ContainSingle("a key is there already").Which.Headers["Wechatpay-Serial"].Should().Be(Keys.PublicKeyId);

        // Before the migration is started the certificate signs, whatever was asked for.
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);

        (await world.Client.ReadCallbackAsync(world.Callback(how: _byFirst))).Verdict.Should().Be(Verdict.Payment);
        (await world.Client.ReadCallbackAsync(world.Callback())).Verdict.Should().Be(Verdict.Payment);
        var crossed = world.Callback(how: _byFirst with { Key = Keys.Platform });
        (await world.Client.ReadCallbackAsync(crossed)).Verdict.Should().Be(Verdict.Rejected, "the header's key decides, never any key");
    }

    [Fact]
    public async Task PublicKeyMode_UnknownSerial_DownloadsNothing()
    {
        await using var world = await World.CreateAsync();

        (await world.Client.ReadCallbackAsync(world.Callback(how: _byFirst))).Verdict.Should().Be(Verdict.Rejected);

        world.Wechat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Refresher_Running_AsksAtTheStartAndEvery8Hours()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        var refresher = world.Get<IEnumerable<IHostedService>>().OfType<CertificateRefresher>().Should().ContainSingle().Subject;

        await refresher.StartAsync(TestContext.Current.CancellationToken);
        (await world.Wechat.ArrivalAsync()).Target.Should().Be("/v3/certificates");
        var account = world.Get<IConfigDocuments<WechatAccount>>().Find(World.Account)!;
        while (!account.Keys.HasKey(world.Time.GetUtcNow()))
        {
            await Task.Yield();
        }

        while (world.Wechat.Requests.Count < 2)
        {
            // Whoever waits for the clock goes on between two looks.
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            world.Time.Advance(TimeSpan.FromSeconds(10));
        }

        (world.Time.GetUtcNow() - World.Start).Should().BeGreaterThanOrEqualTo(PlatformCertificates.RefreshEvery);
        await refresher.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Certificates_8HoursOld_AreDue()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        var account = world.Get<IConfigDocuments<WechatAccount>>().Find(World.Account)!;
        var certificates = world.Get<PlatformCertificates>();
        certificates.IsDue(account).Should().BeTrue();
        await world.PayAsync();

        world.Time.Advance(PlatformCertificates.RefreshEvery - TimeSpan.FromSeconds(1));
        certificates.IsDue(account).Should().BeFalse();
        world.Time.Advance(TimeSpan.FromSeconds(1));
        certificates.IsDue(account).Should().BeTrue();
    }

    [Fact]
    public async Task Document_Changed_BeginsWithItsOwnRing()
    {
        await using var world = await World.CreateAsync(CertificateMode);
        world.Wechat.Answer = r => Answer(r, _byFirst, List(_first));
        await world.PayAsync();

        world.Configure(null);

        (await world.PayAsync()).Outcome.Should().Be(Outcome.Unknown, "the certificate's signature no longer counts in public-key mode");
        world.Wechat.Answer = r => Answer(r, new FakeAnswer(200), "");
        (await world.PayAsync()).Outcome.Should().Be(Outcome.Yes);
    }

    private static void CertificateMode(JsonObject document)
    {
        document.Remove("public_key_id");
        document.Remove("public_key");
    }

    private static FakeAnswer Answer(Received request, FakeAnswer by, string list) => request.Target == "/v3/certificates"
        ? by with { Body = list }
        : by with { Body = """{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}""" };

    private static FakeAnswer Expired()
    {
        const string serial = "2222222222222222222222222222222222222222";
        var (certificate, key) = Keys.NewCertificate(serial, World.Start.AddYears(-5), World.Start);
        return new FakeAnswer(200, List("AEAD_AES_256_GCM", serial, certificate)) { Serial = serial, Key = key };
    }

    private static string List(params (X509Certificate2 Certificate, RSA Key)[] certificates) => new JsonObject
    {
        ["data"] = new JsonArray([.. certificates.Select(c => Entry(c.Certificate.SerialNumber, FakeWechat.Seal(c.Certificate.ExportCertificatePem(), "certificate")))]),
    }.ToJsonString();

    private static string List(string algorithm, string serial, X509Certificate2 certificate, string apiV3Key = Keys.ApiV3Key)
    {
        var resource = FakeWechat.Seal(certificate.ExportCertificatePem(), "certificate", apiV3Key);
        resource["algorithm"] = algorithm;
        return Listed(serial, resource);
    }

    private static string Listed(string serial, JsonObject resource) => new JsonObject { ["data"] = new JsonArray(Entry(serial, resource)) }.ToJsonString();

    private static JsonObject Entry(string serial, JsonObject resource) => new()
    {
        ["serial_no"] = serial,
        ["effective_time"] = "2025-11-22T10:00:00+08:00",
        ["expire_time"] = "2030-11-22T10:00:00+08:00",
        ["encrypt_certificate"] = resource,
    };
}
