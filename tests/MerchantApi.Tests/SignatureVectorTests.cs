using System.Text;

namespace PayCore.MerchantApi.Tests;

/// <summary>The published examples of RFC 9421, appendix B, for the algorithms that we take.</summary>
public class SignatureVectorTests
{
    private const string Secret = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

    private const string Ed25519Public = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
        -----END PUBLIC KEY-----
        """;

    private const string Ed25519Private = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
        -----END PRIVATE KEY-----
        """;

    private const string EcdsaPublic = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
        w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
        -----END PUBLIC KEY-----
        """;

    private const string BaseB24 =
        "\"@status\": 200\n" +
        "\"content-type\": application/json\n" +
        "\"content-digest\": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:\n" +
        "\"content-length\": 23\n" +
        "\"@signature-params\": (\"@status\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"";

    private const string BaseB25 =
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n" +
        "\"@authority\": example.com\n" +
        "\"content-type\": application/json\n" +
        "\"@signature-params\": (\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"";

    private const string BaseB26 =
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n" +
        "\"@method\": POST\n" +
        "\"@path\": /foo\n" +
        "\"@authority\": example.com\n" +
        "\"content-type\": application/json\n" +
        "\"content-length\": 18\n" +
        "\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";

    [Fact]
    public void EcdsaP256_AppendixB24_Verifies()
    {
        var key = MerchantKey.FromPublicKeyPem("a", "k", MerchantKeyAlgorithm.EcdsaP256Sha256, EcdsaPublic);
        key.Verifies(
            Encoding.ASCII.GetBytes(BaseB24),
            Convert.FromBase64String("wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==")).Should().BeTrue();
    }

    [Fact]
    public void HmacSha256_AppendixB25_IsTheSame()
    {
        var secret = Convert.FromBase64String(Secret);
        const string Expected = "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=";
        Convert.ToBase64String(SigningKey.FromSecret("a", "k", secret).Sign(Encoding.ASCII.GetBytes(BaseB25))).Should().Be(Expected);
        MerchantKey.FromSecret("a", "k", secret).Verifies(Encoding.ASCII.GetBytes(BaseB25), Convert.FromBase64String(Expected)).Should().BeTrue();
    }

    [Fact]
    public void Ed25519_AppendixB26_IsTheSame()
    {
        const string Expected = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
        var signer = SigningKey.FromPrivateKeyPem("a", "k", MerchantKeyAlgorithm.Ed25519, Ed25519Private);
        Convert.ToBase64String(signer.Sign(Encoding.ASCII.GetBytes(BaseB26))).Should().Be(Expected);
        var key = MerchantKey.FromPublicKeyPem("a", "k", MerchantKeyAlgorithm.Ed25519, Ed25519Public);
        key.Verifies(Encoding.ASCII.GetBytes(BaseB26), Convert.FromBase64String(Expected)).Should().BeTrue();
    }

    [Theory]
    [InlineData("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")]
    [InlineData("sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:")]
    public void ContentDigest_OfTheRfcsBody_Fits(string digest) =>
        ContentDigest.Check(digest, "{\"hello\": \"world\"}"u8).Should().BeNull();
}
