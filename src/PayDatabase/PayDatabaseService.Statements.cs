using System.Data.Common;
using System.Globalization;
using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;
using StatementState = PayCore.Contracts.V1.StatementRecord.Types.State;

namespace PayCore.PayDatabase;

// Statements: the providers' own lists of a day, kept line by line and compared with what we hold.
public sealed partial class PayDatabaseService
{
    private const int ClearAtOnce = 5000;

    // The providers' days are those of their country.
    private static readonly TimeSpan _zoneOfDays = TimeSpan.FromHours(8);

    private static readonly (StatementState From, StatementState To)[] _statementMoves =
    [
        (StatementState.Fetching, StatementState.Fetched),
        (StatementState.Fetching, StatementState.Empty),
        (StatementState.Fetching, StatementState.Failed),
        (StatementState.Fetched, StatementState.Matched),
    ];

    /// <summary>What a statement should list, in the order in which it is looked through. The ids of each begin with its letter.</summary>
    private static readonly OursSource[] _oursSources =
    [
        new('A', ["PAYMENT", "REVERSAL"], "attempt_no", "pay_attempt", "attempt_no", "paid_at", "state IN ('WON', 'EXTRA_PAID')", "order_id, attempt_no"),
        // Refunds are listed on the day on which the provider took them.
        new('R', ["REFUND"], "refund_no", "refund", "id", "last_sent_at", "state = 'SUCCEEDED'", "order_id, attempt_no, id AS refund_id"),
        new('T', ["TRANSFER"], "transfer_no", "transfer", "id", "succeeded_at", "state IN ('SUCCEEDED', 'RETURNED')", "id AS transfer_id"),
    ];

    private sealed record AccountRow
    {
        public string Channel { get; init; } = "";
        public string Account { get; init; } = "";
    }

    private sealed record OursSource(char Letter, string[] Kinds, string RowNumber, string Table, string Id, string At, string Counts, string Columns);

    /// <inheritdoc/>
    public override async Task<StatementRecord> ClaimStatement(ClaimStatementRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        DayOf(request.Day);
        StatementRecord record;
        try
        {
            record = await WriteStatementAsync((write, moves) => ClaimAsync(write, moves, request));
        }
        catch (DuplicateKeyException)
        {
            // Another worker began it at this very moment.
            record = await WriteStatementAsync((write, moves) => ClaimAsync(write, moves, request));
        }

        return record is { Claimed: true, State: StatementState.Failed } ? await BeginAgainAsync(record.StatementId) : record;
    }

    /// <inheritdoc/>
    public override async Task<StatementRecord> AddStatementRows(AddStatementRowsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteStatementAsync(async (write, moves) =>
        {
            var head = await LockStatementAsync(write, request.StatementId, StatementState.Fetching);
            var added = await moves.AddAsync(head.StatementId, request.Rows);
            await write.WriteOneAsync(
                "UPDATE channel_statement SET rows_added = rows_added + @added, updated_at = @now WHERE statement_id = @id",
                new { id = head.StatementId, added, now = moves.Now.Ms() });
            return await ReadStatementAsync(write, head.StatementId);
        });
    }

    /// <inheritdoc/>
    public override async Task<MatchStatementRowsReply> MatchStatementRows(MatchStatementRowsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var limit = Math.Clamp(request.Limit, 1, ClaimMax);
        return await WriteStatementAsync(async (write, moves) =>
        {
            var head = await LockStatementAsync(write, request.StatementId, StatementState.Fetched, StatementState.Matched);
            var lines = (await write.QueryAsync<StatementLine>(
                $"SELECT {StatementLine.Columns} FROM channel_statement_row WHERE statement_id = @id AND line > @after ORDER BY line LIMIT @limit",
                new { id = head.StatementId, after = request.AfterLine, limit })).ToList();
            var reply = await moves.MatchAsync(head, request.Accounts, lines);
            reply.LastLine = lines.Count == 0 ? request.AfterLine : lines[^1].Line;
            reply.Done = lines.Count < limit;
            return reply;
        });
    }

    /// <inheritdoc/>
    public override async Task<FindMissingInStatementReply> FindMissingInStatement(FindMissingInStatementRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var limit = Math.Clamp(request.Limit, 1, ClaimMax);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var head = await connection.QueryFirstOrDefaultAsync<StatementHead>(
            $"{StatementHead.Select} WHERE statement_id = @id", new { id = request.StatementId }) ?? throw Refusals.NotFound("statement");
        DemandState(head, StatementState.Fetched, StatementState.Matched, StatementState.Empty);

        var source = Array.Find(_oursSources, s => request.AfterId.StartsWith(s.Letter)) ?? _oursSources[0];
        var page = await OursAsync(connection, head, source, request.AfterId, limit);
        var missing = await MissingAsync(connection, source, page);
        if (missing.Count > 0)
        {
            await WriteStatementAsync(async (write, moves) =>
            {
                var locked = await LockStatementAsync(write, head.StatementId, StatementState.Fetched, StatementState.Matched, StatementState.Empty);
                await moves.RaiseMissingAsync(locked, missing);
                return locked;
            });
        }

        var next = page.Count == limit ? source : await NextSourceAsync(connection, head, source);
        return new FindMissingInStatementReply
        {
            Ids = { missing.Select(m => m.Id) },
            Done = next is null,
            LastId = next == source ? page[^1].Id : $"{next?.Letter}",
        };
    }

    /// <inheritdoc/>
    public override async Task<StatementRecord> MoveStatement(MoveStatementRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WriteStatementAsync(async (write, moves) =>
        {
            var head = await LockStatementAsync(write, request.StatementId);
            if (head.Status == request.To)
            {
                return head.ToRecord();
            }

            DemandMove(head, request.To);
            var ends = request.To != StatementState.Fetched;
            if (request.To is StatementState.Matched or StatementState.Empty)
            {
                await moves.SettleGoneAsync(head.StatementId);
            }

            if (request.To is StatementState.Fetched or StatementState.Empty)
            {
                await moves.SettleOverdueAsync(head.StatementId);
            }
            else if (request is { To: StatementState.Failed, Overdue: true })
            {
                await moves.RaiseOverdueAsync(head, request.Message);
            }

            await write.WriteOneAsync(
                """
                UPDATE channel_statement SET state = @to, message = @message, lease_at = CASE WHEN @ends = 1 THEN NULL ELSE lease_at END, updated_at = @now
                 WHERE statement_id = @id AND state = @from
                """,
                new
                {
                    id = head.StatementId,
                    from = head.State,
                    to = EnumText<StatementState>.Of(request.To),
                    message = Moves.Clip(request.Message, 255),
                    ends = ends ? 1 : 0,
                    now = moves.Now.Ms(),
                });
            return await ReadStatementAsync(write, head.StatementId);
        });
    }

    /// <inheritdoc/>
    public override async Task<ListAccountsReply> ListAccounts(ListAccountsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var accounts = new HashSet<(string Channel, string Account)>();
        foreach (var table in new[] { "pay_attempt", "transfer" })
        {
            // From one account's first entry in the index to the next one's: as many steps as there are accounts, however many rows they have.
            for (var last = (Channel: "", Account: ""); ;)
            {
                var next = await connection.QueryFirstOrDefaultAsync<AccountRow>(
                        $"SELECT channel, account FROM {table} WHERE channel = @Channel AND account > @Account ORDER BY account LIMIT 1", new { last.Channel, last.Account })
                    ?? await connection.QueryFirstOrDefaultAsync<AccountRow>(
                        $"SELECT channel, account FROM {table} WHERE channel > @Channel ORDER BY channel, account LIMIT 1", new { last.Channel });
                if (next is null)
                {
                    break;
                }

                last = (next.Channel, next.Account);
                accounts.Add(last);
            }
        }

        return new ListAccountsReply { Accounts = { accounts.Select(a => new ChannelAccount { Channel = a.Channel, Account = a.Account }) } };
    }

    /// <inheritdoc/>
    public override async Task<ListStatementsReply> ListStatements(ListStatementsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        (bool Asked, string Condition)[] filters =
        [
            (true, "1 = 1"),
            (request.Channel.Length > 0, "channel = @channel"),
            (request.Account.Length > 0, "account = @account"),
            (request.AfterStatementId.Length > 0, "statement_id < @after"),
        ];
        var heads = await database.ReadListAsync(
            connection => connection.QueryAsync<StatementHead>(
                $"{StatementHead.Select} WHERE {string.Join(" AND ", filters.Where(f => f.Asked).Select(f => f.Condition))} ORDER BY statement_id DESC LIMIT @limit",
                new { channel = request.Channel, account = request.Account, after = request.AfterStatementId, limit = Limit(request.Limit) }),
            context.CancellationToken);
        var reply = new ListStatementsReply();
        reply.Statements.AddRange(heads.Select(h => h.ToRecord()));
        return reply;
    }

    private Task<T> WriteStatementAsync<T>(Func<WriteContext, StatementMoves, Task<T>> work) =>
        writes.WriteAsync(write => work(write, new StatementMoves(write, ids, time.GetUtcNow())), alone: true);

    private async Task<StatementRecord> ClaimAsync(WriteContext write, StatementMoves moves, ClaimStatementRequest request)
    {
        var key = new { channel = request.Channel, account = request.Account, day = request.Day };
        var head = await write.FirstAsync<StatementHead>(
            $"{StatementHead.Select} WHERE channel = @channel AND account = @account AND day = @day{write.ForUpdate}", key);
        var id = head?.StatementId ?? ids.NewStatementId();
        var change = new { id, key.channel, key.account, key.day, lease = request.LeaseTime.Ms(), now = moves.Now.Ms() };
        if (head is null)
        {
            await write.WriteOneAsync(
                """
                INSERT INTO channel_statement (statement_id, channel, account, day, state, rows_added, matched_rows, differences, message, lease_at, created_at,
                                               updated_at)
                VALUES (@id, @channel, @account, @day, 'FETCHING', 0, 0, 0, '', @lease, @now, @now)
                """,
                change);
        }
        else if (head.LeaseAt > change.now || (!request.Again && head.Status is not (StatementState.Fetching or StatementState.Fetched)))
        {
            return head.ToRecord();
        }
        else
        {
            // Begun anew it counts as FAILED until its old lines are gone: whoever dies on the way leaves something that can be begun again.
            await write.WriteOneAsync(
                "UPDATE channel_statement SET state = @state, lease_at = @lease, updated_at = @now WHERE statement_id = @id",
                new { change.id, change.lease, change.now, state = request.Again ? "FAILED" : head.State });
        }

        var record = await ReadStatementAsync(write, id);
        record.Claimed = true;
        return record;
    }

    /// <summary>Removes the lines of an earlier run, a part at a time, and starts over.</summary>
    private async Task<StatementRecord> BeginAgainAsync(string statementId)
    {
        while (await WriteStatementAsync((write, _) => ClearAsync(write, statementId)) > 0)
        {
        }

        var record = await WriteStatementAsync(async (write, moves) =>
        {
            await write.WriteOneAsync(
                """
                UPDATE channel_statement SET state = 'FETCHING', rows_added = 0, matched_rows = 0, differences = 0, message = '', updated_at = @now
                 WHERE statement_id = @id AND state = 'FAILED'
                """,
                new { id = statementId, now = moves.Now.Ms() });
            return await ReadStatementAsync(write, statementId);
        });
        record.Claimed = true;
        return record;
    }

    private static async Task<int> ClearAsync(WriteContext write, string id)
    {
        var first = await write.FirstAsync<int?>("SELECT MIN(line) FROM channel_statement_row WHERE statement_id = @id", new { id });
        return first is null ? 0 : await write.ExecuteAsync(
            "DELETE FROM channel_statement_row WHERE statement_id = @id AND line < @end", new { id, end = first + ClearAtOnce });
    }

    private static async Task<StatementHead> LockStatementAsync(WriteContext write, string id, params StatementState[] allowed)
    {
        var head = await write.FirstAsync<StatementHead>($"{StatementHead.Select} WHERE statement_id = @id{write.ForUpdate}", new { id })
            ?? throw Refusals.NotFound("statement");
        DemandState(head, allowed);
        return head;
    }

    private static void DemandState(StatementHead head, params StatementState[] allowed)
    {
        if (allowed.Length > 0 && !allowed.Contains(head.Status))
        {
            throw Refusals.FailedPrecondition($"The statement is {head.State}.");
        }
    }

    private static void DemandMove(StatementHead head, StatementState to)
    {
        var whole = to switch
        {
            StatementState.Matched => head.MatchedRows == head.RowsAdded,
            StatementState.Empty => head.RowsAdded == 0,
            _ => true,
        };
        if (!whole || !_statementMoves.Contains((head.Status, to)))
        {
            throw Refusals.FailedPrecondition(
                $"The statement is {head.State} with {head.RowsAdded} rows, {head.MatchedRows} of them compared: it cannot become {EnumText<StatementState>.Of(to)}.");
        }
    }

    private static async Task<StatementRecord> ReadStatementAsync(WriteContext write, string id) =>
        (await write.FirstAsync<StatementHead>($"{StatementHead.Select} WHERE statement_id = @id", new { id }))!.ToRecord();

    private static async Task<IReadOnlyList<OursRow>> OursAsync(DbConnection connection, StatementHead head, OursSource source, string afterId, int limit)
    {
        var day = DayOf(head.Day);
        var after = await connection.QueryFirstOrDefaultAsync<long?>(
            $"SELECT {source.At} FROM {source.Table} WHERE {source.Id} = @afterId", new { afterId });
        return [.. await connection.QueryAsync<OursRow>(
            $"""
            SELECT {source.Id} AS id, app_id, {source.Columns} FROM {source.Table}
             WHERE channel = @channel AND account = @account AND {source.At} >= @from AND {source.At} < @to AND ({source.At} > @from OR {source.Id} > @afterId)
               AND {source.Counts}
             ORDER BY {source.At}, {source.Id} LIMIT @limit
            """,
            new { channel = head.Channel, account = head.Account, from = after ?? day.Ms(), to = day.AddDays(1).Ms(), afterId, limit })];
    }

    /// <summary>What none of the statements lists: around midnight a payment may stand in the next day's.</summary>
    private static async Task<IReadOnlyList<OursRow>> MissingAsync(DbConnection connection, OursSource source, IReadOnlyList<OursRow> page)
    {
        var listed = (await connection.QueryAsync<string>(
            $"SELECT {source.RowNumber} FROM channel_statement_row WHERE {source.RowNumber} IN @ids AND kind IN @kinds",
            new { ids = page.Select(r => r.Id).OrNone(), kinds = source.Kinds })).ToHashSet();
        return [.. page.Where(r => !listed.Contains(r.Id))];
    }

    /// <summary>Transfers are looked for where the statement lists transfers at all.</summary>
    private static async Task<OursSource?> NextSourceAsync(DbConnection connection, StatementHead head, OursSource source)
    {
        var next = _oursSources.SkipWhile(s => s != source).Skip(1).FirstOrDefault();
        return next?.Letter == 'T' && await connection.QueryFirstOrDefaultAsync<int?>(
            "SELECT line FROM channel_statement_row WHERE statement_id = @id AND kind IN @kinds LIMIT 1", new { id = head.StatementId, kinds = next.Kinds }) is null
            ? null
            : next;
    }

    /// <summary>The day of a time in the providers' country.</summary>
    private static string StatementDay(DateTimeOffset time) => time.ToOffset(_zoneOfDays).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset DayOf(string day) =>
        DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), _zoneOfDays)
            : throw Refusals.InvalidArgument("day", "is yyyy-MM-dd");
}
