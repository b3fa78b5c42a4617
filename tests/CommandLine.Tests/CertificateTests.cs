using System.Security.Cryptography.X509Certificates;
using PayCore.CommandLine.Tests.Support;
using PayCore.ServiceDefaults.Security;

namespace PayCore.CommandLine.Tests;

/// <summary>Certificates for development: for their owner only, overwriting nothing, each naming its role.</summary>
public sealed class CertificateTests(World world)
{
    [Fact]
    public async Task Init_MakesACertificateForEachRole_ForTheirOwnerOnly_AndOverwritesNothing()
    {
        (await world.RunAsync("certs", "init", "--folder", "inside")).Done().Output.Should().Contain("--Security:CertFile=");
        var files = Directory.GetFiles(world.File("inside")).ToDictionary(f => Path.GetFileName(f), File.ReadAllText);

        files.Keys.Should().Contain(["ca.pem", "ca.key", "PayDatabase.pem", "PayDatabase.key", "ChannelWechat.pem", "OrderMonitor.pem", "all.pem", "all.key"]);
        files.Keys.Should().NotContain("ChannelSimulator.pem", "it calls nobody inside and is called by nobody");
        Directory.GetFiles(world.File("inside")).Should().OnlyContain(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        using var database = X509Certificate2.CreateFromPem(files["PayDatabase.pem"], files["PayDatabase.key"]);
        RoleName.All(database).Should().Equal("paydatabase.paycore");
        using var all = X509Certificate2.CreateFromPem(files["all.pem"]);
        RoleName.All(all).Should().Contain(["paygateway.paycore", "channelalipay.paycore"]);

        (await world.RunAsync("certs", "init", "--folder", "inside")).Refused("is there already and is not overwritten");
        Directory.GetFiles(world.File("inside")).ToDictionary(f => Path.GetFileName(f), File.ReadAllText).Should().Equal(files);
    }

    [Fact]
    public async Task Show_NamesRolesAndEnds()
    {
        (await world.RunAsync("certs", "init", "--folder", "two", "--roles", "PayGateway,QueryGateway", "--days", "30")).Done();

        var lines = (await world.RunAsync("certs", "show", "--folder", "two")).Done().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Should().HaveCount(4);
        lines.Should().ContainSingle(l => l.StartsWith("PayGateway.pem", StringComparison.Ordinal) && l.Contains("(29 days)") && l.EndsWith("paygateway.paycore", StringComparison.Ordinal));
        lines.Should().ContainSingle(l => l.StartsWith("all.pem", StringComparison.Ordinal) && l.EndsWith("paygateway.paycore, querygateway.paycore", StringComparison.Ordinal));
        lines.Should().ContainSingle(l => l.StartsWith("ca.pem", StringComparison.Ordinal) && l.EndsWith("authority", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Certificates_OfNoRoleOrFolder_AreRefused()
    {
        (await world.RunAsync("certs", "init")).Refused("--folder: name the folder");
        (await world.RunAsync("certs", "init", "--folder", "none", "--roles", "PayGateway,Cook")).Refused("Cook needs no certificate or is no role");
        (await world.RunAsync("certs", "init", "--folder", "none", "--days", "0")).Refused("--days: 1 to 3650");
        (await world.RunAsync("certs", "show", "--folder", "none")).Refused("there is no folder none");
        (await world.RunAsync("certs", "show")).Refused("name a folder with certificates");
        Directory.Exists(world.File("none")).Should().BeFalse();
    }
}
