using System.Text.RegularExpressions;

namespace PayCore.Configuration;

/// <summary>
/// A plain folder with the same layout as etcd. Seen anew by looking at names, sizes and times twice a second, which also works
/// on mounted volumes where file events do not arrive.
/// </summary>
/// <param name="root">The folder that stands for <c>{base}</c>.</param>
/// <param name="time">The clock that paces the looking.</param>
public sealed partial class FolderConfigBackend(string root, TimeProvider time) : IConfigBackend
{
    private const int DocumentBytesMax = 256 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
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
        if (!NameRule().IsMatch(folder) || !NameRule().IsMatch(name))
        {
            throw new ArgumentException($"'{folder}/{name}' is no document name: letters, digits, '_', '-' and '.' only.");
        }

        var directory = Path.Combine(root, folder);
        Directory.CreateDirectory(directory);
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
            ? new DirectoryInfo(root).EnumerateDirectories().Where(d => NameRule().IsMatch(d.Name))
                .SelectMany(d => d.EnumerateFiles()).Where(f => NameRule().IsMatch(f.Name))
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
            return new ConfigDocument(folder, name, await File.ReadAllBytesAsync(file.FullName, cancellation));
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

    [GeneratedRegex("^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,127}$", RegexOptions.CultureInvariant)]
    private static partial Regex NameRule();
}
