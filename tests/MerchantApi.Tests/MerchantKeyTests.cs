using System.Security.Cryptography;

namespace PayCore.MerchantApi.Tests;

public class MerchantKeyTests
{
    [Fact]
    public void PublicKey_RsaOf1024Bits_IsRefused()
    {
        using var rsa = RSA.Create(1024);
        Refuse(MerchantKeyAlgorithm.RsaV15Sha256, rsa.ExportSubjectPublicKeyInfoPem()).Should().Contain("2048");
    }

    [Fact]
    public void PublicKey_OfAnotherCurve_IsRefused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Refuse(MerchantKeyAlgorithm.EcdsaP256Sha256, p384.ExportSubjectPublicKeyInfoPem()).Should().Contain("P-256");
    }

    [Theory]
    [InlineData(MerchantKeyAlgorithm.RsaV15Sha256, MerchantKeyAlgorithm.Ed25519)]
    [InlineData(MerchantKeyAlgorithm.EcdsaP256Sha256, MerchantKeyAlgorithm.RsaV15Sha256)]
    [InlineData(MerchantKeyAlgorithm.Ed25519, MerchantKeyAlgorithm.EcdsaP256Sha256)]
    [InlineData(MerchantKeyAlgorithm.HmacSha256, MerchantKeyAlgorithm.EcdsaP256Sha256)]
    public void PublicKey_OfAnotherKind_IsRefused(MerchantKeyAlgorithm declared, MerchantKeyAlgorithm actual) =>
        Refuse(declared, TestKeys.Pair(actual).Public);

    [Fact]
    public void PublicKey_ThatIsAPrivateKey_IsRefusedWithoutQuotingIt()
    {
        var pem = TestKeys.Pair(MerchantKeyAlgorithm.EcdsaP256Sha256).Private;
        var message = Refuse(MerchantKeyAlgorithm.EcdsaP256Sha256, pem);
        message.Should().Contain("private key").And.NotContain(pem.Split('\n')[1][..16]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    public void PublicKey_Unreadable_IsRefused(string pem) => Refuse(MerchantKeyAlgorithm.Ed25519, pem);

    [Fact]
    public void PublicKey_TwoBlocks_IsRefused()
    {
        var pem = TestKeys.Pair(MerchantKeyAlgorithm.Ed25519).Public;
        Refuse(MerchantKeyAlgorithm.Ed25519, pem + "\n" + pem).Should().Contain("exactly one");
    }

    [Fact]
    public void Secret_ShortOrPlainlyNotRandom_IsRefused()
    {
        var random = RandomNumberGenerator.GetBytes(31);
        ((Action)(() => MerchantKey.FromSecret("a", "k", random))).Should().Throw<MerchantKeyException>();
        ((Action)(() => MerchantKey.FromSecret("a", "k", new byte[32]))).Should().Throw<MerchantKeyException>();
        ((Action)(() => SigningKey.FromSecret("a", "k", "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"u8))).Should().Throw<MerchantKeyException>();
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\"b")]
    [InlineData("")]
    public void Name_ThatCannotStandInAKeyid_IsRefused(string appId) =>
        ((Action)(() => MerchantKey.FromSecret(appId, "k", RandomNumberGenerator.GetBytes(32)))).Should().Throw<ArgumentException>();

    [Fact]
    public void Algorithms_ByName_RoundTrip()
    {
        foreach (var algorithm in Enum.GetValues<MerchantKeyAlgorithm>())
        {
            MerchantKeyAlgorithms.TryParse(algorithm.ToName(), out var parsed).Should().BeTrue();
            parsed.Should().Be(algorithm);
        }

        MerchantKeyAlgorithms.TryParse("ED25519", out _).Should().BeFalse();
    }

    private static string Refuse(MerchantKeyAlgorithm algorithm, string pem) =>
        ((Action)(() => MerchantKey.FromPublicKeyPem("a", "k", algorithm, pem))).Should().Throw<MerchantKeyException>().Which.Message;
}
