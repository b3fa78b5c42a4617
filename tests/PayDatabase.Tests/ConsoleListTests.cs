using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using Standing = PayCore.Contracts.V1.ListExceptionRecordsRequest.Types.Standing;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>The console's lists: filters, pages in both directions while others come, and what refuses.</summary>
public sealed class ConsoleListTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Payments_PageByPageThereAndBack_AreAllThereOnce_WhileOthersCome(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 0; i < 25; i++)
        {
            var order = db.NewOrder();
            order.Order.AppId = $"app{i % 3}";
            await db.Client.CreateOrderAsync(order);
            db.Clock.Advance(TimeSpan.FromMilliseconds(i % 3 == 0 ? 7 : 0));
        }

        // By one walk, and by one for each of the states.
        foreach (var states in (OrderState[][])[[], [OrderState.Paying, OrderState.Paid, OrderState.Closed]])
        {
            var expected = (await ListAsync(new ListPage { Limit = 200 })).Payments.Select(p => p.Order.Id).ToList();
            var pages = new List<List<string>>();
            var at = await ListAsync(new ListPage { Limit = 4 });
            at.Places.Newer.Should().BeNull("nothing is newer than the first page");
            for (pages.Add(Ids(at)); at.Places.Older is { } older; pages.Add(Ids(at)))
            {
                db.Clock.Advance(TimeSpan.FromMilliseconds(1));
                await db.Client.CreateOrderAsync(db.NewOrder());
                at = await ListAsync(new ListPage { Limit = 4, OlderThan = older });
            }

            pages.SelectMany(p => p).Should().Equal(expected);
            for (var page = pages.Count - 2; page >= 0; page--)
            {
                at = await ListAsync(new ListPage { Limit = 4, NewerThan = at.Places.Newer });
                Ids(at).Should().Equal(pages[page], "the way back shows the same pages");
            }

            at.Places.Newer.Should().NotBeNull("others came meanwhile");

            async Task<ListPaymentRecordsReply> ListAsync(ListPage page) =>
                await db.Records.ListPaymentRecordsAsync(new ListPaymentRecordsRequest { States = { states }, Page = page });
        }

        static List<string> Ids(ListPaymentRecordsReply page) => [.. page.Payments.Select(p => p.Order.Id)];
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Payments_ByFilters_AreThoseThatMatch(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var won = (await db.OrderAsync(AttemptState.Won)).Order.Id;
        db.Clock.Advance(TimeSpan.FromMinutes(1));
        var minute = db.Lease(0);
        var other = db.NewOrder(withAttempt: false);
        (other.Order.AppId, other.MerchantId, other.Order.AmountMinor) = ("app2", "m2", 5);
        var created = (await db.Client.CreateOrderAsync(other)).Order.Order.Id;
        var closed = (await db.OrderAsync(AttemptState.Closed)).Order.Id;
        await db.PayAsync((await db.ReadAsync(closed)).Attempts[0].Attempt.AttemptNo);
        var refused = (await db.OrderAsync(AttemptState.Refused)).Order.Id;
        var open = (await db.OrderAsync(AttemptState.Open)).Order.Id;

        (await IdsAsync(_ => { })).Should().BeEquivalentTo([won, created, closed, refused, open]);
        (await IdsAsync(r => r.States.Add(OrderState.Paid))).Should().BeEquivalentTo([won, closed]);
        (await IdsAsync(r => r.States.AddRange([OrderState.Failed, OrderState.Paying]))).Should().BeEquivalentTo([refused, open]);
        (await IdsAsync(r => r.LateOnly = true)).Should().Equal(closed);
        (await IdsAsync(r => r.AppId = "app2")).Should().Equal(created);
        (await IdsAsync(r => { r.AppId = "app1"; r.States.Add(OrderState.Failed); })).Should().Equal(refused);
        (await IdsAsync(r => r.MerchantId = "m2")).Should().Equal(created);
        (await IdsAsync(r => r.Method = "wechat")).Should().BeEquivalentTo([won, closed, refused, open]);
        (await IdsAsync(r => r.Account = "1900000001")).Should().BeEquivalentTo([won, closed, refused, open]);
        (await IdsAsync(r => r.Channel = "alipay")).Should().BeEmpty();
        (await IdsAsync(r => r.Currency = "CNY")).Should().HaveCount(5);
        (await IdsAsync(r => r.AmountMinorMax = 5)).Should().Equal(created);
        (await IdsAsync(r => r.AmountMinorMin = 6)).Should().HaveCount(4).And.NotContain(created);
        (await IdsAsync(r => r.CreatedBefore = minute)).Should().Equal(won);
        (await IdsAsync(r => r.PaidBefore = minute)).Should().Equal(won);
        (await IdsAsync(r => r.PaidFrom = minute)).Should().Equal(closed);
        (await IdsAsync(r => r.StuckOnly = true)).Should().BeEmpty();
        db.Clock.Advance(TimeSpan.FromHours(1));
        (await IdsAsync(r => r.StuckOnly = true)).Should().Equal(open);

        var row = (await db.Records.ListPaymentRecordsAsync(new ListPaymentRecordsRequest { PaidBefore = minute })).Payments.Single();
        row.Order.Should().Be((await db.ReadAsync(won)).Order, "a list tells what a read tells");
        (row.Channel, row.Account, row.MerchantId, row.Attempts).Should().Be(("wechat", "1900000001", "m1", 1));

        async Task<IEnumerable<string>> IdsAsync(Action<ListPaymentRecordsRequest> filter)
        {
            var request = new ListPaymentRecordsRequest();
            filter(request);
            return (await db.Records.ListPaymentRecordsAsync(request)).Payments.Select(p => p.Order.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task MoneyOut_ByFilters_IsWhatMatches(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var sent = (await db.RefundAsync(RefundState.Sent)).Refund;
        db.Clock.Advance(TimeSpan.FromSeconds(1));
        var abnormal = (await db.RefundAsync(RefundState.Abnormal)).Refund;
        var waits = (await db.TransferAsync(TransferState.Created)).Transfer;
        db.Clock.Advance(TimeSpan.FromSeconds(1));
        var done = (await db.TransferAsync(TransferState.Succeeded)).Transfer;

        (await RefundsAsync(_ => { })).Should().Equal(abnormal, sent);
        (await RefundsAsync(r => r.States.Add(RefundState.Abnormal))).Should().Equal(abnormal);
        (await RefundsAsync(r => r.OrderId = sent.OrderId)).Should().Equal(sent);
        (await RefundsAsync(r => r.AppId = "app1")).Should().Equal(abnormal, sent);
        (await RefundsAsync(r => r.Account = "other")).Should().BeEmpty();
        (await RefundsAsync(r => r.ByPolicyOnly = true)).Should().BeEmpty();
        (await RefundsAsync(r => r.AmountMinorMin = 101)).Should().BeEmpty();
        (await TransfersAsync(_ => { })).Should().Equal(done, waits);
        (await TransfersAsync(r => r.NeedsApprovalOnly = true)).Should().Equal(waits);
        (await TransfersAsync(r => r.States.Add(TransferState.Succeeded))).Should().Equal(done);
        (await TransfersAsync(r => r.AppId = "app2")).Should().BeEmpty();

        async Task<IEnumerable<Refund>> RefundsAsync(Action<ListRefundRecordsRequest> filter)
        {
            var request = new ListRefundRecordsRequest();
            filter(request);
            return (await db.Records.ListRefundRecordsAsync(request)).Refunds.Select(r => r.Refund);
        }

        async Task<IEnumerable<Transfer>> TransfersAsync(Action<ListTransferRecordsRequest> filter)
        {
            var request = new ListTransferRecordsRequest();
            filter(request);
            return (await db.Records.ListTransferRecordsAsync(request)).Transfers.Select(r => r.Transfer);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Evidence_ByFilters_IsWhatMatches(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var callback = db.Callback();
        callback.Headers.Add(new RawHeader { Name = "X-Sign", Value = "<script>" });
        var opened = (await db.OrderAsync(AttemptState.Open));
        var order = (await db.PayAsync(opened.Attempts[0].Attempt.AttemptNo, callback)).Order.Order;
        db.Clock.Advance(TimeSpan.FromSeconds(1));
        var forged = db.Callback();
        await db.Client.KeepCallbackAsync(new KeepCallbackRequest { Callback = forged, State = KeepCallbackRequest.Types.State.Rejected, Reason = "signature" });
        await db.RefundAsync(RefundState.Abnormal);

        (await CallbacksAsync(_ => { })).Should().Equal(forged.CallbackId, callback.CallbackId);
        (await CallbacksAsync(r => r.Verdicts.Add(CallbackVerdict.CallbackRejected))).Should().Equal(forged.CallbackId);
        (await CallbacksAsync(r => r.Reason = "signature")).Should().Equal(forged.CallbackId);
        (await CallbacksAsync(r => r.OrderId = order.Id)).Should().Equal(callback.CallbackId);
        var content = await db.Records.ReadCallbackAsync(new ReadCallbackRecordRequest { CallbackId = callback.CallbackId });
        content.Headers.Single().Should().Be(callback.Headers[0]);
        (content.Body, content.Callback.Verdict).Should().Be((callback.Body, CallbackVerdict.CallbackApplied));

        (await DeliveriesAsync(_ => { })).Should().HaveCount(3);
        var delivery = (await DeliveriesAsync(r => r.OrderId = order.Id)).Single();
        (await DeliveriesAsync(r => r.EventType = "refund.abnormal")).Should().ContainSingle();
        (await DeliveriesAsync(r => r.DueOnly = true)).Should().HaveCount(3);
        (await DeliveriesAsync(r => r.TriesMin = 1)).Should().BeEmpty();
        var claimed = (await db.Client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = 1, LeaseSeconds = 30 })).Deliveries.Single();
        claimed.DeliveryId.Should().Be(delivery.DeliveryId);
        await db.Client.RecordTryAsync(new RecordTryRequest
        {
            DeliveryId = claimed.DeliveryId, Version = claimed.Version, NextState = DeliveryState.Dead, Try = new DeliveryTry { StartTime = db.Lease(0), Result = "gone", HttpStatus = 410 },
        });
        var dead = (await DeliveriesAsync(r => r.States.Add(DeliveryState.Dead))).Single();
        (dead.DeliveryId, dead.History.Single().HttpStatus, dead.Body.Length).Should().Be((delivery.DeliveryId, 410, 0));
        var whole = await db.Records.ReadDeliveryAsync(new ReadDeliveryRecordRequest { DeliveryId = delivery.DeliveryId });
        whole.History.Should().Equal(dead.History);
        whole.Body.IsEmpty.Should().BeFalse();

        var items = (await db.Records.ListExceptionRecordsAsync(new ListExceptionRecordsRequest())).Exceptions;
        items.Should().ContainSingle().Which.AmountMinor.Should().Be(100, "it is about the refund");
        (await StandingAsync(Standing.Open)).Should().Be(1);
        await db.Client.ResolveExceptionAsync(new ResolveExceptionRequest { ExceptionId = items[0].Item.ExceptionId, By = "li", Resolution = "accepted" });
        (await StandingAsync(Standing.Open)).Should().Be(0);
        (await StandingAsync(Standing.Settled)).Should().Be(1);
        (await db.Records.ListExceptionRecordsAsync(new ListExceptionRecordsRequest { Kinds = { ExceptionItem.Types.Kind.RefundAbnormal } })).Exceptions.Should().HaveCount(1);

        async Task<int> StandingAsync(Standing standing) =>
            (await db.Records.ListExceptionRecordsAsync(new ListExceptionRecordsRequest { Standing = standing })).Exceptions.Count;

        async Task<IEnumerable<string>> CallbacksAsync(Action<ListCallbackRecordsRequest> filter)
        {
            var request = new ListCallbackRecordsRequest();
            filter(request);
            return (await db.Records.ListCallbackRecordsAsync(request)).Callbacks.Select(c => c.CallbackId);
        }

        async Task<IEnumerable<Delivery>> DeliveriesAsync(Action<ListDeliveryRecordsRequest> filter)
        {
            var request = new ListDeliveryRecordsRequest();
            filter(request);
            return (await db.Records.ListDeliveryRecordsAsync(request)).Deliveries;
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Search_AnyNumber_FindsWhatHasIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var opened = await db.OrderAsync(AttemptState.Open);
        var callback = db.Callback();
        var paid = (await db.PayAsync(opened.Attempts[0].Attempt.AttemptNo, callback)).Order;
        var refund = (await db.RefundAsync(RefundState.Abnormal)).Refund;
        var transfer = (await db.TransferAsync(TransferState.Sent)).Transfer;
        var twin = db.NewOrder(paid.Order.OutTradeNo);
        twin.Order.AppId = "app7";
        await db.Client.CreateOrderAsync(twin);
        var delivery = (await db.Client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = paid.Order.Id })).Deliveries.Single();
        var item = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions.Single();

        (await FindAsync(paid.Order.Id)).Should().Equal((SearchHit.Types.Kind.Payment, paid.Order.Id, SearchHit.Types.By.OurId));
        (await FindAsync(paid.Order.OutTradeNo)).Should().HaveCount(2, "of both apps").And.OnlyContain(h => h.By == SearchHit.Types.By.MerchantNo);
        (await FindAsync(paid.Order.AttemptNo)).Should().Equal((SearchHit.Types.Kind.Payment, paid.Order.Id, SearchHit.Types.By.AttemptNo));
        (await FindAsync(paid.Order.ChannelOrderId)).Should().Contain((SearchHit.Types.Kind.Payment, paid.Order.Id, SearchHit.Types.By.ChannelNo));
        (await FindAsync($" {refund.OutRefundNo} ")).Should().Equal((SearchHit.Types.Kind.Refund, refund.Id, SearchHit.Types.By.MerchantNo));
        (await FindAsync(refund.Id)).Should().Equal((SearchHit.Types.Kind.Refund, refund.Id, SearchHit.Types.By.OurId));
        (await FindAsync(transfer.OutTransferNo)).Should().Equal((SearchHit.Types.Kind.Transfer, transfer.Id, SearchHit.Types.By.MerchantNo));
        (await FindAsync(delivery.EventId)).Should().Equal((SearchHit.Types.Kind.Delivery, delivery.DeliveryId, SearchHit.Types.By.EventId));
        (await FindAsync(delivery.DeliveryId)).Should().Equal((SearchHit.Types.Kind.Delivery, delivery.DeliveryId, SearchHit.Types.By.OurId));
        (await FindAsync(callback.CallbackId)).Should().Equal((SearchHit.Types.Kind.Callback, callback.CallbackId, SearchHit.Types.By.OurId));
        (await FindAsync(item.ExceptionId)).Should().Equal((SearchHit.Types.Kind.Exception, item.ExceptionId, SearchHit.Types.By.OurId));
        (await FindAsync("nothing' OR 1=1 --")).Should().BeEmpty();

        await db.Writes.WriteAsync(async write =>
        {
            await write.PutAwayAsync([paid.Order.Id]);
            return 0;
        });
        foreach (var number in (string[])[paid.Order.Id, paid.Order.AttemptNo, delivery.EventId, callback.CallbackId])
        {
            (await db.Records.SearchAsync(new SearchRequest { Number = number })).Hits.Should().ContainSingle().Which.Archived.Should().BeTrue();
        }

        async Task<IEnumerable<(SearchHit.Types.Kind Kind, string Id, SearchHit.Types.By By)>> FindAsync(string number) =>
            (await db.Records.SearchAsync(new SearchRequest { Number = number })).Hits.Select(h => (h.Kind, h.Id, h.By));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Database_WithWorkToDo_TellsHowMuch(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);

        var reply = await db.Records.SummarizeDatabaseAsync(new SummarizeDatabaseRequest());

        (reply.Provider, reply.SchemaVersion, reply.HasReplica, reply.EventsUnnumbered).Should().Be((provider, 202611300003, false, 1));
        reply.ServerVersion.Should().NotBeEmpty();
        reply.Due.Single(d => d.Table == "deliveries").Should().Be(new DueWork { Table = "deliveries", Due = 1, OldestDueTime = db.Lease(0) });
    }

    [Fact]
    public async Task List_WhatMakesNoSense_IsRefusedAndNamesTheField()
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var place = new ListPlace { Time = db.Lease(0), Id = "P" };

        await RefusedAsync("page.newer_than", r => r.Page = new ListPage { OlderThan = place, NewerThan = place });
        await RefusedAsync("page.older_than.time", r => r.Page = new ListPage { OlderThan = new ListPlace { Id = "P" } });
        await RefusedAsync("page.limit", r => r.Page = new ListPage { Limit = 201 });
        await RefusedAsync("amount_minor_min", r => r.AmountMinorMin = -1);
        await RefusedAsync("amount_minor_max", r => (r.AmountMinorMin, r.AmountMinorMax) = (5, 4));
        await RefusedAsync("created_from", r => (r.CreatedFrom, r.CreatedBefore) = (db.Lease(1), db.Lease(0)));
        await RefusedAsync("paid_from", r => (r.PaidFrom, r.PaidBefore) = (db.Lease(1), db.Lease(0)));

        async Task RefusedAsync(string field, Action<ListPaymentRecordsRequest> filter)
        {
            var request = new ListPaymentRecordsRequest();
            filter(request);
            var list = () => db.Records.ListPaymentRecordsAsync(request).ResponseAsync;
            var status = (await list.Should().ThrowAsync<RpcException>()).Which.Status;
            (status.StatusCode, status.Detail.Split(':')[0]).Should().Be((StatusCode.InvalidArgument, field));
        }
    }
}
