using PayCore.Contracts.V1;

namespace PayCore.NotifyGateway.Tests;

/// <summary>The places of endpoints, without network or worker.</summary>
public sealed class EndpointBookTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private static readonly Delivery _new = new() { Cycle = 1 };
    private static readonly Delivery _fromTheLine = new() { Cycle = 1, Tries = 3, WaitsFor = "https://merchant.example:443" };
    private static readonly Delivery _resent = new() { Cycle = 2 };

    [Theory]
    [InlineData("https://merchant.example/a", "https://merchant.example:443/b?c=d", true)]
    [InlineData("https://merchant.example/a", "HTTPS://MERCHANT.example/a", true)]
    [InlineData("https://merchant.example/a", "https://merchant.example:8443/a", false)]
    [InlineData("https://merchant.example/a", "http://merchant.example:443/a", false)]
    [InlineData("https://merchant.example/a", "https://other.example/a", false)]
    public void Of_TwoAddresses_OneEndpointWhenSchemeHostAndPortAreEqual(string one, string other, bool same)
    {
        var book = new EndpointBook(new NotifyOptions());

        ReferenceEquals(book.Of(one), book.Of(other)).Should().Be(same);
    }

    [Fact]
    public void HasPlace_EightAreUnderWay_NotForTheNinth()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");

        for (var i = 0; i < 8; i++)
        {
            book.HasPlace(endpoint, _new, _now).Should().BeTrue();
            book.Start(endpoint, _now);
        }

        book.HasPlace(endpoint, _new, _now).Should().BeFalse();
        book.HasPlace(endpoint, _resent, _now).Should().BeFalse();
        book.HasPlace(book.Of("https://other.example/"), _new, _now).Should().BeTrue();
    }

    [Fact]
    public void HasPlace_AHundredEndpointsHangAtOnce_OthersStillHavePlaces()
    {
        var book = new EndpointBook(new NotifyOptions());
        var quick = book.Of("https://quick.example/");
        book.End(book.Start(quick, _now), _now.AddMilliseconds(50), delivered: true);

        for (var i = 0; i < 100; i++)
        {
            var hanging = book.Of($"https://hanging{i}.example/");
            while (book.HasPlace(hanging, _new, _now))
            {
                book.Start(hanging, _now);
            }
        }

        book.InFlight.Should().BeLessThan(256);
        book.HasPlace(book.Of("https://unknown.example/"), _new, _now).Should().BeTrue();
        for (var i = 0; i < 8; i++)
        {
            book.HasPlace(quick, _new, _now).Should().BeTrue("an endpoint that is known to be quick keeps all its places");
            book.Start(quick, _now);
        }
    }

    [Fact]
    public void HasPlace_EverythingIsTaken_Nobody()
    {
        var book = new EndpointBook(new NotifyOptions { InFlightMax = 2 });
        book.Start(book.Of("https://a.example/"), _now);
        book.Start(book.Of("https://b.example/"), _now);

        book.Free.Should().Be(0);
        book.HasPlace(book.Of("https://c.example/"), _new, _now).Should().BeFalse();
    }

    [Fact]
    public void MayWait_LongerThanTheLongestWait_NotAnyMore()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now.AddSeconds(4), delivered: true);

        var waiting = 0;
        for (; book.MayWait(endpoint, _new, _now); waiting++)
        {
            book.Wait(endpoint, new TakenDelivery(new Delivery(), _now));
        }

        waiting.Should().Be(10, "at 4 s a try and 8 at once, the tenth waits 5 s");
        book.Turns(endpoint, _now).Should().Be((_now.AddSeconds(5.5), TimeSpan.FromSeconds(0.5)), "the line begins behind those that wait here");
    }

    [Fact]
    public void MayWait_WhatRunsHangs_TheAverageOfBeforeDoesNotCount()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now.AddMilliseconds(10), delivered: true);
        book.Start(endpoint, _now);

        book.MayWait(endpoint, _new, _now).Should().BeTrue();
        book.MayWait(endpoint, _new, _now.AddSeconds(41)).Should().BeFalse();
    }

    [Fact]
    public void Probe_SomeWaitInTheLine_OneOfThemAndNoNewOne()
    {
        var book = new EndpointBook(new NotifyOptions { ProbeAfterFailures = 1 });
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now, delivered: false);
        endpoint.HasLine = true;

        book.HasPlace(endpoint, _fromTheLine, _now.AddSeconds(59)).Should().BeFalse();
        book.HasPlace(endpoint, _new, _now.AddSeconds(60)).Should().BeFalse();
        book.HasPlace(endpoint, _fromTheLine, _now.AddSeconds(60)).Should().BeTrue();
        book.RoomForLine(endpoint, _now).Should().Be(1 + 255, "a try took no time, and a claim's worth is the most");
    }

    [Fact]
    public void Probe_SomebodyAskedForIt_TriedOutOfTurnWithinThePlaces()
    {
        var book = new EndpointBook(new NotifyOptions { ProbeAfterFailures = 1 });
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now.AddSeconds(15), delivered: false);
        endpoint.HasLine = true;

        book.HasPlace(endpoint, _resent, _now).Should().BeTrue();
        book.HasPlace(endpoint, new Delivery { Cycle = 2, Tries = 1 }, _now).Should().BeFalse("the second try of its cycle is as any other");
        for (var i = 0; i < 8; i++)
        {
            book.Start(endpoint, _now);
        }

        book.HasPlace(endpoint, _resent, _now).Should().BeFalse();
        var waiting = 0;
        for (; book.MayWait(endpoint, _resent, _now); waiting++)
        {
            book.Wait(endpoint, new TakenDelivery(_resent, _now));
        }

        waiting.Should().Be(2, "ten thousand of them are a backlog as well");
        book.TakeStale(_now.AddSeconds(-1)).Should().BeEmpty();
    }

    [Fact]
    public void RoomForLine_NoLineOrEnoughToDo_None()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now.AddSeconds(4), delivered: true);

        book.RoomForLine(endpoint, _now).Should().Be(0, "nobody waits in its line");
        endpoint.HasLine = true;
        book.RoomForLine(endpoint, _now).Should().Be(1 + 10, "at 4 s a try and 8 at once");
        endpoint.Pulling = true;
        book.RoomForLine(endpoint, _now).Should().Be(0);
        endpoint.Pulling = false;
        book.Wait(endpoint, new TakenDelivery(new Delivery(), _now));
        book.RoomForLine(endpoint, _now).Should().Be(0);
    }

    [Fact]
    public void Probe_FailuresInARow_OnlyTheLimitAndOneSuccessResets()
    {
        var book = new EndpointBook(new NotifyOptions { ProbeAfterFailures = 3 });
        var endpoint = book.Of("https://merchant.example/");
        Fail(2);
        book.End(book.Start(endpoint, _now), _now, delivered: true);
        Fail(2);
        book.IsProbed(endpoint).Should().BeFalse();
        book.End(book.Start(endpoint, _now), _now, delivered: null);
        endpoint.FailuresInRow.Should().Be(2, "a try that says nothing about the endpoint does not count");

        Fail(1);

        book.IsProbed(endpoint).Should().BeTrue();
        book.HasPlace(endpoint, _new, _now.AddSeconds(59)).Should().BeFalse();
        book.Turns(endpoint, _now.AddSeconds(20)).Should().Be((_now.AddSeconds(60), TimeSpan.FromSeconds(61)));
        book.Turns(endpoint, _now.AddSeconds(70)).First.Should().Be(_now.AddSeconds(70), "not in the past");
        book.MayWait(endpoint, _new, _now).Should().BeFalse();
        book.HasPlace(endpoint, _new, _now.AddSeconds(60)).Should().BeTrue();
        var probe = book.Start(endpoint, _now.AddSeconds(60));
        book.HasPlace(endpoint, _fromTheLine, _now.AddSeconds(200)).Should().BeFalse("one probe at a time");
        book.End(probe, _now.AddSeconds(61), delivered: true);
        book.HasPlace(endpoint, _new, _now.AddSeconds(61)).Should().BeTrue();

        void Fail(int times)
        {
            for (var i = 0; i < times; i++)
            {
                book.End(book.Start(endpoint, _now), _now, delivered: false);
            }
        }
    }

    [Fact]
    public void TakeStale_TakenLongAgo_OnlyThose()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");
        book.Wait(endpoint, new TakenDelivery(new Delivery { DeliveryId = "1" }, _now));
        book.Wait(endpoint, new TakenDelivery(new Delivery { DeliveryId = "2" }, _now.AddSeconds(5)));

        book.TakeStale(_now.AddSeconds(1)).Select(s => s.Taken.Delivery.DeliveryId).Should().Equal("1");
        endpoint.Waiting.Should().ContainSingle();
    }
}
