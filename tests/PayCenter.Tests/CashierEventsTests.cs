using System.Net;
using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Cashier;

namespace PayCore.PayCenter.Tests;

public sealed class CashierEventsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private PayCenterHost _host = null!;
    private HttpClient _http = null!;

    private FakeGateways Gateways => _host.Gateways;

    public async ValueTask InitializeAsync()
    {
        _host = await PayCenterHost.StartAsync(_time);
        _http = new HttpClient { BaseAddress = _host.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Events_Change_IsToldOnceAndTheStreamEndsWithTheLastNews()
    {
        var token = Gateways.Add();
        using var stream = await ListenAsync(token);
        stream.ContentType.Should().Be("text/event-stream");
        var first = await stream.NextAsync();
        first.GetProperty("state").GetString().Should().Be("PAYING");
        first.GetProperty("seconds_left").GetInt32().Should().Be(600);

        await TurnAsync(token);
        Gateways.Change(token, o => o.Order.State = PayOrder.Types.State.Paid);
        _time.Advance(CashierWatch.Interval);
        var second = await stream.NextAsync();
        second.GetProperty("state").GetString().Should().Be("PAID");
        second.GetProperty("key").GetString().Should().NotBe(first.GetProperty("key").GetString());
        (await stream.LineAsync()).Should().BeNull("nothing can come after that");
    }

    [Fact]
    public async Task Events_NothingNew_IsAHeartbeatEvery15Seconds()
    {
        var token = Gateways.Add();
        using var stream = await ListenAsync(token);
        await stream.NextAsync();
        for (var second = 0; second < 15; second++)
        {
            await TurnAsync(token);
        }

        (await stream.LineAsync()).Should().StartWith(":");
    }

    [Fact]
    public async Task Events_ManyListeners_ShareOneLook()
    {
        var token = Gateways.Add();
        var streams = new List<EventStream>();
        for (var i = 0; i < CashierWatch.ListenersOfOrderMax; i++)
        {
            streams.Add(await ListenAsync(token));
            await streams[i].NextAsync();
        }

        var before = Gateways.Looked.Count;
        Gateways.Change(token, o => o.Order.CloseRequested = true);
        _time.Advance(CashierWatch.Interval);
        foreach (var stream in streams)
        {
            (await stream.NextAsync()).GetProperty("screen").GetString().Should().Be("Closing");
            stream.Dispose();
        }

        Gateways.Looked.Count.Should().Be(before + 1);
        Gateways.Looked.Should().OnlyContain(l => l.WithoutLogo && !l.Refresh, "a look reads the records and asks no channel");
    }

    [Fact]
    public async Task Events_TooManyListenersOfAnOrder_AreSentToPolling()
    {
        var (token, other) = (Gateways.Add(), Gateways.Add());
        var streams = new List<EventStream>();
        for (var i = 0; i < CashierWatch.ListenersOfOrderMax; i++)
        {
            streams.Add(await ListenAsync(token));
        }

        (await _http.GetAsync($"/pay/{token}/events")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        streams.Add(await ListenAsync(other));
        streams.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task Events_ListenerLeaves_ItsPlaceIsFreeAndNobodyLooksAnyMore()
    {
        var token = Gateways.Add();
        var stream = await ListenAsync(token);
        await stream.NextAsync();
        stream.Dispose();
        var watch = _host.Service<CashierWatch>();
        await EventuallyAsync(() => watch.Listeners == 0);
        var before = Gateways.Looked.Count;
        _time.Advance(CashierWatch.Interval * 3);
        Gateways.Looked.Count.Should().Be(before);
    }

    [Fact]
    public async Task Events_GatewayAwayForAWhile_GoesOnAfterIt()
    {
        var token = Gateways.Add();
        using var stream = await ListenAsync(token);
        await stream.NextAsync();
        Gateways.Failure = StatusCode.Unavailable;
        await TurnAsync(token);
        Gateways.Failure = null;
        Gateways.Change(token, o => o.Order.State = PayOrder.Types.State.Paid);
        _time.Advance(CashierWatch.Interval);
        (await stream.NextAsync()).GetProperty("state").GetString().Should().Be("PAID");
    }

    [Fact]
    public async Task Events_ProcessEnds_TheStreamEnds()
    {
        var token = Gateways.Add();
        using var stream = await ListenAsync(token);
        await stream.NextAsync();
        _host.Stop();
        (await stream.LineAsync()).Should().BeNull();
    }

    [Theory]
    [InlineData(null, HttpStatusCode.NotFound)]
    [InlineData(StatusCode.Unavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task Events_NoOrder_IsARefusalWithStrictHeaders(StatusCode? failure, HttpStatusCode status)
    {
        Gateways.Failure = failure;
        var answer = await Page.ReadAsync(await _http.GetAsync("/pay/nobody/events"));
        answer.Status.Should().Be(status);
        Headers.ShouldBeStrict(answer);
    }

    private async Task<EventStream> ListenAsync(string token)
    {
        var answer = await _http.GetAsync($"/pay/{token}/events", HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return new EventStream(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }

    /// <summary>Lets one interval pass, and waits until the order was looked at in it.</summary>
    private async Task TurnAsync(string token)
    {
        var before = Gateways.Looked.Count(l => l.PageToken == token);
        _time.Advance(CashierWatch.Interval);
        await EventuallyAsync(() => Gateways.Looked.Count(l => l.PageToken == token) > before);
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(5);
        }
    }

    private sealed class EventStream(HttpResponseMessage answer, StreamReader reader) : IDisposable
    {
        public string? ContentType => answer.Content.Headers.ContentType?.MediaType;

        /// <summary>The next line that says something; null at the end.</summary>
        public async Task<string?> LineAsync()
        {
            string? line;
            do
            {
                line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
            }
            while (line is "");
            return line;
        }

        /// <summary>The next event.</summary>
        public async Task<JsonElement> NextAsync()
        {
            var line = await LineAsync();
            line.Should().StartWith("data: ");
            return JsonDocument.Parse(line!["data: ".Length..]).RootElement;
        }

        public void Dispose()
        {
            reader.Dispose();
            answer.Dispose();
        }
    }
}
