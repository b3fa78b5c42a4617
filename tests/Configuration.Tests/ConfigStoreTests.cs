using System.Text;

namespace PayCore.Configuration.Tests;

public sealed class ConfigStoreTests
{
    [Fact]
    public async Task Readings_Overlapping_EndWithWhatWasReadLast()
    {
        var apps = new ConfigFolder<MerchantApp>("apps", MerchantApp.Parse);
        var backend = new SlowBackend();
        using var store = Stores.Of(backend, apps, TimeProvider.System);

        var early = store.ReadAsync(CancellationToken.None);
        backend.MerchantId = "new";
        var late = store.ReadAsync(CancellationToken.None);
        backend.FirstReadMayEnd.SetResult();
        await Task.WhenAll(early, late);

        apps.Find("app1")!.MerchantId.Should().Be("new");
    }

    /// <summary>Whatever ends a wait for changes, bug or network, the next change is seen: who no longer follows would serve revoked keys for ever.</summary>
    [Fact]
    public async Task Watch_ThatEndsInAWayNobodyExpected_IsBegunAnew()
    {
        var apps = new ConfigFolder<MerchantApp>("apps", MerchantApp.Parse);
        var backend = new SlowBackend { WatchFails = true };
        backend.FirstReadMayEnd.SetResult();
        using var store = Stores.Of(backend, apps, TimeProvider.System);
        await store.StartingAsync(CancellationToken.None);
        await backend.Failed.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        backend.MerchantId = "new";
        var began = TimeProvider.System.GetTimestamp();
        while (apps.Find("app1")!.MerchantId != "new")
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await store.StoppedAsync(CancellationToken.None);
    }

    /// <summary>Its first reading takes until it is let go, and tells what there was when it began.</summary>
    private sealed class SlowBackend : IConfigBackend
    {
        private int _reads;

        public string MerchantId { get; set; } = "old";

        public TaskCompletionSource FirstReadMayEnd { get; } = new();

        public async Task<IReadOnlyList<ConfigDocument>> ReadAllAsync(CancellationToken cancellation)
        {
            var content = Encoding.UTF8.GetBytes($$"""{"merchant_id":"{{MerchantId}}","keys":[]}""");
            if (++_reads == 1)
            {
                await FirstReadMayEnd.Task;
            }

            return [new ConfigDocument("apps", "app1", content)];
        }

        public bool WatchFails { get; set; }

        public TaskCompletionSource Failed { get; } = new();

        public async Task WaitForChangeAsync(CancellationToken cancellation)
        {
            if (WatchFails)
            {
                WatchFails = false;
                Failed.SetResult();
                throw new InvalidOperationException("The watch was ended.");
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }

        public Task WriteAsync(string folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> ReplaceAsync(string folder, string name, string? version, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<bool> DeleteAsync(string folder, string name, string version, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<IReadOnlyList<ConfigVersion>> HistoryAsync(string folder, string name, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
