using System.Security.Cryptography;

namespace PayCore.Configuration;

/// <summary>
/// A plain folder with the same layout as etcd. Seen anew by looking at names, sizes and times twice a second, which also works
/// on mounted volumes where file events do not arrive.
/// </summary>
/// <param name="root">The folder that stands for <c>{base}</c>.</param>
/// <param name="time">The clock that paces the looking.</param>
public sealed class FolderConfigBackend(string root, TimeProvider time) : IConfigBackend
{
    /// <summary>EWOULDBLOCK: another writer has the lock.</summary>
    private const int LockedByAnother = 11;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TryLockEvery = TimeSpan.FromMilliseconds(20);

    private string _seen = "";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConfigDocument>> ReadAllAsync(CancellationToken cancellation)
    {
        _seen = Fingerprint();
        var documents = new List<ConfigDocument>();
        foreach (var file in Files())
        {
            documents.Add(await ReadAsync(file, cancellation));
        }

        return documents;
    }

    /// <inheritdoc/>
    public async Task WaitForChangeAsync(CancellationToken cancellation)
    {
        while (Fingerprint() == _seen)
        {
            await Task.Delay(LookEvery, time, cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        await using var writer = await LockAsync(folder, name, cancellation);
        await WriteLockedAsync(folder, name, content, cancellation);
    }

    /// <inheritdoc/>
    public async Task<bool> ReplaceAsync(string folder, string name, string? version, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        await using var writer = await LockAsync(folder, name, cancellation);
        if (await VersionAsync(folder, name, cancellation) != version)
        {
            return false;
        }

        await WriteLockedAsync(folder, name, content, cancellation);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string folder, string name, string version, CancellationToken cancellation)
    {
        await using var writer = await LockAsync(folder, name, cancellation);
        if (await VersionAsync(folder, name, cancellation) != version)
        {
            return false;
        }

        await KeepAsync(folder, name, default, cancellation);
        File.Delete(Path.Combine(root, folder, name));
        return true;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConfigVersion>> HistoryAsync(string folder, string name, CancellationToken cancellation)
    {
        ConfigDocument.DemandName(folder, name);
        var versions = new List<ConfigVersion>();
        foreach (var file in HistoryFiles(folder, name))
        {
            if (ConfigVersion.Read(Path.GetFileName(file), await File.ReadAllBytesAsync(file, cancellation)) is { } version)
            {
                versions.Add(version);
            }
        }

        return versions;
    }

    /// <summary>One writer of a folder at a time, in all processes: the system lets go the lock of a process that ended.</summary>
    private async Task<FileStream> LockAsync(string folder, string name, CancellationToken cancellation)
    {
        ConfigDocument.DemandName(folder, name);
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.None,
            UnixCreateMode = OwnerFile.Mode,
        };
        // The dot makes it invisible to readers.
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(root, folder)).FullName, ".lock");
        while (true)
        {
            try
            {
                return new FileStream(file, options);
            }
            catch (IOException e) when (e.HResult == LockedByAnother)
            {
                await Task.Delay(TryLockEvery, time, cancellation);
            }
        }
    }

    private async Task<string?> VersionAsync(string folder, string name, CancellationToken cancellation)
    {
        var file = new FileInfo(Path.Combine(root, folder, name));
        return file.Exists ? (await ReadAsync(file, cancellation)).Version : null;
    }

    private async Task WriteLockedAsync(string folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        await KeepAsync(folder, name, content, cancellation);
        // The dot makes the half-written file invisible to readers.
        await OwnerFile.WriteAsync(Path.Combine(root, folder, name), $".{name}.new", content, cancellation);
    }

    /// <summary>Puts the document as it is into its history, unless it stays the same. A crash right after leaves a version that is in use still, which is harmless.</summary>
    private async Task KeepAsync(string folder, string name, ReadOnlyMemory<byte> next, CancellationToken cancellation)
    {
        var file = Path.Combine(root, folder, name);
        if (!File.Exists(file) || await File.ReadAllBytesAsync(file, cancellation) is var content && next.Span.SequenceEqual(content))
        {
            return;
        }

        var kept = HistoryFiles(folder, name).Select(f => (File: f, Version: ConfigVersion.Read(Path.GetFileName(f), default))).Where(k => k.Version is not null).ToList();
        var version = new ConfigVersion(kept.Count == 0 ? 1 : kept[^1].Version!.Number + 1, time.GetUtcNow(), content);
        var history = Directory.CreateDirectory(HistoryFolder(folder, name)).FullName;
        await OwnerFile.WriteAsync(Path.Combine(history, version.Name), ".new", content, cancellation);
        foreach (var old in kept.Where(k => k.Version!.Number <= version.Number - ConfigVersion.KeptMax))
        {
            File.Delete(old.File);
        }
    }

    private string HistoryFolder(string folder, string name) => Path.Combine(root, ConfigVersion.Folder, folder, name);

    /// <summary>The files of a document's earlier versions, oldest first.</summary>
    private IEnumerable<string> HistoryFiles(string folder, string name) =>
        Directory.Exists(HistoryFolder(folder, name)) ? Directory.EnumerateFiles(HistoryFolder(folder, name)).Order(StringComparer.Ordinal) : [];

    private IEnumerable<FileInfo> Files() =>
        Directory.Exists(root)
            ? new DirectoryInfo(root).EnumerateDirectories().Where(d => ConfigDocument.IsName(d.Name))
                .SelectMany(d => d.EnumerateFiles()).Where(f => ConfigDocument.IsName(f.Name))
                .OrderBy(f => f.FullName, StringComparer.Ordinal)
            : [];

    private string Fingerprint() => string.Join('\n', Files().Select(f => $"{f.FullName} {f.Length} {f.LastWriteTimeUtc.Ticks}"));

    private static async Task<ConfigDocument> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        var (folder, name) = (file.Directory!.Name, file.Name);
        if (OwnerFile.Complaint(file) is { } complaint)
        {
            return new ConfigDocument(folder, name, default, complaint);
        }

        if (file.Length > IConfigBackend.DocumentBytesMax)
        {
            return ConfigDocument.TooLarge(folder, name);
        }

        try
        {
            var content = await File.ReadAllBytesAsync(file.FullName, cancellation);
            return new ConfigDocument(folder, name, content, Version: Convert.ToHexStringLower(SHA256.HashData(content)));
        }
        catch (IOException e)
        {
            return new ConfigDocument(folder, name, default, $"The file cannot be read: {e.Message}");
        }
        catch (UnauthorizedAccessException)
        {
            return new ConfigDocument(folder, name, default, "The file cannot be read: permission denied.");
        }
    }
}
