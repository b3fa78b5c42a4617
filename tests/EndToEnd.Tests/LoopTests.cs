using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.OrderMonitor;
using PayCore.OrderMonitor.Alerts;
using PayCore.ServiceDefaults;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// A background service that ends by an exception ends the process, which may be the whole of PayCore: a loop whose next round may do better goes on, whatever one met.
/// </summary>
public sealed class LoopTests
{
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(1);
    private static readonly MonitorOptions _monitor = new() { NumberEventsEvery = _soon, CountEvery = _soon, StatementsAt = TimeSpan.Zero, StatementsEvery = _soon };

    private static readonly IdFactory _ids = new(TimeProvider.System, RandomSource.System, Options.Create(new IdOptions()));

    private static readonly Dictionary<string, Func<Buggy, IServiceProvider, BackgroundService>> _loops = new()
    {
        ["EventNumbering"] = (calls, _) => new EventNumbering(new DatabaseClient(calls), _ids, Options.Create(_monitor), TimeProvider.System, NullLogger<EventNumbering>.Instance),
        ["WaitingMetrics"] = (calls, services) => new WaitingMetrics(
            new DatabaseClient(calls), services.GetRequiredService<IMeterFactory>(), Options.Create(_monitor), TimeProvider.System, NullLogger<WaitingMetrics>.Instance),
        ["StatementRun"] = (calls, _) => new StatementRun(
            new QueryGatewayInner.QueryGatewayInnerClient(calls), new DatabaseClient(calls), new NoApps(), Options.Create(_monitor), TimeProvider.System,
            NullLogger<StatementRun>.Instance),
        ["AlertLoop"] = (calls, services) => new AlertLoop(
            new DatabaseClient(calls), services.GetRequiredService<IHttpClientFactory>(), Options.Create(new AlertOptions { Url = "https://people.example", Every = _soon }),
            TimeProvider.System, NullLogger<AlertLoop>.Instance),
        ["ChannelCallLog"] = (calls, services) =>
        {
            var log = new ChannelCallLog(
                new DatabaseClient(calls), services.GetRequiredService<IMeterFactory>(), _ids, TimeProvider.System, NullLogger<ChannelCallLog>.Instance);
            // More than two groups of them.
            for (var i = 0; i < 1_100; i++)
            {
                log.Keep(new ChannelCall(), TimeProvider.System.GetTimestamp());
            }

            return log;
        },
    };

    public static TheoryData<string> Loops => [.. _loops.Keys];

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Loop_OfWhichARoundMeetsABug_GoesOn(string name)
    {
        await using var services = new ServiceCollection().AddMetrics().AddHttpClient().BuildServiceProvider();
        var calls = new Buggy();
        using var loop = _loops[name](calls, services);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        var first = await Task.WhenAny(calls.Third.Task, loop.ExecuteTask!).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        ReferenceEquals(first, calls.Third.Task).Should().BeTrue("the loop goes on, and has not ended by {0}", loop.ExecuteTask!.Exception?.InnerException?.Message);
        await loop.StopAsync(TestContext.Current.CancellationToken);
        loop.ExecuteTask!.IsFaulted.Should().BeFalse();
    }

    /// <summary>Calls that fail as no call should: not by a status.</summary>
    private sealed class Buggy : CallInvoker
    {
        private int _calls;

        public TaskCompletionSource Third { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            if (Interlocked.Increment(ref _calls) == 3)
            {
                Third.SetResult();
            }

            throw new InvalidOperationException("A bug.");
        }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }

    private sealed class NoApps : IConfigDocuments<MerchantApp>
    {
        public IReadOnlyDictionary<string, MerchantApp> All { get; } = new Dictionary<string, MerchantApp>();

        public MerchantApp? Find(string name) => null;
    }
}
