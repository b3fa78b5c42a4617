using PayCore.Interop.Tests.Support;
using PayCore.TestKit;

[assembly: AssemblyFixture(typeof(NodeModules))]

namespace PayCore.Interop.Tests.Support;

/// <summary>Installs the software of others, as the lock file names it.</summary>
public sealed class NodeModules : IAsyncLifetime
{
    /// <summary>Where the scripts are.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Interop.Tests", "node");

    public async ValueTask InitializeAsync() => await NodePackages.InstallAsync(Folder);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
