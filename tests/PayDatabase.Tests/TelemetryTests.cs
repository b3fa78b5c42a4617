using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase.Tests;

/// <summary>The trace that is stored with money, what is counted of it, and what is stuck.</summary>
public sealed class TelemetryTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Trace_OfTheRequest_IsKeptAndGoesWithWhatMerchantsAreTold(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var order = db.NewOrder();
        order.Attempt.TraceParent = Trace;

        var created = await db.Client.CreateOrderAsync(order);
        await db.OpenAsync(order.Attempt.AttemptNo);
        var paid = await db.PayAsync(order.Attempt.AttemptNo);
        var refund = db.NewRefund(paid.Order.Attempts[0]);
        refund.TraceParent = Trace.Replace("0af7", "1af7", StringComparison.Ordinal);
        await db.Client.CreateRefundAsync(refund);
        await db.RecordAsync(refund.Refund.Id, ChannelRefundState.RefundDone);
        var transfer = db.NewTransfer();
        transfer.TraceParent = Trace.Replace("0af7", "2af7", StringComparison.Ordinal);
        await db.Client.CreateTransferAsync(transfer);

        created.Order.Attempts.Single().TraceParent.Should().Be(Trace);
        (await db.ReadAsync(order.Order.Id)).Attempts.Single().TraceParent.Should().Be(Trace);
        (await db.ReadRefundAsync(refund.Refund.Id)).TraceParent.Should().Be(refund.TraceParent);
        (await db.Client.ReadTransferAsync(new ReadTransferRequest { TransferId = transfer.Transfer.Id })).TraceParent.Should().Be(transfer.TraceParent);
        var deliveries = (await db.Client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = 10, LeaseSeconds = 30 })).Deliveries;
        deliveries.ToDictionary(d => d.EventType, d => d.TraceParent).Should()
            .Contain("payment.paid", Trace).And.Contain("refund.succeeded", refund.TraceParent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("a text that is as long as a context and is none, truly.")]
    [InlineData(Trace + "-and more than the column holds")]
    public async Task Trace_ThatIsNone_IsKeptAsEmpty(string text)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var order = db.NewOrder();
        order.Attempt.TraceParent = text;

        (await db.Client.CreateOrderAsync(order)).Order.Attempts.Single().TraceParent.Should().BeEmpty();
    }

    [Fact]
    public async Task Metrics_OfMovesThatAreRepeated_CountEachOnce()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        using var counted = new Counted(db.Services.GetRequiredService<IMeterFactory>());
        var order = db.NewOrder();
        await db.Client.CreateOrderAsync(order);
        await db.Client.CreateOrderAsync(order);
        await db.OpenAsync(order.Attempt.AttemptNo);
        db.Clock.Advance(TimeSpan.FromSeconds(3));

        var paid = await db.PayAsync(order.Attempt.AttemptNo, db.Callback());
        await db.PayAsync(order.Attempt.AttemptNo, db.Callback());
        var refund = db.NewRefund(paid.Order.Attempts[0], 300);
        await db.Client.CreateRefundAsync(refund);
        await db.Client.CreateRefundAsync(refund);
        await db.RecordAsync(refund.Refund.Id, ChannelRefundState.RefundDone);
        await db.RecordAsync(refund.Refund.Id, ChannelRefundState.RefundDone);

        counted.Of("paycore_orders").Should().BeEquivalentTo("1 CREATED wechat QR app1", "1 PAID wechat QR app1");
        counted.Of("paycore_paid_amount_minor").Should().Equal("1299 wechat CNY");
        counted.Of("paycore_paid_delay").Should().Equal("0 wechat callback");
        counted.Of("paycore_refunds").Should().BeEquivalentTo("1 CREATED wechat app1", "1 SENT wechat app1", "1 SUCCEEDED wechat app1");
        counted.Of("paycore_refunded_amount_minor").Should().Equal("300 wechat CNY");
        counted.Of("paycore_rollbacks").Should().Equal("1 duplicate");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Waiting_WhatIsStuck_IsFoundWithItsMoneyAndAge(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var began = db.Clock.GetUtcNow();
        (await db.Client.SummarizeWaitingAsync(new SummarizeWaitingRequest())).Should().Be(new SummarizeWaitingReply(), "nothing is");
        var late = await db.OrderAsync(Attempt.Types.State.Open);
        await db.OrderAsync(Attempt.Types.State.Open);
        await db.OrderAsync(Attempt.Types.State.Closed);
        await db.RefundAsync(Refund.Types.State.Sent);
        await db.RefundAsync(Refund.Types.State.Abnormal);
        await db.RefundAsync(Refund.Types.State.Succeeded);
        await db.Client.CreateTransferAsync(db.NewTransfer());
        await db.Client.CreateTransferAsync(db.NewTransfer(needsApproval: true));

        // OrderMonitor looks at the expired orders and puts each off for a minute; then a new one comes.
        db.Clock.Advance(TimeSpan.FromMinutes(31));
        foreach (var due in (await db.Client.ClaimDueOrdersAsync(new ClaimDueOrdersRequest { Limit = 100, LeaseSeconds = 30 })).Orders)
        {
            await db.Client.ScheduleOrderAsync(new ScheduleOrderRequest
            {
                OrderId = due.Order.Id,
                ClaimedDueTime = due.DueTime,
                NextDueTime = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow().AddMinutes(1)),
            });
        }

        await db.OrderAsync(Attempt.Types.State.Open);
        var waiting = await db.Client.SummarizeWaitingAsync(new SummarizeWaitingRequest());

        var since = Timestamp.FromDateTimeOffset(began);
        waiting.Stuck.Should().BeEquivalentTo(
        [
            new StuckMoney { Kind = StuckMoney.Types.Kind.Order, Currency = "CNY", Count = 2, AmountMinor = 2598, OldestTime = late.Order.ExpireTime },
            new StuckMoney { Kind = StuckMoney.Types.Kind.Refund, Currency = "CNY", Count = 1, AmountMinor = 100, OldestTime = since },
            new StuckMoney { Kind = StuckMoney.Types.Kind.RefundAbnormal, Currency = "CNY", Count = 1, AmountMinor = 100, OldestTime = since },
            new StuckMoney { Kind = StuckMoney.Types.Kind.Transfer, Currency = "CNY", Count = 1, AmountMinor = 5000, OldestTime = since },
        ]);
        // Three payments, a close and two refunds.
        waiting.DeliveriesDue.Should().Be(6);
        waiting.OldestDeliveryDueTime.Should().Be(since);
        waiting.DeliveriesWaiting.Should().Be(0);
    }

    /// <summary>What the instruments of one host counted: the value and the values of its labels.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly ConcurrentQueue<(string Name, string Text)> _all = new();
        private readonly MeterListener _listener;

        public Counted(IMeterFactory meters)
        {
            _listener = new MeterListener
            {
                InstrumentPublished = (instrument, listener) =>
                {
                    if (instrument.Meter.Scope == meters)
                    {
                        listener.EnableMeasurementEvents(instrument);
                    }
                },
            };
            _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
            _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
            _listener.Start();
        }

        public IEnumerable<string> Of(string name) => _all.Where(m => m.Name == name).Select(m => m.Text);

        public void Dispose() => _listener.Dispose();

        private void Add<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _all.Enqueue((instrument.Name, string.Join(' ', [$"{value}", .. tags.ToArray().Select(t => $"{t.Value}")])));
    }
}
