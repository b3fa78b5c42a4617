using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Accounts;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Settings;

namespace PayCore.PayManagerSystem.Apps;

/// <summary>
/// The limits that decide how much money one person moves alone are raised by two people: otherwise one would raise them, act, and set them back. One person may take them
/// down.
/// </summary>
internal sealed class LimitChanges(DocumentDesk desk, ProposedDocuments proposed, IOptions<ConsoleOptions> options) : IApprovedWork
{
    /// <inheritdoc/>
    public Approval.Types.Kind Kind => Approval.Types.Kind.LimitChange;

    /// <summary>Asks for another person's word where a change of an app raises such a limit; null: one person may write it.</summary>
    public async Task<Approval?> AskWhereForTwoAsync(DocumentChange change, string reason, Actor actor)
    {
        if (!options.Value.FourEyes)
        {
            return null;
        }

        var (last, shown) = await LastAsync(change);
        var raised = Raised(last, MerchantApp.Parse(change.Name, change.Content).Limits).ToList();
        if (raised.Count == 0)
        {
            return null;
        }

        return reason.Trim().Length == 0
            ? throw new ActionRefusedException(new ActionProblem(AppTexts.NeedsTwo, AccountTexts.ReasonField))
            : await proposed.AskAsync(Kind, change, shown, string.Join(", ", raised), reason, actor, AppTexts.AnotherWaits);
    }

    /// <inheritdoc/>
    public Task<string> ExecuteAsync(Approval approval) => proposed.ExecuteAsync(approval, AppDocument.Secrets);

    private static IEnumerable<string> Raised(LimitsDocument last, LimitsDocument next) =>
        new (string Name, long Last, long Next)[]
        {
            ("transfer_minor_max", last.TransferMinorMax, next.TransferMinorMax),
            ("transfer_approval_above_minor", last.TransferApprovalAboveMinor, next.TransferApprovalAboveMinor),
            ("refund_approval_above_minor", last.RefundApprovalAboveMinor, next.RefundApprovalAboveMinor),
        }.Where(l => l.Next > l.Last).Select(l => $"{l.Name} {l.Last} → {l.Next}");

    /// <summary>
    /// The limits of the version that was looked at, which is the only one that can be written over. Where it is gone or refused, those of the last one that was not; an app
    /// that never was has the defaults.
    /// </summary>
    private async Task<(LimitsDocument Limits, ReadOnlyMemory<byte> Content)> LastAsync(DocumentChange change)
    {
        var kept = (await desk.Documents.ListKeptAsync()).FirstOrDefault(d => d.Folder == change.Folder && d.Name == change.Name);
        if (kept?.Version != change.Version)
        {
            throw new ActionRefusedException(new ActionProblem(ActionTexts.Changed));
        }

        if (kept is not null && Read(change, kept.Content) is { } present)
        {
            return present;
        }

        foreach (var version in (await desk.Documents.HistoryAsync(change.Folder, change.Name)).Reverse())
        {
            if (Read(change, version.Content) is { } earlier)
            {
                return earlier;
            }
        }

        return (new LimitsDocument(), default);
    }

    private (LimitsDocument Limits, ReadOnlyMemory<byte> Content)? Read(DocumentChange change, ReadOnlyMemory<byte> content)
    {
        try
        {
            var open = desk.Open(change.Folder, change.Name, content);
            return (MerchantApp.Parse(change.Name, open).Limits, open);
        }
        catch (InvalidDocumentException)
        {
            return null;
        }
    }
}
