using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>A role with several instances: calls go to each in turn, and past one that is gone.</summary>
public sealed class SeveralInstancesTests
{
    private readonly ConcurrentDictionary<string, int> _answered = new();
    private readonly NetworkContractTests.ProbeService _service = new();

    public SeveralInstancesTests() => _service.OnWake = (_, context) =>
    {
        _answered.AddOrUpdate(context.Host, 1, (_, n) => n + 1);
        return Task.FromResult(new WakeResponse());
    };

    [Theory]
    [InlineData("http://127.0.0.1:8100", false)]
    [InlineData("http://127.0.0.1:8100, http://localhost:8200", false)]
    [InlineData("https://10.0.0.5:8100", true)]
    [InlineData("https://db-1.example:8100,https://db-2.example:8100", true)]
    [InlineData("dns:///paydatabase.pay.svc.cluster.local:8100", true)]
    public void Addresses_ThatCanBeUsed_AreTaken(string text, bool tls) => RoleAddresses.Parse("PayDatabase", text, tls).Should().NotBeNull();

    [Theory]
    [InlineData("", true)]
    [InlineData("127.0.0.1:8100", true)]
    [InlineData("http://127.0.0.1:8100", true)]
    [InlineData("https://127.0.0.1:8100", false)]
    [InlineData("http://10.0.0.5:8100", false)]
    [InlineData("dns:///paydatabase:8100", false)]
    [InlineData("dns:///paydatabase", true)]
    [InlineData("https://127.0.0.1:8100/path", true)]
    [InlineData("https://127.0.0.1:8100,dns:///paydatabase:8100", true)]
    public void Addresses_ThatCannotBeUsed_AreRefusedByName(string text, bool tls) => FluentActions.Invoking(() => RoleAddresses.Parse("PayDatabase", text, tls))
        .Should().Throw<InvalidOperationException>().WithMessage($"Services:PayDatabase is '{text}'*");

    [Fact]
    public async Task Calls_GoToEachInstanceInTurn()
    {
        await using var one = await InnerServer.StartAsync(null, _service);
        await using var two = await InnerServer.StartAsync(null, _service);
        await using var clientSide = InnerServer.ClientSide(null, $"{one.Address},{two.Address}");

        await UntilBothAnswerAsync(clientSide, one, two);
        _answered.Clear();
        await CallAsync(clientSide, 40);

        _answered.Values.Should().Equal(20, 20);
    }

    /// <summary>The environment names a proxy for the way out (HTTPS_PROXY); services are not there.</summary>
    [Fact]
    public async Task Calls_GoPastAProxy()
    {
        await using var server = await InnerServer.StartAsync(null, _service);
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new ProxyThatIsAway(server.Address.Authority);
        try
        {
            await using var clientSide = InnerServer.ClientSide(null, $"{server.Address}");
            await CallAsync(clientSide, 1);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }

        _answered.Should().ContainSingle();
    }

    [Fact]
    public async Task Instance_ThatDies_FailsNoCallThatWasNotSentToIt_AndIsUsedAgainWhenItIsBack()
    {
        await using var one = await InnerServer.StartAsync(null, _service);
        var two = await InnerServer.StartAsync(null, _service);
        await using var clientSide = InnerServer.ClientSide(null, $"{one.Address},{two.Address}");
        await UntilBothAnswerAsync(clientSide, one, two);

        await two.KillAsync();
        await two.DisposeAsync();
        await CallAsync(clientSide, 100);

        await using var again = await InnerServer.StartAsync(null, _service, port: two.Address.Port);
        await UntilBothAnswerAsync(clientSide, one, again);
    }

    [Fact]
    public async Task Instance_ThatStopsInGoodOrder_FailsNoCallAtAll()
    {
        await using var one = await InnerServer.StartAsync(null, _service);
        await using var two = await InnerServer.StartAsync(null, _service);
        await using var clientSide = InnerServer.ClientSide(null, $"{one.Address},{two.Address}");
        await UntilBothAnswerAsync(clientSide, one, two);
        var slow = _service.OnWake;
        _service.OnWake = async (request, context) =>
        {
            await Task.Delay(5);
            return await slow(request, context);
        };

        var calling = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CallAsync(clientSide, 60)));
        await two.StopAsync();

        await calling;
    }

    [Fact]
    public async Task Instances_ThatAreNotThereYet_AreFoundSoonAfterTheyStart()
    {
        var port = FreePorts.Take(1)[0];
        await using var clientSide = InnerServer.ClientSide(null, $"http://127.0.0.1:{port}");
        // Long enough for a wait between two attempts to have grown.
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<RpcException>(() => CallAsync(clientSide, 1));
            await Task.Delay(100);
        }

        await using var late = await InnerServer.StartAsync(null, _service, port: port);
        var began = TimeProvider.System.GetTimestamp();
        while (_answered.IsEmpty)
        {
            try
            {
                await CallAsync(clientSide, 1);
            }
            catch (RpcException)
            {
                TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(10));
            }
        }
    }

    /// <summary>Each caller gives up an attempt to connect several times here, and each of these may be the one after which the library tries no more.</summary>
    [Fact]
    public async Task Instances_ThatWereAwayForLong_AreFoundByEveryCaller()
    {
        const int Callers = 60;
        var port = FreePorts.Take(1)[0];
        var clientSides = Enumerable.Range(0, Callers).Select(_ => InnerServer.ClientSide(null, $"http://127.0.0.1:{port}")).ToList();
        using var waited = new CancellationTokenSource(TimeSpan.FromSeconds(9));
        await Task.WhenAll(clientSides.Select(async clientSide =>
        {
            while (!waited.IsCancellationRequested)
            {
                (await AnswersAsync(clientSide)).Should().BeFalse();
            }
        }));

        await using var late = await InnerServer.StartAsync(null, _service, port: port);
        var began = TimeProvider.System.GetTimestamp();
        var found = await Task.WhenAll(clientSides.Select(async clientSide =>
        {
            while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(12))
            {
                if (await AnswersAsync(clientSide))
                {
                    return true;
                }
            }

            return false;
        }));

        found.Count(f => f).Should().Be(Callers);
        foreach (var clientSide in clientSides)
        {
            await clientSide.DisposeAsync();
        }
    }

    [Fact]
    public async Task Name_InDns_StandsForItsAddresses()
    {
        using var folder = new TemporaryFolder();
        using var authority = new Security.DevelopmentAuthority(TimeProvider.System, RandomSource.System, TimeSpan.FromDays(30));
        var files = new CertificateFiles(folder, "all");
        files.Write(authority.Issue(InnerServer.Role), authority);
        await using var server = await InnerServer.StartAsync(files, _service);

        // Its other address, where the machine has one, does not answer, and fails no call.
        await using var clientSide = InnerServer.ClientSide(files, $"dns:///localhost:{server.Address.Port}");
        await CallAsync(clientSide, 20);

        _answered.Values.Sum().Should().Be(20);
    }

    private static async Task<bool> AnswersAsync(Microsoft.Extensions.DependencyInjection.ServiceProvider clientSide)
    {
        try
        {
            await InnerServer.Client(clientSide).WakeAsync(new WakeRequest(), deadline: DateTime.UtcNow.AddSeconds(1));
            return true;
        }
        catch (RpcException)
        {
            await Task.Delay(50);
            return false;
        }
    }

    private static async Task CallAsync(Microsoft.Extensions.DependencyInjection.ServiceProvider clientSide, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await InnerServer.Client(clientSide).WakeAsync(new WakeRequest());
        }
    }

    private async Task UntilBothAnswerAsync(Microsoft.Extensions.DependencyInjection.ServiceProvider clientSide, InnerServer one, InnerServer two)
    {
        _answered.Clear();
        var began = TimeProvider.System.GetTimestamp();
        while (!_answered.ContainsKey(one.Address.Authority) || !_answered.ContainsKey(two.Address.Authority))
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await CallAsync(clientSide, 1);
        }
    }

    /// <summary>Is asked for the way to one address only: other tests run beside this one.</summary>
    private sealed class ProxyThatIsAway(string authority) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination) => new("http://127.0.0.1:1");

        public bool IsBypassed(Uri host) => host.Authority != authority;
    }
}
