using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using Action = System.Action;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using PayDatabaseContract = PayCore.Contracts.V1.PayDatabase;

namespace PayCore.NotifyGateway.Tests;

/// <summary>A claim as it was answered.</summary>
public sealed record ServedClaim(DateTimeOffset At, int Limit, IReadOnlyList<string> DeliveryIds);

/// <summary>A try that was offered for the record.</summary>
public sealed record OfferedTry(string DeliveryId, string AppId, DeliveryTry Try, DeliveryState Next, DateTimeOffset? Due, bool Recorded);

/// <summary>
/// PayDatabase's deliveries in memory, with the same moves: one `due` column that is the lease's end while LEASED, compare-and-set on the version by
/// claim and record, renewal that keeps the version, lines of endpoints.
/// </summary>
public sealed class FakePayDatabase(TimeProvider time) : PayDatabaseContract.PayDatabaseBase
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Delivery> _rows = new(StringComparer.Ordinal);
    private readonly Channel<ServedClaim> _claims = Channel.CreateUnbounded<ServedClaim>();
    private readonly Channel<OfferedTry> _tries = Channel.CreateUnbounded<OfferedTry>();
    private readonly Channel<RenewDeliveryRequest> _renewals = Channel.CreateUnbounded<RenewDeliveryRequest>();
    private readonly Dictionary<string, DateTimeOffset> _turns = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _quiet = [];
    private int _ids;

    /// <summary>Everything that was offered, in order.</summary>
    public ConcurrentQueue<OfferedTry> Offered { get; } = [];

    /// <summary>Everything that was claimed, in order.</summary>
    public ConcurrentQueue<ServedClaim> Served { get; } = [];

    /// <summary>Runs before an rpc; may throw what a database that is away throws.</summary>
    public Action<string> Before { get; set; } = static _ => { };

    /// <summary>Runs after a record was made; what it throws is an answer that was lost.</summary>
    public Action AfterRecord { get; set; } = static () => { };

    /// <summary>Adds a PENDING delivery, due now.</summary>
    public string Add(string url, string appId = "app1", string body = """{"type":"payment.paid"}""")
    {
        lock (_lock)
        {
            var id = $"D01{++_ids:D6}";
            var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
            _rows.Add(id, new Delivery
            {
                DeliveryId = id,
                EventId = $"E01{_ids:D6}",
                AppId = appId,
                OrderId = $"P01{_ids:D6}",
                Url = url,
                State = DeliveryState.Pending,
                Cycle = 1,
                DueTime = now,
                CreateTime = now,
                EventType = "payment.paid",
                Body = ByteString.CopyFromUtf8(body),
                Version = 1,
            });
            return id;
        }
    }

    /// <summary>A row as it is now.</summary>
    public Delivery Row(string id)
    {
        lock (_lock)
        {
            return _rows[id].Clone();
        }
    }

    /// <summary>All rows as they are now.</summary>
    public IReadOnlyList<Delivery> Rows()
    {
        lock (_lock)
        {
            return [.. _rows.Values.Select(r => r.Clone())];
        }
    }

    /// <summary>Another worker takes a leased row.</summary>
    public void TakeOver(string id)
    {
        lock (_lock)
        {
            var row = _rows[id];
            row.Version++;
            row.DueTime = Timestamp.FromDateTimeOffset(time.GetUtcNow().AddSeconds(30));
        }
    }

    /// <summary>Ends when whatever was claimed has been tried and recorded, or given back.</summary>
    public Task WhenQuietAsync()
    {
        lock (_lock)
        {
            if (_open.Count == 0)
            {
                return Task.CompletedTask;
            }

            var quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _quiet.Add(quiet);
            return quiet.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The next try that is offered.</summary>
    public async Task<OfferedTry> NextTryAsync() => await NextAsync(_tries);

    /// <summary>The next renewal.</summary>
    public async Task<RenewDeliveryRequest> NextRenewalAsync() => await NextAsync(_renewals);

    /// <summary>A claim that was answered at the present time or later.</summary>
    public async Task<ServedClaim> ClaimServedNowAsync()
    {
        var now = time.GetUtcNow();
        while (true)
        {
            var claim = await NextAsync(_claims);
            if (claim.At >= now)
            {
                return claim;
            }
        }
    }

    public override Task<ClaimDueDeliveriesReply> ClaimDueDeliveries(ClaimDueDeliveriesRequest request, ServerCallContext context)
    {
        Before("claim");
        var reply = new ClaimDueDeliveriesReply();
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var due = _rows.Values
                .Where(r => r.DueTime is not null && r.DueTime.ToDateTimeOffset() <= now)
                .OrderBy(r => r.DueTime.ToDateTimeOffset()).ThenBy(r => r.DeliveryId, StringComparer.Ordinal)
                .Take(Math.Clamp(request.Limit, 1, 500));
            foreach (var row in due.ToList())
            {
                row.State = DeliveryState.Leased;
                row.Version++;
                row.DueTime = Timestamp.FromDateTimeOffset(now.AddSeconds(request.LeaseSeconds));
                _turns.Remove(row.DeliveryId);
                reply.Deliveries.Add(row.Clone());
                _open.Add(row.DeliveryId);
            }

            var served = new ServedClaim(now, request.Limit, [.. reply.Deliveries.Select(d => d.DeliveryId)]);
            Served.Enqueue(served);
            _claims.Writer.TryWrite(served);
        }

        return Task.FromResult(reply);
    }

    public override Task<RenewDeliveryReply> RenewDelivery(RenewDeliveryRequest request, ServerCallContext context)
    {
        Before("renew");
        lock (_lock)
        {
            var mine = _rows.TryGetValue(request.DeliveryId, out var row) && row.Version == request.Version && row.State == DeliveryState.Leased;
            if (mine)
            {
                row!.DueTime = Timestamp.FromDateTimeOffset(time.GetUtcNow().AddSeconds(request.LeaseSeconds));
            }

            _renewals.Writer.TryWrite(request);
            Close(request.DeliveryId);
            return Task.FromResult(new RenewDeliveryReply { Renewed = mine });
        }
    }

    public override Task<LineUpDeliveriesReply> LineUpDeliveries(LineUpDeliveriesRequest request, ServerCallContext context)
    {
        Before("line up");
        lock (_lock)
        {
            var reply = new LineUpDeliveriesReply();
            var turn = request.FirstTime.ToDateTimeOffset();
            foreach (var (id, at) in _turns)
            {
                turn = _rows[id].WaitsFor == request.Endpoint && at.AddMilliseconds(request.EveryMs) > turn ? at.AddMilliseconds(request.EveryMs) : turn;
            }

            foreach (var taken in request.Deliveries)
            {
                var row = _rows[taken.DeliveryId];
                if (row.Version == taken.Version && row.State == DeliveryState.Leased)
                {
                    row.State = DeliveryState.Pending;
                    row.Version++;
                    row.DueTime = Timestamp.FromDateTimeOffset(turn);
                    row.WaitsFor = request.Endpoint;
                    _turns[row.DeliveryId] = turn;
                    turn = turn.AddMilliseconds(request.EveryMs);
                    reply.LinedUp++;
                }

                Close(taken.DeliveryId);
            }

            return Task.FromResult(reply);
        }
    }

    public override Task<PullDeliveriesReply> PullDeliveries(PullDeliveriesRequest request, ServerCallContext context)
    {
        Before("pull");
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var last = _turns.Where(t => t.Value > now && _rows[t.Key].WaitsFor == request.Endpoint).OrderByDescending(t => t.Value).Take(request.Limit).ToList();
            foreach (var (id, _) in last)
            {
                _rows[id].DueTime = Timestamp.FromDateTimeOffset(now);
                _turns.Remove(id);
            }

            return Task.FromResult(new PullDeliveriesReply { Pulled = last.Count });
        }
    }

    public override Task<RecordTryReply> RecordTry(RecordTryRequest request, ServerCallContext context)
    {
        Before("record");
        RecordTryReply reply;
        lock (_lock)
        {
            var row = _rows[request.DeliveryId];
            var mine = row.Version == request.Version && row.State == DeliveryState.Leased;
            if (mine)
            {
                row.State = request.NextState;
                row.Version++;
                row.Tries++;
                row.WaitsFor = "";
                row.DueTime = request.NextState == DeliveryState.Pending ? request.NextDueTime : null;
                row.DeliveredTime = request.NextState == DeliveryState.Delivered ? Timestamp.FromDateTimeOffset(time.GetUtcNow()) : null;
                row.History.Add(request.Try);
            }

            var offered = new OfferedTry(
                row.DeliveryId, row.AppId, request.Try, request.NextState, request.NextDueTime?.ToDateTimeOffset(), mine);
            Offered.Enqueue(offered);
            _tries.Writer.TryWrite(offered);
            Close(request.DeliveryId);
            reply = new RecordTryReply { Recorded = mine, Delivery = mine ? row.Clone() : null };
        }

        AfterRecord();
        return Task.FromResult(reply);
    }

    public override Task<Delivery> ReopenDelivery(ReopenDeliveryRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            if (!_rows.TryGetValue(request.DeliveryId, out var row))
            {
                throw new RpcException(new Status(StatusCode.NotFound, "There is no such delivery."));
            }

            if (row.State is DeliveryState.Dead or DeliveryState.Delivered || (_turns.TryGetValue(row.DeliveryId, out var turn) && turn > time.GetUtcNow()))
            {
                _turns.Remove(row.DeliveryId);
                row.WaitsFor = "";
                row.State = DeliveryState.Pending;
                row.Version++;
                row.Cycle++;
                row.Tries = 0;
                row.DueTime = Timestamp.FromDateTimeOffset(time.GetUtcNow());
                row.DeliveredTime = null;
            }

            return Task.FromResult(row.Clone());
        }
    }

    public override Task<ListDeliveriesResponse> ReadDeliveries(ListDeliveriesRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            var found = _rows.Values
                .Where(r => request.OrderId.Length > 0 ? r.OrderId == request.OrderId : r.State == request.State)
                .Where(r => string.CompareOrdinal(r.DeliveryId, request.AfterDeliveryId) > 0)
                .OrderBy(r => r.DeliveryId, StringComparer.Ordinal)
                .Take(request.Limit == 0 ? 50 : request.Limit);
            return Task.FromResult(new ListDeliveriesResponse { Deliveries = { found.Select(r => r.Clone()) } });
        }
    }

    private void Close(string id)
    {
        _open.Remove(id);
        if (_open.Count == 0)
        {
            _quiet.ForEach(q => q.SetResult());
            _quiet.Clear();
        }
    }

    // The limit is a net under a test that hangs, not part of any outcome.
    private static async Task<T> NextAsync<T>(Channel<T> channel) =>
        await channel.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
}
