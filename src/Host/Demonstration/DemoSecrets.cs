using System.Text;

namespace PayCore.Host.Demonstration;

/// <summary>Secrets of the demo, made once and kept for their owner's eyes only.</summary>
internal static class DemoSecrets
{
    /// <summary>What the file holds, or what is made now and kept there.</summary>
    public static string Keep(string file, Func<string> make)
    {
        if (!File.Exists(file))
        {
            Write(file, make());
        }

        return File.ReadAllText(file);
    }

    /// <summary>Writes a file whole or not at all.</summary>
    public static void Write(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var fresh = file + ".new";
        var settings = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(fresh, settings))
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
        }

        File.Move(fresh, file, overwrite: true);
    }
}
