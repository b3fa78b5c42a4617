using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using PayCore.Contracts.V1;
using PayCore.Payments;
using PayCore.ServiceDefaults;

namespace PayCore.PayDatabase;

/// <summary>What an event tells of.</summary>
/// <param name="AppId">Whose feed it is in.</param>
/// <param name="Id">The order, refund or transfer.</param>
/// <param name="Version">As of which version. A version has one event at most.</param>
/// <param name="OrderId">Where its deliveries are listed: the order, or the transfer.</param>
/// <param name="TraceParent">The trace that its deliveries go on in.</param>
internal sealed record EventSubject(string AppId, string Id, int Version, string OrderId, string TraceParent);

/// <summary>
/// What the steps of orders, refunds and transfers have in common: history rows, events with their deliveries, callbacks that are kept, and items for a
/// person, all in the transaction of the step.
/// </summary>
internal abstract class Moves(WriteContext write, IdFactory ids, DateTimeOffset now)
{
    /// <summary>Conditions rather than events: they are raised for as long as they last.</summary>
    private static readonly ExceptionItem.Types.Kind[] _lasting =
    [
        ExceptionItem.Types.Kind.NoBalance, ExceptionItem.Types.Kind.Overdue, ExceptionItem.Types.Kind.RefundOverdue, ExceptionItem.Types.Kind.TransferOverdue,
    ];

    /// <summary>Who settled what a statement no longer says.</summary>
    protected const string ByStatement = "statement";

    /// <summary>Deliveries that came into being.</summary>
    public List<string> DeliveryIds { get; } = [];

    /// <summary>What is to be counted once all of it is committed.</summary>
    public List<Action<DatabaseMetrics>> Counts { get; } = [];

    /// <summary>The time of this transaction.</summary>
    public DateTimeOffset Now => now;

    /// <summary>The transaction.</summary>
    protected WriteContext Write => write;

    /// <summary>Puts an item into the list of what a person must look at, once.</summary>
    /// <returns>False when the same item was there, open or settled by somebody.</returns>
    public async Task<bool> RaiseAsync(ExceptionItem item)
    {
        var kind = EnumText<ExceptionItem.Types.Kind>.Of(item.Kind);
        var same = Same(item);
        var there = await write.FirstAsync<string>("SELECT exception_id FROM exception_item WHERE same_item = @same", new { same });
        item.ExceptionId = there ?? ids.NewExceptionId();
        if (there is not null)
        {
            // What somebody settled and lasts all the same is shown, and told, again; so is what a statement settled and a statement says again.
            return await write.ExecuteAsync(
                """
                UPDATE exception_item SET resolved_at = NULL, alert_due_at = @now
                 WHERE exception_id = @id AND resolved_at IS NOT NULL AND (@lasts = 1 OR resolved_by = @statement)
                """,
                new { id = there, lasts = _lasting.Contains(item.Kind) ? 1 : 0, statement = ByStatement, now = now.Ms() }) == 1;
        }

        await write.WriteOneAsync(
            """
            INSERT INTO exception_item (exception_id, same_item, kind, app_id, order_id, attempt_no, refund_id, transfer_id, callback_id, statement_id,
                                        statement_line, detail, created_at, alert_due_at)
            VALUES (@exceptionId, @same, @kind, @appId, @orderId, @attemptNo, @refundId, @transferId, @callbackId, @statementId, @statementLine, @detail, @createdAt, @createdAt)
            """,
            new
            {
                exceptionId = item.ExceptionId,
                same,
                kind,
                appId = item.AppId,
                orderId = item.OrderId,
                attemptNo = item.AttemptNo,
                refundId = item.RefundId,
                transferId = item.TransferId,
                callbackId = item.CallbackId,
                statementId = item.StatementId,
                statementLine = item.StatementLine,
                detail = Clip(item.Detail, 512),
                createdAt = now.Ms(),
            });
        return true;
    }

    /// <summary>Settles items that are open.</summary>
    /// <param name="same">What makes each of them the same (<see cref="Same"/>).</param>
    /// <param name="by">Who or which rule settles them.</param>
    /// <param name="resolution">How.</param>
    protected Task SettleAsync(IReadOnlyCollection<string> same, string by, string resolution) => same.Count == 0 ? Task.CompletedTask : write.ExecuteAsync(
        """
        UPDATE exception_item SET resolved_at = @now, resolved_by = @by, resolution = @resolution, alert_due_at = NULL
         WHERE same_item IN @same AND resolved_at IS NULL
        """,
        new { same, by, resolution, now = now.Ms() });

    /// <summary>By what an item is the same as another: what it is about and what it says.</summary>
    internal static string Same(ExceptionItem item)
    {
        // Why a statement cannot be had is another reason at each look.
        var says = item.Kind == ExceptionItem.Types.Kind.StatementOverdue ? item.StatementId : item.Detail;
        var about = item.RefundId.Length + item.TransferId.Length == 0 ? "" : $"\n{item.RefundId}\n{item.TransferId}";
        return Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{EnumText<ExceptionItem.Types.Kind>.Of(item.Kind)}\n{item.OrderId}\n{item.AttemptNo}\n{says}{about}")));
    }

    /// <summary>Keeps a callback as it came.</summary>
    public Task KeepCallbackAsync(NewCallback callback, string state, string reason, string orderId, string attemptNo) => write.InsertAsync(
        "callback",
        "callback_id, channel, account, received_at, http_method, target, headers, body, state, reason, order_id, attempt_no, message_id",
        callback.CallbackId,
        Clip(callback.Channel, 32),
        Clip(callback.Account, 128),
        callback.ReceiveTime.Ms(),
        Clip(callback.HttpMethod, 8),
        Clip(callback.Target, 512),
        System.Text.Json.JsonSerializer.Serialize(callback.Headers.Select(h => new[] { h.Name, h.Value })),
        callback.Body.ToByteArray(),
        state,
        Clip(reason, 255),
        orderId,
        attemptNo,
        Clip(callback.MessageId, 64));

    /// <summary>Writes what the steps left to be written at the end of the command.</summary>
    public virtual Task SaveAsync() => Task.CompletedTask;

    /// <summary>A history row.</summary>
    protected Task HistoryAsync(string table, string key, string id, int version, string from, string to, string cause, string evidenceId) => write.InsertAsync(
        table, $"{key}, version, from_state, to_state, cause, evidence_id, at", id, version, from, to, Clip(cause, 16), Clip(evidenceId, 64), now.Ms());

    /// <summary>The event of a step, and its delivery when there is an address.</summary>
    protected async Task AddEventAsync(EventSubject subject, string type, IMessage data, string url)
    {
        var eventId = ids.NewEventId();
        await write.InsertAsync(
            "event",
            "event_id, app_id, subject_id, subject_version, event_type, body, created_at, feed_seq",
            eventId, subject.AppId, subject.Id, subject.Version, type, EventBody.Write(type, data, now), now.Ms(), null);
        if (url.Length == 0)
        {
            return;
        }

        var deliveryId = ids.NewDeliveryId();
        await write.InsertAsync(
            "notify_delivery",
            "delivery_id, event_id, app_id, order_id, url, state, version, cycle, tries, due_at, created_at, delivered_at, trace_parent",
            deliveryId, eventId, subject.AppId, subject.OrderId, url, "PENDING", 1, 1, 0, now.Ms(), now.Ms(), null, subject.TraceParent);
        DeliveryIds.Add(deliveryId);
    }

    /// <summary>Demands that the transition table allows a step.</summary>
    protected static void Demand(Step step, string what, string id, string from, string to)
    {
        if (step != Step.Allowed)
        {
            // Callers decide by the locked row first, so this is a bug of ours and undoes everything.
            throw new InvalidOperationException($"No legal step: {what} {id} from {from} to {to}.");
        }
    }

    /// <summary>As much of a text as its column holds.</summary>
    internal static string Clip(string text, int length) => text.Length <= length ? text : text[..length];
}
