using PayCore.ServiceDefaults;

namespace PayCore.Configuration;

/// <summary>A document cannot be read or changed as was asked. The message says why and what to do, and holds no secret.</summary>
public sealed class DocumentRefusedException(string message) : Exception(message);

/// <summary>Where changes of documents are written down before they are made. What cannot be recorded is not done.</summary>
public interface IDocumentAudit
{
    /// <summary>Adds an entry; throws when it cannot.</summary>
    /// <param name="action">What is done.</param>
    /// <param name="subject">The document, as <c>folder/name</c>.</param>
    /// <param name="before">As it was, without its secrets.</param>
    /// <param name="after">As it will be, without its secrets.</param>
    Task AddAsync(string action, string subject, string before, string after);
}

/// <summary>
/// Reads and changes documents of the configuration. Their secrets are opened for who reads, and sealed again when there is a master key. A change is read, made and
/// written back by compare-and-set: never half done, never over another's. It stands in the audit log before it is made, so that none is missing there; one that
/// came too late stands there twice, the second time as not made.
/// </summary>
public sealed class Documents(IConfigBackend backend, DocumentSeals seals, IDocumentAudit audit, RandomSource random)
{
    private const int ChangeTriesMax = 20;

    /// <summary>All documents as they are kept, by folder and name.</summary>
    public async Task<IReadOnlyList<ConfigDocument>> ListKeptAsync() =>
        [.. (await backend.ReadAllAsync(CancellationToken.None)).OrderBy(d => d.Folder, StringComparer.Ordinal).ThenBy(d => d.Name, StringComparer.Ordinal)];

    /// <summary>The documents of a folder, by name.</summary>
    public async Task<IReadOnlyList<ConfigDocument>> ListAsync(string folder) => [.. (await ListKeptAsync()).Where(d => d.Folder == folder).Select(Open)];

    /// <summary>The document, or null.</summary>
    public async Task<ConfigDocument?> FindAsync(string folder, string name) => (await ListAsync(folder)).SingleOrDefault(d => d.Name == name);

    /// <summary>The document, which must be there and readable.</summary>
    public async Task<ConfigDocument> DemandAsync(string folder, string name) => DemandReadable(Open(await DemandKeptAsync(folder, name)));

    /// <summary>The document as it is kept, which must be there.</summary>
    public async Task<ConfigDocument> DemandKeptAsync(string folder, string name)
    {
        var documents = (await ListKeptAsync()).Where(d => d.Folder == folder).ToList();
        return documents.SingleOrDefault(d => d.Name == name)
            ?? throw new DocumentRefusedException($"There is no {folder}/{name}. {(documents.Count == 0 ? $"There is nothing in {folder}." : $"There is: {string.Join(", ", documents.Select(d => d.Name))}.")}");
    }

    /// <summary>What a document was before, oldest first; nothing for a name that no document can have.</summary>
    public async Task<IReadOnlyList<ConfigVersion>> HistoryAsync(string folder, string name) =>
        ConfigDocument.IsName(folder) && ConfigDocument.IsName(name) ? await backend.HistoryAsync(folder, name, CancellationToken.None) : [];

    /// <summary>Writes a document that must not be there yet.</summary>
    /// <returns>False: there is one of that name, and it stays as it is.</returns>
    public async Task<bool> CreateAsync(string folder, string name, DocumentSecrets secrets, byte[] content) =>
        await FindAsync(folder, name) is null && await ReplaceAsync(folder, name, null, secrets, seals.Seal(folder, name, content, secrets), "config.write");

    /// <summary>Changes a document. When somebody else changes it in between, the change is made anew on theirs.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The document's name.</param>
    /// <param name="secrets">What the audit log does not show of it.</param>
    /// <param name="change">The new content, or null when there is nothing to change. May refuse.</param>
    /// <returns>Whether anything was written.</returns>
    public async Task<bool> ChangeAsync(string folder, string name, DocumentSecrets secrets, Func<ConfigDocument, Task<byte[]?>> change)
    {
        await DemandAsync(folder, name);
        return await EditAsync(folder, name, secrets, "config.write", async kept => kept is null ? null : await change(DemandReadable(Open(kept))));
    }

    /// <summary>Writes a document anew, or changes how it is kept. When somebody else changes it in between, the edit is made anew on theirs.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The document's name.</param>
    /// <param name="secrets">What the audit log does not show of it, and what is sealed.</param>
    /// <param name="action">What the audit log calls it.</param>
    /// <param name="edit">From the document as it is kept (null: there is none), the new content, or null when there is nothing to change. May refuse.</param>
    /// <returns>Whether anything was written.</returns>
    public async Task<bool> EditAsync(string folder, string name, DocumentSecrets secrets, string action, Func<ConfigDocument?, Task<byte[]?>> edit)
    {
        for (var tries = 0; tries < ChangeTriesMax; tries++)
        {
            var kept = (await ListKeptAsync()).SingleOrDefault(d => d.Folder == folder && d.Name == name);
            if (await edit(kept) is not { } content)
            {
                return false;
            }

            var next = seals.Seal(folder, name, content, secrets, kept?.Content ?? default);
            if (kept is { Problem: null } && kept.Content.Span.SequenceEqual(next.Span))
            {
                return false;
            }

            if (await ReplaceAsync(folder, name, kept, secrets, next, action))
            {
                return true;
            }
        }

        throw new DocumentRefusedException($"{folder}/{name} is being changed all the time by somebody else; nothing was changed.");
    }

    /// <summary>Takes a document away; its history stays.</summary>
    public async Task DeleteAsync(string folder, string name, DocumentSecrets secrets)
    {
        if (!await ReplaceAsync(folder, name, await DemandKeptAsync(folder, name), secrets, null, "config.delete"))
        {
            throw new DocumentRefusedException($"{folder}/{name} was changed by somebody else in between; nothing was deleted.");
        }
    }

    private async Task<bool> ReplaceAsync(string folder, string name, ConfigDocument? kept, DocumentSecrets secrets, ReadOnlyMemory<byte>? content, string action)
    {
        var next = content is { } given ? new ConfigDocument(folder, name, given) : null;
        var (before, after) = secrets.Show(Readable(kept), Readable(next), random.Fill);
        var subject = $"{folder}/{name}";
        await audit.AddAsync(action, subject, before, after);
        var isWritten = next is null
            ? await backend.DeleteAsync(folder, name, kept!.Version, CancellationToken.None)
            : await backend.ReplaceAsync(folder, name, kept?.Version, next.Content, CancellationToken.None);
        if (!isWritten)
        {
            await audit.AddAsync("config.write-too-late", subject, after, before);
        }

        return isWritten;
    }

    /// <summary>The document with its secrets opened; one that cannot be opened has that as its problem.</summary>
    private ConfigDocument Open(ConfigDocument kept)
    {
        try
        {
            return kept with { Content = seals.Open(kept.Folder, kept.Name, kept.Content) };
        }
        catch (InvalidDocumentException e)
        {
            return kept with { Problem = e.Message };
        }
    }

    /// <summary>The document for the audit log: opened where it can be, so that it tells whether a secret changed, and not only its seal.</summary>
    private ReadOnlyMemory<byte> Readable(ConfigDocument? kept) => kept is null ? default : Open(kept).Content;

    private static ConfigDocument DemandReadable(ConfigDocument document) =>
        document.Problem is null ? document : throw new DocumentRefusedException($"{document.Folder}/{document.Name}: {document.Problem}");

    /// <summary>A name that a document can have, as an argument.</summary>
    public static string DemandName(string argument, string name) => ConfigDocument.IsName(name)
        ? name
        : throw new DocumentRefusedException($"{argument} '{name}' is no name: letters, digits, '_', '-' and '.' only, at most 128.");
}
