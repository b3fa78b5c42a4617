using System.Text.Json;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Exports;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Records;
using PayCore.PayManagerSystem.Web;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>Lists that leave the console as files. Who took which is in the audit log.</summary>
internal sealed class ExportActions(ActionGate gate, ExportDesk desk, DatabaseClient database)
{
    /// <summary>Begins an export.</summary>
    public Task<ActionResult<ExportJob>> BeginAsync(RecordSource source, string query, Preferences preferences) => gate.RunAsync(ConsoleActions.ExportList, async actor =>
    {
        // First, so that no list leaves without its entry.
        await database.AppendAuditAsync(new AppendAuditRequest
        {
            Entry = new AuditEntry { By = actor.Name, Action = ConsoleActions.ExportList.Name, Subject = source.Name, After = $"{{\"filters\":{JsonSerializer.Serialize(query)}}}" },
        });
        return desk.Begin(actor.OperatorId, source, query, preferences);
    });
}
