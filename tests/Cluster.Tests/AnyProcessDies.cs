using System.Collections.Concurrent;
using System.Diagnostics;
using PayCore.Cluster.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host.Cluster;
using PayCore.Payments;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.Cluster.Tests;

/// <summary>
/// Every process of the cluster is killed, each in turn, while merchants and buyers of both providers go on: in the end the providers' books, the records, the API
/// and the notifications agree, and nobody had to help.
/// </summary>
[Collection(nameof(TestCluster))]
public sealed class AnyProcessDies(TestCluster cluster, ITestOutputHelper output)
{
    private const int OrdersASecond = 20;

    private static readonly TimeSpan _healedWithin = TimeSpan.FromSeconds(150);

    /// <summary>While more than one may be away, the next one dies after this time.</summary>
    private static readonly TimeSpan _nextAfter = TimeSpan.FromSeconds(2);

    /// <summary>One at a time leaves the machine time to carry the load; with several away at once it carries what it can.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task EveryProcess_KilledInTurnUnderLoad_BreaksNoInvariant_AndIsHealedByItself(int awayMax)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await cluster.UntilHealthyAsync();
        var load = new Load(cluster, seed);
        var before = await ProviderBooks.ReadAsync(new Uri(cluster.Plan.Simulator));
        var paidBefore = before.Orders.Select(o => o.Number).Where(before.IsPaid).ToList();

        var loadBegan = TimeProvider.System.GetTimestamp();
        await load.RunAsync(OrdersASecond, KillEachAsync(seed, awayMax));
        var seconds = TimeProvider.System.GetElapsedTime(loadBegan).TotalSeconds;
        await cluster.UntilHealthyAsync();
        var healed = await PassAsync(load.Orders, IsPaidAndToldAsync, TimeSpan.FromSeconds(1));

        output.WriteLine($"{load.Orders.Count} orders, {load.Refunds.Count} refunds, {load.Transfers.Count} transfers, {load.Repeats} repeats in {seconds:0} s, {(load.Orders.Count + load.Transfers.Count) / seconds:0.0} a second; healed after {healed}");
        string.Join('\n', load.Surprises).Should().BeEmpty();
        load.Orders.Count.Should().BeGreaterThan(50, "the run is no empty one");
        healed.Should().BeLessThan(_healedWithin);

        // What waits for its next listed try, and attempts whose code was lost, which end when they expire.
        await PassAsync(load.Transfers, t => HasEndedAsync(load, t.Method, t.Id), TimeSpan.FromSeconds(3));
        await PassAsync(load.Orders, IsSettledAsync, TimeSpan.FromSeconds(3));
        var crashes = cluster.Parts.Count(p => p.Name.StartsWith("NotifyGateway", StringComparison.Ordinal) || p.Name == "MariaDB");
        string.Join('\n', await LedgerComparison.DifferencesAsync(cluster.Compared, load.Orders, paidBefore, crashes)).Should().BeEmpty();
        string.Join('\n', await TransferDifferencesAsync(load)).Should().BeEmpty();
    }

    private async Task KillEachAsync(int seed, int awayMax)
    {
        var names = cluster.Parts.Select(p => p.Name).ToArray();
        new Random(seed).Shuffle(names);
        foreach (var name in names)
        {
            var part = cluster.Parts.Single(p => p.Name == name);
            using var process = Process.GetProcessById(part.Process!.Pid);
            process.Kill();
            output.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss} killed {name}");
            var back = UntilBackAsync(name, part);
            await (awayMax == 1 ? back : Task.WhenAny(back, Task.Delay(_nextAfter)));
            await TestCluster.UntilAsync("they come back", TimeSpan.FromSeconds(150), () => Task.FromResult(cluster.Parts.Count(p => p.Phase != PartPhase.Ready) < awayMax));
        }
    }

    private Task UntilBackAsync(string name, PartState before) => TestCluster.UntilAsync(
        $"{name} is started again", TimeSpan.FromSeconds(150),
        () => Task.FromResult(cluster.Parts.Single(p => p.Name == name) is { Phase: PartPhase.Ready } now && now.Restarts > before.Restarts));

    /// <summary>
    /// Lets the cluster's clock run, a step at a time, until something holds of all. Each step gets as much real time as a look takes several times over: so does the
    /// work that it makes due.
    /// </summary>
    private async Task<TimeSpan> PassAsync<T>(IEnumerable<T> all, Func<T, Task<bool>> holds, TimeSpan step)
    {
        var began = cluster.Clock.GetUtcNow();
        var open = all.ToList();
        while (true)
        {
            var asked = TimeProvider.System.GetTimestamp();
            var still = new ConcurrentQueue<T>();
            await Parallel.ForEachAsync(open, async (one, _) =>
            {
                if (!await holds(one))
                {
                    still.Enqueue(one);
                }
            });
            open = [.. still];
            if (open.Count == 0)
            {
                return cluster.Clock.GetUtcNow() - began;
            }

            (cluster.Clock.GetUtcNow() - began).Should().BeLessThan(TimeSpan.FromMinutes(30), $"{open.Count} are open still, {open[0]} among them");
            cluster.Clock.Wind(step);
            await Task.Delay(TimeProvider.System.GetElapsedTime(asked) * 2 + TimeSpan.FromMilliseconds(100));
        }
    }

    private async Task<bool> IsPaidAndToldAsync(string orderId) =>
        (await ReadAsync(orderId)).Order.State == OrderState.Paid
        && (await cluster.Database.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = orderId })).Deliveries is [_, ..] deliveries
        && deliveries.All(d => d.State == DeliveryState.Delivered);

    private async Task<bool> IsSettledAsync(string orderId) =>
        (await ReadAsync(orderId)).Attempts.All(a => !AttemptTransitions.IsOpen(a.Attempt.State) && a.Attempt.RefundReservedAmountMinor == 0)
        && await IsPaidAndToldAsync(orderId);

    private async Task<StoredOrder> ReadAsync(string orderId) => await cluster.Database.ReadOrderAsync(new ReadOrderRequest { OrderId = orderId });

    private async Task<bool> HasEndedAsync(Load load, string method, string id)
    {
        var transfer = (await cluster.Database.ReadTransferAsync(new ReadTransferRequest { TransferId = id })).Transfer;
        if (method == "wechat" && transfer.State == TransferState.WaitPayee)
        {
            await load.TellProviderAsync("/control/wechat/transfers/confirm", new { mchid = Host.Demonstration.Tour.TourAccounts.Wechat, number = id });
        }

        return transfer.State == TransferState.Succeeded;
    }

    /// <summary>I4, I5: money left once for each transfer, and for nothing else.</summary>
    private async Task<IReadOnlyList<string>> TransferDifferencesAsync(Load load)
    {
        var books = await ProviderBooks.ReadAsync(new Uri(cluster.Plan.Simulator));
        return [.. load.Transfers.Where(t => books.Moved("transfer", t.Id).Count() != 1).Select(t => $"{t.Id} moved money {books.Moved("transfer", t.Id).Count()} times")];
    }
}
