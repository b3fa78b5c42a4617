using System.Security.Cryptography;

namespace PayCore.ChannelSimulator;

/// <summary>
/// The RSA keys of a simulator: no two are equal. Making one takes a quarter of a second of the processor, so the next simulator of this process gets those of the
/// ones before it.
/// </summary>
internal sealed class SimulatedKeys
{
    private static readonly Lock _lock = new();
    private static readonly List<string> _made = [];
    private readonly HashSet<string> _taken = [];

    /// <summary>A key that this simulator has not had, PKCS #8 PEM.</summary>
    public string Next()
    {
        lock (_lock)
        {
            if (_made.Find(_taken.Add) is { } made)
            {
                return made;
            }
        }

        using var rsa = RSA.Create(2048);
        var pem = rsa.ExportPkcs8PrivateKeyPem();
        lock (_lock)
        {
            _made.Add(pem);
            _taken.Add(pem);
        }

        return pem;
    }

    /// <summary>As <see cref="Next"/>, ready to be used.</summary>
    public RSA NextRsa()
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(Next());
        return rsa;
    }

    /// <summary>This simulator has the key from an earlier start.</summary>
    public void Keep(string pem)
    {
        lock (_lock)
        {
            _taken.Add(pem);
        }
    }
}
