using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace PayCore.OutboundAddresses.Tests;

public sealed class AddressGuardTests
{
    [Fact]
    public async Task Resolve_OneOfManyAddressesIsPrivate_RefusesTheName()
    {
        var guard = Guard([], IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.0.0.1"));

        var resolve = () => guard.ResolveAsync("merchant.example", 443, secure: true, TestContext.Current.CancellationToken);

        (await resolve.Should().ThrowAsync<AddressRefusedException>()).Which.Message.Should().NotContain("10.0.0.1");
    }

    [Fact]
    public async Task Resolve_PublicAddresses_AllOfThemIPv4First()
    {
        var guard = Guard([], IPAddress.Parse("2606:4700:4700::1111"), IPAddress.Parse("::ffff:8.8.8.8"));

        var addresses = await guard.ResolveAsync("merchant.example", 443, secure: true, TestContext.Current.CancellationToken);

        addresses.Should().Equal(IPAddress.Parse("8.8.8.8"), IPAddress.Parse("2606:4700:4700::1111"));
    }

    [Fact]
    public async Task Resolve_PlainHttpToAPublicAddress_Refused()
    {
        var resolve = () => Guard([]).ResolveAsync("8.8.8.8", 80, secure: false, TestContext.Current.CancellationToken);

        await resolve.Should().ThrowAsync<AddressRefusedException>();
    }

    [Fact]
    public async Task Resolve_NoAddress_IsAFailureOfTheName()
    {
        var resolve = () => Guard([]).ResolveAsync("merchant.example", 443, secure: true, TestContext.Current.CancellationToken);

        await resolve.Should().ThrowAsync<SocketException>();
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Resolve_LoopbackThroughTheSystemsResolver_Refused(string host)
    {
        var services = new ServiceCollection().AddOutboundAddresses().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        await using var provider = services.BuildServiceProvider();

        var resolve = () => provider.GetRequiredService<AddressGuard>().ResolveAsync(host, 443, secure: true, TestContext.Current.CancellationToken);

        await resolve.Should().ThrowAsync<AddressRefusedException>();
    }

    [Fact]
    public async Task Connect_AllowedAddress_ReachesExactlyTheCheckedOne()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var resolver = new FixedResolver(IPAddress.Loopback);
        var guard = new AddressGuard(Options.Create(new OutboundOptions { AllowPrivateAddresses = { "127.0.0.0/8" } }), resolver);
        using var handler = new SocketsHttpHandler { ConnectCallback = guard.ConnectAsync, UseProxy = false };
        using var http = new HttpClient(handler);

        var cancellation = TestContext.Current.CancellationToken;
        var answer = http.GetStringAsync(new Uri($"http://merchant.example:{port}/"), cancellation);
        using var connection = await listener.AcceptTcpClientAsync(cancellation);
        await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), cancellation);

        (await answer).Should().Be("ok");
        resolver.Asked.Should().Equal("merchant.example");
    }

    [Fact]
    public async Task Connect_NameThatMovesToAPrivateAddress_IsNotConnected()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var guard = Guard([], IPAddress.Loopback);
        using var handler = new SocketsHttpHandler { ConnectCallback = guard.ConnectAsync, UseProxy = false };
        using var http = new HttpClient(handler);

        var get = () => http.GetStringAsync(new Uri($"https://merchant.example:{port}/"), TestContext.Current.CancellationToken);

        (await get.Should().ThrowAsync<HttpRequestException>()).WithInnerException<AddressRefusedException>();
        listener.Pending().Should().BeFalse();
    }

    [Fact]
    public void Options_EntryThatIsNoAddress_StopTheStart()
    {
        var settings = new Dictionary<string, string?> { ["Outbound:AllowPrivateAddresses:0"] = "everything" };
        var services = new ServiceCollection()
            .AddOutboundAddresses()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        using var provider = services.BuildServiceProvider();

        var start = () => provider.GetRequiredService<IStartupValidator>().Validate();

        start.Should().Throw<OptionsValidationException>().WithMessage("*everything*");
    }

    private static AddressGuard Guard(string[] allowed, params IPAddress[] addresses)
    {
        var options = new OutboundOptions();
        Array.ForEach(allowed, options.AllowPrivateAddresses.Add);
        return new AddressGuard(Options.Create(options), new FixedResolver(addresses));
    }

    private sealed class FixedResolver(params IPAddress[] addresses) : IHostResolver
    {
        public List<string> Asked { get; } = [];

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
        {
            Asked.Add(host);
            return Task.FromResult<IReadOnlyList<IPAddress>>(addresses);
        }
    }
}
