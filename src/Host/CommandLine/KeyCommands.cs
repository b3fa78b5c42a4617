using System.CommandLine;
using PayCore.Configuration;
using PayCore.MerchantApi;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore key …</c>: the keys by which an app signs. A rotation is <c>add</c>, then <c>retire</c> of the old one with an overlap.</summary>
internal sealed class KeyCommands
{
    private static readonly TimeSpan _overlap = TimeSpan.FromHours(24);

    private readonly CommandSession _session;
    private readonly Argument<string> _appId = new("APP_ID") { Description = "The app." };
    private readonly Argument<string?> _anyAppId = new("APP_ID") { Description = "The app; all of them when absent.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string> _keyId = new("KEY_ID") { Description = "The key's name within the app." };
    private readonly Option<DateTimeOffset?> _notBefore;
    private readonly Option<DateTimeOffset?> _notAfter;
    private readonly Option<DateTimeOffset?> _at;
    private readonly Option<TimeSpan?> _in = new("--in") { Description = "After how long it ends. Default: 24h.", HelpName = "DURATION", CustomParser = Times.Duration };
    private readonly Option<bool> _force = new("--force") { Description = "Also when the app is left without a usable key." };
    private readonly MerchantKeys _keys = new();

    public KeyCommands(CommandSession session)
    {
        _session = session;
        _notBefore = Moment("--not-before", "When it starts to count. Default: at once.");
        _notAfter = Moment("--not-after", "When it stops to count. Default: never.");
        _at = Moment("--at", "When it ends: now, or a time such as 2026-12-01T08:00:00+08:00.");
    }

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var add = new Command("add", "Adds a key beside the others.") { _appId, _notBefore, _notAfter };
        foreach (var option in _keys.Options)
        {
            add.Options.Add(option);
        }

        add.SetAction((arguments, _) => AddAsync(arguments));
        var retire = new Command("retire", "Ends a key, in 24 hours unless said otherwise. An end is never moved to a later time.") { _appId, _keyId, _at, _in, _force };
        retire.Validators.Add(result =>
        {
            if (result.GetResult(_at) is not null && result.GetResult(_in) is not null)
            {
                result.AddError("--at and --in exclude each other.");
            }
        });
        retire.SetAction((arguments, _) => RetireAsync(arguments));
        var list = new Command("list", "Lists the keys, and whether each counts now.") { _anyAppId };
        list.SetAction((arguments, _) => ListAsync(arguments.GetValue(_anyAppId)));
        return new Command("key", "The keys by which apps sign their calls.") { add, retire, list };
    }

    /// <summary>One line for each key of an app.</summary>
    public static IEnumerable<string> Rows(string appId, MerchantApp app, TimeProvider time) => app.ParsedKeys.Values.Select(key =>
        $"{$"{appId}/{key.KeyId}",-28} {key.Algorithm.ToName(),-18} {Status(key, time)}");

    private async Task<int> AddAsync(ParseResult arguments)
    {
        var appId = arguments.GetValue(_appId)!;
        var (notBefore, notAfter) = (arguments.GetValue(_notBefore), arguments.GetValue(_notAfter));
        if (notBefore >= notAfter)
        {
            throw new CommandFailedException("--not-after: must be later than --not-before.");
        }

        var app = AppDocument.Read(await _session.Documents.DemandAsync(AppDocument.Folder, appId));
        var key = await _keys.MakeAsync(arguments, _session, appId, app.ParsedKeys.Keys);
        await key.KeepAsync(() => _session.Documents.ChangeAppAsync(appId, current => Task.FromResult(current.ParsedKeys.ContainsKey(key.Document.KeyId)
            ? throw new CommandFailedException($"--key-id: there is a key {key} already, and it is not overwritten.")
            : current with { Keys = [.. current.Keys, key.Document with { NotBefore = notBefore, NotAfter = notAfter }] })));

        Console.WriteLine($"Key {key} is added; a running PayCore takes it within a second.");
        foreach (var line in key.Show())
        {
            Console.WriteLine(line);
        }

        Console.WriteLine("Next: when the merchant signs with it, end the old one: ./paycore key retire " + appId + " OLD_KEY_ID");
        return 0;
    }

    private async Task<int> RetireAsync(ParseResult arguments)
    {
        var (appId, keyId) = (arguments.GetValue(_appId)!, arguments.GetValue(_keyId)!);
        var end = arguments.GetValue(_at) ?? _session.Time.GetUtcNow() + (arguments.GetValue(_in) ?? _overlap);
        var ends = end;
        var isChanged = await _session.Documents.ChangeAppAsync(appId, app =>
        {
            var key = app.ParsedKeys.GetValueOrDefault(keyId)
                ?? throw new CommandFailedException($"KEY_ID: {appId} has no key {keyId}. Its keys: {string.Join(", ", app.ParsedKeys.Keys)}.");
            if (key.NotAfter <= end)
            {
                ends = key.NotAfter.Value;
                return Task.FromResult(app);
            }

            ends = end;
            DemandAnother(app, key, end, arguments.GetValue(_force));
            return Task.FromResult(AppKeys.Retire(app, keyId, end));
        });
        var isOver = ends <= _session.Time.GetUtcNow();
        Console.WriteLine($"Key {appId}/{keyId} {(isChanged ? (isOver ? "ended" : "ends") : (isOver ? "had ended already," : "ends already"))} at {Times.Show(ends, _session.Time)}.");
        return 0;
    }

    /// <summary>From the end on another key must count.</summary>
    private static void DemandAnother(MerchantApp app, MerchantKey key, DateTimeOffset end, bool isForced)
    {
        if (!AppKeys.HasAnother(app, key.KeyId, end) && !isForced)
        {
            throw new CommandFailedException(
                $"KEY_ID: {key} is the last usable key; from then on every call would be refused. Add another first (./paycore key add {key.AppId}), or use --force.");
        }
    }

    private async Task<int> ListAsync(string? appId)
    {
        IReadOnlyList<ConfigDocument> documents = appId is null
            ? await _session.Documents.ListAsync(AppDocument.Folder)
            : [await _session.Documents.DemandAsync(AppDocument.Folder, appId)];
        foreach (var row in documents.SelectMany(RowsOrProblem))
        {
            Console.WriteLine(row);
        }

        return 0;
    }

    /// <summary>One app that is refused does not hide the others.</summary>
    private IEnumerable<string> RowsOrProblem(ConfigDocument document)
    {
        try
        {
            return document.Problem is null ? Rows(document.Name, AppDocument.Read(document), _session.Time) : [$"{document.Name}: {document.Problem}"];
        }
        catch (DocumentRefusedException e)
        {
            return [e.Message];
        }
    }

    private static string Status(MerchantKey key, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return key switch
        {
            { NotAfter: { } end } when end < now => $"retired since {Times.Show(end, time)}",
            { NotBefore: { } begin } when begin > now => $"future, from {Times.Show(begin, time)}{(key.NotAfter is { } end ? $" until {Times.Show(end, time)}" : "")}",
            { NotAfter: { } end } => $"usable until {Times.Show(end, time)}",
            _ => "usable",
        };
    }

    private Option<DateTimeOffset?> Moment(string name, string description) => new(name)
    {
        Description = description,
        HelpName = Times.MomentName,
        CustomParser = argument => Times.Moment(argument, _session.Time),
    };
}
