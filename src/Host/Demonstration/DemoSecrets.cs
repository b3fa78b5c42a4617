using System.Text;
using PayCore.MerchantApi;

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

    /// <summary>The key pair of a folder, <c>key.pem</c> and <c>key.pub.pem</c>, made now when it is missing.</summary>
    public static MerchantKeyPair KeepKey(string folder)
    {
        var publicFile = Path.Combine(folder, "key.pub.pem");
        var privateKey = Keep(Path.Combine(folder, "key.pem"), () =>
        {
            var pair = MerchantKeyPair.CreateEd25519();
            Write(publicFile, pair.PublicKeyPem);
            return pair.PrivateKeyPem;
        });
        return new MerchantKeyPair(privateKey, File.ReadAllText(publicFile));
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
