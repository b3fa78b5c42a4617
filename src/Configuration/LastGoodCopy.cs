using System.Text.Json;
using PayCore.ServiceDefaults;

namespace PayCore.Configuration;

/// <summary>
/// The documents that were in use last, on disk, for a start while their backend is away. One file for each folder, <c>{folder}.json</c>, with mode 0600; sealed
/// secrets stay sealed in it.
/// </summary>
/// <param name="root">Where the files are (<c>Config:LastGoodFolder</c>).</param>
/// <param name="configBase">The base of the documents: a copy of another one is none.</param>
/// <param name="random">For names of half-written files, since several processes may share the folder.</param>
public sealed class LastGoodCopy(string root, string configBase, RandomSource random)
{
    private const UnixFileMode OwnerFolder = OwnerFile.Mode | UnixFileMode.UserExecute;

    /// <summary>Where the files are.</summary>
    public string Root => root;

    /// <summary>The copy of a folder and when it was current, or null when there is none that can be read.</summary>
    public async Task<(IReadOnlyList<ConfigDocument> Documents, DateTimeOffset AsOf)?> ReadAsync(string folder, CancellationToken cancellation)
    {
        var file = new FileInfo(PathOf(folder));
        if (!file.Exists || OwnerFile.Complaint(file) is not null)
        {
            return null;
        }

        try
        {
            var content = JsonSerializer.Deserialize<Content>(await File.ReadAllBytesAsync(file.FullName, cancellation), DocumentJson.Options);
            return content?.Base == configBase ? ([.. content.Documents.Select(d => new ConfigDocument(folder, d.Key, d.Value))], content.AsOf) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps what is in use.</summary>
    public async Task SaveAsync(string folder, IEnumerable<ConfigDocument> documents, DateTimeOffset asOf, CancellationToken cancellation)
    {
        Directory.CreateDirectory(root, OwnerFolder);
        var content = new Content(configBase, asOf, documents.ToDictionary(d => d.Name, d => d.Content.ToArray(), StringComparer.Ordinal));
        await OwnerFile.WriteAsync(PathOf(folder), $".{random.NextToken()}.new", JsonSerializer.SerializeToUtf8Bytes(content, DocumentJson.Options), cancellation);
    }

    private string PathOf(string folder) => Path.Combine(root, $"{folder}.json");

    private sealed record Content(string Base, DateTimeOffset AsOf, IReadOnlyDictionary<string, byte[]> Documents);
}
