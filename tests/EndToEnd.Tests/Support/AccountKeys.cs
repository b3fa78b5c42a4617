using System.Security.Cryptography;
using PayCore.Host.Demonstration;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>The private keys of the accounts, the same for all worlds of this process: making one takes a quarter of a second of the processor.</summary>
internal static class AccountKeys
{
    private static readonly Lazy<(DemoWay Way, string Pem)[]> _keys = new(() => [.. DemoWay.All.DistinctBy(w => (w.Channel, w.Account)).Select(w => (w, NewKey()))]);

    /// <summary>Into a data folder, before its first start.</summary>
    public static void Write(string dataFolder)
    {
        foreach (var (way, pem) in _keys.Value)
        {
            DemoSecrets.Write(DemoAccounts.KeyFile(dataFolder, way), pem);
        }
    }

    private static string NewKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
