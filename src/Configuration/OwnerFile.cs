namespace PayCore.Configuration;

/// <summary>Files with secrets: for their owner only, and replaced at once or not at all.</summary>
internal static class OwnerFile
{
    /// <summary>0600.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>What is wrong with the mode of such a file, or null.</summary>
    public static string? Complaint(FileInfo file) =>
        (file.UnixFileMode & Others) == 0 ? null : "The file holds secrets but others than its owner may use it; run: chmod 600";

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="half">The name beside it under which it is written first.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellation">Ends it; the file stays as it was.</param>
    public static async Task WriteAsync(string path, string half, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var written = Path.Combine(Path.GetDirectoryName(path)!, half);
        File.Delete(written);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode };
        await using (var stream = new FileStream(written, options))
        {
            await stream.WriteAsync(content, cancellation);
            stream.Flush(flushToDisk: true);
        }

        File.Move(written, path, overwrite: true);
    }

    /// <summary>Writes behind what a file holds; it keeps its owner, its mode and its place, which a file that is put in its stead would not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">The bytes, at once or, where that fails, not at all.</param>
    public static async Task AppendAsync(string path, ReadOnlyMemory<byte> content)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var length = stream.Seek(0, SeekOrigin.End);
        try
        {
            await stream.WriteAsync(content);
            stream.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            stream.SetLength(length);
            throw;
        }
    }
}
