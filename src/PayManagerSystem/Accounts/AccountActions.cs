using System.Text.Json.Nodes;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Settings;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Accounts;

/// <summary>What became of a change.</summary>
/// <param name="Waits">The approval that it waits for; null: it is made.</param>
public sealed record SettingChange(Approval? Waits);

/// <summary>What is done with channel accounts.</summary>
internal sealed class AccountActions(ActionGate gate, DocumentDesk desk, Channels channels, KeyChanges keyChanges, ProposedDocuments proposed, Instances.InstancesClient instances)
{
    private const string Enabled = "enabled";

    /// <summary>Adds an account, or changes members of one. What is typed is examined by the channel before it is written.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="account">The account's name.</param>
    /// <param name="version">The version that was looked at; null: there must be none yet.</param>
    /// <param name="typed">The members that change; an empty text takes one out.</param>
    /// <param name="reason">Why, where another person must approve; empty: it was not asked yet.</param>
    public Task<ActionResult<SettingChange>> SaveAsync(ConsoleChannel channel, string account, string? version, IReadOnlyDictionary<string, string> typed, string reason) =>
        gate.RunAsync(version is null ? ConsoleActions.AddAccount : ConsoleActions.ChangeAccount, async actor =>
        {
            if (!ConfigDocument.IsName(account))
            {
                throw Refused(AccountTexts.NameWrong, AccountTexts.NameField);
            }

            var kept = (await desk.Documents.ListKeptAsync()).FirstOrDefault(d => d.Folder == channel.Name && d.Name == account);
            if (kept?.Version != version)
            {
                throw Refused(version is null ? AccountTexts.Taken : ActionTexts.Changed, version is null ? AccountTexts.NameField : "");
            }

            var members = kept is null ? [] : Members(kept);
            Apply(channel, members, typed);
            return await WriteAsync(channel, account, version, DocumentJson.WriteMembers(members), "config.write", reason, actor);
        });

    /// <summary>Takes new payments with an account, or no more.</summary>
    public Task<ActionResult<SettingChange>> SwitchAsync(ConsoleChannel channel, KeptAccount account, bool enabled, string reason) =>
        gate.RunAsync(enabled ? ConsoleActions.EnableAccount : ConsoleActions.DisableAccount, async actor =>
        {
            var members = Members(account.Document);
            members[Enabled] = enabled;
            return await WriteAsync(channel, account.Name, account.Document.Version, DocumentJson.WriteMembers(members), "config.write", reason, actor);
        });

    /// <summary>Writes an account as it was in an earlier version.</summary>
    public Task<ActionResult<SettingChange>> RollBackAsync(ConsoleChannel channel, string account, string? version, ConfigVersion earlier, string reason) =>
        gate.RunAsync(ConsoleActions.RollBackAccount, actor => WriteAsync(channel, account, version, Open(channel.Name, account, earlier.Content).ToArray(), "config.rollback", reason, actor));

    /// <summary>Has the channel examine an account with its provider, and keeps what it found.</summary>
    public Task<ActionResult<AccountVerdict>> ExamineAsync(KeptAccount account) => gate.RunAsync(ConsoleActions.ExamineAccount, async actor =>
    {
        var findings = await channels.ExamineAsync(account.Channel.Name, account.Name, account.Document.Content, offline: false);
        var verdict = new AccountVerdict { Channel = account.Channel.Name, Account = account.Name, Findings = { findings }, DocumentVersion = account.Document.Version, By = actor.Name };
        await instances.KeepVerdictAsync(new KeepVerdictRequest { Verdict = verdict });
        return (await instances.ListVerdictsAsync(new ListVerdictsRequest { Channel = verdict.Channel, Account = verdict.Account })).Verdicts.Single();
    });

    /// <summary>Only what the channel accepts is written or asked for.</summary>
    private async Task<SettingChange> WriteAsync(ConsoleChannel channel, string account, string? version, byte[] content, string action, string reason, Actor actor)
    {
        if (await channels.RefusalAsync(channel.Name, account, content) is { } refusal)
        {
            throw Refused(Channels.TextOf(refusal), refusal.Field);
        }

        var change = new DocumentChange(channel.Name, account, channel.Secrets, version, content, action);
        if (await keyChanges.IsForTwoAsync(channel, account, content))
        {
            return new SettingChange(await keyChanges.AskAsync(channel, change, reason, actor));
        }

        await proposed.WriteAsync(change, actor.Name);
        return new SettingChange(null);
    }

    private static void Apply(ConsoleChannel channel, JsonObject members, IReadOnlyDictionary<string, string> typed)
    {
        foreach (var field in channel.Fields.Where(f => typed.ContainsKey(f.Name)))
        {
            if (typed[field.Name].Trim() is not { Length: > 0 } text)
            {
                members.Remove(field.Name);
                continue;
            }

            try
            {
                members[field.Name] = field.Parse(text);
            }
            catch (InvalidDocumentException e)
            {
                throw Refused(AccountTexts.NotOfKind(field), e.Field);
            }
        }

        if (channel.Fields.FirstOrDefault(f => f.IsRequired && !members.ContainsKey(f.Name)) is { } missing)
        {
            throw Refused(AccountTexts.Required, missing.Name);
        }
    }

    private JsonObject Members(ConfigDocument kept)
    {
        try
        {
            return DocumentJson.ReadMembers($"{kept.Folder}/{kept.Name}", Open(kept.Folder, kept.Name, kept.Content));
        }
        catch (DocumentRefusedException e)
        {
            throw Refused(new Text(e.Message, e.Message), "");
        }
    }

    private ReadOnlyMemory<byte> Open(string folder, string name, ReadOnlyMemory<byte> content)
    {
        try
        {
            return desk.Open(folder, name, content);
        }
        catch (InvalidDocumentException e)
        {
            throw Refused(new Text(e.Message, e.Message), e.Field);
        }
    }

    private static ActionRefusedException Refused(Text text, string field) => new(new ActionProblem(text, field));
}
