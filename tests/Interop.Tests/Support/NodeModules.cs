using PayCore.Interop.Tests.Support;
using PayCore.TestKit;

[assembly: AssemblyFixture(typeof(NodeModules))]

namespace PayCore.Interop.Tests.Support;

/// <summary>Installs the software of others, as the lock file names it, when it is not there or older than the lock. No package's own scripts run.</summary>
public sealed class NodeModules : IAsyncLifetime
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    /// <summary>Where the scripts are.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Interop.Tests", "node");

    public async ValueTask InitializeAsync()
    {
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            await NodeProcess.RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], "", _limit);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
