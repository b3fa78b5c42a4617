using System.Text.Json;
using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.PayManagerSystem.Settings;

/// <summary>A certificate of an account that ends soon, or has ended.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Account">The account.</param>
/// <param name="End">When.</param>
public sealed record EndingCertificate(string Channel, string Account, DateTimeOffset End)
{
    /// <summary>Whole days that are left; 0: none.</summary>
    public int DaysLeft(DateTimeOffset now) => Math.Max(0, (int)(End - now).TotalDays);
}

/// <summary>What the configuration asks of a person.</summary>
/// <param name="Ending">Certificates that end within 30 days, the first first.</param>
/// <param name="Refused">Documents that a process refuses, as <c>folder/name</c>.</param>
public sealed record UpkeepItems(IReadOnlyList<EndingCertificate> Ending, IReadOnlyList<string> Refused)
{
    /// <summary>Nothing.</summary>
    public bool IsDone => Ending.Count == 0 && Refused.Count == 0;
}

/// <summary>Looks for what the configuration asks of a person, once a minute however many pages ask.</summary>
internal sealed class Upkeep(DocumentDesk desk, Contracts.V1.Instances.InstancesClient instances, TimeProvider time)
{
    private static readonly TimeSpan _kept = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _soon = TimeSpan.FromDays(30);

    private volatile Look? _last;

    /// <summary>What there is. While the configuration does not answer: what there was.</summary>
    public async Task<UpkeepItems> ReadAsync()
    {
        var now = time.GetUtcNow();
        if (_last is { } last && now - last.At < _kept && now >= last.At)
        {
            return last.Items;
        }

        try
        {
            var documents = await desk.Documents.ListKeptAsync();
            var ending = documents.Where(d => d.Folder != AppDocument.Folder).Select(d => (Document: d, End: EndOf(d))).Where(d => d.End - now < _soon)
                .Select(d => new EndingCertificate(d.Document.Folder, d.Document.Name, d.End!.Value)).OrderBy(e => e.End);
            var told = await instances.ListInstancesAsync(new ListInstancesRequest());
            var refused = told.Instances.Where(i => now - i.SeenTime.ToDateTimeOffset() < _kept).SelectMany(i => i.RefusedDocuments).Select(d => $"{d.Folder}/{d.Name}").Distinct().Order(StringComparer.Ordinal);
            var items = new UpkeepItems([.. ending], [.. refused]);
            _last = new Look(items, now);
            return items;
        }
        catch (Exception e) when (e is ConfigUnavailableException or RpcException)
        {
            return _last?.Items ?? new UpkeepItems([], []);
        }
    }

    /// <summary>When the first of a document's certificates ends. Certificates are no secrets: nothing is opened.</summary>
    private static DateTimeOffset? EndOf(ConfigDocument document)
    {
        try
        {
            return DocumentJson.ReadMembers(document.Name, document.Content).Select(m => m.Value)
                .Where(v => v?.GetValueKind() == JsonValueKind.String).Select(v => v!.GetValue<string>())
                .Where(t => t.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal)).Min(t => KeyMaterial.Read(t)?.NotAfter);
        }
        catch (DocumentRefusedException)
        {
            return null;
        }
    }

    private sealed record Look(UpkeepItems Items, DateTimeOffset At);
}
