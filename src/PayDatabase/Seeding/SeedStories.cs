using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;

namespace PayCore.PayDatabase.Seeding;

/// <summary>Tells the stories of made-up orders, refunds and transfers as the rows that they leave behind.</summary>
internal sealed class SeedStories
{
    private const long Second = 1000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const long Expiry = 30 * Minute;
    private const string ClosedAddress = "https://127.0.0.1:9/closed";
    private const string HistoryColumns = "version, from_state, to_state, cause, evidence_id, at";

    // docs/states.md: the tries of a notification, from the first on.
    private static readonly long[] _tries = [.. ((long[])[0, 5, 30, 120, 300, 900, 3600, 7200, 14400, 28800, 43200]).Select(s => s * Second)];

    private readonly SeedPlan _plan;
    private readonly SeedRandom _random;
    private readonly Dictionary<string, long> _feeds;
    private readonly long _now;
    private readonly StoryClock _clock = new();
    private readonly IdFactory _ids;
    private readonly Dictionary<(string Channel, string Account, string Day), int> _days = [];
    private readonly HashSet<string> _oldFeeds;
    private int _told;
    private int _paid;
    private int _refunds;
    private int _transfers;
    private int _stuck;
    private int _pending;
    private int _sentRefunds;
    private int _approvals;

    public SeedStories(SeedPlan plan, SeedRandom random, Dictionary<string, long> feeds, long now)
    {
        (_plan, _random, _feeds, _now) = (plan, random, feeds, now);
        _oldFeeds = [.. feeds.Keys];
        _ids = new IdFactory(_clock, random, Options.Create(new IdOptions()));
    }

    /// <summary>What was told so far.</summary>
    public SeedResult Result => new(_told, _paid, _refunds, _transfers, 0);

    /// <summary>Tells an order's story, with all that belongs to it.</summary>
    public void Tell(SeedBatch batch, long at)
    {
        var number = ++_told;
        var story = new Story(this, batch, at, number);
        var left = _plan.Orders - number;
        var isStuck = _stuck < 5 && _now - at is > 2 * Hour and < 9 * Hour && _random.Chance(0.05);
        if (left < Math.Min(12, _plan.Orders / 20) || isStuck)
        {
            _stuck += isStuck ? 1 : 0;
            story.Open(isStuck ? _now : null);
        }
        else if (number == 11 || _random.Chance(0.0004))
        {
            story.PaidLate();
        }
        else if (number == 23 || _random.Chance(0.0003))
        {
            story.PaidTwice();
        }
        else if (_random.Chance(0.855))
        {
            story.Paid();
        }
        else if (_random.Chance(0.25))
        {
            story.Refused();
        }
        else
        {
            story.Expired();
        }

        if (number == 31 || _random.Chance(0.002))
        {
            story.Forged();
        }

        if (number % 100 == 50)
        {
            Transfer(batch, at, story.Shop, story.Way);
        }
    }

    /// <summary>What is told at the end: the feeds, and the statements of the days that are over.</summary>
    public void Close(SeedBatch batch)
    {
        foreach (var (app, last) in _feeds)
        {
            if (!_oldFeeds.Contains(app))
            {
                batch.Add("app_feed", "app_id, last_number", app, last);
            }
        }

        if (_plan.Add)
        {
            // The days may have their statements.
            return;
        }

        var today = DayOf(_now);
        foreach (var ((channel, account, day), payments) in _days.Where(d => d.Key.Day != today))
        {
            var at = DateTimeOffset.Parse($"{day}T02:30:00Z", CultureInfo.InvariantCulture).AddDays(1).Ms();
            _clock.At = at;
            batch.Add(
                "channel_statement",
                "statement_id, channel, account, day, state, rows_added, matched_rows, differences, message, lease_at, created_at, updated_at",
                _ids.NewStatementId(), channel, account, day, "MATCHED", payments, payments, 0, "", null, at, at + (3 * Minute));
        }
    }

    private static string DayOf(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at).ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Id(Func<IdFactory, string> make, long at)
    {
        _clock.At = at;
        return make(_ids);
    }

    private static void History(SeedBatch batch, string table, string key, string id, params (string State, long At, string Cause, string Evidence)[] steps)
    {
        var from = "";
        for (var i = 0; i < steps.Length; i++)
        {
            var (to, at, cause, evidence) = steps[i];
            batch.Add(table, $"{key}, {HistoryColumns}", id, i + 1, from, to, cause, evidence, at);
            from = to;
        }
    }

    /// <summary>An event, numbered, and how its notification went.</summary>
    private void Event(SeedBatch batch, SeedShop shop, string subjectId, int version, string orderId, string type, IMessage data, long at)
    {
        var eventId = Id(i => i.NewEventId(), at);
        _feeds[shop.AppId] = _feeds.GetValueOrDefault(shop.AppId) + 1;
        // Where others' feeds go on, they are numbered by their sequencer.
        long? number = _oldFeeds.Contains(shop.AppId) ? null : _feeds[shop.AppId];
        batch.Add(
            "event", "event_id, app_id, subject_id, subject_version, event_type, body, created_at, feed_seq",
            eventId, shop.AppId, subjectId, version, type, EventBody.Write(type, data, DateTimeOffset.FromUnixTimeMilliseconds(at)), at, number);
        if (shop.Webhook.Length == 0)
        {
            return;
        }

        var deliveryId = Id(i => i.NewDeliveryId(), at);
        var age = _now - at;
        var isDead = age > 2 * Day && (_told == 47 || _random.Chance(0.002));
        var waits = !isDead && _pending < 12 && age is > 2 * Minute and < 5 * Hour && _random.Chance(0.2);
        var failures = isDead ? _tries.Length : waits ? 3 : 0;
        while (!isDead && !waits && failures < 8 && !_random.Chance(shop.Reliability) && Sum(failures + 1) < age - Minute)
        {
            failures++;
        }

        _pending += waits ? 1 : 0;
        var tries = failures + (isDead || waits ? 0 : 1);
        var last = at;
        for (var i = 0; i < tries; i++)
        {
            last = at + Sum(i) + _random.Between(20, 200);
            var works = i >= failures;
            var (status, result, answer) = works ? (200, "delivered", "success") : _random.Chance(0.5) ? (502, "http_status", "Bad Gateway") : (0, "timeout", "");
            batch.Add(
                "notify_try", "delivery_id, cycle, number, started_at, duration_ms, http_status, result, answer",
                deliveryId, 1, i + 1, last, result == "timeout" ? 15000 : _random.Between(15, 400), status, result, answer);
        }

        var state = isDead ? "DEAD" : waits ? "PENDING" : "DELIVERED";
        batch.Add(
            "notify_delivery", "delivery_id, event_id, app_id, order_id, url, state, version, cycle, tries, due_at, created_at, delivered_at, trace_parent",
            deliveryId, eventId, shop.AppId, orderId, waits ? ClosedAddress : shop.Webhook, state, 1 + (2 * tries), 1, tries,
            waits ? _now + _random.Between(Hour, 8 * Hour) : null, at, state == "DELIVERED" ? last : null, "");

        static long Sum(int tries) => _tries.Take(Math.Min(tries + 1, _tries.Length)).Sum();
    }

    private void Exception(SeedBatch batch, ExceptionItem item, long at, bool mayBeOpen = true)
    {
        item.ExceptionId = Id(i => i.NewExceptionId(), at);
        var isOpen = mayBeOpen && (_told < 100 || (_now - at < 10 * Day && _random.Chance(0.4)));
        var settled = Math.Min(at + _random.Between(5 * Minute, Day), _now);
        batch.Add(
            "exception_item",
            "exception_id, same_item, kind, app_id, order_id, attempt_no, refund_id, transfer_id, callback_id, detail, created_at, resolved_at, resolved_by, resolution, note",
            item.ExceptionId, Moves.Same(item), EnumText<ExceptionKind>.Of(item.Kind), item.AppId, item.OrderId, item.AttemptNo, item.RefundId, item.TransferId,
            item.CallbackId, item.Detail, at, isOpen ? null : settled, isOpen ? "" : "operator", isOpen ? "" : "accepted", isOpen ? "" : "seen");
    }

    private string Callback(SeedBatch batch, SeedWay way, long at, string state, string reason, string orderId, string attemptNo)
    {
        var id = Id(i => i.NewCallbackId(), at);
        batch.Add(
            "callback", "callback_id, channel, account, received_at, http_method, target, headers, body, state, reason, order_id, attempt_no, message_id",
            id, way.Channel, way.Account, at, "POST", $"/callback/{way.Channel}/{way.Account}", """[["Content-Type","application/json"]]""",
            Encoding.UTF8.GetBytes($$"""{"out_trade_no":"{{attemptNo}}","made_up":true}"""), state, reason, orderId, attemptNo, $"M{id[3..]}");
        return id;
    }

    private void Transfer(SeedBatch batch, long at, SeedShop shop, SeedWay way)
    {
        _transfers++;
        var id = Id(i => i.NewTransferId(), at);
        var waits = _approvals < 4 && _now - at < 2 * Day;
        var age = _now - at;
        var end = waits || age < 2 * Minute ? "CREATED" : _random.Chance(0.93) ? "SUCCEEDED" : _random.Chance(0.7) ? "FAILED" : _random.Chance(0.5) ? "CANCELLED" : "RETURNED";
        var needs = end == "CREATED";
        _approvals += needs ? 1 : 0;
        var sent = at + 200;
        var done = sent + _random.Between(Second, Minute);
        (string State, long At, string Cause, string Evidence)[] steps = end switch
        {
            "CREATED" => [("CREATED", at, "create", "")],
            "CANCELLED" => [("CREATED", at, "create", ""), ("CANCELLED", done, "merchant", "")],
            "RETURNED" => [("CREATED", at, "create", ""), ("APPROVED", at, "rule", ""), ("SENT", sent, "create", ""), ("SUCCEEDED", done, "answer", ""), ("RETURNED", done + 1, "query", "")],
            _ => [("CREATED", at, "create", ""), ("APPROVED", at, "rule", ""), ("SENT", sent, "create", ""), (end, done, "answer", "")],
        };
        History(batch, "transfer_history", "transfer_id", id, steps);
        var isSent = steps.Any(s => s.State == "SENT");
        var isDone = steps.Any(s => s.State == "SUCCEEDED");
        var refusal = end == "FAILED" ? way.TransferRefusal : new SeedWords("", "");
        var payee = new Payee { Kind = Payee.Types.Kind.OpenId, Id = $"o-{_random.Between(1_000_000_000, 9_999_999_999)}" };
        var row = new TransferRow
        {
            Id = id,
            MerchantId = shop.MerchantId,
            AppId = shop.AppId,
            OutTransferNo = $"PAYOUT-{_plan.Number}-{_told}",
            Channel = way.Channel,
            Account = way.Account,
            State = end,
            Version = steps.Length,
            AmountMinor = _random.Between(1000, needs ? 900_000 : 90_000),
            Currency = shop.Currency,
            Method = way.Method,
            Payee = payee.ToByteArray(),
            Title = "佣金 commission",
            DeliverUrl = shop.Webhook,
            NeedsApproval = needs ? 1 : 0,
            FirstSentAt = isSent ? sent : null,
            LastSentAt = isSent ? sent : null,
            ChannelTransferId = isDone ? $"7{Digits(27)}" : "",
            FailureCode = refusal.Code,
            FailureMessage = refusal.Message,
            SucceededAt = isDone ? done : null,
            CreatedAt = at,
            EndedAt = end == "CREATED" ? null : steps[^1].At,
        };
        batch.Add(
            "transfer", TransferRow.Columns,
            row.Id, row.MerchantId, row.AppId, row.OutTransferNo, row.OutBatchNo, row.Channel, row.Account, row.State, row.Version, row.AmountMinor, row.Currency, row.Method,
            row.Payee, row.Title, row.Remark, row.NotifyUrl, row.DeliverUrl, null, row.NeedsApproval, "", 0, null, row.FirstSentAt, row.LastSentAt, 0, 0, 0, null,
            row.ChannelTransferId, row.FailureCode, row.FailureMessage, row.SucceededAt, row.CreatedAt, row.EndedAt, null, "");
        var transfer = row.ToTransfer();
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].State is "SUCCEEDED" or "FAILED" or "CANCELLED" or "RETURNED")
            {
                (transfer.State, transfer.Version) = (EnumText<Transfer.Types.State>.Parse(steps[i].State), i + 1);
                Event(batch, shop, id, i + 1, id, EventBody.TypeOf(transfer.State), transfer, steps[i].At);
            }
        }

        if (needs)
        {
            Exception(batch, new ExceptionItem { Kind = ExceptionKind.TransferApproval, AppId = shop.AppId, TransferId = id, Detail = "above the limit" }, at);
        }
    }

    private string Digits(int count) => string.Create(count, _random, static (span, random) =>
    {
        foreach (ref var c in span)
        {
            c = (char)('0' + random.Between(0, 10));
        }
    });

    /// <summary>One order's story.</summary>
    private sealed class Story
    {
        private readonly SeedStories _of;
        private readonly SeedBatch _batch;
        private readonly SeedRandom _random;
        private readonly long _at;
        private readonly long _began;
        private readonly string _id;
        private readonly bool _isCashier;
        private readonly PayOrder _order;
        private readonly List<(string State, long At, string Cause, string Evidence)> _steps;
        private readonly List<AttemptRow> _attempts = [];

        public Story(SeedStories of, SeedBatch batch, long at, int number)
        {
            (_of, _batch, _random, _at) = (of, batch, of._random, at);
            Shop = _random.Pick(of._plan.Shops, s => s.Weight);
            Way = _random.Pick(of._plan.Ways, w => w.Weight);
            _id = of.Id(i => i.NewOrderId(), at);
            _isCashier = _random.Chance(0.2);
            _began = _isCashier ? at + _random.Between(3 * Second, 40 * Second) : at;
            _order = new PayOrder
            {
                Id = _id,
                AppId = Shop.AppId,
                OutTradeNo = $"{of._plan.Number}-{number:D8}",
                AmountMinor = Math.Max(1, (long)(Shop.TypicalMinor * Math.Exp((_random.NextDouble() + _random.NextDouble() - 1) * 1.6))),
                Currency = Shop.Currency,
                Subject = _random.PickFirst(Shop.Subjects),
                Method = _isCashier ? "" : Way.Method,
                Scene = _isCashier ? Scene.Cashier : EnumText<Scene>.Parse(Way.Scene),
                ExpireTime = Times.ToTimestamp(at + Expiry),
                CreateTime = Times.ToTimestamp(at),
            };
            _steps = [("CREATED", at, "create", ""), ("PAYING", _began, _isCashier ? "attempt" : "create", "")];
        }

        public SeedShop Shop { get; }

        public SeedWay Way { get; }

        private long Now => _of._now;

        /// <summary>Nobody knows yet.</summary>
        public void Open(long? due)
        {
            Attempt(_began, ["SENT", "OPEN"]);
            Finish(PayOrder.Types.State.Paying, due);
        }

        public void Paid()
        {
            if (_random.Chance(0.08) && Now - _began > 20 * Minute)
            {
                // The code was let go, and another one paid.
                Attempt(_began, ["SENT", "OPEN", "CLOSED"]);
            }

            var at = _began + (_attempts.Count * 2 * Minute);
            var paid = Math.Max(at + Second, Math.Min(at + _random.Between(4 * Second, 200 * Second), Now - (30 * Second)));
            var told = paid + _random.Between(100, 900);
            var isCallback = _random.Chance(0.93);
            var no = _of.Id(i => i.NewAttemptNo(), at);
            var evidence = isCallback ? _of.Callback(_batch, Way, told, "APPLIED", "", _id, no) : "";
            if (isCallback && _random.Chance(0.05))
            {
                _of.Callback(_batch, Way, told + (15 * Second), "DUPLICATE", "", _id, no);
            }

            if (_of._told == 37 || _random.Chance(0.0003))
            {
                var callback = _of.Callback(_batch, Way, told + Minute, "CONFLICT", "amount: 1 is not that of the order", _id, no);
                _of.Exception(
                    _batch,
                    new ExceptionItem { Kind = ExceptionKind.CallbackConflict, AppId = Shop.AppId, OrderId = _id, AttemptNo = no, CallbackId = callback, Detail = "amount: 1 is not that of the order" },
                    told + Minute);
            }

            var cause = isCallback ? "callback" : "query";
            Win(Attempt(at, ["SENT", "OPEN", "WON"], no, told, paid, cause, evidence), told, paid, cause, evidence);
        }

        /// <summary>The money came when the order was closed.</summary>
        public void PaidLate()
        {
            var closed = _at + Expiry + (70 * Second);
            var told = Math.Min(closed + _random.Between(Minute, 20 * Minute), Now - Second);
            if (closed >= told)
            {
                Paid();
                return;
            }

            _steps.Add(("CLOSED", closed, "expiry", ""));
            _order.CloseRequested = true;
            Tell(PayOrder.Types.State.Closed, 3, closed);
            var no = _of.Id(i => i.NewAttemptNo(), _began);
            var evidence = _of.Callback(_batch, Way, told, "APPLIED", "", _id, no);
            _order.Late = true;
            var attempt = Attempt(_began, ["SENT", "OPEN", "CLOSED", "WON"], no, told, told - 500, "callback", evidence);
            _of.Exception(_batch, new ExceptionItem { Kind = ExceptionKind.LatePayment, AppId = Shop.AppId, OrderId = _id, AttemptNo = no, Detail = "paid after it was closed" }, told);
            Win(attempt, told, told - 500, "callback", evidence);
        }

        /// <summary>A second payment of one order, and the policy gives it back.</summary>
        public void PaidTwice()
        {
            var first = _of.Id(i => i.NewAttemptNo(), _began);
            var told = Math.Min(_began + (2 * Minute), Now - Minute);
            var extra = _of.Id(i => i.NewAttemptNo(), _began + Second);
            var won = Attempt(_began, ["SENT", "OPEN", "WON"], first, told, told - 300, "query", "");
            var twice = Attempt(_began + Second, ["SENT", "OPEN", "EXTRA_PAID"], extra, told + Second, told + 700, "query", "");
            _of.Exception(_batch, new ExceptionItem { Kind = ExceptionKind.SurplusPayment, AppId = Shop.AppId, OrderId = _id, AttemptNo = extra, Detail = "a second payment" }, told + Second);
            Win(won, told, told - 300, "query", "", mayRefund: false);
            Refund(twice, told + (2 * Second), twice.PaidAmount, "SUCCEEDED", byPolicy: true);
            Store(twice);
        }

        public void Refused()
        {
            var words = _random.PickFirst(Way.Refusals);
            var at = _began + _random.Between(150, 900);
            Attempt(_began, ["SENT", "REFUSED"], told: at, refusal: words);
            if (_isCashier)
            {
                // The user may choose another wallet until it expires.
                Expire();
                return;
            }

            (_order.FailureCode, _order.FailureMessage) = (words.Code, words.Message);
            _steps.Add(("FAILED", at, "answer", ""));
            Tell(PayOrder.Types.State.Failed, 3, at);
            Finish(PayOrder.Types.State.Failed, null, at);
        }

        public void Expired()
        {
            Attempt(_began, Now - _at < Expiry + (3 * Minute) ? ["SENT", "OPEN"] : ["SENT", "OPEN", "CLOSED"], told: _at + Expiry + (70 * Second));
            Expire();
        }

        /// <summary>Somebody tried to make us believe it.</summary>
        public void Forged() => _of.Callback(_batch, Way, Math.Min(_at + Minute, Now), "REJECTED", _random.Chance(0.7) ? "signature" : "stale", "", "");

        private void Expire()
        {
            var closed = _at + Expiry + (70 * Second);
            if (closed >= Now - Second)
            {
                Finish(PayOrder.Types.State.Paying, null);
                return;
            }

            _order.CloseRequested = true;
            _steps.Add(("CLOSED", closed, "expiry", ""));
            Tell(PayOrder.Types.State.Closed, 3, closed);
            Finish(PayOrder.Types.State.Closed, null, closed);
        }

        private void Win(AttemptRow won, long told, long paid, string cause, string evidence, bool mayRefund = true)
        {
            _of._paid++;
            var day = (Way.Channel, Way.Account, DayOf(paid));
            _of._days[day] = _of._days.GetValueOrDefault(day) + 1;
            _steps.Add(("PAID", told, cause, evidence));
            (_order.AttemptNo, _order.Method, _order.PaidTime) = (won.AttemptNo, won.Method, Times.ToTimestamp(paid));
            (_order.PaidAmountMinor, _order.ChannelOrderId) = (won.PaidAmount, won.ChannelOrderId);
            Tell(PayOrder.Types.State.Paid, _steps.Count, told);
            if (mayRefund && (_of._told is 41 or 43 or 45 || _random.Chance(0.06)))
            {
                RefundSome(won, told);
            }

            Store(won);
            Finish(PayOrder.Types.State.Paid, null, told);
        }

        private void RefundSome(AttemptRow won, long told)
        {
            var left = won.PaidAmount;
            for (var i = 0; i < 3 && left > 0; i++)
            {
                var at = told + _random.Between(10 * Minute, 5 * Day);
                if (at > Now - (5 * Minute))
                {
                    return;
                }

                var amount = _random.Chance(0.6) ? left : Math.Max(1, left / 3);
                var state = _of._told == 41 || _random.Chance(0.002) ? "ABNORMAL" : _of._sentRefunds < 4 && Now - at < Day ? "SENT" : _random.Chance(0.96) ? "SUCCEEDED" : "FAILED";
                Refund(won, at, amount, state, byPolicy: false);
                left -= state == "FAILED" ? 0 : amount;
                told = at;
                if (state is "SENT" or "ABNORMAL" || !_random.Chance(0.3))
                {
                    return;
                }
            }
        }

        private void Refund(AttemptRow attempt, long at, long amount, string state, bool byPolicy)
        {
            _of._refunds++;
            _of._sentRefunds += state == "SENT" ? 1 : 0;
            var id = _of.Id(i => i.NewRefundId(), at);
            var done = at + _random.Between(300, 20 * Second);
            List<(string State, long At, string Cause, string Evidence)> steps = [("CREATED", at, "create", ""), ("SENT", at, "create", "")];
            if (state != "SENT")
            {
                steps.Add((state, done, "answer", ""));
            }

            History(_batch, "refund_history", "refund_id", id, [.. steps]);
            var words = state is "FAILED" or "ABNORMAL" ? Way.RefundRefusal : new SeedWords("", "");
            var isDone = state == "SUCCEEDED";
            var row = new RefundRow
            {
                Id = id,
                MerchantId = Shop.MerchantId,
                AppId = Shop.AppId,
                OutRefundNo = byPolicy ? id : $"REFUND-{_of._plan.Number}-{_of._refunds}",
                OrderId = _id,
                OutTradeNo = _order.OutTradeNo,
                AttemptNo = attempt.AttemptNo,
                Channel = attempt.Channel,
                Account = attempt.Account,
                ChannelOrderId = attempt.ChannelOrderId,
                PaidAmount = attempt.PaidAmount,
                State = state,
                Version = steps.Count,
                AmountMinor = amount,
                Currency = attempt.Currency,
                Reason = byPolicy ? "surplus" : "退货 returned",
                ByPolicy = byPolicy ? 1 : 0,
                DeliverUrl = Shop.Webhook,
                FirstSentAt = at,
                LastSentAt = at,
                ChannelRefundId = isDone ? $"5{_of.Digits(27)}" : "",
                FailureCode = words.Code,
                FailureMessage = words.Message,
                SucceededAt = isDone ? done : null,
                CreatedAt = at,
                EndedAt = state is "SUCCEEDED" or "FAILED" ? done : null,
                // What waits for a person, or for the channel, is looked at later on.
                DueAt = state is "SENT" or "ABNORMAL" ? Now + (6 * Hour) : null,
            };
            _batch.Add(
                "refund", RefundRow.Columns,
                row.Id, row.MerchantId, row.AppId, row.OutRefundNo, row.OrderId, row.OutTradeNo, row.AttemptNo, row.Channel, row.Account, row.ChannelOrderId, row.PaidAmount,
                row.State, row.Version, row.AmountMinor, row.Currency, row.Reason, row.ByPolicy, row.NotifyUrl, row.DeliverUrl, null, state == "SENT" ? 1 : 0, null, row.FirstSentAt,
                row.LastSentAt, row.ChannelRefundId, row.FailureCode, row.FailureMessage, row.SucceededAt, row.CreatedAt, row.EndedAt, row.DueAt, "");
            if (state != "SENT")
            {
                var refund = row.ToRefund();
                _of.Event(_batch, Shop, id, steps.Count, _id, EventBody.TypeOf(refund.State), refund, done);
            }

            _kept.Add((attempt.AttemptNo, isDone ? amount : 0, state is "SENT" or "ABNORMAL" ? amount : 0));
            if (state == "ABNORMAL")
            {
                _of.Exception(
                    _batch, new ExceptionItem { Kind = ExceptionKind.RefundAbnormal, AppId = Shop.AppId, OrderId = _id, AttemptNo = attempt.AttemptNo, RefundId = id, Detail = words.Message }, done);
            }
        }

        private readonly List<(string AttemptNo, long Refunded, long Reserved)> _kept = [];

        /// <summary>An attempt with its history. What is paid is stored by <see cref="Store"/>, when its refunds are told.</summary>
        private AttemptRow Attempt(
            long at, string[] states, string? no = null, long told = 0, long paid = 0, string cause = "close", string evidence = "", SeedWords? refusal = null)
        {
            no ??= _of.Id(i => i.NewAttemptNo(), at);
            var opened = at + _random.Between(80, 600);
            var isPaid = states[^1] is "WON" or "EXTRA_PAID";
            var closed = isPaid ? _at + Expiry + (70 * Second) : told > 0 ? told : at + (90 * Second);
            History(_batch, "pay_attempt_history", "attempt_no", no, [.. states.Select(s => s switch
            {
                "SENT" => (s, at, "create", ""),
                "OPEN" => (s, opened, "answer", ""),
                "REFUSED" => (s, told, "answer", ""),
                "CLOSED" => (s, closed, "close", ""),
                _ => (s, told, cause, evidence),
            })]);
            if (Now - at < 7 * Day)
            {
                _batch.Add(
                    "channel_call", "call_id, order_id, attempt_no, refund_id, transfer_id, operation, channel, account, started_at, duration_ms, outcome, code, trace_id",
                    _of.Id(i => i.NewChannelCallId(), at), _id, no, "", "", "pay", Way.Channel, Way.Account, at, opened - at, refusal is null ? "YES" : "NO", refusal?.Code ?? "", "");
            }

            var row = new AttemptRow
            {
                AttemptNo = no,
                OrderId = _id,
                Seq = _attempts.Count + 1,
                AppId = Shop.AppId,
                OutAttemptNo = _attempts.Count == 0 && !_isCashier ? "" : $"{_attempts.Count + 1}",
                Channel = Way.Channel,
                Account = Way.Account,
                Method = Way.Method,
                Scene = Way.Scene,
                State = states[^1],
                Version = states.Length,
                AmountMinor = _order.AmountMinor,
                Currency = _order.Currency,
                ExpireAt = _at + Expiry,
                Action = states.Contains("OPEN") ? new Contracts.V1.Action { QrCodeText = $"https://pay.example/{no}" }.ToByteArray() : null,
                ChannelOrderId = isPaid ? $"42{_of.Digits(26)}" : "",
                PaidAmount = isPaid ? _order.AmountMinor : 0,
                PaidAt = isPaid ? paid : null,
                RefusalCode = refusal?.Code ?? "",
                RefusalMessage = refusal?.Message ?? "",
                CreatedAt = at,
            };
            _attempts.Add(row);
            if (!isPaid)
            {
                Store(row);
            }

            return row;
        }

        private void Store(AttemptRow a) => _batch.Add(
            "pay_attempt", AttemptRow.Columns,
            a.AttemptNo, a.OrderId, a.Seq, a.AppId, a.OutAttemptNo, a.Channel, a.Account, a.Method, a.Scene, a.State, a.Version, a.AmountMinor, a.Currency, "", "", a.ExpireAt,
            a.Action, 0, null, a.ChannelOrderId, a.PaidAmount, Of(a, k => k.Reserved), Of(a, k => k.Refunded), a.PaidAt, a.RefusalCode, a.RefusalMessage, a.CreatedAt, null, "");

        private long Of(AttemptRow attempt, Func<(string AttemptNo, long Refunded, long Reserved), long> amount) =>
            _kept.Where(k => k.AttemptNo == attempt.AttemptNo).Sum(amount);

        /// <summary>The event of a terminal state, as of then.</summary>
        private void Tell(PayOrder.Types.State state, int version, long at)
        {
            (_order.State, _order.Version) = (state, version);
            _of.Event(_batch, Shop, _id, version, _id, EventBody.TypeOf(state), _order, at);
        }

        private void Finish(PayOrder.Types.State state, long? due, long? ended = null)
        {
            History(_batch, "pay_order_history", "order_id", _id, [.. _steps]);
            var isCashier = _isCashier;
            _batch.Add(
                "pay_order", OrderRow.Columns,
                _id, Shop.MerchantId, Shop.AppId, _order.OutTradeNo, EnumText<PayOrder.Types.State>.Of(state), _steps.Count, _order.AmountMinor, _order.Currency, _order.Subject,
                isCashier ? "" : Way.Method, EnumText<Scene>.Of(_order.Scene), "", "", "", Shop.Webhook, "", "", _at + Expiry, 0, _random.NextToken(), null, _attempts.Count,
                _order.AttemptNo.Length == 0 ? null : _order.AttemptNo, _order.PaidTime.MsOrNull(), _order.Late ? 1 : 0, _order.CloseRequested ? 1 : 0,
                _order.CloseRequested ? "expiry" : "", _order.FailureCode, _order.FailureMessage, _at, ended, due);
        }
    }
}
