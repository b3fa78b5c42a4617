using System.Collections.Concurrent;
using System.Diagnostics;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>What happens to a payment later goes on in its own trace; what comes from outside does not lead us.</summary>
public sealed class TraceTests : IDisposable
{
    private const string Stored = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly ActivitySource _source = new($"PayCore.{nameof(TraceTests)}");
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = s => s == _source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void Current_DeepInARequest_IsTheRequest()
    {
        using var request = _source.StartActivity("request");
        using var step = _source.StartActivity("step");

        PaymentTrace.Current.Should().Be(request!.Id);
        PaymentTrace.Read(PaymentTrace.Current)!.Value.SpanId.Should().Be(request.SpanId);
    }

    [Fact]
    public void Current_WithoutATrace_IsEmpty() => PaymentTrace.Current.Should().BeEmpty();

    [Fact]
    public void Continue_NothingAtWork_IsAChildOfWhatWasStored()
    {
        using var activity = PaymentTrace.Continue(_source, "look", ActivityKind.Internal, Stored, new TraceSubject("P1", "A1"));

        activity!.TraceId.ToString().Should().Be("0af7651916cd43dd8448eb211c80319c");
        activity.ParentSpanId.ToString().Should().Be("b7ad6b7169203331");
        activity.Links.Should().BeEmpty();
        activity.Tags.Select(t => $"{t.Key} {t.Value}").Should().Equal("paycore.order_id P1", "paycore.attempt_no A1");
    }

    [Fact]
    public void Continue_InAnotherRequest_LinksBothAndTagsBoth()
    {
        using var request = _source.StartActivity("callback's request");
        using var step = _source.StartActivity("callback.receive");

        using var record = PaymentTrace.Continue(_source, "callback.record", ActivityKind.Consumer, Stored, new TraceSubject("P1"));

        record!.TraceId.Should().NotBe(request!.TraceId);
        record.Links.Should().ContainSingle().Which.Context.SpanId.Should().Be(step!.SpanId);
        step.Links.Should().ContainSingle().Which.Context.TraceId.Should().Be(record.TraceId);
        foreach (var activity in new[] { request, step, record })
        {
            activity.GetTagItem("paycore.order_id").Should().Be("P1");
        }

        record.Dispose();
        Activity.Current.Should().BeSameAs(step, "the request goes on where it was");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public void Continue_NothingStored_StaysInTheRequest(string stored)
    {
        using var request = _source.StartActivity("request");

        using var activity = PaymentTrace.Continue(_source, "look", ActivityKind.Internal, stored, default);

        activity!.TraceId.Should().Be(request!.TraceId);
    }

    [Theory]
    [InlineData(Stored, true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more-than-that", false)]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01", false)]
    [InlineData("0123456789012345678901234567890123456789012345678901234", false)]
    public void Read_TakesWhatW3cWrites(string? text, bool readable) => PaymentTrace.Read(text).HasValue.Should().Be(readable);

    [Fact]
    public void Propagator_SendsNothing_AndTakesInNothing()
    {
        var sent = new ConcurrentDictionary<string, string>();
        using var activity = _source.StartActivity("call");
        activity!.AddBaggage("secret", "of the caller").TraceStateString = "vendor=1";
        var propagator = new ClosedPropagator();

        propagator.Inject(activity, sent, static (carrier, name, value) => ((ConcurrentDictionary<string, string>)carrier!)[name] = value);
        sent.Should().BeEmpty();
        sent["traceparent"] = Stored;
        propagator.ExtractTraceIdAndState(sent, static (object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
            (value, values) = (((ConcurrentDictionary<string, string>)carrier!).GetValueOrDefault(name), null), out var traceId, out var traceState);

        traceId.Should().BeNull();
        traceState.Should().BeNull();
    }

    [Fact]
    public void Names_BeyondTheirLimit_AreOther()
    {
        var names = new BoundedNames(2);

        string[] shown = [.. ((string[])["a", "b", "c", "a", "", "c"]).Select(names.Of)];

        shown.Should().Equal("a", "b", "other", "a", "none", "other");
    }
}
