using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.NotifyGateway.Queue;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;
using RabbitMQ.Client;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.NotifyGateway.Tests;

/// <summary>The contract of both queues, and what a real broker does to the one that has it: away, wiped, shared, refusing.</summary>
public sealed class WakeQueueTests(WakeQueueTests.Broker broker) : IClassFixture<WakeQueueTests.Broker>
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly string _name = $"test.{Guid.NewGuid():N}";

    public static TheoryData<string> Queues => ["embedded", "rabbitmq"];

    [Theory]
    [MemberData(nameof(Queues))]
    public async Task Publish_Some_AreReadOnce(string which)
    {
        await using var queue = await StartAsync(which);

        await queue.PublishAsync("D1", "D2");
        await queue.PublishAsync("D3");

        (await queue.ReadAsync(3)).Should().BeEquivalentTo("D1", "D2", "D3");
        await queue.ReadsNothingAsync();
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public async Task Publish_AThousand_AllArrive(string which)
    {
        await using var queue = await StartAsync(which);
        string[] ids = [.. Enumerable.Range(0, 1000).Select(i => $"D{i}")];

        await queue.PublishAsync(ids);

        (await queue.ReadAsync(ids.Length)).Should().BeEquivalentTo(ids);
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public async Task Publish_MoreThanFits_DropsWithoutWaiting(string which)
    {
        await using var queue = await StartAsync(which, max: 3);

        var publish = queue.PublishAsync([.. Enumerable.Range(0, 10_000).Select(i => $"D{i}")]);

        publish.IsCompletedSuccessfully.Should().BeTrue("a callback's answer waits for it");
        (await queue.ReadAsync(1)).Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public async Task Publish_BeforeTheQueueRuns_WakesTheWorkerOfThisProcess(string which)
    {
        await using var queue = new Instance(Make(which, broker.Server.Uri), new LogLines());

        await queue.PublishAsync("D1");

        (await queue.ReadAsync(1)).Should().Equal("D1");
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public async Task Read_Cancelled_EndsAtOnce(string which)
    {
        await using var queue = await StartAsync(which);
        using var cancel = new CancellationTokenSource();

        var read = queue.Queue.ReadAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();

        await read.Invoking(r => r).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task TwoInstances_EachWakeUp_ReachesOneOfThem()
    {
        await using var one = await StartAsync("rabbitmq");
        await using var two = await StartAsync("rabbitmq");
        string[] ids = [.. Enumerable.Range(0, 500).Select(i => $"D{i}")];

        await one.PublishAsync(ids);
        var both = await ReadBothAsync(one, two, ids.Length);

        both.One.Concat(both.Two).Should().BeEquivalentTo(ids);
        both.One.Should().NotBeEmpty();
        both.Two.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Instance_DiesWithWhatItDidNotRead_AnotherGetsIt()
    {
        await using var one = await StartAsync("rabbitmq");
        await WithChannelAsync(async channel => await channel.BasicPublishAsync("", _name, "D1"u8.ToArray(), _end.Token));
        await one.DisposeAsync();

        await using var two = await StartAsync("rabbitmq");

        (await two.ReadAsync(1)).Should().Equal("D1");
    }

    [Fact]
    public async Task Broker_StopsAndStarts_NothingWaitsForItAndItIsUsedAgain()
    {
        await using var one = await StartAsync("rabbitmq");
        await using var two = await StartAsync("rabbitmq");

        await broker.Server.StopAsync();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                var publish = one.PublishAsync($"away{i}");
                publish.IsCompletedSuccessfully.Should().BeTrue();
            }

            // Those that were on their way to the broker when it died come back to this process too.
            (await one.ReadAsync(100)).Distinct().Should().HaveCount(100);
        }
        finally
        {
            await broker.Server.StartAsync();
        }

        await ReachesAsync(one, two);
        await ReachesAsync(two, one);
        one.Log.Lines.Should().Contain(l => l.StartsWith("Warning: RabbitMQ is not used", StringComparison.Ordinal)).And.Contain(l => l.Contains("answers again"));
    }

    [Fact]
    public async Task Queue_DeletedUnderItsReaders_IsMadeAgain()
    {
        await using var one = await StartAsync("rabbitmq");
        await using var two = await StartAsync("rabbitmq");

        await WithChannelAsync(channel => channel.QueueDeleteAsync(_name, cancellationToken: _end.Token));

        await ReachesAsync(one, two);
        await ReachesAsync(two, one);
    }

    [Fact]
    public async Task Queue_ThereWithOtherProperties_IsNamedAndTheWorkerIsWokenAllTheSame()
    {
        await WithChannelAsync(channel => channel.QueueDeclareAsync(_name, durable: false, exclusive: false, autoDelete: false, cancellationToken: _end.Token));
        await using var queue = await StartAsync("rabbitmq", connected: false);

        (await queue.SaysAsync("RabbitMQ is not used")).Should().Contain($"the queue {_name} is there with other properties");
        await queue.PublishAsync("D1");
        (await queue.ReadAsync(1)).Should().Equal("D1");
    }

    [Fact]
    public async Task Password_Wrong_TheLogNamesTheCauseAndLeaksNothing()
    {
        const string Wrong = "another-password-that-is-wrong";
        await using var queue = await StartAsync("rabbitmq", connected: false, uri: broker.Server.Uri.Replace(RabbitMqServer.Password, Wrong, StringComparison.Ordinal));

        (await queue.SaysAsync("RabbitMQ is not used")).Should().Contain("refuses the user or the password of Queue:RabbitMq:Uri");
        queue.Log.Lines.Should().NotContain(l => l.Contains(Wrong, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Notifications_TwoGatewaysAndABrokerThatStops_AreAllDelivered()
    {
        await using var merchant = await MerchantServer.StartAsync();
        var database = new FakePayDatabase(TimeProvider.System);
        await using var one = await GatewayAsync(database);
        await using var two = await GatewayAsync(database);

        var ids = await DeliverAsync(one, 20);
        await broker.Server.StopAsync();
        try
        {
            ids = [.. ids, .. await DeliverAsync(one, 20), .. await DeliverAsync(two, 20)];
        }
        finally
        {
            await broker.Server.StartAsync();
        }

        ids = [.. ids, .. await DeliverAsync(two, 20)];
        database.Offered.Where(o => o.Next == DeliveryState.Delivered).Select(o => o.DeliveryId).Should().BeEquivalentTo(ids, "each was told once");

        async Task<IEnumerable<string>> DeliverAsync(NotifyHost by, int count)
        {
            string[] added = [.. Enumerable.Range(0, count).Select(_ => database.Add(merchant.Url))];
            foreach (var id in added)
            {
                await by.WakeAsync(id);
            }

            await UntilAsync(() => added.All(id => database.Offered.Any(o => o.DeliveryId == id && o.Recorded)));
            return added;
        }
    }

    [Fact]
    public async Task Start_BrokerIsAway_MerchantsAreToldAllTheSame()
    {
        await using var merchant = await MerchantServer.StartAsync();
        var database = new FakePayDatabase(TimeProvider.System);
        await using var host = await GatewayAsync(database, $"amqp://paycore:{RabbitMqServer.Password}@127.0.0.1:{FreePorts.Take(1)[0]}");

        database.Add(merchant.Url);
        await host.WakeAsync();

        (await database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
    }

    [Theory]
    [InlineData("kafka", "", "Queue:Provider is 'kafka'")]
    [InlineData("rabbitmq", "", "Queue:RabbitMq:Uri is amqp")]
    [InlineData("rabbitmq", "http://u:hidden-word@localhost", "Queue:RabbitMq:Uri is amqp")]
    [InlineData("rabbitmq", "amqp://localhost", "names a user and a password")]
    [InlineData("rabbitmq", "amqp://u@localhost", "names a user and a password")]
    [InlineData("rabbitmq", "amqps://guest:guest@rabbit.example", "default password")]
    public async Task Start_WrongSettings_AreRefusedByName(string provider, string uri, string words)
    {
        var start = () => NotifyHost.StartAsync(services: s => s.Configure<QueueOptions>(o => (o.Provider, o.RabbitMq.Uri) = (provider, uri)));

        var refusal = (await start.Should().ThrowAsync<OptionsValidationException>()).Which;
        refusal.Message.Should().Contain(words).And.NotContain("hidden-word");
    }

    private static async Task UntilAsync(Func<bool> reached)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!reached())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(_limit);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What one publishes is read by the other at last; until both are back, it may stay where it is or be lost.</summary>
    private static async Task ReachesAsync(Instance from, Instance to)
    {
        var began = TimeProvider.System.GetTimestamp();
        var word = $"to-{Guid.NewGuid():N}";
        var reading = to.ReadUntilAsync(word);
        // Its own reader takes its share.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var own = DrainAsync(from, stop.Token);
        while (!reading.IsCompleted)
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(_limit);
            await from.PublishAsync(word);
            await Task.WhenAny(reading, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        await reading;
        await stop.CancelAsync();
        await own;
    }

    private static async Task DrainAsync(Instance instance, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await instance.Queue.ReadAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Enough.
        }
    }

    private static async Task<(List<string> One, List<string> Two)> ReadBothAsync(Instance one, Instance two, int count)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var left = count;
        var reads = await Task.WhenAll(new[] { one, two }.Select(async instance =>
        {
            var read = new List<string>();
            try
            {
                while (true)
                {
                    var ids = await instance.Queue.ReadAsync(stop.Token);
                    read.AddRange(ids);
                    if (Interlocked.Add(ref left, -ids.Count) <= 0)
                    {
                        await stop.CancelAsync();
                    }
                }
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                return read;
            }
        }).ToArray()).WaitAsync(_limit);
        return (reads[0], reads[1]);
    }

    private Task<NotifyHost> GatewayAsync(FakePayDatabase database, string? uri = null) => NotifyHost.StartAsync(
        services: s => s.Configure<QueueOptions>(o => (o.Provider, o.RabbitMq.Uri, o.RabbitMq.Name) = ("rabbitmq", uri ?? broker.Server.Uri, _name)),
        realClock: true, database: database);

    private async Task<Instance> StartAsync(string which, int max = 10_000, bool connected = true, string? uri = null)
    {
        var log = new LogLines();
        var instance = new Instance(Make(which, uri ?? broker.Server.Uri, max, log), log);
        instance.Run();
        if (connected && which == "rabbitmq")
        {
            await instance.ReadyAsync();
        }

        return instance;
    }

    private IWakeQueue Make(string which, string uri, int max = 10_000, LogLines? log = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Debug));
        if (log is not null)
        {
            services.AddSingleton<ILoggerProvider>(log);
        }

        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ServiceDefaults.RandomSource>(new SeededRandom(20261128));
        services.AddNotifyGateway();
        services.Configure<NotifyOptions>(o => o.QueueMax = max);
        services.Configure<QueueOptions>(o => (o.Provider, o.RabbitMq.Uri, o.RabbitMq.Name) = (which, uri, _name));
        services.AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
        return services.BuildServiceProvider().GetRequiredService<IWakeQueue>();
    }

    private async Task WithChannelAsync(Func<IChannel, Task> work)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Server.Uri) }.CreateConnectionAsync(_end.Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _end.Token);
        await work(channel);
    }

    /// <summary>The broker of these tests, which follow one another.</summary>
    public sealed class Broker : IAsyncLifetime
    {
        public RabbitMqServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RabbitMqServer.CreateAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    /// <summary>One process's end of a queue.</summary>
    private sealed class Instance(IWakeQueue queue, LogLines log) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Task _running = Task.CompletedTask;

        public IWakeQueue Queue => queue;

        public LogLines Log => log;

        public void Run() => _running = queue.RunAsync(_stop.Token);

        public ValueTask PublishAsync(params string[] ids) => queue.PublishAsync(ids, TestContext.Current.CancellationToken);

        /// <summary>Reads until there are as many.</summary>
        public async Task<IReadOnlyList<string>> ReadAsync(int count)
        {
            using var limit = new CancellationTokenSource(_limit);
            var read = new List<string>();
            while (read.Count < count)
            {
                read.AddRange(await queue.ReadAsync(limit.Token));
            }

            return read;
        }

        public async Task ReadUntilAsync(string word)
        {
            using var limit = new CancellationTokenSource(_limit);
            while (!(await queue.ReadAsync(limit.Token)).Contains(word))
            {
            }
        }

        public async Task ReadsNothingAsync()
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            var read = () => queue.ReadAsync(soon.Token).AsTask();
            await read.Should().ThrowAsync<OperationCanceledException>();
        }

        /// <summary>Waits until it is connected.</summary>
        public Task ReadyAsync() => UntilAsync(() => ((RabbitWakeQueue)queue).IsConnected);

        public async Task<string> SaysAsync(string words)
        {
            await UntilAsync(() => log.Lines.Any(l => l.Contains(words, StringComparison.Ordinal)));
            return log.Lines.First(l => l.Contains(words, StringComparison.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', log.Lines));
        }
    }
}
