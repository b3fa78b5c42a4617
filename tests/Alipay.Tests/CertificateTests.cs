using System.Formats.Asn1;
using System.Security.Cryptography;
using PayCore.Channels.Alipay;

namespace PayCore.Alipay.Tests;

/// <summary>Serial numbers of certificates (alipay.md 2.1, 2.2).</summary>
public sealed class CertificateTests
{
    [Theory]
    [InlineData("00c0ffee00112233445566778899aabb")]
    [InlineData("C0FFEE00112233445566778899AABB")]
    public void Serial_CheckValue_IsThat(string serialHex) =>
        CertificateFile.SerialOf("CN=Ant R1,OU=Certification Authority,O=Ant Financial,C=CN", serialHex).Should().Be("c51647463ca93b6e600e16298af1fe0d");

    [Fact]
    public void Serial_OfACertificateWithThatNameAndNumber_IsTheCheckValue()
    {
        // Its first bit is set: as a signed number it would be negative.
        var certificate = Certificates.Issue(
            Certificates.Name("x"), Keys.Stranger, Certificates.Name("Ant R1"), Keys.Stranger, "00C0FFEE00112233445566778899AABB");

        CertificateFile.SerialOf(certificate).Should().Be("c51647463ca93b6e600e16298af1fe0d");
    }

    [Fact]
    public void RootSerial_OfAFileWithTheNamesAndNumbersOfProduction_IsTheCheckValue()
    {
        // Four blocks, as in production: one by SM2 that no part of this machine can read, RSA, an elliptic curve, RSA.
        var curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var file = string.Join(
            "\n",
            PemEncoding.WriteString("CERTIFICATE", SignedBySm2()),
            Root("Ant Financial Certification Authority R1", "Ant Financial", "Certification Authority", "1FCFA18D6A480D11", Keys.Stranger),
            Root("Ant Financial Certification Authority E1", "Ant Financial", "Certification Authority", "417EFA52C07FDF4A", curve),
            Root("iTrusChina Class 2 Root CA - G3", "iTrusChina", "China Trust Network", "10C764E9D560384212D9C08FD10E373FDD0FB396", Keys.Stranger));

        var blocks = CertificateFile.Blocks("alipay_root_cert", file);
        var serial = string.Join('_', CertificateFile.SignedByRsa("alipay_root_cert", blocks).Select(CertificateFile.SerialOf));

        blocks.Should().HaveCount(4);
        serial.Should().Be("687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6");
    }

    [Fact]
    public async Task RootFile_WithABlockThatThisMachineCannotRead_Serves()
    {
        var root = PemEncoding.WriteString("CERTIFICATE", SignedBySm2()) + "\n\n" + Keys.Good.RootPem;
        await using var world = await World.CreateAsync(d =>
        {
            World.UseCertificates(d);
            d["alipay_root_cert"] = root;
        });
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Placed);

        (await world.PayAsync()).Outcome.Should().Be(Contracts.V1.Outcome.Yes);
        world.Alipay.Requests.Single().Query["alipay_root_cert_sn"].Should().HaveLength(32);
    }

    [Fact]
    public void Sm2Block_IsOneThatThePlatformRefuses() =>
        FluentActions.Invoking(() => System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(SignedBySm2()))
            .Should().Throw<CryptographicException>("otherwise the tests above test nothing");

    [Theory]
    [InlineData("app_cert")]
    [InlineData("alipay_cert")]
    [InlineData("alipay_root_cert")]
    public void Files_WithWindowsLineEndsAndWordsBetween_AreRead(string field)
    {
        var document = World.Document(d => World.UseCertificates(d));
        document[field] = "Bag Attributes\r\n" + document[field]!.GetValue<string>().ReplaceLineEndings("\r\n") + "\r\n";

        AlipayAccount.Parse("main", System.Text.Encoding.UTF8.GetBytes(document.ToJsonString())).Certificates.Should().NotBeNull();
    }

    private static string Root(string name, string organization, string unit, string serial, AsymmetricAlgorithm key)
    {
        var subject = Certificates.Name(name, organization, unit);
        return Certificates.Issue(subject, key, subject, key, serial, isAuthority: true).ExportCertificatePem();
    }

    /// <summary>The outer form of a certificate, its content unknown, signed by SM2 with SM3.</summary>
    private static byte[] SignedBySm2()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, "what only SM2 knows");
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.156.10197.1.501");
            }

            writer.WriteBitString([1, 2, 3]);
        }

        return writer.Encode();
    }
}
