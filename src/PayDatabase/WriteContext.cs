using System.Data.Common;
using Dapper;

namespace PayCore.PayDatabase;

/// <summary>The transaction that a command runs in.</summary>
public sealed class WriteContext(DbConnection connection, DbTransaction transaction, string forUpdate)
{
    /// <summary>Ends a SELECT whose rows must not change before the commit.</summary>
    public string ForUpdate => forUpdate;

    /// <summary>Runs a statement and answers how many rows it found.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters = null) => connection.ExecuteAsync(sql, parameters, transaction);

    /// <summary>Reads rows.</summary>
    public Task<IEnumerable<T>> QueryAsync<T>(string sql, object? parameters = null) => connection.QueryAsync<T>(sql, parameters, transaction);

    /// <summary>Reads one row, or null.</summary>
    public Task<T?> FirstAsync<T>(string sql, object? parameters = null) => connection.QueryFirstOrDefaultAsync<T>(sql, parameters, transaction);

    /// <summary>
    /// A compare-and-set that must find its row: the row is locked and was read in this transaction, so 0 rows is a bug and undoes everything.
    /// </summary>
    public async Task UpdateOneAsync(string sql, object parameters)
    {
        var rows = await ExecuteAsync(sql, parameters);
        if (rows != 1)
        {
            throw new InvalidOperationException($"A compare-and-set found {rows} rows: {sql}");
        }
    }
}
