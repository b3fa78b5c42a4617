using PayCore.TestKit;

namespace PayCore.Deploy.Tests.Support;

/// <summary>Where the tests' images and containers are, so that a person's own stay as they are.</summary>
internal sealed class ContainerStore : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public ContainerStore()
    {
        // Debian's podman is content with these on any machine: the older runtime, and limits that nobody needs a right to raise.
        File.WriteAllText(_folder.File("containers.conf"), """
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            """);
        File.WriteAllText(_folder.File("storage.conf"), $"""
            [storage]
            driver = "overlay"
            graphroot = "{_folder.File("images")}"
            runroot = "{_folder.File("run")}"
            """);
        Environment = new Dictionary<string, string>
        {
            ["CONTAINERS_CONF"] = _folder.File("containers.conf"), ["CONTAINERS_STORAGE_CONF"] = _folder.File("storage.conf"),
        };
    }

    /// <summary>What podman and buildah must be told to use it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    public async ValueTask DisposeAsync()
    {
        // Layers hold kinds of files that only this knows to remove.
        await Programs.RunAsync(["rm", "-rf", _folder.Path], _limit);
        _folder.Dispose();
    }
}
