using Grpc.Core;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;

namespace PayCore.PayDatabase.Tests;

public sealed class TimelineTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Timeline_HasEverythingOfTheOrder_AndNothingOfAnother(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var order = await db.OrderAsync(AttemptState.Closed);
        var attemptNo = order.Attempts[0].Attempt.AttemptNo;
        var call = Call("K1", order.Order.Id, attemptNo);
        await db.Client.KeepChannelCallsAsync(new KeepChannelCallsRequest { Calls = { call, Call("K2", "P-other", "A-other") } });
        await db.PayAsync(attemptNo, db.Callback());
        var refund = (await db.Client.CreateRefundAsync(db.NewRefund((await db.ReadAsync(order.Order.Id)).Attempts[0]))).Refund;
        await db.RecordAsync(refund.Refund.Id, ChannelRefundState.RefundDone, "callback", callback: db.Callback());
        await db.OrderAsync(AttemptState.Won);

        var rows = await db.Client.ReadTimelineAsync(new ReadTimelineRequest { OrderId = order.Order.Id });

        rows.Order.Should().Be(await db.ReadAsync(order.Order.Id));
        rows.Refunds.Should().Equal(await db.ReadRefundAsync(refund.Refund.Id));
        rows.Calls.Should().Equal(call);
        rows.Callbacks.Select(c => (c.State, c.AttemptNo, c.MessageId)).Should().Equal(("APPLIED", attemptNo, "EV-1"), ("APPLIED", attemptNo, "EV-1"));
        rows.Deliveries.Select(d => d.EventType).Should().BeEquivalentTo(["payment.closed", "payment.paid", "refund.succeeded"]);
        rows.Exceptions.Select(e => e.Kind).Should().Equal(ExceptionItem.Types.Kind.LatePayment);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Calls_KeptTwice_AreThereOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var order = await db.OrderAsync(AttemptState.Open);
        var keep = new KeepChannelCallsRequest { Calls = { Enumerable.Range(0, 10).Select(i => Call($"K{i}", order.Order.Id, "")) } };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => db.Client.KeepChannelCallsAsync(keep).ResponseAsync));
        await db.Client.KeepChannelCallsAsync(keep);

        (await db.Client.ReadTimelineAsync(new ReadTimelineRequest { OrderId = order.Order.Id })).Calls.Should().BeEquivalentTo(keep.Calls);
    }

    [Fact]
    public async Task Timeline_OfNoOrder_IsNotFound()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");

        var read = () => db.Client.ReadTimelineAsync(new ReadTimelineRequest { OrderId = "P0" }).ResponseAsync;

        (await read.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.NotFound);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Exception_ResolvedTwice_KeepsTheFirstResolution(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.ExtraPaid);
        var item = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions.Single();
        db.Clock.Advance(TimeSpan.FromMinutes(1));

        var settled = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => ResolveAsync(db, item.ExceptionId, $"alice{i}").ResponseAsync));

        settled.Distinct().Should().ContainSingle();
        var first = settled[0];
        first.Resolved.Should().BeTrue();
        first.Resolution.Should().Be("refunded");
        first.Note.Should().Be("by hand");
        first.ResolveTime.ToDateTimeOffset().Should().Be(db.Clock.GetUtcNow());
        (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions.Single().Should().Be(first);

        var nothing = () => ResolveAsync(db, "X0", "alice").ResponseAsync;
        (await nothing.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.NotFound);
        var nobody = () => ResolveAsync(db, item.ExceptionId, "").ResponseAsync;
        (await nobody.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.InvalidArgument);
    }

    private static AsyncUnaryCall<ExceptionItem> ResolveAsync(DatabaseFixture db, string id, string by) => db.Client.ResolveExceptionAsync(
        new ResolveExceptionRequest { ExceptionId = id, By = by, Resolution = "refunded", Note = "by hand" });

    private static ChannelCall Call(string id, string orderId, string attemptNo) => new()
    {
        CallId = id,
        OrderId = orderId,
        AttemptNo = attemptNo,
        Operation = "pay",
        Channel = "wechat",
        Account = "1900000001",
        StartTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DatabaseFixture.Start),
        DurationMs = 42,
        Outcome = "YES",
        TraceId = "trace",
    };
}
