using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using Dapper;
using MySqlConnector;

namespace PayCore.PayDatabase;

/// <summary>The transaction that a command runs in.</summary>
public sealed class WriteContext(DbConnection connection, DbTransaction transaction, string forUpdate)
{
    private const int TogetherMax = 64;

    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> _properties = [];
    private readonly MySqlBatch? _batch = connection is MySqlConnection mySql ? new MySqlBatch(mySql, (MySqlTransaction)transaction) : null;

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

    /// <summary>Reads one row, or null.</summary>
    public async Task<T?> FirstAsync<T>(string sql, object? parameters = null)
    {
        await SendAsync();
        return await connection.QueryFirstOrDefaultAsync<T>(sql, parameters, transaction);
    }

    /// <summary>
    /// Adds a row, or changes one by a compare-and-set that must find it: the row is locked and was read in this transaction, so 0 rows is a bug and undoes everything.
    /// The properties of all <paramref name="parameters"/> are its parameters. To MySQL it goes together with the statements before and after it, before the next read or the commit: a round trip costs more than the statement does.
    /// </summary>
    public async Task WriteOneAsync(string sql, params IReadOnlyList<object> parameters)
    {
        if (_batch is null)
        {
            var all = new DynamicParameters();
            parameters.AsList().ForEach(all.AddDynamicParams);
            Demand(await connection.ExecuteAsync(sql, all, transaction), 1, sql);
            return;
        }

        var command = new MySqlBatchCommand(sql);
        foreach (var part in parameters)
        {
            foreach (var property in _properties.GetOrAdd(part.GetType(), type => type.GetProperties()))
            {
                command.Parameters.AddWithValue(property.Name, property.GetValue(part));
            }
        }

        _batch.BatchCommands.Add(command);
        if (_batch.BatchCommands.Count == TogetherMax)
        {
            await SendAsync();
        }
    }

    /// <summary>Sends what has not gone to the database yet.</summary>
    internal async Task SendAsync()
    {
        if (_batch is { BatchCommands.Count: > 0 and var count })
        {
            var rows = await _batch.ExecuteNonQueryAsync();
            Demand(rows, count, _batch.BatchCommands[0].CommandText);
            _batch.BatchCommands.Clear();
        }
    }

    private static void Demand(int rows, int wanted, string sql)
    {
        if (rows != wanted)
        {
            throw new InvalidOperationException($"{wanted} statements changed {rows} rows, and each must change one: {sql}");
        }
    }
}
