using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;

namespace PayCore.PayDatabase.Tests;

public sealed class FeedTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Events_AreNumberedWithoutGaps_OfEachApp(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 5; i++)
        {
            await db.OrderAsync(AttemptState.Won);
            await db.Client.DecideTransferAsync(new DecideTransferRequest
            {
                TransferId = (await db.Client.CreateTransferAsync(db.NewTransfer(needsApproval: true, appId: "app2"))).Transfer.Transfer.Id,
                Decision = DecideTransferRequest.Types.Decision.Cancel,
                By = "app2",
            });
        }

        (await NumberAsync(db, "one", 3)).Numbered.Should().Be(3);
        (await NumberAsync(db, "one")).Numbered.Should().Be(7);
        (await NumberAsync(db, "one")).Should().Be(new NumberEventsReply { Holds = true });

        foreach (var app in (string[])["app1", "app2"])
        {
            var feed = await ReadAsync(db, app);
            feed.Select(e => e.Number).Should().Equal(1, 2, 3, 4, 5);
            feed.Should().OnlyContain(e => e.Type == (app == "app1" ? "payment.paid" : "transfer.cancelled"));
            (await ReadAsync(db, app, after: 3)).Should().Equal(feed.Skip(3));
        }

        (await ReadAsync(db, "app3")).Should().BeEmpty();
        var told = (await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { State = Delivery.Types.State.Pending })).Deliveries.Select(d => (d.EventId, d.Body));
        (await ReadAsync(db, "app1")).Select(e => (e.EventId, e.Body)).Should().BeSubsetOf(told, "the feed tells exactly what a notification carries");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Lease_IsOneNumberersUntilItEnds(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);

        (await NumberAsync(db, "one")).Should().Be(new NumberEventsReply { Holds = true, Numbered = 1 });
        await db.OrderAsync(AttemptState.Won);
        (await NumberAsync(db, "two")).Holds.Should().BeFalse();
        db.Clock.Advance(TimeSpan.FromSeconds(31));
        (await NumberAsync(db, "two")).Should().Be(new NumberEventsReply { Holds = true, Numbered = 1 });
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Lease_OfAQuietFeed_IsKept(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 6; i++)
        {
            (await NumberAsync(db, "one")).Holds.Should().BeTrue();
            db.Clock.Advance(TimeSpan.FromSeconds(10));
            (await NumberAsync(db, "two")).Holds.Should().BeFalse();
        }
    }

    /// <summary>Whatever the ids are, an event is not numbered before those of its subject's earlier versions.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Events_OfOneSubject_AreInTheOrderOfItsVersions(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 20; i++)
        {
            // Closed and then paid late, in the same millisecond.
            var order = await db.OrderAsync(AttemptState.Closed);
            await db.PayAsync(order.Attempts[0].Attempt.AttemptNo);
        }

        while ((await NumberAsync(db, "one", 7)).Numbered > 0)
        {
        }

        var rows = await db.ScalarAsync<long>(
            "SELECT COUNT(*) FROM event a JOIN event b ON b.subject_id = a.subject_id AND b.subject_version > a.subject_version AND b.feed_seq < a.feed_seq");
        rows.Should().Be(0);
        (await ReadAsync(db, "app1")).Should().HaveCount(40);
    }

    /// <summary>The lease is a hint: numberers that all believe to hold it, while events are being committed, number each event once and leave no gap.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Numberers_Racing_NumberEachEventOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 150; i++)
            {
                var request = db.NewTransfer(needsApproval: true, appId: $"app{i % 3}");
                var id = (await db.Client.CreateTransferAsync(request)).Transfer.Transfer.Id;
                await db.Client.DecideTransferAsync(
                    new DecideTransferRequest { TransferId = id, Decision = DecideTransferRequest.Types.Decision.Cancel, By = "merchant" });
            }
        });
        var numbered = 0;
        var rounds = 0;
        while (rounds < 10_000 && (!writing.IsCompleted || await db.ScalarAsync<long>("SELECT COUNT(*) FROM event WHERE feed_seq IS NULL") > 0))
        {
            // The same holder, twice at once: the lease lets both in.
            var replies = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => NumberAsync(db, "one", 5)));
            numbered += replies.Sum(r => r.Numbered);
            rounds++;
        }

        await writing;
        rounds.Should().BeGreaterThan(10);
        numbered.Should().Be(150);
        for (var app = 0; app < 3; app++)
        {
            (await ReadAsync(db, $"app{app}")).Select(e => e.Number).Should().Equal(Enumerable.Range(1, 50).Select(n => (long)n));
        }
    }

    private static async Task<NumberEventsReply> NumberAsync(DatabaseFixture db, string holder, int limit = 100) =>
        await db.Client.NumberEventsAsync(new NumberEventsRequest { Holder = holder, LeaseSeconds = 30, Limit = limit });

    private static async Task<IReadOnlyList<EventRow>> ReadAsync(DatabaseFixture db, string appId, long after = 0) =>
        (await db.Client.ReadEventsAsync(new ReadEventsRequest { AppId = appId, After = after, Limit = 200 })).Events;
}
