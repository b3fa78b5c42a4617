using System.Collections.Concurrent;
using System.Diagnostics;
using PayCore.Contracts.V1;

namespace PayCore.Wechat.Tests;

/// <summary>What operators see of a call, and what nobody may see.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task Calls_EachOne_HasASpanALogLineAndNoSecret()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var parent = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "PayCore.Channels.Wechat",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = a =>
            {
                if (a.TraceId == parent.TraceId)
                {
                    spans.Enqueue(a);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = r => r.Method == "GET"
            ? new FakeAnswer(200, Transactions.Paid().ToJsonString())
            : new FakeAnswer(401, """{"code":"SIGN_ERROR","message":"x"}""") { Signed = false };

        var pay = await world.PayAsync();
        var query = await world.QueryAsync();
        var callback = await world.Client.ReadCallbackAsync(world.Callback());

        spans.Select(s => (s.OperationName, s.Kind, s.GetTagItem("http.response.status_code"))).Should().Equal(
            ("wechat.call", ActivityKind.Client, 401), ("wechat.call", ActivityKind.Client, 200));
        world.Log.Should().ContainSingle(l => l.Contains("status 401", StringComparison.Ordinal) && l.Contains(pay.TraceId, StringComparison.Ordinal));
        var seen = string.Join('\n', [.. world.Log, .. spans.SelectMany(s => s.TagObjects).Select(t => $"{t}"), $"{pay} {query} {callback}"]);
        Secrets.In(seen).Should().BeEmpty();
        var request = world.Wechat.Requests[0];
        seen.Should().NotContain(request.Headers["Authorization"].Split("signature=\"")[1].Split('"')[0]);
        world.Wechat.Requests.SelectMany(r => r.Headers.Keys).Should().NotContain(["traceparent", "tracestate", "baggage"], "our traces are not the provider's business");
        pay.Outcome.Should().Be(Outcome.No);
    }
}
