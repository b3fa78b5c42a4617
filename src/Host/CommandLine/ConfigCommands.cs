using System.CommandLine;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using PayCore.Configuration;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore config …</c>: the configuration's documents as they are kept, their history, their seals, and all of them moved from one backend to another.</summary>
internal sealed class ConfigCommands(CommandSession session)
{
    private readonly Argument<DocumentName> _document = Named(new("DOCUMENT") { Description = "FOLDER/NAME, for example apps/tea-house or wechat/1900000012." });
    private readonly Argument<DocumentName> _anyDocument = Named(new("DOCUMENT") { Description = "FOLDER/NAME; all of them when absent.", Arity = ArgumentArity.ZeroOrOne });
    private readonly Argument<string?> _which = new("WHICH") { Description = "A folder (apps or a channel) or FOLDER/NAME; all documents when absent.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string> _file = new("FILE") { Description = "The file with the document; - is standard input." };
    private readonly Argument<string?> _anyFile = new("FILE") { Description = "A file with what the document shall be; - is standard input.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string> _tree = new("TREE") { Description = "A folder that holds FOLDER/NAME files." };
    private readonly Argument<int> _number = new("VERSION") { Description = "A number of its history." };
    private readonly Option<int?> _version = new("--version") { Description = "As it was, by a number of its history.", HelpName = "VERSION" };
    private readonly Option<bool> _reveal = new("--reveal") { Description = "With the secrets, open for everybody who sees it." };
    private readonly Option<string?> _id = new("--id") { Description = "The key's name. Default: today's date.", HelpName = "NAME" };
    private readonly Option<string?> _out = new("--out") { Description = "The file that it is added to. Default: Config:MasterKeyFile.", HelpName = "FILE" };
    private Dictionary<string, DocumentKind>? _kinds;

    private Documents Documents => session.Documents;

    private DocumentSeals Seals => session.Get<DocumentSeals>();

    /// <summary>The commands.</summary>
    public Command Build() => new("config", "The configuration's documents as they are kept.")
    {
        Make("list", "Lists the documents, and whether their secrets are sealed.", ListAsync, _which),
        Make("get", "Shows a document. Sealed secrets stay sealed, others are hidden.", GetAsync, _document, _version, _reveal),
        Make("set", "Writes a document whole. One that the running system would refuse is not written.", SetAsync, _document, _file),
        Make("delete", "Takes a document away. Its history stays.", DeleteAsync, _document),
        Make("validate", "Judges documents as the running system does; or a file, before it becomes one.", ValidateAsync, _anyDocument, _anyFile),
        Make("history", "Lists what a document was before.", HistoryAsync, _document),
        Make("rollback", "Makes a document what it was. That is one more change, and can itself be rolled back.", RollBackAsync, _document, _number),
        Make("export", "Writes documents into a folder of files. Secrets are sealed when there is a master key, or else hidden.", ExportAsync, _tree, _which, _reveal),
        Make("import", "Writes all documents of a folder. When one would be refused, none is written.", ImportAsync, _tree),
        Make("seal", "Seals the secrets of documents under the newest master key.", SealAsync, _anyDocument),
        Make("reseal", "Seals what older master keys sealed under the newest.", ResealAsync, _anyDocument),
        new Command("key", "Master keys, under which secrets are sealed.")
        {
            Make("new", "Makes a master key and adds it to a file as the newest.", NewKeyAsync, _id, _out),
        },
    };

    private static Command Make(string name, string description, Func<ParseResult, Task<int>> act, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Option option)
            {
                command.Options.Add(option);
            }
            else
            {
                command.Arguments.Add((Argument)symbol);
            }
        }

        command.SetAction((arguments, _) => act(arguments));
        return command;
    }

    private async Task<int> ListAsync(ParseResult arguments)
    {
        var kinds = await KindsAsync();
        foreach (var document in await ListKeptAsync(arguments))
        {
            var state = kinds.TryGetValue(document.Folder, out var kind) ? document.Problem ?? Secrets(kind, document) : $"no channel of this program reads {document.Folder}";
            Console.WriteLine($"{document.Folder + "/" + document.Name,-36} {document.Content.Length,7} bytes  {state}");
        }

        return 0;
    }

    private async Task<int> GetAsync(ParseResult arguments)
    {
        var (kind, name) = await DemandAsync(arguments.GetValue(_document)!);
        var content = arguments.GetValue(_version) is { } number
            ? (await VersionAsync(kind, name, number)).Content
            : await DemandReadableAsync(kind, name);
        if (arguments.GetValue(_reveal))
        {
            Console.WriteLine(Encoding.UTF8.GetString(Open(kind, name, content).Span));
        }
        else
        {
            Console.WriteLine(kind.Secrets.Show(content));
        }

        return 0;
    }

    private async Task<int> SetAsync(ParseResult arguments)
    {
        var (kind, name) = await DemandAsync(arguments.GetValue(_document)!);
        return await WriteAsync(kind, name, await ReadAsync(arguments.GetValue(_file)!), "config.write");
    }

    private async Task<int> DeleteAsync(ParseResult arguments)
    {
        var (kind, name) = await DemandAsync(arguments.GetValue(_document)!);
        await Documents.DeleteAsync(kind.Folder, name, kind.Secrets);
        Console.WriteLine($"{kind.Folder}/{name} is deleted. What it was: ./paycore config history {kind.Folder}/{name}");
        return 0;
    }

    private async Task<int> ValidateAsync(ParseResult arguments)
    {
        var asked = arguments.GetValue(_anyDocument);
        IReadOnlyList<ConfigDocument> documents;
        if (asked is null)
        {
            documents = await Documents.ListKeptAsync();
        }
        else if (arguments.GetValue(_anyFile) is { } file)
        {
            documents = [new ConfigDocument(asked.Folder, asked.Name, await ReadAsync(file))];
        }
        else
        {
            documents = [await Documents.DemandKeptAsync(asked.Folder, asked.Name)];
        }

        var kinds = await KindsAsync();
        var refused = 0;
        foreach (var document in documents)
        {
            var refusal = document.Problem ?? (kinds.TryGetValue(document.Folder, out var kind)
                ? await RefusalAsync(kind, document.Name, document.Content)
                : $"no channel of this program reads {document.Folder}");
            refused += refusal is null ? 0 : 1;
            Console.WriteLine($"{(refusal is null ? "✓" : "✗")} {document.Folder}/{document.Name}{(refusal is null ? "" : $": {refusal}")}");
        }

        return refused == 0 ? 0 : 1;
    }

    private async Task<int> HistoryAsync(ParseResult arguments)
    {
        var (kind, name) = await DemandAsync(arguments.GetValue(_document)!);
        var isThere = (await Documents.ListKeptAsync()).Any(d => d.Folder == kind.Folder && d.Name == name);
        var history = await Documents.HistoryAsync(kind.Folder, name);
        if (!isThere && history.Count == 0)
        {
            throw new CommandFailedException($"There is no {kind.Folder}/{name}, and there never was.");
        }

        foreach (var version in history)
        {
            Console.WriteLine($"{version.Number,6}  until {Times.Show(version.Until, session.Time)}  {version.Content.Length,7} bytes");
        }

        Console.WriteLine(isThere ? $"{(history is [.., var last] ? last.Number : 0) + 1,6}  in use" : "        deleted");
        return 0;
    }

    private async Task<int> RollBackAsync(ParseResult arguments)
    {
        var (kind, name) = await DemandAsync(arguments.GetValue(_document)!);
        var version = await VersionAsync(kind, name, arguments.GetValue(_number));
        return await WriteAsync(kind, name, version.Content.ToArray(), "config.rollback");
    }

    private async Task<int> ExportAsync(ParseResult arguments)
    {
        var (tree, reveal) = (arguments.GetValue(_tree)!, arguments.GetValue(_reveal));
        var kinds = await KindsAsync();
        var (written, hidden) = (0, 0);
        foreach (var document in await ListKeptAsync(arguments))
        {
            var (folder, name) = (document.Folder, document.Name);
            if (document.Problem is not null || !kinds.TryGetValue(folder, out var kind))
            {
                await Console.Error.WriteLineAsync($"Left out: {folder}/{name}: {document.Problem ?? "no channel of this program reads it"}");
                continue;
            }

            var content = reveal ? Open(kind, name, document.Content) : Seals.Seal(folder, name, document.Content, kind.Secrets, document.Content);
            var isHidden = !reveal && kind.Secrets.Count(content).Plain > 0;
            Directory.CreateDirectory(Path.Combine(tree, folder));
            await OwnerFile.CreateAsync("TREE", Path.Combine(tree, folder, name), isHidden ? kind.Secrets.Show(content) : Encoding.UTF8.GetString(content.Span));
            (written, hidden) = (written + 1, hidden + (isHidden ? 1 : 0));
        }

        if (hidden > 0)
        {
            await Console.Error.WriteLineAsync($"{hidden} documents have secrets that are not sealed: they are hidden, and import refuses that. Export with a master key, or with --reveal.");
        }

        Console.WriteLine($"{written} documents are in {Path.GetFullPath(tree)}.");
        return 0;
    }

    private async Task<int> ImportAsync(ParseResult arguments)
    {
        var tree = new DirectoryInfo(arguments.GetValue(_tree)!);
        var files = tree.Exists
            ? tree.EnumerateDirectories().Where(d => ConfigDocument.IsName(d.Name)).SelectMany(d => d.EnumerateFiles()).Where(f => ConfigDocument.IsName(f.Name)).OrderBy(f => f.FullName, StringComparer.Ordinal).ToList()
            : [];
        if (files.Count == 0)
        {
            throw new CommandFailedException($"TREE: there is no FOLDER/NAME file in {tree.FullName}.");
        }

        List<(DocumentKind Kind, string Name, byte[] Content)> documents = [];
        List<string> refusals = [];
        foreach (var file in files)
        {
            var (kind, name) = await DemandAsync(new DocumentName(file.Directory!.Name, file.Name));
            var content = Encoding.UTF8.GetBytes(await OwnerFile.ReadAsync("TREE", file.FullName));
            documents.Add((kind, name, content));
            if (await RefusalAsync(kind, name, content) is { } refusal)
            {
                refusals.Add($"{kind.Folder}/{name}: {refusal}");
            }
        }

        if (refusals.Count > 0)
        {
            throw new CommandFailedException($"{string.Join('\n', refusals)}\nNothing was written.");
        }

        foreach (var (kind, name, content) in documents)
        {
            await WriteAsync(kind, name, content, "config.import");
        }

        return 0;
    }

    private async Task<int> SealAsync(ParseResult arguments)
    {
        DemandMasterKey();
        return await EachAsync(arguments.GetValue(_anyDocument), "config.seal", document => document.Content.ToArray(), "is sealed", "has no secret that is not sealed");
    }

    private async Task<int> ResealAsync(ParseResult arguments)
    {
        DemandMasterKey();
        var code = await EachAsync(arguments.GetValue(_anyDocument), "config.reseal", document => Seals.Reseal(document.Folder, document.Name, document.Content), "is sealed anew", "needs no older key");
        if (code == 0)
        {
            Console.WriteLine("Older keys are needed only to roll back to what they sealed.");
        }

        return code;
    }

    /// <summary>Edits one document or all, and says of each what became of it. One that cannot be opened does not keep the others from it.</summary>
    private async Task<int> EachAsync(DocumentName? asked, string action, Func<ConfigDocument, byte[]?> edit, string changed, string same)
    {
        var kinds = await KindsAsync();
        var code = 0;
        foreach (var document in asked is null ? await Documents.ListKeptAsync() : [await Documents.DemandKeptAsync(asked.Folder, asked.Name)])
        {
            var (folder, name) = (document.Folder, document.Name);
            try
            {
                if (document.Problem is not null || !kinds.TryGetValue(folder, out var kind))
                {
                    throw new CommandFailedException(document.Problem ?? $"no channel of this program reads {folder}");
                }

                var isChanged = await Documents.EditAsync(folder, name, kind.Secrets, action, kept => Task.FromResult(kept is null ? null : edit(kept)));
                Console.WriteLine($"{folder}/{name} {(isChanged ? changed : same)}.");
            }
            catch (Exception e) when (e is InvalidDocumentException or CommandFailedException)
            {
                await Console.Error.WriteLineAsync($"Left as it is: {folder}/{name}: {e.Message}");
                code = 1;
            }
        }

        return code;
    }

    private async Task<int> NewKeyAsync(ParseResult arguments)
    {
        var file = arguments.GetValue(_out) ?? session.Get<IOptions<ConfigOptions>>().Value.MasterKeyFile
            ?? throw new CommandFailedException("--out: name a file for the key, or set Config:MasterKeyFile.");
        var id = arguments.GetValue(_id) ?? session.Time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await MasterKeys.AddAsync(file, id, session.Random);
        Console.WriteLine($"Master key {id} is the newest in {Path.GetFullPath(file)}  (keep a copy in a safe place: what it seals is lost without it)");
        Console.WriteLine("Next: give it to every process (Config:MasterKeyFile or PAYCORE_MASTER_KEY), then ./paycore config seal, and ./paycore config reseal for what older keys sealed.");
        return 0;
    }

    private void DemandMasterKey()
    {
        if (!Seals.CanSeal)
        {
            throw new CommandFailedException("There is no master key: set Config:MasterKeyFile or PAYCORE_MASTER_KEY. To make one: ./paycore config key new --out FILE");
        }
    }

    /// <summary>Writes what the running system will accept, and says what became of it.</summary>
    private async Task<int> WriteAsync(DocumentKind kind, string name, byte[] content, string action)
    {
        var document = $"{kind.Folder}/{name}";
        if (await RefusalAsync(kind, name, content) is { } refusal)
        {
            throw new CommandFailedException($"{document}: {refusal}");
        }

        var isNew = false;
        var isChanged = await Documents.EditAsync(kind.Folder, name, kind.Secrets, action, kept =>
        {
            isNew = kept is null;
            return Task.FromResult<byte[]?>(content);
        });
        Console.WriteLine(isChanged ? $"{document} is {(isNew ? "new" : "changed")}; a running PayCore takes it within a second." : $"{document} is so already; nothing was changed.");
        return 0;
    }

    private async Task<string?> RefusalAsync(DocumentKind kind, string name, ReadOnlyMemory<byte> content)
    {
        try
        {
            return content.Length > IConfigBackend.DocumentBytesMax
                ? $"is larger than {IConfigBackend.DocumentBytesMax} bytes"
                : await kind.Judge(name, Seals.Open(kind.Folder, name, content));
        }
        catch (InvalidDocumentException e)
        {
            return e.Message;
        }
    }

    private ReadOnlyMemory<byte> Open(DocumentKind kind, string name, ReadOnlyMemory<byte> content)
    {
        try
        {
            return Seals.Open(kind.Folder, name, content);
        }
        catch (InvalidDocumentException e)
        {
            throw new CommandFailedException($"{kind.Folder}/{name}: {e.Message}");
        }
    }

    private async Task<IReadOnlyList<ConfigDocument>> ListKeptAsync(ParseResult arguments)
    {
        var which = arguments.GetValue(_which);
        var documents = (await Documents.ListKeptAsync()).Where(d => which is null || which == d.Folder || which == $"{d.Folder}/{d.Name}").ToList();
        return documents.Count > 0 || which is null ? documents : throw new CommandFailedException($"WHICH: there is no {which}.");
    }

    private async Task<ReadOnlyMemory<byte>> DemandReadableAsync(DocumentKind kind, string name)
    {
        var document = await Documents.DemandKeptAsync(kind.Folder, name);
        return document.Problem is null ? document.Content : throw new CommandFailedException($"{kind.Folder}/{name}: {document.Problem}");
    }

    private async Task<ConfigVersion> VersionAsync(DocumentKind kind, string name, int number)
    {
        var history = await Documents.HistoryAsync(kind.Folder, name);
        return history.SingleOrDefault(v => v.Number == number)
            ?? throw new CommandFailedException($"VERSION: {kind.Folder}/{name} has no version {number} in its history{(history is [var first, .., var last] ? $": {first.Number} to {last.Number}" : "")}.");
    }

    private async Task<Dictionary<string, DocumentKind>> KindsAsync() => _kinds ??= (await DocumentKind.AllAsync(session)).ToDictionary(k => k.Folder, StringComparer.Ordinal);

    private async Task<(DocumentKind Kind, string Name)> DemandAsync(DocumentName document)
    {
        var kinds = await KindsAsync();
        return kinds.TryGetValue(document.Folder, out var kind)
            ? (kind, document.Name)
            : throw new CommandFailedException($"There is no folder {document.Folder}. There is: {string.Join(", ", kinds.Keys)}.");
    }

    private static string Secrets(DocumentKind kind, ConfigDocument document) => kind.Secrets.Count(document.Content) switch
    {
        (0, 0) => "no secrets",
        (_, 0) => "secrets sealed",
        (0, _) => "secrets plain",
        _ => "some secrets sealed",
    };

    private static async Task<byte[]> ReadAsync(string file) =>
        Encoding.UTF8.GetBytes(file == "-" ? await Console.In.ReadToEndAsync() : await OwnerFile.ReadAsync("FILE", file));

    private static Argument<DocumentName> Named(Argument<DocumentName> argument)
    {
        argument.CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (text.Split('/') is [var folder, var name] && ConfigDocument.IsName(folder) && ConfigDocument.IsName(name))
            {
                return new DocumentName(folder, name);
            }

            result.AddError($"{argument.Name}: '{text}' is not FOLDER/NAME, for example apps/tea-house.");
            return null;
        };
        return argument;
    }

    /// <summary>A document's folder and name.</summary>
    private sealed record DocumentName(string Folder, string Name);
}
