using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Settings;

namespace PayCore.PayManagerSystem.Accounts;

/// <summary>A document that is to be written.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Account">The account's name.</param>
/// <param name="Version">The version that was looked at; null: there must be none.</param>
/// <param name="Content">The document with its secrets open.</param>
/// <param name="Action">What the audit log calls it.</param>
internal sealed record KeyChange(ConsoleChannel Channel, string Account, string? Version, byte[] Content, string Action);

/// <summary>
/// Keys of an account that takes payments change by two people. The proposed document lies in the approval sealed under the master key, or where there is none protected by
/// the key of forms; it is written once, and only where the document is still the one that was looked at.
/// </summary>
internal sealed class KeyChanges(
    DocumentDesk desk, DocumentSeals seals, Channels channels, Operators.OperatorsClient operators, IDataProtectionProvider protection, IOptions<ConsoleOptions> options) : IApprovedWork
{
    private readonly IDataProtector _protector = protection.CreateProtector("PayCore.Console.KeyChange");

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
    public async Task<Approval> AskAsync(KeyChange change, string reason, Actor actor)
    {
        if (reason.Trim().Length == 0)
        {
            throw new ActionRefusedException(new ActionProblem(AccountTexts.NeedsTwo, AccountTexts.ReasonField));
        }

        var last = (await LastInUseAsync(change.Channel, change.Account))!;
        var next = DocumentJson.ReadMembers(change.Account, change.Content);
        // With the new fingerprint, which who approves can compare with who made the key.
        var keys = ChangedKeys(change.Channel, last, next).Select(f => $"{f.Name} {(AccountBook.TextOf(next, f) is { } text ? KeyMaterial.Read(text)?.Fingerprint : null)}".Trim());
        var (before, after) = desk.Show(change.Channel.Secrets, DocumentJson.WriteMembers(last), change.Content);
        var proposal = JsonSerializer.Serialize(new Proposal(change.Version, change.Action, Hide(change), before, after), DocumentJson.Options);
        var approval = await operators.RequestApprovalAsync(new RequestApprovalRequest
        {
            Approval = new Approval
            {
                Kind = Kind,
                Subject = $"{change.Channel.Name}/{change.Account}",
                Summary = $"{change.Channel.Name}/{change.Account}: {string.Join(", ", keys)}",
                Action = proposal,
                RequestedBy = actor.Name,
                RequestReason = reason.Trim(),
            },
        });
        return approval.Action == proposal ? approval : throw new ActionRefusedException(new ActionProblem(AccountTexts.AnotherWaits));
    }

    /// <summary>Writes a document where it is still the one that was looked at.</summary>
    public async Task WriteAsync(ConsoleChannel channel, string account, string? version, byte[] content, string action, string by) =>
        await desk.For(by).EditAsync(channel.Name, account, channel.Secrets, action, kept => kept?.Version == version
            ? Task.FromResult<byte[]?>(content)
            : throw new ActionRefusedException(new ActionProblem(ActionTexts.Changed)));

    /// <inheritdoc/>
    public async Task<string> ExecuteAsync(Approval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        var proposal = ProposalOf(approval) ?? throw Refused("The proposal cannot be read.");
        var (name, account) = approval.Subject.Split('/') is [var one, var two] ? (one, two) : throw Refused("The approval names no account.");
        var channel = await channels.FindAsync(name) is { Answers: true } answering ? answering : throw new RpcException(new Status(StatusCode.Unavailable, "The channel does not answer."));
        var content = Show(name, account, proposal.Document);
        var kept = (await desk.Documents.ListKeptAsync()).FirstOrDefault(d => d.Folder == name && d.Name == account);
        if (kept is not null && Equal(desk.Open(name, account, kept.Content), content))
        {
            // An execution before this one wrote it and could not say so.
            return "Written.";
        }

        if (kept?.Version != proposal.Version)
        {
            throw Refused("The account was changed since this was asked for; nothing was written.");
        }

        try
        {
            await WriteAsync(channel, account, proposal.Version, content, proposal.Action, approval.DecidedBy);
            return "Written.";
        }
        catch (ActionRefusedException)
        {
            throw Refused("The account was changed since this was asked for; nothing was written.");
        }
        catch (ConfigUnavailableException e)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }

    /// <summary>What an approval of this kind would change, without its secrets; null when it cannot be read.</summary>
    public static (string Before, string After)? DifferenceOf(Approval approval) => ProposalOf(approval) is { } proposal ? (proposal.Before, proposal.After) : null;

    private static Proposal? ProposalOf(Approval approval)
    {
        try
        {
            return JsonSerializer.Deserialize<Proposal>(approval.Action, DocumentJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
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

    private string Hide(KeyChange change) => seals.CanSeal
        ? Encoding.UTF8.GetString(seals.Seal(change.Channel.Name, change.Account, change.Content, change.Channel.Secrets).Span)
        : _protector.Protect(Encoding.UTF8.GetString(change.Content));

    private byte[] Show(string folder, string name, string hidden)
    {
        try
        {
            return hidden.StartsWith('{')
                ? desk.Open(folder, name, Encoding.UTF8.GetBytes(hidden)).ToArray()
                : Encoding.UTF8.GetBytes(_protector.Unprotect(hidden));
        }
        catch (Exception e) when (e is CryptographicException or InvalidDocumentException)
        {
            throw Refused("The proposal cannot be opened here any more; ask for it again.");
        }
    }

    private static bool Equal(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) =>
        JsonNode.DeepEquals(DocumentJson.ReadMembers("document", one), DocumentJson.ReadMembers("document", other));

    private static RpcException Refused(string why) => new(new Status(StatusCode.FailedPrecondition, why));

    /// <summary>What lies in the approval.</summary>
    private sealed record Proposal(string? Version, string Action, string Document, string Before, string After)
    {
        /// <summary>No member: one holds secrets.</summary>
        public override string ToString() => nameof(Proposal);
    }
}
