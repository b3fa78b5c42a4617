using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.AspNetCore.DataProtection;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Settings;

/// <summary>A document that is to be written.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Name">Its name.</param>
/// <param name="Secrets">What is not shown of it.</param>
/// <param name="Version">The version that was looked at; null: there must be none.</param>
/// <param name="Content">The document with its secrets open.</param>
/// <param name="Action">What the audit log calls it.</param>
internal sealed record DocumentChange(string Folder, string Name, DocumentSecrets Secrets, string? Version, byte[] Content, string Action)
{
    /// <summary>No content: it holds secrets.</summary>
    public override string ToString() => $"{Folder}/{Name}";
}

/// <summary>
/// Documents that are written when another person approves. The proposed document lies in the approval sealed under the master key, or where there is none protected by the
/// key of forms; it is written once, and only where the document is still the one that was looked at.
/// </summary>
internal sealed class ProposedDocuments(DocumentDesk desk, DocumentSeals seals, Operators.OperatorsClient operators, IDataProtectionProvider protection)
{
    // The name is older than this class: approvals that wait were protected under it.
    private readonly IDataProtector _protector = protection.CreateProtector("PayCore.Console.KeyChange");

    /// <summary>Writes a document where it is still the one that was looked at.</summary>
    public async Task WriteAsync(DocumentChange change, string by) =>
        await desk.For(by).EditAsync(change.Folder, change.Name, change.Secrets, change.Action, kept => kept?.Version == change.Version
            ? Task.FromResult<byte[]?>(change.Content)
            : throw new ActionRefusedException(new ActionProblem(ActionTexts.Changed)));

    /// <summary>Asks for another person's word.</summary>
    /// <param name="kind">The kind of approval.</param>
    /// <param name="change">What is to be written.</param>
    /// <param name="before">What who decides compares it with; its secrets open.</param>
    /// <param name="summary">What changes, in a few words.</param>
    /// <param name="reason">Why.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="anotherWaits">What is said when another change of this kind waits.</param>
    public async Task<Approval> AskAsync(Approval.Types.Kind kind, DocumentChange change, ReadOnlyMemory<byte> before, string summary, string reason, Actor actor, Text anotherWaits)
    {
        var (was, willBe) = desk.Show(change.Secrets, before, change.Content);
        var proposal = JsonSerializer.Serialize(new Proposal(change.Version, change.Action, Hide(change), was, willBe), DocumentJson.Options);
        var approval = await operators.RequestApprovalAsync(new RequestApprovalRequest
        {
            Approval = new Approval
            {
                Kind = kind,
                Subject = $"{change.Folder}/{change.Name}",
                Summary = $"{change.Folder}/{change.Name}: {summary}",
                Action = proposal,
                RequestedBy = actor.Name,
                RequestReason = reason.Trim(),
            },
        });
        return approval.Action == proposal ? approval : throw new ActionRefusedException(new ActionProblem(anotherWaits));
    }

    /// <summary>The folder and name that an approval is about.</summary>
    public static (string Folder, string Name) SubjectOf(Approval approval) =>
        approval.Subject.Split('/') is [var folder, var name] ? (folder, name) : throw Refused("The approval names no document.");

    /// <summary>Writes what was approved, in the name of who decided, and says so.</summary>
    /// <exception cref="RpcException">It was refused, or nobody knows.</exception>
    public async Task<string> ExecuteAsync(Approval approval, DocumentSecrets secrets)
    {
        var proposal = ProposalOf(approval) ?? throw Refused("The proposal cannot be read.");
        var (folder, name) = SubjectOf(approval);
        var content = Show(folder, name, proposal.Document);
        var kept = (await desk.Documents.ListKeptAsync()).FirstOrDefault(d => d.Folder == folder && d.Name == name);
        if (kept is not null && IsWritten(kept, content))
        {
            // An execution before this one wrote it and could not say so.
            return "Written.";
        }

        if (kept?.Version != proposal.Version)
        {
            throw Refused("It was changed since this was asked for; nothing was written.");
        }

        try
        {
            await WriteAsync(new DocumentChange(folder, name, secrets, proposal.Version, content, proposal.Action), approval.DecidedBy);
            return "Written.";
        }
        catch (ActionRefusedException)
        {
            throw Refused("It was changed since this was asked for; nothing was written.");
        }
        catch (ConfigUnavailableException e)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }

    /// <summary>What an approval would change of a document, without its secrets; null when it is about something else or cannot be read.</summary>
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

    private string Hide(DocumentChange change) => seals.CanSeal
        ? Encoding.UTF8.GetString(seals.Seal(change.Folder, change.Name, change.Content, change.Secrets).Span)
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

    private bool IsWritten(ConfigDocument kept, byte[] content)
    {
        try
        {
            return JsonNode.DeepEquals(DocumentJson.ReadMembers(kept.Name, desk.Open(kept.Folder, kept.Name, kept.Content)), DocumentJson.ReadMembers(kept.Name, content));
        }
        catch (Exception e) when (e is DocumentRefusedException or InvalidDocumentException)
        {
            // What is kept is refused, and what is proposed was not.
            return false;
        }
    }

    private static RpcException Refused(string why) => new(new Status(StatusCode.FailedPrecondition, why));

    /// <summary>What lies in the approval.</summary>
    private sealed record Proposal(string? Version, string Action, string Document, string Before, string After)
    {
        /// <summary>No member: one holds secrets.</summary>
        public override string ToString() => nameof(Proposal);
    }
}
