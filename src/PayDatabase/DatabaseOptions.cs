namespace PayCore.PayDatabase;

/// <summary>
/// Which database, and how it is used (section <c>Database</c>). A process has at most <see cref="Writers"/> + <see cref="Readers"/> connections to the primary and
/// <see cref="Readers"/> to a replica; the sum over all processes of PayDatabase stays below the server's <c>max_connections</c> (docs/scale.md).
/// </summary>
public sealed class DatabaseOptions
{
    /// <summary><c>sqlite</c> (default, embedded) or <c>mysql</c> (MySQL 8, MariaDB 10.11 or later).</summary>
    public string Provider { get; set; } = "sqlite";

    /// <summary>
    /// The provider's connection string. Default: a SQLite file in <c>data</c>. On MySQL it may name several servers (<c>Server=db1,db2</c>): the one that takes writes is used,
    /// whichever that is at the moment. Its user must not be one for whom <c>read_only</c> does not count.
    /// </summary>
    public string ConnectionString { get; set; } = "Data Source=data/paycore.db";

    /// <summary>A replica for lists and reports, on MySQL. Nothing is decided by what it says. While it does not answer, lists come from the primary. Default: none.</summary>
    public string ReplicaConnectionString { get; set; } = "";

    /// <summary>Write loops, each with a connection of its own. SQLite always has 1. Range 1–64, default 4.</summary>
    public int Writers { get; set; } = 4;

    /// <summary>
    /// Writes that share one transaction at most: those that wait while a commit is under way. 1 gives each its own, for databases where a transaction over several orders is dear or
    /// is not atomic (docs/scale.md). Range 1–64, default 64.
    /// </summary>
    public int WritesTogether { get; set; } = 64;

    /// <summary>Connections for reading, on MySQL. A read waits at most 1 s for one, and is then UNAVAILABLE. Range 1–1,000, default 16.</summary>
    public int Readers { get; set; } = 16;

    /// <summary>Commands that may wait for a write loop; one more is refused as UNAVAILABLE. Default 2,000.</summary>
    public int QueueMax { get; set; } = 2000;

    /// <summary>Rejected callbacks are removed when they are this old; whatever money stands behind one was found by then. 1–3,650 days, default 30 days.</summary>
    public TimeSpan KeepRejectedCallbacks { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Bring the schema up to date at start. Switch off where a job does it (<c>./paycore database migrate</c>). Default true.</summary>
    public bool Migrate { get; set; } = true;

    /// <summary>The number of write loops on MySQL.</summary>
    internal int WriteLoops => Math.Clamp(Writers, 1, 64);

    /// <summary>The size of a group of writes.</summary>
    internal int TogetherMax => Math.Clamp(WritesTogether, 1, 64);
}
