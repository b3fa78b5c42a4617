using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PayCore.TestKit;

namespace PayCore.ServiceDefaults.Tests;

public sealed class IdFactoryTests
{
    [Fact]
    public void Ids_AreShortPlainAndSortByTime()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));
        var ids = new IdFactory(clock, new SeededRandom(1), Options.Create(new IdOptions { Region = "SH" }));

        var made = new List<string>();
        for (var i = 0; i < 1000; i++)
        {
            made.Add(ids.NewAttemptNo());
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        made.Should().OnlyHaveUniqueItems().And.OnlyContain(id => id.Length == 29 && id.StartsWith("ASH") && id.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)));
        made.Should().BeInAscendingOrder(StringComparer.Ordinal);
    }

    [Fact]
    public void Ids_OfOneMillisecond_AreUnique()
    {
        var ids = new IdFactory(new FakeTimeProvider(), RandomSource.System, Options.Create(new IdOptions()));

        Enumerable.Range(0, 10_000).Select(_ => ids.NewOrderId()).Should().OnlyHaveUniqueItems();
    }
}
