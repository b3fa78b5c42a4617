using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Settings;
using PayCore.PayManagerSystem.Web;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.PayManagerSystem.Accounts;

/// <summary>An account as it is kept.</summary>
/// <param name="Channel">Its channel.</param>
/// <param name="Document">The document with its secrets open.</param>
/// <param name="Members">Its members; null where it cannot be read.</param>
/// <param name="Problem">Why the running system refuses it; null: it is valid.</param>
/// <param name="ProblemField">The member at fault.</param>
/// <param name="Number">Which version of the document it is, from 1.</param>
/// <param name="Verdict">What the doctor found last; null: it was never asked.</param>
public sealed record KeptAccount(
    ConsoleChannel Channel, ConfigDocument Document, JsonObject? Members, Text? Problem, string ProblemField, int Number, AccountVerdict? Verdict)
{
    /// <summary>The account's name.</summary>
    public string Name => Document.Name;

    /// <summary>It takes new payments.</summary>
    public bool IsEnabled => Members is not null && AccountBook.IsEnabled(Members);

    /// <summary>The keys and certificates of the document, by member.</summary>
    public IEnumerable<(DocumentField Field, KeyMaterial Key)> Keys => Channel.Fields.Where(f => f.IsPem || f.IsSecret)
        .Select(f => (Field: f, Key: AccountBook.TextOf(Members, f) is { Length: > 0 } text ? KeyMaterial.Read(text) : null))
        .Where(k => k.Key is not null).Select(k => (k.Field, k.Key!));

    /// <summary>When the first of its certificates ends.</summary>
    public DateTimeOffset? CertificatesEnd => Keys.Min(k => k.Key.NotAfter);

    /// <summary>The worst that the doctor found; null: it was never asked.</summary>
    public Level? Worst => Verdict?.Findings.Select(f => f.Level).DefaultIfEmpty(Level.Good).Max();

    /// <summary>The document was changed since the doctor looked.</summary>
    public bool IsVerdictOld => Verdict is not null && Verdict.DocumentVersion != Document.Version;
}

/// <summary>Reads the accounts of all channels.</summary>
internal sealed class AccountBook(DocumentDesk desk, Channels channels, Contracts.V1.Instances.InstancesClient instances)
{
    private const string Enabled = "enabled";

    /// <summary>All accounts, by channel and name, and the channels.</summary>
    public async Task<(IReadOnlyList<ConsoleChannel> Channels, IReadOnlyList<KeptAccount> Accounts)> ListAsync()
    {
        var known = await channels.ListAsync();
        var verdicts = (await instances.ListVerdictsAsync(new ListVerdictsRequest())).Verdicts.ToDictionary(v => (v.Channel, v.Account));
        var documents = await desk.Documents.ListKeptAsync();
        var accounts = documents.Join(known, d => d.Folder, c => c.Name, (document, channel) => ReadAsync(channel, document, verdicts.GetValueOrDefault((channel.Name, document.Name))));
        return (known, await Task.WhenAll(accounts));
    }

    /// <summary>The names of all accounts, for who chooses one.</summary>
    public async Task<IReadOnlyList<(string Channel, string Account)>> NamesAsync() =>
        [.. (await desk.Documents.ListKeptAsync()).Where(d => d.Folder != AppDocument.Folder).Select(d => (d.Folder, d.Name))];

    /// <summary>One account, or null.</summary>
    public async Task<KeptAccount?> FindAsync(ConsoleChannel channel, string account)
    {
        if ((await desk.Documents.ListKeptAsync()).FirstOrDefault(d => d.Folder == channel.Name && d.Name == account) is not { } document)
        {
            return null;
        }

        var verdicts = (await instances.ListVerdictsAsync(new ListVerdictsRequest { Channel = channel.Name, Account = account })).Verdicts;
        return await ReadAsync(channel, document, verdicts.FirstOrDefault());
    }

    /// <summary>An account without the member is enabled.</summary>
    public static bool IsEnabled(JsonObject members) => members[Enabled]?.GetValueKind() != JsonValueKind.False;

    /// <summary>The text of a member; null where there is none.</summary>
    public static string? TextOf(JsonObject? members, DocumentField field) => members?[field.Name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private async Task<KeptAccount> ReadAsync(ConsoleChannel channel, ConfigDocument kept, AccountVerdict? verdict)
    {
        var history = await desk.Documents.HistoryAsync(channel.Name, kept.Name);
        var number = (history is [.., var last] ? last.Number : 0) + 1;
        try
        {
            if (kept.Problem is { } problem)
            {
                throw new DocumentRefusedException(problem);
            }

            var document = kept with { Content = desk.Open(kept.Folder, kept.Name, kept.Content) };
            var members = DocumentJson.ReadMembers($"{kept.Folder}/{kept.Name}", document.Content);
            var refusal = channel.Answers ? await RefusalAsync(channel, document) : null;
            return new KeptAccount(channel, document, members, refusal is null ? null : Channels.TextOf(refusal), refusal?.Field ?? "", number, verdict);
        }
        catch (Exception e) when (e is DocumentRefusedException or InvalidDocumentException)
        {
            // The words of the backend and of seals are English.
            return new KeptAccount(channel, kept, null, new Text(e.Message, e.Message), (e as InvalidDocumentException)?.Field ?? "", number, verdict);
        }
    }

    private async Task<AccountFinding?> RefusalAsync(ConsoleChannel channel, ConfigDocument document)
    {
        try
        {
            return await channels.RefusalAsync(channel.Name, document.Name, document.Content);
        }
        catch (RpcException)
        {
            // The list is there without the channel's judgement.
            return null;
        }
    }
}
