using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using System.Text;
using Dapper;
using MySqlConnector;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>
/// The transaction that commands run in, one after the other. What only writes is held back and goes to the database together, before the next read or the commit: to MySQL in one
/// round trip, which costs more than a statement does.
/// </summary>
public sealed class WriteContext(DbConnection connection, DbTransaction transaction, string forUpdate)
{
    private const int HeldMax = 256;

    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> _properties = [];

    private readonly Dictionary<string, StoredOrder> _ahead = [];
    private readonly Dictionary<string, RowSet> _newRows = [];
    private readonly Dictionary<string, RowSet> _absent = [];
    private readonly List<Statement> _statements = [];
    private int _held;

    /// <summary>Ends a SELECT whose rows must not change before the commit.</summary>
    public string ForUpdate => forUpdate;

    /// <summary>Runs a statement and answers how many rows it found.</summary>
    public async Task<int> ExecuteAsync(string sql, object? parameters = null)
    {
        await SendAsync();
        return await connection.ExecuteAsync(sql, parameters, transaction);
    }

    /// <summary>Reads rows.</summary>
    public async Task<IEnumerable<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        await SendAsync();
        return await connection.QueryAsync<T>(sql, parameters, transaction);
    }

    /// <summary>Reads the rows of two statements in one round trip.</summary>
    internal async Task<(IReadOnlyList<TFirst> First, IReadOnlyList<TSecond> Second)> QueryBothAsync<TFirst, TSecond>(string first, string second, object parameters)
    {
        await SendAsync();
        await using var both = await connection.QueryMultipleAsync($"{first};\n{second}", parameters, transaction);
        return ([.. await both.ReadAsync<TFirst>()], [.. await both.ReadAsync<TSecond>()]);
    }

    /// <summary>Reads one row, or null.</summary>
    public async Task<T?> FirstAsync<T>(string sql, object? parameters = null)
    {
        await SendAsync();
        return await connection.QueryFirstOrDefaultAsync<T>(sql, parameters, transaction);
    }

    /// <summary>
    /// Adds a row, or changes one by a compare-and-set that must find it: the row is locked and was read in this transaction, so 0 rows is a bug and undoes everything.
    /// The properties of all <paramref name="parameters"/> are its parameters. It is held back.
    /// </summary>
    public Task WriteOneAsync(string sql, params IReadOnlyList<object> parameters)
    {
        var statement = new Statement(sql, 1, []);
        foreach (var part in parameters)
        {
            foreach (var property in _properties.GetOrAdd(part.GetType(), type => type.GetProperties()))
            {
                statement.Parameters.Add((property.Name, property.GetValue(part)));
            }
        }

        _statements.Add(statement);
        return HoldAsync();
    }

    /// <summary>Adds a row. It is held back, and goes before the statements of <see cref="WriteOneAsync"/>: all rows of a table as one statement.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">Its columns, with commas; always the same ones of the table.</param>
    /// <param name="values">As many values.</param>
    internal Task InsertAsync(string table, string columns, params object?[] values) => HoldAsync(_newRows, table, columns, values);

    /// <summary>Demands that a table has no such row once everything else that is held back is written; one that is there is what a unique key is that was there already.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns of one of its indexes, with commas; always the same ones of the table.</param>
    /// <param name="values">As many values.</param>
    internal Task DemandAbsentAsync(string table, string columns, params object?[] values) => HoldAsync(_absent, table, columns, values);

    /// <summary>Remembers an order that was read and locked before the command that asks for it by an attempt.</summary>
    internal void KeepAhead(string attemptNo, StoredOrder stored) => _ahead[attemptNo] = stored;

    /// <summary>The order that was read ahead for an attempt; once, since whoever has it changes it.</summary>
    internal StoredOrder? TakeAhead(string attemptNo) => _ahead.Remove(attemptNo, out var stored) ? stored : null;

    /// <summary>Forgets an order that was read ahead: somebody else has it now and may change it.</summary>
    internal void DropAhead(string orderId)
    {
        foreach (var (attemptNo, _) in _ahead.Where(ahead => ahead.Value.Order.Id == orderId))
        {
            _ahead.Remove(attemptNo);
        }
    }

    /// <summary>Sends what is held back.</summary>
    internal async Task SendAsync()
    {
        if (_held == 0)
        {
            return;
        }

        Statement[] writes = [.. _newRows.Select(table => table.Value.Insert(table.Key)), .. _statements];
        Statement[] absent = [.. _absent.Select(table => table.Value.Find(table.Key))];
        _newRows.Clear();
        _statements.Clear();
        _absent.Clear();
        _held = 0;
        await (connection is MySqlConnection mySql ? SendTogetherAsync(mySql, writes, absent) : SendOneByOneAsync(writes, absent));
    }

    private Task HoldAsync(Dictionary<string, RowSet> rows, string table, string columns, object?[] values)
    {
        if (!rows.TryGetValue(table, out var set))
        {
            rows.Add(table, set = new RowSet(columns));
        }

        set.Rows.Add(values);
        return HoldAsync();
    }

    private Task HoldAsync() => ++_held < HeldMax ? Task.CompletedTask : SendAsync();

    private async Task SendTogetherAsync(MySqlConnection mySql, Statement[] writes, Statement[] absent)
    {
        await using var batch = new MySqlBatch(mySql, (MySqlTransaction)transaction);
        foreach (var statement in (IEnumerable<Statement>)[.. writes, .. absent])
        {
            var command = new MySqlBatchCommand(statement.Sql);
            statement.Parameters.ForEach(p => command.Parameters.AddWithValue(p.Name, p.Value));
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync();
        do
        {
            // Only what must be absent has rows.
            if (await reader.ReadAsync())
            {
                throw new DuplicateKeyException();
            }
        }
        while (await reader.NextResultAsync());

        Demand(Math.Max(0, reader.RecordsAffected), writes.Sum(s => s.Rows), writes.Length > 0 ? writes[0].Sql : "");
    }

    private async Task SendOneByOneAsync(Statement[] writes, Statement[] absent)
    {
        foreach (var statement in writes)
        {
            Demand(await connection.ExecuteAsync(statement.Sql, Dynamic(statement), transaction), statement.Rows, statement.Sql);
        }

        foreach (var statement in absent)
        {
            if (await connection.ExecuteScalarAsync(statement.Sql, Dynamic(statement), transaction) is not null)
            {
                throw new DuplicateKeyException();
            }
        }

        static DynamicParameters Dynamic(Statement statement)
        {
            var all = new DynamicParameters();
            statement.Parameters.ForEach(p => all.Add(p.Name, p.Value));
            return all;
        }
    }

    private static void Demand(int rows, int wanted, string sql)
    {
        if (rows != wanted)
        {
            throw new InvalidOperationException($"Statements that must change {wanted} rows changed {rows}: {sql}");
        }
    }

    /// <summary>A statement, and the rows that it must change.</summary>
    private sealed record Statement(string Sql, int Rows, List<(string Name, object? Value)> Parameters);

    /// <summary>Values for the same columns of a table.</summary>
    private sealed class RowSet(string columns)
    {
        public List<object?[]> Rows { get; } = [];

        public Statement Insert(string table) => Write($"INSERT INTO {table} ({columns}) VALUES ", ", ", (sql, place, name) => sql.Append(place == 0 ? "" : ", ").Append('@').Append(name));

        public Statement Find(string table)
        {
            var each = columns.Split(", ");
            var found = Write($"SELECT 1 FROM {table} WHERE ", " OR ", (sql, place, name) => sql.Append(place == 0 ? "" : " AND ").Append(each[place]).Append(" = @").Append(name));
            return found with { Sql = $"{found.Sql} LIMIT 1" };
        }

        private Statement Write(string begin, string between, Action<StringBuilder, int, string> write)
        {
            var sql = new StringBuilder(begin);
            var parameters = new List<(string, object?)>();
            foreach (var row in Rows)
            {
                sql.Append(parameters.Count == 0 ? "(" : $"{between}(");
                for (var place = 0; place < row.Length; place++)
                {
                    var name = $"p{parameters.Count}";
                    write(sql, place, name);
                    parameters.Add((name, row[place]));
                }

                sql.Append(')');
            }

            return new Statement(sql.ToString(), Rows.Count, parameters);
        }
    }
}
