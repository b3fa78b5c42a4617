using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Host.CommandLine;

/// <summary>Adds to the audit log what a command changes outside PayDatabase. What cannot be recorded is not done.</summary>
internal sealed class AuditTrail(string[] settings) : IDocumentAudit, IAsyncDisposable
{
    private CommandSession? _records;

    /// <summary>Who this is: the user of the machine, also behind <c>sudo</c>.</summary>
    public static string User => $"{(Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } user ? user : Environment.UserName)}@{Environment.MachineName}";

    /// <inheritdoc/>
    public async Task AddAsync(string action, string subject, string before, string after)
    {
        if (_records is null)
        {
            _records = new CommandSession(settings);
            _records.UseOrMakeRecords();
        }

        var entry = new AuditEntry { By = User, Action = action, Subject = subject, Before = before, After = after };
        try
        {
            await _records.CallDatabaseAsync((client, options) => client.AppendAuditAsync(new AppendAuditRequest { Entry = entry }, options));
        }
        catch (CommandFailedException e)
        {
            throw new CommandFailedException($"{subject} is not changed, since the audit log cannot be written: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _records?.DisposeAsync() ?? ValueTask.CompletedTask;
}
