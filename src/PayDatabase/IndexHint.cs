namespace PayCore.PayDatabase;

/// <summary>Names the index that a list walks. Left to itself, a planner may prefer an index by state and sort what it finds; how long that takes depends on how much there is.</summary>
internal static class IndexHint
{
    /// <summary>The words behind the table's name: the only ones in which the two databases differ.</summary>
    public static string Of(string index, bool isMySql) => isMySql ? $"FORCE INDEX ({index})" : $"INDEXED BY {index}";
}
