using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.Channels.Wechat;
using PayCore.Configuration;

namespace PayCore.Wechat.Tests;

/// <summary>The account document: good ones, and the field that a bad one is refused for.</summary>
public sealed class AccountTests
{
    private static readonly Dictionary<string, (string Field, Action<JsonObject> Change)> _refused = new()
    {
        ["no mch_id"] = ("mch_id", d => d.Remove("mch_id")),
        ["empty mch_id"] = ("mch_id", d => d["mch_id"] = ""),
        ["short mch_id"] = ("mch_id", d => d["mch_id"] = "1234567"),
        ["mch_id with a quote"] = ("mch_id", d => d["mch_id"] = "12345678\""),
        ["mch_id in other digits"] = ("mch_id", d => d["mch_id"] = "١٢٣٤٥٦٧٨"),
        ["mch_id as a number"] = ("mch_id", d => d["mch_id"] = 1230000109),
        ["no app_id"] = ("app_id", d => d.Remove("app_id")),
        ["other app_id"] = ("app_id", d => d["app_id"] = "2021000000000000"),
        ["no merchant_serial_no"] = ("merchant_serial_no", d => d.Remove("merchant_serial_no")),
        ["merchant_serial_no that is no hexadecimal"] = ("merchant_serial_no", d => d["merchant_serial_no"] = "XYZ"),
        ["no private_key"] = ("private_key", d => d.Remove("private_key")),
        ["empty private_key"] = ("private_key", d => d["private_key"] = ""),
        ["public key as private_key"] = ("private_key", d => d["private_key"] = Keys.Merchant.ExportSubjectPublicKeyInfoPem()),
        ["bare public key as private_key"] = ("private_key", d => d["private_key"] = Convert.ToBase64String(Keys.Merchant.ExportSubjectPublicKeyInfo())),
        ["damaged private_key"] = ("private_key", d => d["private_key"] = Keys.Merchant.ExportPkcs8PrivateKeyPem().Replace("A", "B", StringComparison.Ordinal)),
        ["encrypted private_key"] = ("private_key", d => d["private_key"] =
            Keys.Merchant.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1))),
        ["elliptic private_key"] = ("private_key", d => d["private_key"] = ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem()),
        ["weak private_key"] = ("private_key", d => d["private_key"] = RSA.Create(1024).ExportPkcs8PrivateKeyPem()),
        ["no api_v3_key"] = ("api_v3_key", d => d.Remove("api_v3_key")),
        ["empty api_v3_key"] = ("api_v3_key", d => d["api_v3_key"] = ""),
        ["api_v3_key of 31"] = ("api_v3_key", d => d["api_v3_key"] = Keys.ApiV3Key[..31]),
        ["api_v3_key of 33"] = ("api_v3_key", d => d["api_v3_key"] = Keys.ApiV3Key + "x"),
        ["api_v3_key with a line end"] = ("api_v3_key", d => d["api_v3_key"] = Keys.ApiV3Key + "\n"),
        ["api_v3_key of one character"] = ("api_v3_key", d => d["api_v3_key"] = new string('a', 32)),
        ["api_v3_key that counts"] = ("api_v3_key", d => d["api_v3_key"] = "0123456789abcdefghijklmnopqrstuv"),
        ["api_v3_key that repeats"] = ("api_v3_key", d => d["api_v3_key"] = "k7Qw9ZpL2mXs4TvBk7Qw9ZpL2mXs4TvB"),
        ["api_v3_key that counts in hexadecimal"] = ("api_v3_key", d => d["api_v3_key"] = "0123456789abcdef0123456789abcdef"),
        ["public_key without its id"] = ("public_key_id", d => d.Remove("public_key_id")),
        ["other public_key_id"] = ("public_key_id", d => d["public_key_id"] = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"),
        ["public_key_id without its key"] = ("public_key", d => d.Remove("public_key")),
        ["no key of the platform at all"] = ("public_key", d =>
        {
            d.Remove("public_key");
            d.Remove("public_key_id");
            d["platform_certificates"] = false;
        }),
        ["empty public_key"] = ("public_key", d => d["public_key"] = ""),
        ["private key as public_key"] = ("public_key", d => d["public_key"] = Keys.Stranger.ExportPkcs8PrivateKeyPem()),
        ["merchant's own key as public_key"] = ("public_key", d => d["public_key"] = Keys.Merchant.ExportSubjectPublicKeyInfoPem()),
        ["weak public_key"] = ("public_key", d => d["public_key"] = RSA.Create(1024).ExportSubjectPublicKeyInfoPem()),
        ["http base_url"] = ("base_url", d => d["base_url"] = "http://api.mch.weixin.qq.com"),
        ["base_url with a path"] = ("base_url", d => d["base_url"] = "https://api.mch.weixin.qq.com/v3"),
        ["base_url with a query"] = ("base_url", d => d["base_url"] = "https://api.mch.weixin.qq.com?x"),
        ["base_url with a user"] = ("base_url", d => d["base_url"] = "https://a:b@api.mch.weixin.qq.com"),
        ["base_url that is no address"] = ("base_url", d => d["base_url"] = "api.mch.weixin.qq.com"),
        ["base_url of another kind"] = ("base_url", d => d["base_url"] = "ftp://127.0.0.1"),
        ["other mini_program_app_id"] = ("mini_program_app_id", d => d["mini_program_app_id"] = "gh_0123456789ab"),
        ["empty mobile_app_id"] = ("mobile_app_id", d => d["mobile_app_id"] = ""),
        ["transfer_scene_id that is no number"] = ("transfer_scene_id", d => Transfers(d, "commission")),
        ["transfer_scene_id without its infos"] = ("transfer_report_infos", d => d["transfer_scene_id"] = "1005"),
        ["transfer_scene_id with no infos"] = ("transfer_report_infos", d => (d["transfer_scene_id"], d["transfer_report_infos"]) = ("1005", new JsonObject())),
        ["transfer_report_infos without a scene"] = ("transfer_scene_id", d => d["transfer_report_infos"] = new JsonObject { ["岗位类型"] = "导购" }),
        ["long info type"] = ("transfer_report_infos", d => Transfers(d, type: new string('岗', 16))),
        ["empty info type"] = ("transfer_report_infos", d => Transfers(d, type: "")),
        ["long info"] = ("transfer_report_infos", d => Transfers(d, info: new string('导', 33))),
        ["empty info"] = ("transfer_report_infos", d => Transfers(d, info: "")),
        ["info with an emoji"] = ("transfer_report_infos", d => Transfers(d, info: "😀")),
        ["info that is no text"] = ("transfer_report_infos", d => d["transfer_report_infos"] = new JsonObject { ["岗位类型"] = 7 }),
        ["infos in a list"] = ("transfer_report_infos", d => d["transfer_report_infos"] = new JsonArray("导购")),
        ["empty transfer_perception"] = ("transfer_perception", d => d["transfer_perception"] = ""),
        ["barcode_store_id with a space"] = ("barcode_store_id", d => d["barcode_store_id"] = "store 1"),
        ["long barcode_store_id"] = ("barcode_store_id", d => d["barcode_store_id"] = new string('1', 33)),
        ["unknown member"] = ("apiv3_key", d => d["apiv3_key"] = "x"),
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
        var key = (string?)document["private_key"];
        if (key is { Length: > 64 })
        {
            refusal.ToString().Should().NotContain(key[40..64]);
        }
    }

    [Theory]
    [InlineData("enabled")]
    [InlineData("mch_id")]
    [InlineData("app_id")]
    [InlineData("merchant_serial_no")]
    [InlineData("private_key")]
    [InlineData("api_v3_key")]
    [InlineData("base_url")]
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
    [InlineData("\"mch_id\"")]
    public void Document_NoObject_IsRefused(string text) =>
        FluentActions.Invoking(() => WechatAccount.Parse("main", Encoding.UTF8.GetBytes(text))).Should().Throw<InvalidDocumentException>();

    [Fact]
    public void Document_WithAppIdsTransfersAndAStore_IsTaken()
    {
        var account = Parse(World.Document(d =>
        {
            (d["mini_program_app_id"], d["mobile_app_id"], d["barcode_store_id"]) = ("wx0000000000000001", "wx0000000000000002", "S-1");
            Transfers(d, info: new string('导', 32), type: new string('岗', 15));
        }));

        account.AppIds.Should().Equal(Keys.AppId, "wx0000000000000001", "wx0000000000000002");
        (account.TransferSceneId, account.TransferReportInfos.Count, account.TransferPerception, account.BarcodeStoreId).Should().Be(("1005", 1, null, "S-1"));
    }

    [Fact]
    public void Document_WithNothingOptional_IsWrittenWithoutIt()
    {
        var document = DocumentJson.Read<WechatAccountDocument>(Encoding.UTF8.GetBytes(World.Document().ToJsonString()));

        JsonSerializer.SerializeToNode(document, DocumentJson.Options)!.AsObject().Select(m => m.Key).Should().BeEquivalentTo(
            World.Document().Select(m => m.Key).Append("enabled"), "whoever writes a document writes what was set, not what could be");
    }

    [Fact]
    public async Task Schema_NamesEveryMemberAndItsSecrets()
    {
        await using var world = await World.CreateAsync();
        var schema = JsonNode.Parse((await world.Client.DescribeAsync(new PayCore.Contracts.V1.DescribeRequest())).AccountSchema)!["properties"]!.AsObject();

        schema.Select(m => m.Key).Should().Equal(
            "enabled", "mch_id", "app_id", "mini_program_app_id", "mobile_app_id", "merchant_serial_no", "private_key", "api_v3_key", "public_key_id", "public_key",
            "platform_certificates", "transfer_scene_id", "transfer_report_infos", "transfer_perception", "barcode_store_id", "base_url");
        schema.Where(m => m.Value!["writeOnly"] is not null).Select(m => m.Key).Should().Equal("private_key", "api_v3_key");
        schema.Should().OnlyContain(m => m.Value!["description"]!.GetValue<string>().Length > 0);
    }

    [Fact]
    public void Document_Production_HasThePrimaryHost()
    {
        var account = Parse(World.Document(d => d.Remove("base_url")));

        account.BaseUrl.Should().Be(new Uri("https://api.mch.weixin.qq.com"));
        (account.Name, account.MchId, account.AppId, account.Enabled, account.UsesCertificates).Should().Be(("main", Keys.MchId, Keys.AppId, true, false));
    }

    public static TheoryData<string, string> PrivateKeys => new()
    {
        { "PKCS#8 PEM", Keys.Merchant.ExportPkcs8PrivateKeyPem() },
        { "PKCS#1 PEM", Keys.Merchant.ExportRSAPrivateKeyPem() },
        { "bare PKCS#8", Convert.ToBase64String(Keys.Merchant.ExportPkcs8PrivateKey()) },
        { "bare PKCS#1", Convert.ToBase64String(Keys.Merchant.ExportRSAPrivateKey(), Base64FormattingOptions.InsertLineBreaks) },
    };

    [Theory]
    [MemberData(nameof(PrivateKeys), DisableDiscoveryEnumeration = true)]
    public void Document_PrivateKeyInAnyForm_SignsTheSame(string form, string key)
    {
        var account = Parse(World.Document(d => d["private_key"] = $"\n{key}\n"));

        var signature = Convert.FromBase64String(account.Sign("hello"u8.ToArray()));

        Keys.Merchant.VerifyData("hello"u8, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).Should().BeTrue(form);
    }

    [Fact]
    public void Document_BarePublicKey_IsTheSameKey()
    {
        var account = Parse(World.Document(d => d["public_key"] = Convert.ToBase64String(Keys.Platform.ExportSubjectPublicKeyInfo())));

        account.Keys.Serials.Should().Equal(Keys.PublicKeyId);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8090")]
    [InlineData("http://localhost:8090/")]
    [InlineData("http://[::1]:8090")]
    [InlineData("https://api2.mch.weixin.qq.com")]
    public void Document_LoopbackOrHttps_IsTaken(string baseUrl) =>
        Parse(World.Document(d => d["base_url"] = baseUrl)).BaseUrl.Should().Be(new Uri(baseUrl));

    [Fact]
    public void AccountAndDocument_AsText_HoldNoSecret()
    {
        var json = World.Document();
        var account = Parse(json);
        var document = DocumentJson.Read<WechatAccountDocument>(Encoding.UTF8.GetBytes(json.ToJsonString()));

        Secrets.In($"{account} {document} {JsonSerializer.Serialize(account)}").Should().BeEmpty();
    }

    private static void Transfers(JsonObject document, string scene = "1005", string type = "岗位类型", string info = "导购") =>
        (document["transfer_scene_id"], document["transfer_report_infos"]) = (scene, new JsonObject { [type] = info });

    private static WechatAccount Parse(JsonObject document) => WechatAccount.Parse("main", Encoding.UTF8.GetBytes(document.ToJsonString()));
}
