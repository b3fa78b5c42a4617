using System.Net;
using System.Net.Http.Json;
using System.Numerics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.TestKit;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Registration and the two key modes (alipay.md 2).</summary>
public sealed class AlipayCertificateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KeyMode_GivesOneLineOfBase64_AndKeepsIt()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host);

        client.Registered.AlipayPublicKey.Should().MatchRegex("^MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A[A-Za-z0-9+/=]+$");
        client.Registered.AppCert.Should().BeNull();
        using var again = AlipayClient.Register(host);
        again.Registered.Should().Be(client.Registered);
    }

    [Fact]
    public async Task CertificateMode_GivesThreeFilesThatFitTogether()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        using var app = X509Certificate2.CreateFromPem(client.Registered.AppCert);
        var chainFile = new X509Certificate2Collection();
        chainFile.ImportFromPem(client.Registered.AlipayCert);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(client.Registered.AlipayRootCert);

        client.Registered.AlipayPublicKey.Should().BeNull();
        Convert.ToBase64String(app.PublicKey.ExportSubjectPublicKeyInfo()).Should().Be(AlipayClient.Registration().AppPublicKey);
        chainFile.Should().HaveCount(2, "the certificate comes with the one that issued it");
        roots.Select(r => r.SignatureAlgorithm.Value).Should().Equal("1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11");
        app.Issuer.Should().EndWith(", OU=Certification Authority, O=Ant Financial, C=CN");
        ((X509Certificate2[])[app, .. chainFile, .. roots]).Should().AllSatisfy(c =>
            // Whoever reads the serial as a signed number computes another one.
            (new BigInteger(c.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true) >> 127).Should().Be(1));
        foreach (var leaf in (X509Certificate2[])[app, chainFile[0]])
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
            chain.ChainPolicy.ExtraStore.Add(chainFile[1]);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.Build(leaf).Should().BeTrue();
        }
    }

    [Fact]
    public async Task CertificateMode_AnswersAreSignedAndNameTheCertificate()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");

        var answer = await client.PrecreateAsync();

        answer.Members.Should().Equal("alipay_trade_precreate_response", "alipay_cert_sn", "sign");
        answer.CertSerial.Should().MatchRegex("^[0-9a-f]{32}$");
        client.Distrust(answer).Should().BeNull();
        client.RootSerial.Should().MatchRegex("^[0-9a-f]{32}_[0-9a-f]{32}$");
    }

    [Theory]
    [InlineData("app_cert_sn", "", "isv.missing-app-cert-sn")]
    [InlineData("alipay_root_cert_sn", "", "isv.missing-alipay-root-cert-sn")]
    [InlineData("app_cert_sn", "0123456789abcdef0123456789abcdef", "isv.invalid-app-cert-sn")]
    [InlineData("alipay_root_cert_sn", "0123456789abcdef0123456789abcdef", "isv.invalid-alipay-root-cert-sn")]
    public async Task CertificateMode_WithoutTheRightSerials_IsRefused(string name, string value, string subCode)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");

        var answer = await client.CallAsync("alipay.trade.query", new JsonObject { ["out_trade_no"] = "NOTHING" }, p => p[name] = value);

        (answer.Code, answer.SubCode).Should().Be(("40002", subCode));
        client.Distrust(answer).Should().BeNull();
    }

    [Fact]
    public async Task AppCertificate_ThatHasEnded_IsRefused()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var ended = AlipayClient.Register(host, "certificate", appCertDays: -1);

        (await ended.QueryAsync()).SubCode.Should().Be("isv.app-cert-expired");
        X509Certificate2.CreateFromPem(ended.Registered.AppCert).NotAfter.Should().BeBefore(DateTime.Now);
        using var fresh = AlipayClient.Register(host, "certificate");
        (await fresh.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST", "a new certificate was issued");
        (await ended.QueryAsync()).SubCode.Should().Be("isv.invalid-app-cert-sn");
    }

    [Fact]
    public async Task AppCertificate_EndsByTheClock()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        using var client = AlipayClient.Register(host, "certificate", appCertDays: 2);

        time.Advance(TimeSpan.FromDays(2));
        (await client.QueryAsync()).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        time.Advance(TimeSpan.FromSeconds(1));
        (await client.QueryAsync()).SubCode.Should().Be("isv.app-cert-expired");
    }

    [Fact]
    public async Task AlipayCertificate_Renewed_HasTheSameKeyAndCanBeDownloaded()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var client = AlipayClient.Register(host, "certificate");
        using var old = X509Certificate2.CreateFromPem(client.Registered.AlipayCert);

        using var renewing = await client.Http.PostAsync(new Uri($"/control/alipay/merchants/{AlipayClient.AppId}/renew", UriKind.Relative), null, Cancellation);
        var answer = await client.QueryAsync();
        var download = await client.CallAsync("alipay.open.app.alipaycert.download", new JsonObject { ["alipay_cert_sn"] = answer.CertSerial });

        renewing.StatusCode.Should().Be(HttpStatusCode.OK);
        client.Distrust(answer).Should().Be("serial", "the client still has the old file");
        using var fresh = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(download.Text("alipay_cert_content")!)));
        fresh.PublicKey.ExportSubjectPublicKeyInfo().Should().Equal(old.PublicKey.ExportSubjectPublicKeyInfo());
        AlipayClient.Serial(fresh).Should().Be(answer.CertSerial).And.NotBe(AlipayClient.Serial(old));
        (await DownloadAsync(client, AlipayClient.Serial(old))).Code.Should().Be("10000");
        (await DownloadAsync(client, "0123456789abcdef0123456789abcdef")).Code.Should().Be("40004");
        client.Renew(host);
        client.Distrust(await client.QueryAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Registration_SurvivesARestart()
    {
        using var folder = new TemporaryFolder();
        RegisteredAlipayMerchant before;
        AlipayOrder order;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path))
        {
            using var client = AlipayClient.Register(host, "certificate");
            await client.PrecreateAsync();
            await client.PrecreateAsync("ORDER00002");
            host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00002");
            before = client.Registered;
            order = host.Get<AlipayLedger>().Find(AlipayClient.AppId, "ORDER00002")!;
        }

        await using var again = await SimulatorHost.StartAsync(folder: folder.Path);
        using var after = AlipayClient.Register(again, "certificate");

        after.Registered.Should().Be(before);
        again.Get<AlipayLedger>().All.Should().HaveCount(2).And.Contain(order);
        (await after.QueryAsync("ORDER00002")).Text("trade_no").Should().Be(order.TradeNo);
        (await after.QueryAsync("ORDER00001")).SubCode.Should().Be("ACQ.TRADE_NOT_EXIST");
        (await after.PrecreateAsync("ORDER00001")).SubCode.Should().Be("ACQ.APPLY_PC_MERCHANT_CODE_ERROR");
        foreach (var secret in (string[])["alipay-merchants.json", "alipay-authority.json"])
        {
            File.GetUnixFileMode(folder.File(secret)).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task Notify_NotDelivered_GoesOnAfterARestart()
    {
        using var folder = new TemporaryFolder();
        await using var receiver = await NotifyReceiver.StartAsync(200);
        string id;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path, scale: 0.0001))
        {
            receiver.Body = "fail";
            using var client = AlipayClient.Register(host);
            await client.PrecreateAsync(notify: receiver.Url);
            host.Get<AlipayWallet>().Pay(AlipayClient.AppId, "ORDER00001");
            id = (await host.Callbacks.WaitForSendAsync(s => s.Attempt == 1, Cancellation)).NotificationId;
        }

        receiver.Body = "success";
        await using var again = await SimulatorHost.StartAsync(folder: folder.Path, scale: 0.0001);

        var send = await again.Callbacks.WaitForSendAsync(s => s.Delivered, Cancellation);
        (send.NotificationId, send.Attempt > 1).Should().Be((id, true));
    }

    [Theory]
    [InlineData("2088", "key", "")]
    [InlineData("1088000000000001", "key", "")]
    [InlineData(AlipayClient.Pid, "both", "")]
    [InlineData(AlipayClient.Pid, "key", "not a key")]
    [InlineData(AlipayClient.Pid, "key", "AAAA")]
    public async Task Registration_ThatCannotBe_IsRefusedAndNotKept(string pid, string mode, string key)
    {
        await using var host = await SimulatorHost.StartAsync();
        var registration = new
        {
            app_id = AlipayClient.AppId, pid, name = "n", mode, app_public_key = key.Length > 0 ? key : AlipayClient.Registration().AppPublicKey,
        };

        using var answer = await host.Client.Http.PostAsJsonAsync("/control/alipay/merchants", registration, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        host.Get<AlipayMerchants>().Find(AlipayClient.AppId).Should().BeNull();
    }

    [Fact]
    public async Task Registration_ByTheControlApi_AnswersWhatTheModeGives()
    {
        await using var host = await SimulatorHost.StartAsync();
        var registration = new { app_id = AlipayClient.AppId, pid = AlipayClient.Pid, name = "n", app_public_key = AlipayClient.Registration().AppPublicKey };

        using var key = await host.Client.Http.PostAsJsonAsync("/control/alipay/merchants", registration, Cancellation);
        using var refused = await host.Client.Http.PostAsync(new Uri($"/control/alipay/merchants/{AlipayClient.AppId}/renew", UriKind.Relative), null, Cancellation);
        using var unknown = await host.Client.Http.PostAsync(new Uri("/control/alipay/merchants/1/renew", UriKind.Relative), null, Cancellation);

        JsonNode.Parse(await key.Content.ReadAsStringAsync(Cancellation))!.AsObject().Select(m => m.Key).Should().Equal("alipay_public_key");
        (refused.StatusCode, unknown.StatusCode).Should().Be((HttpStatusCode.Conflict, HttpStatusCode.NotFound));
    }

    [Fact]
    public void Serial_OfTheCheckValue_IsAsThePageSays()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var name = new X500DistinguishedName("CN=Ant R1, OU=Certification Authority, O=Ant Financial, C=CN");
        var request = new CertificateRequest(
            name, rsa, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        var generator = X509SignatureGenerator.CreateForRSA(rsa, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
        var serial = Convert.FromHexString("00c0ffee00112233445566778899aabb");
        using var certificate = request.Create(name, generator, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90), serial);

        AlipayCertificate.SerialOf(certificate).Should().Be("c51647463ca93b6e600e16298af1fe0d");
        AlipayClient.Serial(certificate).Should().Be("c51647463ca93b6e600e16298af1fe0d");
    }

    private static Task<AlipayAnswer> DownloadAsync(AlipayClient client, string serial) =>
        client.CallAsync("alipay.open.app.alipaycert.download", new JsonObject { ["alipay_cert_sn"] = serial });
}
