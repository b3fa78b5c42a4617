using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.TestKit;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Which of the platform's keys signs, and how a merchant gets the certificates (wechat-pay-v3.md 2.4 and 2.5).</summary>
public sealed class WechatKeyTests
{
    private const string UnknownSerial = "0123456789ABCDEF0123456789ABCDEF01234567";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(8)));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WechatKeyMode.PublicKey, "none", "public key")]
    [InlineData(WechatKeyMode.PublicKey, "certificate", "public key")]
    [InlineData(WechatKeyMode.PublicKey, "public key", "public key")]
    [InlineData(WechatKeyMode.Certificate, "none", "certificate")]
    [InlineData(WechatKeyMode.Certificate, "certificate", "certificate")]
    [InlineData(WechatKeyMode.Certificate, "public key", "certificate")]
    [InlineData(WechatKeyMode.Certificate, "unknown", "certificate")]
    [InlineData(WechatKeyMode.Migration, "none", "certificate")]
    [InlineData(WechatKeyMode.Migration, "certificate", "certificate")]
    [InlineData(WechatKeyMode.Migration, "public key", "public key")]
    [InlineData(WechatKeyMode.Migration, "unknown", "certificate")]
    public async Task Answer_IsSignedWithTheKeyThatTheRequestNamesWhereTheModeKnowsIt(WechatKeyMode mode, string named, string expected)
    {
        await using var host = await SimulatorHost.StartAsync(_time, mode: WechatKeyMode.Migration);
        var certificate = (await host.Client.DownloadCertificatesAsync()).Certificates.Single().SerialNumber;
        Change(host, new() { MchId = SimulatorHost.MchId, Mode = mode });
        var serials = new Dictionary<string, string?>
        {
            ["none"] = null, ["certificate"] = certificate, ["public key"] = host.Registered.PublicKeyId, ["unknown"] = UnknownSerial,
        };
        host.Client.NamedKey = serials[named];

        Answer[] answers = [await host.Client.PlaceAsync(), await host.Client.QueryAsync(), await host.Client.CloseAsync(), await host.Client.QueryAsync("UNKNOWN1")];

        answers.Should().AllSatisfy(a =>
        {
            a.Headers["Wechatpay-Serial"].Should().Be(serials[expected]);
            a.Distrust.Should().BeNull();
        });
    }

    [Theory]
    [InlineData(WechatKeyMode.PublicKey, 0, 4)]
    [InlineData(WechatKeyMode.Certificate, 100, 0)]
    [InlineData(WechatKeyMode.Migration, 0, 0)]
    [InlineData(WechatKeyMode.Migration, 50, 2)]
    [InlineData(WechatKeyMode.Migration, 75, 3)]
    [InlineData(WechatKeyMode.Migration, 100, 4)]
    public async Task Callbacks_AreSignedWithThePublicKeyByModeAndShare(WechatKeyMode mode, int percent, int byPublicKey)
    {
        await using var host = await SimulatorHost.StartAsync(_time, mode: WechatKeyMode.Migration);
        await host.Client.DownloadCertificatesAsync();
        Change(host, new() { MchId = SimulatorHost.MchId, Mode = mode, Percent = percent });
        await using var receiver = await NotifyReceiver.StartAsync();

        List<NotifyReceiver.Received> received = [];
        foreach (var number in (string[])["ORDER00001", "ORDER00002", "ORDER00003", "ORDER00004"])
        {
            await host.Client.PlaceAsync(number, receiver.Url);
            await host.Ledger.PayAsync(SimulatorHost.MchId, number);
            received.Add(await receiver.NextAsync());
        }

        received.Should().AllSatisfy(r => PlatformCheck.Verify(r.Headers, r.Body, host.Client.Trusted, _time).Should().BeNull());
        received.Count(r => r.Headers["Wechatpay-Serial"] == host.Registered.PublicKeyId).Should().Be(byPublicKey);
    }

    [Fact]
    public async Task Certificates_OfAPublicKeyMerchant_Are404()
    {
        await using var host = await SimulatorHost.StartAsync();

        var answer = await host.Client.GetAsync("/v3/certificates");

        ((int)answer.Status, answer.Code).Should().Be((404, "RESOURCE_NOT_EXISTS"));
    }

    [Theory]
    [InlineData(WechatKeyMode.Certificate)]
    [InlineData(WechatKeyMode.Migration)]
    public async Task Certificates_OfAMerchantThatHasThem_OpenAndSignTheListThatBringsThem(WechatKeyMode mode)
    {
        await using var host = await SimulatorHost.StartAsync(_time, mode: mode);
        host.Client.NamedKey = null;

        var (answer, certificates) = await host.Client.DownloadCertificatesAsync();

        var certificate = certificates.Should().ContainSingle().Subject;
        certificate.SerialNumber.Should().HaveLength(40);
        (answer.Distrust, answer.Headers["Wechatpay-Serial"]).Should().Be((null, certificate.SerialNumber));
        var entry = answer.Json["data"]![0]!;
        ((string)entry["effective_time"]!, (string)entry["expire_time"]!).Should().Be(("2026-03-01T12:00:00+08:00", "2031-03-01T12:00:00+08:00"));
        (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter)).Should().Be((_time.GetUtcNow(), _time.GetUtcNow().AddYears(5)));
    }

    [Theory]
    [InlineData("", HttpStatusCode.OK)]
    [InlineData("?algorithm_type=RSA", HttpStatusCode.OK)]
    [InlineData("?algorithm_type=ALL", HttpStatusCode.OK)]
    [InlineData("?algorithm_type=SM2", HttpStatusCode.BadRequest)]
    public async Task Certificates_AreRsaOnly(string query, HttpStatusCode expected)
    {
        await using var host = await SimulatorHost.StartAsync(mode: WechatKeyMode.Certificate);

        (await host.Client.GetAsync("/v3/certificates" + query)).Status.Should().Be(expected);
    }

    [Fact]
    public async Task Rotation_NewCertificateIsListedAtOnceSignsLaterAndTheOldOneGoes()
    {
        await using var host = await SimulatorHost.StartAsync(_time, mode: WechatKeyMode.Certificate);
        await using var receiver = await NotifyReceiver.StartAsync();
        host.Client.NamedKey = null;
        await host.Client.DownloadCertificatesAsync();

        var keys = Change(host, new() { MchId = SimulatorHost.MchId, Rotate = true });
        var (old, fresh) = (keys.Certificates[0], keys.Certificates[1]);
        var both = (await host.Client.DownloadCertificatesAsync()).Certificates;
        both.Select(c => c.SerialNumber).Should().Equal(old, fresh);
        (await SerialsAsync("ORDER00001")).Should().Equal([old, old], "the new one can be downloaded 24 hours before it signs");

        _time.Advance(TimeSpan.FromHours(24));
        (await SerialsAsync("ORDER00002")).Should().Equal(fresh, fresh);
        host.Client.NamedKey = old;
        (await SerialsAsync("ORDER00003")).Should().Equal([old, fresh], "both occur during the overlap");

        Change(host, new() { MchId = SimulatorHost.MchId, Retire = true }).Certificates.Should().Equal(fresh);
        (await host.Client.DownloadCertificatesAsync()).Certificates.Select(c => c.SerialNumber).Should().Equal(fresh);
        (await SerialsAsync("ORDER00004")).Should().Equal(fresh, fresh);

        // Of an answer and of a callback, both verified.
        async Task<string[]> SerialsAsync(string number)
        {
            var placed = await host.Client.PlaceAsync(number, receiver.Url);
            placed.Distrust.Should().BeNull();
            await host.Ledger.PayAsync(SimulatorHost.MchId, number);
            var callback = await receiver.NextAsync();
            PlatformCheck.Verify(callback.Headers, callback.Body, host.Client.Trusted, _time).Should().BeNull();
            return [placed.Headers["Wechatpay-Serial"], callback.Headers["Wechatpay-Serial"]];
        }
    }

    [Theory]
    [InlineData(3, "2026-03-04T12:00:00+08:00")]
    [InlineData(-1, "2026-02-28T12:00:00+08:00")]
    public async Task Rotation_ToACertificateNearOrPastItsEnd_SignsWithIt(int days, string end)
    {
        await using var host = await SimulatorHost.StartAsync(_time, mode: WechatKeyMode.Certificate);

        var keys = Change(host, new() { MchId = SimulatorHost.MchId, Rotate = true, Retire = true, SignsAfterSeconds = 0, CertificateDays = days });

        var (answer, certificates) = await host.Client.DownloadCertificatesAsync();
        ((string)answer.Json["data"]!.AsArray().Single()!["expire_time"]!).Should().Be(end);
        new DateTimeOffset(certificates.Single().NotAfter).Should().Be(_time.GetUtcNow().AddDays(days));
        (answer.Distrust, answer.Headers["Wechatpay-Serial"]).Should().Be((null, keys.Certificates.Single()));
    }

    [Fact]
    public async Task Keys_OutliveModesRegistrationsAndRestarts()
    {
        using var folder = new TemporaryFolder();
        WechatKeys before;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path, mode: WechatKeyMode.Certificate))
        {
            Change(host, new() { MchId = SimulatorHost.MchId, Rotate = true });
            before = Change(host, new() { MchId = SimulatorHost.MchId, Mode = WechatKeyMode.Migration, Percent = 0.1m });
            Change(host, new() { MchId = SimulatorHost.MchId, Mode = WechatKeyMode.PublicKey }).Certificates.Should().BeEmpty();
        }

        await using var again = await SimulatorHost.StartAsync(folder: folder.Path, mode: WechatKeyMode.Migration);

        again.Registered.PublicKeyId.Should().Be(before.PublicKeyId);
        before.Certificates.Should().HaveCount(2);
        var after = Change(again, new() { MchId = SimulatorHost.MchId, Percent = 0.1m });
        after.Should().BeEquivalentTo(before);
        var listed = (await again.Client.DownloadCertificatesAsync()).Certificates;
        listed.Select(c => c.SerialNumber).Should().Equal(before.Certificates);
    }

    [Fact]
    public async Task Control_ChangesKeysAndSaysWhatIsWrong()
    {
        await using var host = await SimulatorHost.StartAsync();

        (await ControlAsync(host, new { mchid = "1", mode = "migration" })).Status.Should().Be(HttpStatusCode.NotFound);
        (await ControlAsync(host, new { mchid = SimulatorHost.MchId, mode = "sm2" })).Status.Should().Be(HttpStatusCode.BadRequest);
        (await ControlAsync(host, new { mchid = SimulatorHost.MchId, mode = 7 })).Status.Should().Be(HttpStatusCode.BadRequest);
        (await ControlAsync(host, new { mchid = SimulatorHost.MchId, percent = 100.1 })).Status.Should().Be(HttpStatusCode.BadRequest);
        (await ControlAsync(host, new { mchid = SimulatorHost.MchId, percent = -1 })).Status.Should().Be(HttpStatusCode.BadRequest);
        (await ControlAsync(host, new { mchid = SimulatorHost.MchId, rotate = true })).Status.Should().Be(HttpStatusCode.Conflict);
        (await ControlAsync(host, new { mchid = SimulatorHost.MchId, retire = true })).Status.Should().Be(HttpStatusCode.Conflict);
        (await host.Client.GetAsync("/v3/certificates")).Status.Should().Be(HttpStatusCode.NotFound, "nothing of this changed anything");

        var (status, keys) = await ControlAsync(
            host, new { mchid = SimulatorHost.MchId, mode = "migration", percent = 12.5, rotate = true, signs_after_seconds = 60, certificate_days = 10 });

        status.Should().Be(HttpStatusCode.OK);
        ((string)keys["mode"]!, (decimal)keys["percent"]!, (string)keys["public_key_id"]!).Should().Be(("migration", 12.5m, host.Registered.PublicKeyId));
        keys["certificates"]!.AsArray().Select(s => (string)s!).Should().HaveCount(2)
            .And.Equal((await host.Client.DownloadCertificatesAsync()).Certificates.Select(c => c.SerialNumber));
        keys.ToJsonString().Should().NotContain("PRIVATE");
    }

    private static WechatKeys Change(SimulatorHost host, WechatKeyChange change) => host.Get<WechatMerchants>().ChangeKeys(change);

    private static async Task<(HttpStatusCode Status, JsonNode Json)> ControlAsync(SimulatorHost host, object change)
    {
        using var answer = await host.Client.Http.PostAsJsonAsync("/control/wechat/keys", change, Cancellation);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!);
    }
}
