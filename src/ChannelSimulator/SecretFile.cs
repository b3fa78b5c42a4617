namespace PayCore.ChannelSimulator;

/// <summary>Files that hold private keys: nobody's but ours from their first byte on, and never half written.</summary>
internal static class SecretFile
{
    public static void Write(string file, ReadOnlySpan<byte> bytes)
    {
        var fresh = file + ".new";
        File.Delete(fresh);
        var settings = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(fresh, settings))
        {
            stream.Write(bytes);
        }

        File.Move(fresh, file, overwrite: true);
    }
}
