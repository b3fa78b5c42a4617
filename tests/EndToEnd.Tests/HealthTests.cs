using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PayCore.ChannelSimulator;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;

namespace PayCore.EndToEnd.Tests;

/// <summary>What a platform is told about a process, and how a process takes its leave.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Readiness_OfTheAllInOne_NamesEachCheckOnTheOperationsPortOnly()
    {
        var operations = FreePorts.Take(1)[0];
        await using var world = await World.StartAsync("sqlite", settings: $"--Ports:Operations={operations}");
        using var probe = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{operations}") };

        (await probe.GetStringAsync("/health/live")).Should().Be("ok");
        var detail = await probe.GetFromJsonAsync<JsonElement>("/health/ready");
        detail.GetProperty("status").GetString().Should().Be("ready");
        detail.GetProperty("checks").EnumerateObject().Select(c => c.Name).Should().BeEquivalentTo("clock", "configuration", "database", "running");
        (await world.Anonymous.GetStringAsync("/health/live")).Should().Be("ok");
        (await world.Anonymous.GetStringAsync("/health/ready")).Should().Be("ready");

        // A document that is refused is told of, and takes nothing down.
        await world.App.Services.GetRequiredService<Configuration.IConfigBackend>().WriteAsync("apps", "broken", "{"u8.ToArray(), CancellationToken.None);
        var problem = await UntilAsync(
            () => probe.GetFromJsonAsync<JsonElement>("/health/ready"), d => d.GetProperty("checks").GetProperty("configuration").GetProperty("status").GetString() == "Degraded");
        problem.GetProperty("status").GetString().Should().Be("ready");
        problem.GetProperty("checks").GetProperty("configuration").GetProperty("data").TryGetProperty("apps/broken", out _).Should().BeTrue();
    }

    [Fact]
    public async Task Readiness_OfAProcessThatHasNotReachedPayDatabase_IsNotThere_AndComesWithIt()
    {
        using var folder = new TemporaryFolder();
        var ports = FreePorts.Take(4);
        await using var app = PayCoreHost.Build(
        [
            "--roles=NotifyGateway", "--Security:Internal=none", $"--Data={folder.Path}", $"--Ports:Operations={ports[0]}", $"--Ports:Inner:NotifyGateway={ports[1]}",
            $"--Services:PayDatabase=http://127.0.0.1:{ports[2]}", "--Logging:LogLevel:Default=None",
        ]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var probe = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}") };

        using (var notYet = await probe.GetAsync("/health/ready", TestContext.Current.CancellationToken))
        {
            ((int)notYet.StatusCode).Should().Be(503);
            (await notYet.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Contain("PayDatabase has not answered yet");
        }

        (await probe.GetStringAsync("/health/live", TestContext.Current.CancellationToken)).Should().Be("ok", "a restart would help nobody");
        await using (var database = PayCoreHost.Build(
        [
            "--roles=PayDatabase", "--Security:Internal=none", $"--Data={folder.Path}", $"--Ports:Operations={ports[3]}", $"--Ports:Inner:PayDatabase={ports[2]}",
            "--Logging:LogLevel:Default=None",
        ]))
        {
            await database.StartAsync(TestContext.Current.CancellationToken);
            await UntilAsync(() => probe.GetAsync("/health/ready"), a => a.IsSuccessStatusCode);
            await database.StopAsync(TestContext.Current.CancellationToken);
        }

        // Whoever has been there once stays ready: it answers for itself, and better than nobody.
        (await probe.GetStringAsync("/health/ready", TestContext.Current.CancellationToken)).Should().Contain("\"ready\"");
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stop_SaysSoAtOnce_ServesOnForAWhile_AndEndsWhatIsUnderWay()
    {
        var operations = FreePorts.Take(1)[0];
        await using var world = await World.StartAsync("sqlite", settings: [$"--Ports:Operations={operations}", "--Drain:Delay=00:00:02"]);
        using var probe = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{operations}") };
        var held = world.Faults.Add(new Fault { Operation = "place", Kind = "hold" });
        var underWay = world.Merchant.PostAsJsonAsync("/v1/pay-orders", world.NewOrder(), TestContext.Current.CancellationToken);
        await world.Faults.WaitForFiredAsync(held.Id, TestContext.Current.CancellationToken);

        var stopping = world.App.StopAsync(TestContext.Current.CancellationToken);

        using (var unready = await probe.GetAsync("/health/ready", TestContext.Current.CancellationToken))
        {
            ((int)unready.StatusCode).Should().Be(503);
            (await unready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Contain("told to stop");
        }

        using (var late = await world.Anonymous.GetAsync("/v1/pay-orders?out_trade_no=a", TestContext.Current.CancellationToken))
        {
            ((int)late.StatusCode).Should().Be(401, "it is still answered");
            late.Headers.ConnectionClose.Should().BeTrue();
        }

        world.Faults.Release(held.Id);
        using var answer = await underWay;
        ((int)answer.StatusCode).Should().Be(200, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await stopping;
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (wanted(value))
            {
                return value;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(20);
        }
    }
}
