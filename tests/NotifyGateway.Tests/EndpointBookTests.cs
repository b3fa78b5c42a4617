using PayCore.Contracts.V1;

namespace PayCore.NotifyGateway.Tests;

/// <summary>The places of endpoints, without network or worker.</summary>
public sealed class EndpointBookTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

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
            book.HasPlace(endpoint, _now).Should().BeTrue();
            book.Start(endpoint, _now);
        }

        book.HasPlace(endpoint, _now).Should().BeFalse();
        book.HasPlace(book.Of("https://other.example/"), _now).Should().BeTrue();
        book.LeaveOut(_now).Should().Equal("https://merchant.example/");
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
            while (book.HasPlace(hanging, _now))
            {
                book.Start(hanging, _now);
            }
        }

        book.InFlight.Should().BeLessThan(256);
        book.HasPlace(book.Of("https://unknown.example/"), _now).Should().BeTrue();
        for (var i = 0; i < 8; i++)
        {
            book.HasPlace(quick, _now).Should().BeTrue("an endpoint that is known to be quick keeps all its places");
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
        book.HasPlace(book.Of("https://c.example/"), _now).Should().BeFalse();
    }

    [Fact]
    public void MayWait_LongerThanTheLongestWait_NotAnyMore()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now.AddSeconds(4), delivered: true);

        var waiting = 0;
        for (; book.MayWait(endpoint, _now); waiting++)
        {
            book.Wait(endpoint, new TakenDelivery(new Delivery(), _now));
        }

        waiting.Should().Be(10, "at 4 s a try and 8 at once, the tenth waits 5 s");
        book.LeaveOut(_now).Should().ContainSingle();
    }

    [Fact]
    public void MayWait_WhatRunsHangs_TheAverageOfBeforeDoesNotCount()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now.AddMilliseconds(10), delivered: true);
        book.Start(endpoint, _now);

        book.MayWait(endpoint, _now).Should().BeTrue();
        book.MayWait(endpoint, _now.AddSeconds(41)).Should().BeFalse();
    }

    [Fact]
    public void GoBackFor_ManyAtOnce_SpreadWithinOneProbe()
    {
        var book = new EndpointBook(new NotifyOptions());
        var endpoint = book.Of("https://merchant.example/");
        book.End(book.Start(endpoint, _now), _now.AddSeconds(15), delivered: false);

        var waits = Enumerable.Range(0, 100).Select(_ => book.GoBackFor(endpoint, _now).TotalSeconds).ToList();

        waits.Should().AllSatisfy(w => w.Should().BeInRange(1, 60));
        waits.Distinct().Should().HaveCountGreaterThan(20);
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
        book.HasPlace(endpoint, _now.AddSeconds(59)).Should().BeFalse();
        book.GoBackFor(endpoint, _now.AddSeconds(20)).Should().Be(TimeSpan.FromSeconds(40));
        book.MayWait(endpoint, _now).Should().BeFalse();
        book.LeaveOut(_now.AddSeconds(59)).Should().ContainSingle();
        book.LeaveOut(_now.AddSeconds(60)).Should().BeEmpty();
        book.HasPlace(endpoint, _now.AddSeconds(60)).Should().BeTrue();
        var probe = book.Start(endpoint, _now.AddSeconds(60));
        book.HasPlace(endpoint, _now.AddSeconds(200)).Should().BeFalse("one probe at a time");
        book.End(probe, _now.AddSeconds(61), delivered: true);
        book.HasPlace(endpoint, _now.AddSeconds(61)).Should().BeTrue();

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

    [Fact]
    public void LeaveOut_AnEndpointWithAnAddressPerOrder_TheListStaysShort()
    {
        var book = new EndpointBook(new NotifyOptions());
        for (var e = 0; e < 100; e++)
        {
            for (var i = 0; i < 100; i++)
            {
                book.Of($"https://merchant{e}.example/?order={i}");
            }

            var endpoint = book.Of($"https://merchant{e}.example/");
            book.Wait(endpoint, new TakenDelivery(new Delivery(), _now));
        }

        book.LeaveOut(_now).Should().HaveCount(500).And.Contain("https://merchant0.example/");
    }
}
