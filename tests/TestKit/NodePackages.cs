namespace PayCore.TestKit;

/// <summary>Software of others from npm.</summary>
public static class NodePackages
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    /// <summary>Installs what a folder's lock file names when it is not there or older than the lock. No package's own scripts run.</summary>
    public static async Task InstallAsync(string folder)
    {
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            await NodeProcess.RunAsync(folder, "npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], "", _limit);
        }
    }
}
