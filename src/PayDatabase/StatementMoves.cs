using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using ItemKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;
using RowKind = PayCore.Contracts.V1.StatementRow.Types.Kind;

namespace PayCore.PayDatabase;

/// <summary>Compares a statement with our rows, both ways, and keeps what differs. Moves no money: what a query proves is recorded elsewhere.</summary>
internal sealed class StatementMoves(WriteContext write, IdFactory ids, DateTimeOffset now) : Moves(write, ids, now)
{
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
            await Write.ExecuteAsync($"INSERT INTO channel_statement_row ({StatementLine.Columns}) VALUES ({StatementLine.Values})", line);
        }

        return lines.Count;
    }

    /// <summary>Compares lines with our rows. A line whose verdict is another than before settles its old item and raises the new one.</summary>
    public async Task<MatchStatementRowsReply> MatchAsync(StatementHead head, IReadOnlyList<StatementLine> lines)
    {
        var ours = await Ours.ReadAsync(Write, head, lines);
        var reply = new MatchStatementRowsReply();
        var (compared, differences) = (0, 0);
        foreach (var line in lines)
        {
            var verdict = ours.Compare(head.Day, line);
            if (verdict.MayRepair)
            {
                Repairable(reply, line).Add(Number(line));
            }

            if (verdict.Word != line.Verdict)
            {
                compared += line.Verdict.Length == 0 ? 1 : 0;
                differences += (verdict.Item is null ? 0 : 1) - (line.ExceptionId.Length == 0 ? 0 : 1);
                await KeepAsync(line, verdict);
            }
        }

        await SettleListedAsync(lines);
        await Write.UpdateOneAsync(
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
                Detail = $"the statement of {head.Day} does not list it",
            }) ? 1 : 0;
        }

        await Write.UpdateOneAsync(
            "UPDATE channel_statement SET differences = differences + @raised, updated_at = @now WHERE statement_id = @id",
            new { id = head.StatementId, raised, now = Now.Ms() });
    }

    private async Task KeepAsync(StatementLine line, StatementVerdict verdict)
    {
        if (verdict.Item is not null)
        {
            await RaiseAsync(verdict.Item);
        }

        var exceptionId = verdict.Item?.ExceptionId ?? "";
        if (line.ExceptionId.Length > 0 && line.ExceptionId != exceptionId)
        {
            await SettleAsync(line.ExceptionId, "repaired");
        }

        await Write.UpdateOneAsync(
            "UPDATE channel_statement_row SET verdict = @verdict, exception_id = @exceptionId WHERE statement_id = @statementId AND line = @line",
            new { statementId = line.StatementId, line = line.Line, verdict = verdict.Word, exceptionId });
    }

    /// <summary>Settles what an earlier day's statement did not list and this one does: around midnight a day of theirs is not always the day of ours.</summary>
    private async Task SettleListedAsync(IReadOnlyList<StatementLine> lines)
    {
        var listed = await Write.QueryAsync<string>(
            """
            SELECT exception_id FROM exception_item
             WHERE kind = 'STATEMENT_OURS_ONLY' AND resolved_at IS NULL
               AND ((attempt_no IN @payments AND refund_id = '') OR refund_id IN @refunds OR transfer_id IN @transfers)
            """,
            new { payments = Numbers(lines, RowKind.Payment, RowKind.Reversal), refunds = Numbers(lines, RowKind.Refund), transfers = Numbers(lines, RowKind.Transfer) });
        foreach (var id in listed)
        {
            await SettleAsync(id, "listed later");
        }
    }

    private Task<int> SettleAsync(string exceptionId, string resolution) => Write.ExecuteAsync(
        """
        UPDATE exception_item SET resolved_at = @now, resolved_by = 'statement', resolution = @resolution
         WHERE exception_id = @exceptionId AND resolved_at IS NULL
        """,
        new { exceptionId, resolution, now = Now.Ms() });

    private static IEnumerable<string> Numbers(IEnumerable<StatementLine> lines, params RowKind[] kinds) => lines.Where(l => kinds.Contains(l.What)).Select(Number);

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

    /// <summary>Our rows that some lines are about, of the statement's account only.</summary>
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

        public static async Task<Ours> ReadAsync(WriteContext write, StatementHead head, IReadOnlyList<StatementLine> lines)
        {
            var parameters = new
            {
                channel = head.Channel,
                account = head.Account,
                attempts = Numbers(lines, RowKind.Payment, RowKind.Reversal),
                refunds = Numbers(lines, RowKind.Refund),
                transfers = Numbers(lines, RowKind.Transfer),
            };
            const string SameAccount = "channel = @channel AND account = @account";
            return new Ours(
                await write.QueryAsync<AttemptRow>($"SELECT {AttemptRow.Columns} FROM pay_attempt WHERE attempt_no IN @attempts AND {SameAccount}", parameters),
                await write.QueryAsync<RefundRow>($"SELECT {RefundRow.Columns} FROM refund WHERE id IN @refunds AND {SameAccount}", parameters),
                await write.QueryAsync<TransferRow>($"SELECT {TransferRow.Columns} FROM transfer WHERE id IN @transfers AND {SameAccount}", parameters),
                await write.QueryAsync<string>(
                    "SELECT attempt_no FROM channel_statement_row WHERE attempt_no IN @attempts AND kind = 'REVERSAL'", parameters));
        }

        public StatementVerdict Compare(string day, StatementLine line) => line.What switch
        {
            RowKind.Payment or RowKind.Reversal => StatementVerdict.OfPayment(
                day, line, _attempts.GetValueOrDefault(line.AttemptNo), _reversed.Contains(line.AttemptNo)),
            RowKind.Refund => StatementVerdict.OfRefund(day, line, _refunds.GetValueOrDefault(line.RefundNo)),
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
