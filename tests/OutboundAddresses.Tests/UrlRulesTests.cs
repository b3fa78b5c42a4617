namespace PayCore.OutboundAddresses.Tests;

public sealed class UrlRulesTests
{
    [Theory]
    [InlineData("https://merchant.example/notify")]
    [InlineData("https://merchant.example:8443/a/b?c=d&e=%20")]
    [InlineData("HTTPS://Merchant.Example/notify")]
    [InlineData("https://xn--fsqu00a.example/")]
    [InlineData("https://8.8.8.8/notify")]
    [InlineData("https://[2606:4700:4700::1111]/notify")]
    public void Check_PublicHttpsAddress_NoProblem(string url)
    {
        UrlRules.Check(url, AddressAllowance.None).Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("merchant.example/notify")]
    [InlineData("//merchant.example/notify")]
    [InlineData("https:merchant.example/notify")]
    [InlineData("https:/merchant.example/notify")]
    [InlineData("https:///notify")]
    [InlineData("https://")]
    [InlineData("http://merchant.example/notify")]
    [InlineData("ftp://merchant.example/notify")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://user@merchant.example/")]
    [InlineData("https://user:word@merchant.example/")]
    [InlineData("https://@merchant.example/")]
    [InlineData("https://merchant.example/#part")]
    [InlineData("https://merchant.example\\@127.0.0.1/")]
    [InlineData("https://merchant.example/a b")]
    [InlineData("https://merchant.example/a\r\nHost: other")]
    [InlineData("https://例.example/")]
    [InlineData("https://merchant.example:0/")]
    [InlineData("https://merchant.example:22/")]
    [InlineData("https://merchant.example:80/")]
    [InlineData("https://merchant.example:65536/")]
    [InlineData("https://localhost/")]
    [InlineData("https://localhost./")]
    [InlineData("https://LOCALHOST/")]
    [InlineData("https://a.localhost/")]
    [InlineData("https://printer.local/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://metadata/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://127.0.0.1./")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0x7f.0.0.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://999.999.999.999/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[::127.0.0.1]/")]
    [InlineData("https://[64:ff9b::7f00:1]/")]
    [InlineData("https://[2002:7f00:1::]/")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("https://[fd00:ec2::254]/")]
    public void Check_AnythingElse_NamesTheProblem(string url)
    {
        UrlRules.Check(url, AddressAllowance.None).Should().NotBeNullOrEmpty();
    }

    [Fact]
    public void Check_LongerThanTheColumn_NamesTheProblem()
    {
        var longest = $"https://merchant.example/{new string('a', UrlRules.LengthMax - 25)}";

        longest.Should().HaveLength(UrlRules.LengthMax);
        UrlRules.Check(longest, AddressAllowance.None).Should().BeNull();
        UrlRules.Check(longest + "a", AddressAllowance.None).Should().Contain("255");
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000/notify", true)]
    [InlineData("http://127.9.9.9:1/notify", true)]
    [InlineData("http://localhost:81/notify", true)]
    [InlineData("http://[::1]:5000/notify", true)]
    [InlineData("https://[::1]:5000/notify", true)]
    [InlineData("http://shop:8080/notify", true)]
    [InlineData("http://SHOP:8080/notify", true)]
    [InlineData("http://10.1.2.3/notify", true)]
    [InlineData("http://shop:8081/notify", false)]
    [InlineData("http://[::1]:5001/notify", false)]
    [InlineData("http://10.1.2.4/notify", false)]
    [InlineData("http://merchant.example/notify", false)]
    [InlineData("http://user@127.0.0.1:5000/notify", false)]
    public void Check_WithAllowance_CoversWhatIsListedOnly(string url, bool covered)
    {
        var allowance = AddressAllowance.Parse(["127.0.0.0/8", "[::1]:5000", "shop:8080", "10.1.2.3"]);

        (UrlRules.Check(url, allowance) is null).Should().Be(covered);
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("shop:")]
    [InlineData("shop:0")]
    [InlineData("5000")]
    [InlineData("shop:65536")]
    [InlineData(":80")]
    [InlineData("127.0.0.0/33")]
    [InlineData("http://shop:80")]
    [InlineData("")]
    public void Parse_EntryThatIsNoAddress_NamesIt(string entry)
    {
        var parse = () => AddressAllowance.Parse([entry]);

        parse.Should().Throw<FormatException>().WithMessage($"'{entry}'*");
    }
}
