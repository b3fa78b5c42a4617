namespace PayCore.PayDatabase;

/// <summary>Which database, and how it is used.</summary>
public sealed class DatabaseOptions
{
    /// <summary><c>sqlite</c> (default, embedded) or <c>mysql</c> (MySQL 8, MariaDB 10.11 or later).</summary>
    public string Provider { get; set; } = "sqlite";

    /// <summary>The provider's connection string. Default: a SQLite file in <c>data</c>.</summary>
    public string ConnectionString { get; set; } = "Data Source=data/paycore.db";

    /// <summary>Write loops, each with a connection of its own. SQLite always has 1. Range 1–64, default 4.</summary>
    public int Writers { get; set; } = 4;

    /// <summary>Commands that may wait for a write loop; one more is refused as UNAVAILABLE. Default 2,000.</summary>
    public int QueueMax { get; set; } = 2000;

    /// <summary>Bring the schema up to date at start. Switch off where a job does it. Default true.</summary>
    public bool Migrate { get; set; } = true;
}
