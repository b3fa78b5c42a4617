using System.Text.Json;
using PayCore.Host.Demonstration;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.Host.Cluster;

/// <summary>
/// The ports and passwords of a cluster, chosen at its first start and kept in its folder: addresses that are in the records, such as a merchant's, are right at the
/// next start too.
/// </summary>
internal sealed class ClusterLayout
{
    private readonly string _file;
    private readonly Kept _kept;

    private ClusterLayout(string folder, string file, Kept kept) => (Folder, _file, _kept) = (folder, file, kept);

    /// <summary>The cluster's folder.</summary>
    public string Folder { get; }

    /// <summary>The layout of a folder, new where there is none.</summary>
    /// <param name="folder">The cluster's folder.</param>
    /// <param name="starting">Nothing of the cluster runs: a port that somebody else took in the meantime is chosen anew.</param>
    public static ClusterLayout Open(string folder, bool starting)
    {
        var file = Path.Combine(folder, "layout.json");
        var kept = File.Exists(file) ? JsonSerializer.Deserialize<Kept>(File.ReadAllText(file))! : new Kept([], []);
        if (starting)
        {
            foreach (var (name, port) in kept.Ports)
            {
                if (!FreePorts.IsFree(port))
                {
                    kept.Ports.Remove(name);
                }
            }
        }

        return new ClusterLayout(folder, file, kept);
    }

    /// <summary>A path in the cluster's folder.</summary>
    public string At(params string[] names) => Path.Combine([Folder, .. names]);

    /// <summary>The port of something.</summary>
    public int Port(string name)
    {
        while (!_kept.Ports.ContainsKey(name))
        {
            var port = FreePorts.Take(1)[0];
            if (!_kept.Ports.ContainsValue(port))
            {
                _kept.Ports[name] = port;
            }
        }

        return _kept.Ports[name];
    }

    /// <summary>The password of something.</summary>
    public string Password(string name) => _kept.Passwords.TryGetValue(name, out var known) ? known : _kept.Passwords[name] = RandomSource.System.NextToken();

    /// <summary>Keeps what was chosen, for its owner's eyes only.</summary>
    public void Save() => DemoSecrets.Write(_file, JsonSerializer.Serialize(_kept));

    private sealed record Kept(Dictionary<string, int> Ports, Dictionary<string, string> Passwords);
}
