using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore account …</c>: the accounts at the providers. <c>check</c> is the doctor.</summary>
internal sealed class AccountCommands(CommandSession session)
{
    private const string Enabled = "enabled";

    private readonly Argument<string> _channel = new("CHANNEL") { Description = "The channel." };
    private readonly Argument<string> _account = new("ACCOUNT") { Description = "The account's name, for example its merchant number." };
    private readonly Option<string?> _from = new("--from") { Description = "A JSON file with the document; options come on top of it.", HelpName = "FILE" };
    private readonly Option<bool> _json = new("--json") { Description = "Prints the findings as JSON, in both languages." };
    private IReadOnlyList<ChannelDocuments> _channels = [];

    /// <summary>The commands. <c>add</c> and <c>set</c> have one for each channel, with the options that the channel's documents have.</summary>
    /// <param name="args">The command line: the channels are asked only when it is about accounts.</param>
    public async Task<Command> BuildAsync(string[] args)
    {
        _channels = args is ["account", ..] ? await ChannelDocuments.AllAsync(session) : [];
        var add = new Command("add", "Adds an account; the document is examined before it is written.");
        var set = new Command("set", "Changes fields of an account; the document is examined before it is written.");
        foreach (var channel in _channels)
        {
            add.Subcommands.Add(Fill(channel, "Adds an account. One that is there is not overwritten.", AddAsync));
            set.Subcommands.Add(Fill(channel, "Changes the fields that are given. An empty value takes a field out.", SetAsync));
        }

        var check = new Command("check", "Examines an account as a doctor would: keys, certificates, clock, callback address, and a harmless signed query.")
        {
            _channel, _account, _json, CommandSession.LanguageOption,
        };
        check.SetAction((arguments, _) => CheckAsync(arguments));
        var show = new Command("show", "Shows an account; of secrets only whether they are set.") { _channel, _account };
        show.SetAction((arguments, _) => ShowAsync(arguments));
        var list = new Command("list", "Lists the accounts of all channels.");
        list.SetAction((_, _) => ListAsync());
        var disable = new Command("disable", "Takes no new payments with an account. What is open is queried, closed and called back all the same.") { _channel, _account };
        disable.SetAction((arguments, _) => SwitchAsync(arguments, false));
        var enable = new Command("enable", "Takes payments with an account again.") { _channel, _account };
        enable.SetAction((arguments, _) => SwitchAsync(arguments, true));
        return new Command("account", "Accounts at the providers.") { add, set, check, show, list, disable, enable };
    }

    private Command Fill(ChannelDocuments channel, string description, Func<ParseResult, ChannelDocuments, FieldOptions, Task<int>> act)
    {
        var fields = new FieldOptions(channel);
        var command = new Command(channel.Name, description) { _account, _from, CommandSession.LanguageOption };
        foreach (var option in fields.All)
        {
            command.Options.Add(option);
        }

        command.SetAction((arguments, _) => act(arguments, channel, fields));
        return command;
    }

    private async Task<int> AddAsync(ParseResult arguments, ChannelDocuments channel, FieldOptions fields)
    {
        var account = Documents.DemandName("ACCOUNT", arguments.GetValue(_account)!);
        var document = await FromAsync(arguments) ?? [];
        await fields.ApplyAsync(arguments, document);
        var content = await channel.WriteAsync(account, document, CommandSession.IsChinese(arguments));
        if (!await session.Documents.CreateAsync(channel.Name, account, channel.Secrets, content))
        {
            var there = await session.Documents.DemandAsync(channel.Name, account);
            if (!JsonNode.DeepEquals(DocumentJson.ReadMembers($"{channel.Name}/{account}", there.Content), document))
            {
                throw new CommandFailedException(
                    $"There is an account {channel.Name}/{account} already, and it is not overwritten. To change fields of it: ./paycore account set {channel.Name} {account}");
            }

            Console.WriteLine($"Account {channel.Name}/{account} was there already, and the same.");
            return 0;
        }

        Console.WriteLine($"Account {channel.Name}/{account} is added; a running PayCore takes it within a second.");
        Console.WriteLine($"Next: ./paycore account check {channel.Name} {account}");
        return 0;
    }

    private async Task<int> SetAsync(ParseResult arguments, ChannelDocuments channel, FieldOptions fields)
    {
        var account = arguments.GetValue(_account)!;
        var from = await FromAsync(arguments);
        var given = new JsonObject();
        // Read once: standard input cannot be read again when the change is made anew.
        await fields.ApplyAsync(arguments, given);
        var isChanged = await session.Documents.ChangeAsync(channel.Name, account, channel.Secrets, async current =>
        {
            var document = DocumentJson.ReadMembers($"{channel.Name}/{account}", current.Content);
            var changed = (JsonObject)(from ?? document).DeepClone();
            foreach (var name in fields.Given(arguments))
            {
                changed.Remove(name);
                if (given[name] is { } value)
                {
                    changed[name] = value.DeepClone();
                }
            }

            return JsonNode.DeepEquals(document, changed) ? null : await channel.WriteAsync(account, changed, CommandSession.IsChinese(arguments));
        });
        Console.WriteLine(isChanged
            ? $"Account {channel.Name}/{account} is changed; a running PayCore takes it within a second.\nNext: ./paycore account check {channel.Name} {account}"
            : $"Account {channel.Name}/{account} is so already; nothing was changed.");
        return 0;
    }

    private async Task<int> CheckAsync(ParseResult arguments)
    {
        var (channel, document) = await DemandAsync(arguments);
        var callbackUrl = session.Get<IOptions<PublicOptions>>().Value.CallbackUrl(channel.Name, document.Name);
        var findings = await channel.ExamineAsync(document.Name, document.Content, callbackUrl, offline: false);
        if (arguments.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(
                findings.Select(f => new { f.Check, Level = Names.Of(f.Level), f.Field, f.TextEn, f.TextZh }), DocumentJson.Options));
        }
        else
        {
            Write(findings, CommandSession.IsChinese(arguments));
        }

        return findings.Any(f => f.Level == Level.Failure) ? 1 : 0;
    }

    private async Task<int> ShowAsync(ParseResult arguments)
    {
        var (channel, document) = await DemandAsync(arguments);
        var members = DocumentJson.ReadMembers($"{channel.Name}/{document.Name}", document.Content);
        var width = channel.Fields.Max(f => f.Name.Length);
        Console.WriteLine($"Account {channel.Name}/{document.Name}");
        foreach (var field in channel.Fields)
        {
            var value = members[field.Name];
            var shown = value is null ? "-" : field.IsSecret ? "set" : value.ToString().ReplaceLineEndings(" ");
            Console.WriteLine($"  {field.Name.PadRight(width)}  {shown}");
        }

        foreach (var finding in await channel.ExamineAsync(document.Name, document.Content, "", offline: true))
        {
            Console.WriteLine($"  {finding.TextEn}");
        }

        return 0;
    }

    private async Task<int> ListAsync()
    {
        foreach (var channel in _channels)
        {
            foreach (var document in await session.Documents.ListAsync(channel.Name))
            {
                var finding = document.Problem ?? (await channel.ExamineAsync(document.Name, document.Content, "", offline: true))[0].TextEn;
                Console.WriteLine($"{channel.Name + "/" + document.Name,-32} {finding}");
            }
        }

        return 0;
    }

    private async Task<int> SwitchAsync(ParseResult arguments, bool enabled)
    {
        var (channel, document) = await DemandAsync(arguments);
        var isChanged = await session.Documents.ChangeAsync(channel.Name, document.Name, channel.Secrets, current =>
        {
            var members = DocumentJson.ReadMembers($"{channel.Name}/{document.Name}", current.Content);
            if ((members[Enabled]?.GetValueKind() != JsonValueKind.False) == enabled)
            {
                return Task.FromResult<byte[]?>(null);
            }

            members[Enabled] = enabled;
            return Task.FromResult<byte[]?>(JsonSerializer.SerializeToUtf8Bytes(members, DocumentJson.Options));
        });
        Console.WriteLine($"Account {channel.Name}/{document.Name} {(isChanged ? "is" : "was already")} {(enabled ? "enabled" : "disabled")}.");
        return 0;
    }

    private async Task<JsonObject?> FromAsync(ParseResult arguments) => arguments.GetValue(_from) is { } file
        ? DocumentJson.ReadMembers("--from", Encoding.UTF8.GetBytes(await OwnerFile.ReadAsync("--from", file)))
        : null;

    private async Task<(ChannelDocuments Channel, ConfigDocument Document)> DemandAsync(ParseResult arguments)
    {
        var name = arguments.GetValue(_channel);
        var channel = _channels.SingleOrDefault(c => c.Name == name)
            ?? throw new CommandFailedException($"CHANNEL: there is no channel {name}. There is: {string.Join(", ", _channels.Select(c => c.Name))}.");
        return (channel, await session.Documents.DemandAsync(channel.Name, arguments.GetValue(_account)!));
    }

    private static void Write(IReadOnlyList<AccountFinding> findings, bool isChinese)
    {
        var isColoured = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        foreach (var finding in findings)
        {
            var (sign, colour) = finding.Level switch { Level.Good => ("✓", "32"), Level.Warning => ("!", "33"), _ => ("✗", "31") };
            var field = finding.Field.Length > 0 ? $" ({finding.Field})" : "";
            Console.WriteLine($"{(isColoured ? $"\e[{colour}m{sign}\e[0m" : sign)} {finding.Check}{field}: {(isChinese ? finding.TextZh : finding.TextEn)}");
        }
    }
}
