using PayCore.Contracts.V1;

namespace PayCore.ServiceDefaults.Clock;

/// <summary>The clock that stamps every write, for processes that write through PayDatabase.</summary>
internal sealed class PayDatabaseClock(PayDatabase.PayDatabaseClient database) : IClockSource
{
    public string Name => "PayDatabase";

    /// <summary>Its first answer also shows that it can be reached.</summary>
    public bool IsAwaited => true;

    public async Task<DateTimeOffset?> ReadAsync(CancellationToken cancellation) =>
        (await database.ReadClockAsync(new ReadClockRequest(), cancellationToken: cancellation)).Time.ToDateTimeOffset();
}
