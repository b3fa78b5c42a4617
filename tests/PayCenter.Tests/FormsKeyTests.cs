using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace PayCore.PayCenter.Tests;

public sealed class FormsKeyTests
{
    private const string Key = "ZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCg4Q=";
    private const string OtherKey = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

    [Fact]
    public void Form_OfAnotherInstanceWithTheKey_IsOurs() => Open(Key, Protect(Key)).Should().Be("a form");

    [Fact]
    public void Form_OfAnotherKey_IsForeign() => OpenLater(OtherKey, Protect(Key)).Should().Throw<CryptographicException>();

    [Theory]
    [InlineData("")]
    [InlineData("change me")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("q83vEjRWeJq83u8SNFZ4mg==")]
    public void Key_ThatIsNone_StopsTheStart(string key)
    {
        var options = () => Instance(key).GetRequiredService<IOptions<PayCenterOptions>>().Value;

        options.Should().Throw<OptionsValidationException>().WithMessage("PayCenter:FormsKey: *").Which.Message.Should().NotContain(key.Length > 0 ? key : "\0");
    }

    private static string Protect(string key) => Protector(key).Protect("a form");

    private static string Open(string key, string form) => Protector(key).Unprotect(form);

    private static Action OpenLater(string key, string form) => () => Open(key, form);

    private static IDataProtector Protector(string key) => Instance(key).GetRequiredService<IDataProtectionProvider>().CreateProtector("forms");

    private static ServiceProvider Instance(string key)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["PayCenter:FormsKey"] = key }).Build();
        return new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(settings).AddPayCenter().BuildServiceProvider();
    }
}
