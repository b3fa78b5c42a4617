namespace PayCore.Host.CommandLine;

/// <summary>Files with secrets: only their owner may read them, and none is overwritten.</summary>
internal static class OwnerFile
{
    /// <summary>Writes a new file.</summary>
    /// <param name="argument">The argument that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="text">What it says.</param>
    public static async Task CreateAsync(string argument, string path, string text)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            await using var writer = new StreamWriter(path, options);
            await writer.WriteAsync(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(File.Exists(path)
                ? $"{argument}: {path} is there already and is not overwritten; move it away or name another file."
                : $"{argument}: {path} cannot be written: {e.Message}");
        }
    }

    /// <summary>Reads a file that a person named.</summary>
    /// <param name="argument">The argument that names it.</param>
    /// <param name="path">The file.</param>
    public static async Task<string> ReadAsync(string argument, string path)
    {
        try
        {
            return await File.ReadAllTextAsync(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandFailedException($"{argument}: {path} cannot be read: {e.Message}");
        }
    }
}
