using PayCore.EndToEnd.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

// Most of these tests wait for a clock or for a process that starts, and leave the processor to others.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongOnesFirst))]

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>The classes that take minutes begin first, so that the others run beside them and nobody waits for one in the end.</summary>
public sealed class LongOnesFirst : ITestCollectionOrderer
{
    private static readonly string[] _long =
    [
        nameof(DemoTests), nameof(LedgersAgree), nameof(EffectThenTimeoutAtWechat), nameof(EffectThenTimeoutAtAlipay), nameof(KilledBetween), nameof(BarcodeStories), nameof(ReadmeTests),
        nameof(MoneyBack), nameof(Races), nameof(MoneyNobodyWaitsFor), nameof(NobodyTold),
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(PlaceOf)];

    private static int PlaceOf<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var place = Array.FindIndex(_long, name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal));
        return place < 0 ? _long.Length : place;
    }
}
