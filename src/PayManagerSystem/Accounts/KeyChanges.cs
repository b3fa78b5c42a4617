using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Settings;

namespace PayCore.PayManagerSystem.Accounts;

/// <summary>Keys of an account that takes payments change by two people.</summary>
internal sealed class KeyChanges(DocumentDesk desk, ProposedDocuments proposed, Channels channels, IOptions<ConsoleOptions> options) : IApprovedWork
{
    /// <inheritdoc/>
    public Approval.Types.Kind Kind => Approval.Types.Kind.KeyChange;

    /// <summary>
    /// Whether a change needs two people: the account would take payments with other keys than those with which it did last. So switching off, changing and switching on
    /// needs them too.
    /// </summary>
    public async Task<bool> IsForTwoAsync(ConsoleChannel channel, string account, byte[] content)
    {
        var next = DocumentJson.ReadMembers(account, content);
        return options.Value.FourEyes && AccountBook.IsEnabled(next) && await LastInUseAsync(channel, account) is { } last && ChangedKeys(channel, last, next).Any();
    }

    /// <summary>The keys that differ between two versions.</summary>
    public static IEnumerable<DocumentField> ChangedKeys(ConsoleChannel channel, JsonObject last, JsonObject next) =>
        channel.Fields.Where(f => f.IsKey && !JsonNode.DeepEquals(last[f.Name], next[f.Name]));

    /// <summary>Asks for another person's word.</summary>
    public async Task<Approval> AskAsync(ConsoleChannel channel, DocumentChange change, string reason, Actor actor)
    {
        if (reason.Trim().Length == 0)
        {
            throw new ActionRefusedException(new ActionProblem(AccountTexts.NeedsTwo, AccountTexts.ReasonField));
        }

        var last = (await LastInUseAsync(channel, change.Name))!;
        var next = DocumentJson.ReadMembers(change.Name, change.Content);
        // With the new fingerprint, which who approves can compare with who made the key.
        var keys = ChangedKeys(channel, last, next).Select(f => $"{f.Name} {(AccountBook.TextOf(next, f) is { } text ? KeyMaterial.Read(text)?.Fingerprint : null)}".Trim());
        return await proposed.AskAsync(Kind, change, DocumentJson.WriteMembers(last), string.Join(", ", keys), reason, actor, AccountTexts.AnotherWaits);
    }

    /// <inheritdoc/>
    public async Task<string> ExecuteAsync(Approval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        var (name, _) = ProposedDocuments.SubjectOf(approval);
        var channel = await channels.FindAsync(name) is { Answers: true } answering ? answering : throw new RpcException(new Status(StatusCode.Unavailable, "The channel does not answer."));
        return await proposed.ExecuteAsync(approval, channel.Secrets);
    }

    /// <summary>The account's members when it took payments last; null: it never did. When the history is full of other things nobody knows any more: no members, so that every key counts as changed.</summary>
    private async Task<JsonObject?> LastInUseAsync(ConsoleChannel channel, string account)
    {
        var kept = (await desk.Documents.ListKeptAsync()).FirstOrDefault(d => d.Folder == channel.Name && d.Name == account);
        var history = await desk.Documents.HistoryAsync(channel.Name, account);
        var versions = history.Select(v => v.Content).Reverse();
        foreach (var content in kept is null ? versions : versions.Prepend(kept.Content))
        {
            if (Read(channel.Name, account, content) is { } members && AccountBook.IsEnabled(members))
            {
                return members;
            }
        }

        return history.Count >= ConfigVersion.KeptMax ? [] : null;
    }

    private JsonObject? Read(string folder, string name, ReadOnlyMemory<byte> content)
    {
        try
        {
            return DocumentJson.ReadMembers(name, desk.Open(folder, name, content));
        }
        catch (Exception e) when (e is DocumentRefusedException or InvalidDocumentException)
        {
            return null;
        }
    }
}
