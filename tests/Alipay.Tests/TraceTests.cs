using System.Collections.Concurrent;
using System.Diagnostics;
using PayCore.Contracts.V1;

namespace PayCore.Alipay.Tests;

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
            ShouldListenTo = s => s.Name is "PayCore.Channels.Alipay" or "System.Net.Http",
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
        world.Alipay.Answer = r => r.Call == "alipay.trade.query"
            ? new FakeAnswer(Nodes.Trade())
            : new FakeAnswer(Nodes.Error("40002", "isv.invalid-signature"));

        var pay = await world.PayAsync(r => r.Subject = "a very private thing");
        var query = await world.QueryAsync();
        var callback = await world.ReadAsync(Notify.Make());
        var check = await world.CheckAsync();

        spans.Where(s => s.OperationName == "alipay.call").Select(s => (s.Kind, s.GetTagItem("alipay.method"), s.GetTagItem("http.response.status_code"))).Should().Equal(
            (ActivityKind.Client, "alipay.trade.precreate", 200), (ActivityKind.Client, "alipay.trade.query", 200), (ActivityKind.Client, "alipay.trade.query", 200));
        world.Log.Should().ContainSingle(l => l.Contains("precreate", StringComparison.Ordinal) && l.Contains(pay.TraceId, StringComparison.Ordinal));
        var seen = string.Join('\n', [.. world.Log, .. spans.SelectMany(s => s.TagObjects).Select(t => $"{t}"), $"{pay} {query} {callback} {check}"]);
        Secrets.In(seen).Should().BeEmpty();
        seen.Should().NotContain(Uri.EscapeDataString(world.Alipay.Requests[0].Query["sign"])).And.NotContain(world.Alipay.Requests[0].Query["sign"]);
        seen.Should().NotContain("a very private thing").And.NotContain("buyer_id").And.NotContain("159****5620");
        world.Alipay.Requests.SelectMany(r => r.Headers.Keys).Should().NotContain(["traceparent", "tracestate", "baggage"], "our traces are not the provider's business");
        pay.Outcome.Should().Be(Outcome.No);
    }
}
