using PayCore.Configuration;
using PayCore.ServiceDefaults;

namespace PayCore.Host.CommandLine;

/// <summary>
/// Reads and changes documents of the configuration. A change is read, made and written back by compare-and-set: never half done, never over another's. It stands in
/// the audit log before it is made, so that none is missing there; one that came too late stands there twice, the second time as not made.
/// </summary>
internal sealed class Documents(IConfigBackend backend, AuditTrail audit, RandomSource random)
{
    private const int ChangeTriesMax = 20;

    /// <summary>The documents of a folder, by name.</summary>
    public async Task<IReadOnlyList<ConfigDocument>> ListAsync(string folder) =>
        [.. (await backend.ReadAllAsync(CancellationToken.None)).Where(d => d.Folder == folder).OrderBy(d => d.Name, StringComparer.Ordinal)];

    /// <summary>The document, or null.</summary>
    public async Task<ConfigDocument?> FindAsync(string folder, string name) => (await ListAsync(folder)).SingleOrDefault(d => d.Name == name);

    /// <summary>The document, which must be there and readable.</summary>
    public async Task<ConfigDocument> DemandAsync(string folder, string name)
    {
        var documents = await ListAsync(folder);
        var document = documents.SingleOrDefault(d => d.Name == name)
            ?? throw new CommandFailedException($"There is no {folder}/{name}. {(documents.Count == 0 ? $"There is nothing in {folder}." : $"There is: {string.Join(", ", documents.Select(d => d.Name))}.")}");
        return document.Problem is null ? document : throw new CommandFailedException($"{folder}/{name}: {document.Problem}");
    }

    /// <summary>Writes a document that must not be there yet.</summary>
    /// <returns>False: there is one of that name, and it stays as it is.</returns>
    public async Task<bool> CreateAsync(string folder, string name, DocumentSecrets secrets, byte[] content) =>
        await FindAsync(folder, name) is null && await ReplaceAsync(new ConfigDocument(folder, name, default), null, secrets, content);

    /// <summary>Changes a document. When somebody else changes it in between, the change is made anew on theirs.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The document's name.</param>
    /// <param name="secrets">What the audit log does not show of it.</param>
    /// <param name="change">The new content, or null when there is nothing to change. May refuse.</param>
    /// <returns>Whether anything was written.</returns>
    public async Task<bool> ChangeAsync(string folder, string name, DocumentSecrets secrets, Func<ConfigDocument, Task<byte[]?>> change)
    {
        for (var tries = 0; tries < ChangeTriesMax; tries++)
        {
            var document = await DemandAsync(folder, name);
            if (await change(document) is not { } content)
            {
                return false;
            }

            if (await ReplaceAsync(document, document.Version, secrets, content))
            {
                return true;
            }
        }

        throw new CommandFailedException($"{folder}/{name} is being changed all the time by somebody else; nothing was changed.");
    }

    private async Task<bool> ReplaceAsync(ConfigDocument document, string? version, DocumentSecrets secrets, byte[] content)
    {
        var (before, after) = secrets.Show(document.Content, content, random.Fill);
        var subject = $"{document.Folder}/{document.Name}";
        await audit.AddAsync("config.write", subject, before, after);
        var isWritten = await backend.ReplaceAsync(document.Folder, document.Name, version, content, CancellationToken.None);
        if (!isWritten)
        {
            await audit.AddAsync("config.write-too-late", subject, after, before);
        }

        return isWritten;
    }

    /// <summary>A name that a document can have, as an argument.</summary>
    public static string DemandName(string argument, string name) => ConfigDocument.IsName(name)
        ? name
        : throw new CommandFailedException($"{argument} '{name}' is no name: letters, digits, '_', '-' and '.' only, at most 128.");
}
