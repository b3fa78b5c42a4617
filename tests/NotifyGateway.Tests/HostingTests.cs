using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using NotifyContract = PayCore.Contracts.V1.NotifyGateway;

namespace PayCore.NotifyGateway.Tests;

/// <summary>How a host adds and maps the role.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task MapNotifyGateway_InnerPortsAndInProcess_OffersTheService()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddNotifyGateway();
        await using var app = builder.Build();
        var registrations = new List<IDisposable>();

        new RoleMap(RoleNames.NotifyGateway, app, app.Services.GetRequiredService<InProcessNetwork>(), innerPorts: true, registrations).MapNotifyGateway();

        var client = new NotifyContract.NotifyGatewayClient(app.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.NotifyGateway));
        await client.WakeAsync(new WakeRequest { DeliveryIds = { "D01" } }, cancellationToken: TestContext.Current.CancellationToken);
        registrations.Should().ContainSingle();
    }

    [Fact]
    public async Task AddNotifyGateway_SettingsOfItsSection_AreRead()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Notify:TryTimeout"] = "00:00:05",
            ["Notify:ScheduleScale"] = "0.01",
        });
        builder.Services.AddNotifyGateway();
        await using var app = builder.Build();

        var options = app.Services.GetRequiredService<IOptions<NotifyOptions>>().Value;

        options.TryTimeout.Should().Be(TimeSpan.FromSeconds(5));
        options.ScheduleScale.Should().Be(0.01);
    }

    [Theory]
    [InlineData("ConnectTimeout", "00:00:00.1", true)]
    [InlineData("ConnectTimeout", "00:01:00", true)]
    [InlineData("ConnectTimeout", "00:00:00.0999999", false)]
    [InlineData("ConnectTimeout", "00:01:00.0000001", false)]
    [InlineData("RetryAfterMax", "00:00:00", true)]
    [InlineData("RetryAfterMax", "-00:00:01", false)]
    [InlineData("InFlightMax", "0", false)]
    public async Task Options_OutsideTheirRange_AreRefusedByName(string name, string value, bool allowed)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"Notify:{name}"] = value });
        builder.Services.AddNotifyGateway();
        await using var app = builder.Build();

        var read = () => app.Services.GetRequiredService<IOptions<NotifyOptions>>().Value;

        if (allowed)
        {
            read.Should().NotThrow();
        }
        else
        {
            read.Should().Throw<OptionsValidationException>().WithMessage($"*{name}*between*");
        }
    }

    [Fact]
    public void Options_Defaults_AreTheNumbersOfTheInvariants()
    {
        var options = new NotifyOptions();

        options.SweepEvery.Should().Be(TimeSpan.FromSeconds(1));
        options.InFlightMax.Should().Be(256);
        options.InFlightPerEndpointMax.Should().Be(8);
        options.ConnectTimeout.Should().Be(TimeSpan.FromSeconds(3));
        options.TryTimeout.Should().Be(TimeSpan.FromSeconds(15));
        options.AnswerBytesMax.Should().Be(65_536);
        options.Lease.Should().Be(TimeSpan.FromSeconds(30));
        options.RenewEvery.Should().Be(TimeSpan.FromSeconds(10));
        options.RetryAfterMax.Should().Be(TimeSpan.FromHours(1));
        options.WarnAfterFailures.Should().Be(5);
        options.ProbeAfterFailures.Should().Be(100);
        options.ProbeEvery.Should().Be(TimeSpan.FromMinutes(1));
        options.ScheduleScale.Should().Be(1);
    }
}
