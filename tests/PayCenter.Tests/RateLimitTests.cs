using Microsoft.Extensions.Time.Testing;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Tests;

public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void TryTake_EachKey_HasItsOwnAllowanceInEachWindow()
    {
        var limit = new RateLimit(_time, TimeSpan.FromMinutes(1), max: 2);
        bool Take(string key) => limit.TryTake(key);
        new[] { Take("a"), Take("a"), Take("a"), Take("b") }.Should().Equal(true, true, false, true);
        _time.Advance(TimeSpan.FromMinutes(1));
        Take("a").Should().BeTrue();
    }

    [Fact]
    public void TryTake_ManyKeys_NeedsNoMoreMemory()
    {
        var limit = new RateLimit(_time, TimeSpan.FromMinutes(1), max: 100);
        limit.TryTake("first");
        var keys = Enumerable.Range(0, 10_000).Select(i => $"key{i}").ToList();
        var before = GC.GetAllocatedBytesForCurrentThread();
        keys.ForEach(key => limit.TryTake(key));
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(10_000, "a key is counted, not kept");
    }

    [Fact]
    public async Task TryTake_AtOnce_GivesNoMoreThanTheAllowance()
    {
        var limit = new RateLimit(_time, TimeSpan.FromMinutes(1), max: 500);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Count(_ => limit.TryTake("a")))));
        taken.Sum().Should().Be(500);
    }
}
