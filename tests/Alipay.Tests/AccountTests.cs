using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.Channels.Alipay;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Alipay.Tests;

/// <summary>The account document: good ones, and the field that a bad one is refused for (alipay.md 1.5, 2).</summary>
public sealed class AccountTests
{
    private static readonly Dictionary<string, (string Field, Action<JsonObject> Change)> _refused = new()
    {
        ["no app_id"] = ("app_id", d => d.Remove("app_id")),
        ["empty app_id"] = ("app_id", d => d["app_id"] = ""),
        ["WeChat's app_id"] = ("app_id", d => d["app_id"] = "wxd678efh567hg6787"),
        ["app_id in other digits"] = ("app_id", d => d["app_id"] = "٢٠٢١٠٠٠٠٠٠٠٠٠٠٠١"),
        ["app_id with a line end"] = ("app_id", d => d["app_id"] = Keys.AppId + "\n"),
        ["app_id as a number"] = ("app_id", d => d["app_id"] = 2021000000000001),
        ["no seller_id"] = ("seller_id", d => d.Remove("seller_id")),
        ["seller's mail address"] = ("seller_id", d => d["seller_id"] = "shop@example.com"),
        ["short seller_id"] = ("seller_id", d => d["seller_id"] = "208800000000000"),
        ["app_id as seller_id"] = ("seller_id", d => d["seller_id"] = Keys.AppId),
        ["no private_key"] = ("private_key", d => d.Remove("private_key")),
        ["empty private_key"] = ("private_key", d => d["private_key"] = ""),
        ["public key as private_key"] = ("private_key", d => d["private_key"] = Keys.App.ExportSubjectPublicKeyInfoPem()),
        ["bare public key as private_key"] = ("private_key", d => d["private_key"] = Convert.ToBase64String(Keys.App.ExportSubjectPublicKeyInfo())),
        ["damaged private_key"] = ("private_key", d => d["private_key"] = Keys.App.ExportPkcs8PrivateKeyPem().Replace("A", "B", StringComparison.Ordinal)),
        ["encrypted private_key"] = ("private_key", d => d["private_key"] =
            Keys.App.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1))),
        ["elliptic private_key"] = ("private_key", d => d["private_key"] = ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem()),
        ["weak private_key"] = ("private_key", d => d["private_key"] = RSA.Create(1024).ExportPkcs8PrivateKeyPem()),
        ["empty alipay_public_key"] = ("alipay_public_key", d => d["alipay_public_key"] = ""),
        ["private key as alipay_public_key"] = ("alipay_public_key", d => d["alipay_public_key"] = Keys.Stranger.ExportPkcs8PrivateKeyPem()),
        ["bare private key as alipay_public_key"] = ("alipay_public_key", d => d["alipay_public_key"] = Convert.ToBase64String(Keys.Stranger.ExportPkcs8PrivateKey())),
        ["application's key as alipay_public_key"] = ("alipay_public_key", d => d["alipay_public_key"] = Keys.App.ExportSubjectPublicKeyInfoPem()),
        ["application's bare key as alipay_public_key"] = ("alipay_public_key", d => d["alipay_public_key"] = Convert.ToBase64String(Keys.App.ExportSubjectPublicKeyInfo())),
        ["weak alipay_public_key"] = ("alipay_public_key", d => d["alipay_public_key"] = RSA.Create(1024).ExportSubjectPublicKeyInfoPem()),
        ["certificate as alipay_public_key"] = ("alipay_public_key", d => d["alipay_public_key"] = Keys.Good.AlipayPem),
        ["neither mode"] = ("alipay_public_key", d => d.Remove("alipay_public_key")),
        ["both modes"] = ("app_cert", d => d["app_cert"] = Keys.Good.AppPem),
        ["both modes, by the root"] = ("alipay_root_cert", d => d["alipay_root_cert"] = Keys.Good.RootPem),
        ["no app_cert"] = ("app_cert", Certified(d => d.Remove("app_cert"))),
        ["no alipay_cert"] = ("alipay_cert", Certified(d => d.Remove("alipay_cert"))),
        ["no alipay_root_cert"] = ("alipay_root_cert", Certified(d => d.Remove("alipay_root_cert"))),
        ["app_cert that is none"] = ("app_cert", Certified(d => d["app_cert"] = "appCertPublicKey.crt")),
        ["empty app_cert"] = ("app_cert", Certified(d => d["app_cert"] = "")),
        ["app_cert that is a public key"] = ("app_cert", Certified(d => d["app_cert"] = Keys.App.ExportSubjectPublicKeyInfoPem())),
        ["app_cert that is the private key"] = ("app_cert", Certified(d => d["app_cert"] = Keys.App.ExportPkcs8PrivateKeyPem())),
        ["app_cert of another key"] = ("app_cert", Certified(d => d["app_cert"] = new Certificates(appKey: Keys.Stranger).AppPem)),
        ["app_cert that is Alipay's"] = ("app_cert", Certified(d => d["app_cert"] = Keys.Good.AlipayPem)),
        ["app_cert with nonsense in it"] = ("app_cert", Certified(d => d["app_cert"] = PemEncoding.WriteString("CERTIFICATE", [1, 2, 3]))),
        ["alipay_cert that is the application's"] = ("alipay_cert", Certified(d => d["alipay_cert"] = Keys.Good.AppPem + Keys.Good.Authority.ExportCertificatePem())),
        ["alipay_cert without its issuer"] = ("alipay_cert", Certified(d => d["alipay_cert"] = Keys.Good.Alipay.ExportCertificatePem())),
        ["alipay_cert with nonsense in it"] = ("alipay_cert", Certified(d => d["alipay_cert"] = PemEncoding.WriteString("CERTIFICATE", [0x30, 0]))),
        ["weak alipay_cert"] = ("alipay_cert", Certified(d => d["alipay_cert"] = new Certificates(alipayKey: RSA.Create(1024)).AlipayPem)),
        ["alipay_cert of an elliptic authority"] = ("alipay_cert", Certified(d => d["alipay_cert"] = EllipticCertificate())),
        ["alipay_cert with an elliptic key"] = ("alipay_cert", Certified(d => d["alipay_cert"] = CertificateOfEllipticKey())),
        ["alipay_cert of another root"] = ("alipay_cert", Certified(d => d["alipay_root_cert"] = OtherRoot("Ant R9"))),
        ["alipay_cert of another root of the same name"] = ("alipay_cert", Certified(d => d["alipay_root_cert"] = OtherRoot("Ant R1"))),
        ["alipay_root_cert without RSA"] = ("alipay_root_cert", Certified(d => d["alipay_root_cert"] = EllipticCertificate())),
        ["alipay_root_cert with a private key"] = ("alipay_root_cert", Certified(d => d["alipay_root_cert"] = Keys.Good.RootPem + "\n" + Keys.App.ExportPkcs8PrivateKeyPem())),
        ["page_action of another kind"] = ("page_action", d => d["page_action"] = "popup"),
        ["page_action as a number"] = ("page_action", d => d["page_action"] = 1),
        ["empty product code"] = ("qr_product_code", d => d["qr_product_code"] = ""),
        ["product code in words"] = ("page_product_code", d => d["page_product_code"] = "fast pay"),
        ["H5 product code in words"] = ("h5_product_code", d => d["h5_product_code"] = "quick wap"),
        ["app product code in words"] = ("app_product_code", d => d["app_product_code"] = "quick app"),
        ["JSAPI product code in words"] = ("jsapi_product_code", d => d["jsapi_product_code"] = "jsapi"),
        ["barcode product code in words"] = ("barcode_product_code", d => d["barcode_product_code"] = "offline"),
        ["WeChat's op_app_id"] = ("op_app_id", d => d["op_app_id"] = "wxd678efh567hg6787"),
        ["http gateway_url"] = ("gateway_url", d => d["gateway_url"] = "http://openapi.alipay.com/gateway.do"),
        ["gateway_url with a query"] = ("gateway_url", d => d["gateway_url"] = "https://openapi.alipay.com/gateway.do?charset=GBK"),
        ["gateway_url with a fragment"] = ("gateway_url", d => d["gateway_url"] = "https://openapi.alipay.com/gateway.do#x"),
        ["gateway_url with a user"] = ("gateway_url", d => d["gateway_url"] = "https://a:b@openapi.alipay.com/gateway.do"),
        ["gateway_url that is no address"] = ("gateway_url", d => d["gateway_url"] = "openapi.alipay.com/gateway.do"),
        ["gateway_url of another kind"] = ("gateway_url", d => d["gateway_url"] = "ftp://127.0.0.1/gateway.do"),
        ["unknown member"] = ("alipay_key", d => d["alipay_key"] = "x"),
    };

    public static TheoryData<string> Refused => [.. _refused.Keys];

    [Theory]
    [MemberData(nameof(Refused))]
    public void Document_Wrong_IsRefusedNamingTheField(string defect)
    {
        var (field, change) = _refused[defect];
        var document = World.Document(change);

        var refusal = FluentActions.Invoking(() => Parse(document)).Should().Throw<InvalidDocumentException>().Which;

        $"{refusal.Field} {refusal.Message}".Should().Contain(field);
        Secrets.In(refusal.ToString()).Should().BeEmpty();
        var key = (string?)(document["private_key"] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value : null);
        if (key is { Length: > 64 })
        {
            refusal.ToString().Should().NotContain(key[40..64]);
        }
    }

    [Theory]
    [InlineData("enabled")]
    [InlineData("app_id")]
    [InlineData("seller_id")]
    [InlineData("private_key")]
    [InlineData("alipay_public_key")]
    [InlineData("qr_product_code")]
    [InlineData("page_action")]
    [InlineData("gateway_url")]
    public void Document_MemberOfAnotherKind_IsRefusedNamingTheField(string field)
    {
        // Anything but an InvalidDocumentException would stop the store that follows all documents.
        foreach (var value in new[] { "null", "{}", "[]", "1.5", "[\"x\"]" })
        {
            var document = World.Document(d => d[field] = JsonNode.Parse(value));

            var refusal = FluentActions.Invoking(() => Parse(document)).Should().Throw<InvalidDocumentException>($"{field} is {value}").Which;

            refusal.Field.Should().Contain(field);
            Secrets.In(refusal.ToString()).Should().BeEmpty();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\"app_id\"")]
    public void Document_NoObject_IsRefused(string text) =>
        FluentActions.Invoking(() => AlipayAccount.Parse("main", Encoding.UTF8.GetBytes(text))).Should().Throw<InvalidDocumentException>();

    [Fact]
    public void Document_WithoutTheOptionalMembers_IsThatOfProduction()
    {
        var account = Parse(World.Document(d => d.Remove("gateway_url")));

        account.GatewayUrl.Should().Be(new Uri("https://openapi.alipay.com/gateway.do"));
        (account.Name, account.AppId, account.SellerId, account.Enabled, account.PageAction).Should().Be(("main", Keys.AppId, Keys.SellerId, true, PageAction.Redirect));
        Array.ConvertAll(
            (Scene[])[Scene.Qr, Scene.Page, Scene.H5, Scene.App, Scene.Jsapi, Scene.MiniProgram, Scene.Barcode], account.ProductCodeOf).Should().Equal(
            "FACE_TO_FACE_PAYMENT", "FAST_INSTANT_TRADE_PAY", "QUICK_WAP_WAY", "QUICK_MSECURITY_PAY", "JSAPI_PAY", "JSAPI_PAY", "FACE_TO_FACE_PAYMENT");
        (account.OpAppId, account.RefundsWithoutStatus).Should().Be((Keys.AppId, false));
    }

    public static TheoryData<string, string> PrivateKeys => new()
    {
        { "PKCS#8 PEM", Keys.App.ExportPkcs8PrivateKeyPem() },
        { "PKCS#1 PEM", Keys.App.ExportRSAPrivateKeyPem() },
        { "bare PKCS#8", Convert.ToBase64String(Keys.App.ExportPkcs8PrivateKey()) },
        { "bare PKCS#1", Convert.ToBase64String(Keys.App.ExportRSAPrivateKey(), Base64FormattingOptions.InsertLineBreaks) },
    };

    [Theory]
    [MemberData(nameof(PrivateKeys), DisableDiscoveryEnumeration = true)]
    public void Document_PrivateKeyInAnyForm_SignsTheSame(string form, string key)
    {
        var account = Parse(World.Document(d => d["private_key"] = $"\n{key}\n"));

        account.Sign("hello"u8.ToArray()).Should().Be(FakeAlipay.Sign(Keys.App, "hello"u8.ToArray()), form);
    }

    public static TheoryData<string, string> AlipayKeys => new()
    {
        { "PEM", Keys.Alipay.ExportSubjectPublicKeyInfoPem() },
        { "bare", Convert.ToBase64String(Keys.Alipay.ExportSubjectPublicKeyInfo()) },
        { "bare in lines", Convert.ToBase64String(Keys.Alipay.ExportSubjectPublicKeyInfo(), Base64FormattingOptions.InsertLineBreaks) },
    };

    [Theory]
    [MemberData(nameof(AlipayKeys), DisableDiscoveryEnumeration = true)]
    public void Document_AlipayKeyInAnyForm_Verifies(string form, string key)
    {
        var account = Parse(World.Document(d => d["alipay_public_key"] = $"\n{key}\n"));

        account.Verify("hello"u8, FakeAlipay.Sign(Keys.Alipay, "hello"u8.ToArray())).Should().BeTrue(form);
        account.Verify("hallo"u8, FakeAlipay.Sign(Keys.Alipay, "hello"u8.ToArray())).Should().BeFalse();
    }

    [Fact]
    public void Document_WithCertificates_HasTheirKey()
    {
        var account = Parse(World.Document(d => World.UseCertificates(d)));

        account.Verify("hello"u8, FakeAlipay.Sign(Keys.Alipay, "hello"u8.ToArray())).Should().BeTrue();
        account.Certificates!.Lives.Select(l => l.Field).Should().Equal("app_cert", "alipay_cert", "alipay_cert", "alipay_root_cert");
    }

    [Fact]
    public void Document_WithCertificatesThatEnded_IsReadAllTheSame()
    {
        // Queries and callbacks go on, and the examination says which one ended.
        var old = new Certificates(appUntil: World.Start.AddDays(-1), alipayUntil: World.Start.AddDays(-1), rootUntil: World.Start.AddDays(-1));

        Parse(World.Document(d => World.UseCertificates(d, old))).Certificates!.AppUntil.Should().Be(World.Start.AddDays(-1));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8090/gateway.do")]
    [InlineData("http://localhost:8090/gateway.do")]
    [InlineData("http://[::1]:8090/gateway.do")]
    [InlineData("https://openapi-sandbox.dl.alipaydev.com/gateway.do")]
    public void Document_LoopbackOrHttps_IsTaken(string gatewayUrl) =>
        Parse(World.Document(d => d["gateway_url"] = gatewayUrl)).GatewayUrl.Should().Be(new Uri(gatewayUrl));

    [Fact]
    public void AccountAndDocument_AsText_HoldNoSecret()
    {
        var json = World.Document();
        var account = Parse(json);
        var document = DocumentJson.Read<AlipayAccountDocument>(Encoding.UTF8.GetBytes(json.ToJsonString()));

        Secrets.In($"{account} {document} {JsonSerializer.Serialize(account)}").Should().BeEmpty();
    }

    private static Action<JsonObject> Certified(Action<JsonObject> change) => d =>
    {
        World.UseCertificates(d);
        change(d);
    };

    private static string EllipticCertificate()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return Certificates.Issue(Certificates.Name("Ant E1"), key, Certificates.Name("Ant E1"), key, "417E", isAuthority: true).ExportCertificatePem();
    }

    private static string CertificateOfEllipticKey() =>
        Certificates.Issue(Certificates.Name("Alipay"), ECDsa.Create(ECCurve.NamedCurves.nistP256), Certificates.Name("Ant R1"), Keys.Stranger, "05").ExportCertificatePem();

    private static string OtherRoot(string name) =>
        Certificates.Issue(Certificates.Name(name), Keys.Stranger, Certificates.Name(name), Keys.Stranger, "09", isAuthority: true).ExportCertificatePem();

    private static AlipayAccount Parse(JsonObject document) => AlipayAccount.Parse("main", Encoding.UTF8.GetBytes(document.ToJsonString()));
}
