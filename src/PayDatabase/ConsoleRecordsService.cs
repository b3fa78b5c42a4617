using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>The rpcs of <c>console_records.proto</c>: <c>.Lists.cs</c>, <c>.Search.cs</c> and <c>.Figures.cs</c>. Reads only.</summary>
public sealed partial class ConsoleRecordsService(SqlDatabase database, TimeProvider time) : ConsoleRecords.ConsoleRecordsBase;
