namespace PayCore.PayManagerSystem.Exports;

/// <summary>
/// Where a process keeps its exported lists: a folder of its own within that of the settings, which several processes may share. A lock beside it says that the process is alive;
/// what has none is of a process that was killed, and nobody can get at its files any more.
/// </summary>
/// <param name="root">The folder of the settings.</param>
/// <param name="name">The process's own, which no other has.</param>
internal sealed class ExportFolder(string root, string name) : IDisposable
{
    private const string LockEnding = ".lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _own = Path.Combine(root, name);
    private FileStream? _lock;

    /// <summary>The file of an export.</summary>
    public string FileOf(string id) => Path.Combine(_own, $"{id}.csv");

    /// <summary>Makes the folder, once, for its owner only.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Open()
    {
        if (_lock is null)
        {
            Directory.CreateDirectory(root, OwnerOnly);
            // First the lock: a folder without one is taken for one that was left behind.
            _lock = new FileStream(_own + LockEnding, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            Directory.CreateDirectory(_own, OwnerOnly);
        }
    }

    /// <summary>Removes the folders of processes that are no more.</summary>
    /// <exception cref="IOException">One cannot be removed.</exception>
    public void RemoveLeftBehind()
    {
        foreach (var folder in Directory.Exists(root) ? Directory.GetDirectories(root) : [])
        {
            if (IsLeftBehind(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Removes this process's own: its jobs end with it.</summary>
    public void Dispose()
    {
        if (_lock is not null)
        {
            Directory.Delete(_own, recursive: true);
            _lock.Dispose();
            _lock = null;
        }
    }

    private static bool IsLeftBehind(string folder)
    {
        try
        {
            using var held = new FileStream(folder + LockEnding, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            // Somebody holds it.
            return false;
        }
    }
}
