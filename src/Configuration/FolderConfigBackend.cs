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
    private const int DocumentBytesMax = 256 * 1024;

    /// <summary>EWOULDBLOCK: another writer has the lock.</summary>
    private const int LockedByAnother = 11;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TryLockEvery = TimeSpan.FromMilliseconds(20);
    private const UnixFileMode OthersMayRead = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

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
        var file = new FileInfo(Path.Combine(root, folder, name));
        if ((file.Exists ? (await ReadAsync(file, cancellation)).Version : null) != version)
        {
            return false;
        }

        await WriteLockedAsync(folder, name, content, cancellation);
        return true;
    }

    /// <summary>One writer of a folder at a time, in all processes: the system lets go the lock of a process that ended.</summary>
    private async Task<FileStream> LockAsync(string folder, string name, CancellationToken cancellation)
    {
        if (!ConfigDocument.IsName(folder) || !ConfigDocument.IsName(name))
        {
            throw new ArgumentException($"'{folder}/{name}' is no document name: letters, digits, '_', '-' and '.' only.");
        }

        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
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

    private async Task WriteLockedAsync(string folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var directory = Path.Combine(root, folder);
        // The dot makes the half-written file invisible to readers.
        var half = Path.Combine(directory, $".{name}.new");
        File.Delete(half);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using (var stream = new FileStream(half, options))
        {
            await stream.WriteAsync(content, cancellation);
            stream.Flush(flushToDisk: true);
        }

        File.Move(half, Path.Combine(directory, name), overwrite: true);
    }

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
        if ((file.UnixFileMode & OthersMayRead) != 0)
        {
            return new ConfigDocument(folder, name, default, "The file holds secrets but others than its owner may use it; run: chmod 600");
        }

        if (file.Length > DocumentBytesMax)
        {
            return new ConfigDocument(folder, name, default, $"The file is larger than {DocumentBytesMax} bytes.");
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
