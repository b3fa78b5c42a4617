using System.Globalization;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using ItemKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using RowKind = PayCore.Contracts.V1.StatementRow.Types.Kind;

namespace PayCore.PayDatabase;

/// <summary>Compares a statement with our rows, both ways, and keeps what differs. Moves no money: what a query proves is recorded elsewhere.</summary>
internal sealed class StatementMoves(WriteContext write, IdFactory ids, DateTimeOffset now) : Moves(write, ids, now)
{
    private static readonly TimeSpan _inVainFor = TimeSpan.FromHours(1);

    /// <summary>Adds lines that are not there yet.</summary>
    /// <returns>How many were added.</returns>
    public async Task<int> AddAsync(string statementId, IEnumerable<StatementRow> rows)
    {
        var lines = rows.Select(r => StatementLine.From(statementId, r)).DistinctBy(l => l.Line).ToList();
        var there = (await Write.QueryAsync<int>(
            "SELECT line FROM channel_statement_row WHERE statement_id = @statementId AND line IN @lines",
            new { statementId, lines = lines.Select(l => l.Line) })).ToHashSet();
        lines.RemoveAll(l => there.Contains(l.Line));
        foreach (var line in lines)
        {
            await Write.WriteOneAsync($"INSERT INTO channel_statement_row ({StatementLine.Columns}) VALUES ({StatementLine.Values})", line);
        }

        return lines.Count;
    }

    /// <summary>Compares lines with our rows. A line whose verdict is another than before settles its old item and raises the new one.</summary>
    /// <param name="head">The statement.</param>
    /// <param name="accounts">The accounts whose entries it lists beside those of its own.</param>
    /// <param name="lines">Lines of it.</param>
    public async Task<MatchStatementRowsReply> MatchAsync(StatementHead head, IEnumerable<string> accounts, IReadOnlyList<StatementLine> lines)
    {
        var ours = await Ours.ReadAsync(Write, head.Channel, [head.Account, .. accounts], lines);
        var reply = new MatchStatementRowsReply();
        var (compared, differences) = (0, 0);
        var listed = new List<ExceptionItem>();
        foreach (var line in lines)
        {
            var verdict = ours.Compare(head.Day, line);
            if (verdict.Item is null && ours.About(line) is { } about)
            {
                listed.Add(about);
            }

            if (verdict.MayRepair)
            {
                Repairable(reply, line).Add(Number(line));
            }

            if (verdict.Word != line.Verdict)
            {
                compared += line.Verdict.Length == 0 ? 1 : 0;
                differences += await KeepAsync(line, verdict);
            }
        }

        await SettleMissingAsync(head, listed);
        await Write.WriteOneAsync(
            """
            UPDATE channel_statement SET matched_rows = matched_rows + @compared, differences = differences + @differences, updated_at = @now
             WHERE statement_id = @id
            """,
            new { id = head.StatementId, compared, differences, now = Now.Ms() });
        return reply;
    }

    /// <summary>Raises items for what we hold and no statement lists.</summary>
    public async Task RaiseMissingAsync(StatementHead head, IEnumerable<OursRow> missing)
    {
        var raised = 0;
        foreach (var row in missing)
        {
            raised += await RaiseAsync(new ExceptionItem
            {
                Kind = ItemKind.StatementOursOnly,
                AppId = row.AppId,
                OrderId = row.OrderId,
                AttemptNo = row.AttemptNo,
                RefundId = row.RefundId,
                TransferId = row.TransferId,
                StatementId = head.StatementId,
                Detail = NotListed(head.Day),
            }) ? 1 : 0;
        }

        await Write.WriteOneAsync(
            "UPDATE channel_statement SET differences = differences + @raised, updated_at = @now WHERE statement_id = @id",
            new { id = head.StatementId, raised, now = Now.Ms() });
    }

    /// <summary>Tells a person that a statement cannot be had, once. One look that got no answer, as the first after a long pause may be, is nobody's business.</summary>
    public Task RaiseOverdueAsync(StatementHead head, string reason) => Now.Ms() - head.CreatedAt < _inVainFor.TotalMilliseconds ? Task.CompletedTask : RaiseAsync(new ExceptionItem
    {
        Kind = ItemKind.StatementOverdue, StatementId = head.StatementId, Detail = $"the statement of {head.Channel}/{head.Account} for {head.Day} cannot be had: {reason}",
    });

    /// <summary>Settles that: it is there.</summary>
    public Task SettleOverdueAsync(string statementId) =>
        SettleAsync([Same(new ExceptionItem { Kind = ItemKind.StatementOverdue, StatementId = statementId })], ByStatement, "repaired");

    /// <summary>Settles what differed in the statement as it was fetched before: the item of a line that differs no more, or that is gone. To be called when all lines are compared.</summary>
    public Task SettleGoneAsync(string statementId) => Write.ExecuteAsync(
        """
        UPDATE exception_item SET resolved_at = @now, resolved_by = @by, resolution = 'repaired', alert_due_at = NULL
         WHERE statement_id = @statementId AND statement_line > 0 AND resolved_at IS NULL
           AND NOT EXISTS (
               SELECT 1 FROM channel_statement_row r
                WHERE r.statement_id = exception_item.statement_id AND r.line = exception_item.statement_line AND r.exception_id = exception_item.exception_id)
        """,
        new { statementId, by = ByStatement, now = Now.Ms() });

    /// <summary>
    /// Around midnight the provider's day may be another than ours: what a neighbouring day's statement lacked stands in this one. And what this one lacked when it was fetched
    /// before may stand in it now.
    /// </summary>
    private async Task SettleMissingAsync(StatementHead head, List<ExceptionItem> listed)
    {
        var day = DateOnly.ParseExact(head.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var same = new[] { -1, 0, 1 }.Select(days => NotListed(day.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))).SelectMany(
            detail => listed.Select(about => Same(new ExceptionItem(about) { Kind = ItemKind.StatementOursOnly, Detail = detail }))).ToList();
        await SettleAsync(same, ByStatement, "repaired");
    }

    private static string NotListed(string day) => $"the statement of {day} does not list it";

    /// <returns>How many differences of the statement there are more.</returns>
    private async Task<int> KeepAsync(StatementLine line, StatementVerdict verdict)
    {
        var exceptionId = verdict.Item is { } item ? await RaiseAsync(line, item) : "";
        if (line.ExceptionId.Length > 0 && line.ExceptionId != exceptionId)
        {
            await Write.ExecuteAsync(
                """
                UPDATE exception_item SET resolved_at = @now, resolved_by = @by, resolution = 'repaired', alert_due_at = NULL
                 WHERE exception_id = @id AND resolved_at IS NULL
                """,
                new { id = line.ExceptionId, by = ByStatement, now = Now.Ms() });
        }

        await Write.WriteOneAsync(
            "UPDATE channel_statement_row SET verdict = @verdict, exception_id = @exceptionId WHERE statement_id = @statementId AND line = @line",
            new { statementId = line.StatementId, line = line.Line, verdict = verdict.Word, exceptionId });
        return Math.Sign(exceptionId.Length) - Math.Sign(line.ExceptionId.Length);
    }

    /// <returns>
    /// The line's item; empty when the same is the item of another statement. A merchant's accounts have one statement at the provider, fetched for each of them: what differs
    /// in it is one item, of the first.
    /// </returns>
    private async Task<string> RaiseAsync(StatementLine line, ExceptionItem item)
    {
        (item.StatementId, item.StatementLine) = (line.StatementId, line.Line);
        await RaiseAsync(item);
        // Of a statement that is fetched anew it may be another line than before.
        var isOwn = await Write.ExecuteAsync(
            "UPDATE exception_item SET statement_line = @line WHERE exception_id = @id AND statement_id = @statementId",
            new { line = line.Line, id = item.ExceptionId, statementId = line.StatementId }) == 1;
        return isOwn ? item.ExceptionId : "";
    }

    private static Google.Protobuf.Collections.RepeatedField<string> Repairable(MatchStatementRowsReply reply, StatementLine line) => line.What switch
    {
        RowKind.Refund => reply.RepairableRefundIds,
        RowKind.Transfer => reply.RepairableTransferIds,
        _ => reply.RepairableAttemptNos,
    };

    private static string Number(StatementLine line) => line.What switch
    {
        RowKind.Refund => line.RefundNo,
        RowKind.Transfer => line.TransferNo,
        _ => line.AttemptNo,
    };

    /// <summary>Our rows that some lines are about, of the accounts whose entries the statement lists.</summary>
    private sealed class Ours
    {
        private readonly Dictionary<string, AttemptRow> _attempts;
        private readonly Dictionary<string, RefundRow> _refunds;
        private readonly Dictionary<string, TransferRow> _transfers;
        private readonly HashSet<string> _reversed;

        private Ours(IEnumerable<AttemptRow> attempts, IEnumerable<RefundRow> refunds, IEnumerable<TransferRow> transfers, IEnumerable<string> reversed)
        {
            _attempts = attempts.ToDictionary(a => a.AttemptNo);
            _refunds = refunds.ToDictionary(r => r.Id);
            _transfers = transfers.ToDictionary(t => t.Id);
            _reversed = [.. reversed];
        }

        public static async Task<Ours> ReadAsync(WriteContext write, string channel, IReadOnlyList<string> accounts, IReadOnlyList<StatementLine> lines)
        {
            var parameters = new
            {
                channel,
                accounts,
                attempts = lines.Where(l => l.What is RowKind.Payment or RowKind.Reversal or RowKind.Refund).Select(l => l.AttemptNo).OrNone(),
                refunds = lines.Where(l => l.What == RowKind.Refund).Select(l => l.RefundNo).OrNone(),
                transfers = lines.Where(l => l.What == RowKind.Transfer).Select(l => l.TransferNo).OrNone(),
            };
            const string Listed = "channel = @channel AND account IN @accounts";
            return new Ours(
                await write.QueryAsync<AttemptRow>(
                    Archive.Both(at => $"SELECT {AttemptRow.Columns} FROM pay_attempt{at} WHERE attempt_no IN @attempts AND {Listed}"), parameters),
                await write.QueryAsync<RefundRow>(
                    Archive.Both(at => $"SELECT {RefundRow.Columns} FROM refund{at} WHERE id IN @refunds AND {Listed}"), parameters),
                await write.QueryAsync<TransferRow>($"SELECT {TransferRow.Columns} FROM transfer WHERE id IN @transfers AND {Listed}", parameters),
                await write.QueryAsync<string>(
                    "SELECT attempt_no FROM channel_statement_row WHERE attempt_no IN @attempts AND kind = 'REVERSAL'", parameters));
        }

        /// <summary>What of ours a line is about.</summary>
        public ExceptionItem? About(StatementLine line) => line.What switch
        {
            RowKind.Payment when _attempts.TryGetValue(line.AttemptNo, out var attempt) => new() { OrderId = attempt.OrderId, AttemptNo = attempt.AttemptNo },
            RowKind.Refund when _refunds.TryGetValue(line.RefundNo, out var refund) =>
                new() { OrderId = refund.OrderId, AttemptNo = refund.AttemptNo, RefundId = refund.Id },
            RowKind.Transfer when _transfers.TryGetValue(line.TransferNo, out var transfer) => new() { TransferId = transfer.Id },
            _ => null,
        };

        public StatementVerdict Compare(string day, StatementLine line) => line.What switch
        {
            RowKind.Payment or RowKind.Reversal => StatementVerdict.OfPayment(
                day, line, _attempts.GetValueOrDefault(line.AttemptNo), _reversed.Contains(line.AttemptNo)),
            RowKind.Refund => StatementVerdict.OfRefund(day, line, _refunds.GetValueOrDefault(line.RefundNo), _attempts.GetValueOrDefault(line.AttemptNo)),
            RowKind.Transfer => StatementVerdict.OfTransfer(day, line, _transfers.GetValueOrDefault(line.TransferNo)),
            _ => StatementVerdict.OfOther(),
        };
    }
}

/// <summary>A payment, refund or transfer of ours that a day's statement should list.</summary>
internal sealed record OursRow
{
    public string Id { get; init; } = "";
    public string AppId { get; init; } = "";
    public string OrderId { get; init; } = "";
    public string AttemptNo { get; init; } = "";
    public string RefundId { get; init; } = "";
    public string TransferId { get; init; } = "";
}
