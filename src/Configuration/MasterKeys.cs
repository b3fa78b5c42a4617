using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using PayCore.ServiceDefaults;

namespace PayCore.Configuration;

/// <summary>
/// The keys under which secrets in documents are sealed: lines of <c>id:base64 of 32 random bytes</c>, oldest first, from a file or the environment. The newest
/// seals; each opens what it sealed. A file is read anew when a document names a key that was not in it, so that a rotation needs no restart.
/// </summary>
public sealed partial class MasterKeys
{
    /// <summary>Bytes of a key.</summary>
    internal const int KeyBytes = 32;

    private const int DistinctBytesMin = 16;

    /// <summary>A group may read it: that is how Kubernetes gives secrets to a process that is not root.</summary>
    private const UnixFileMode Strangers = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly string? _file;
    private volatile State _state;

    private MasterKeys(string? file, State state) => (_file, _state) = (file, state);

    /// <summary>No keys: what is sealed cannot be opened.</summary>
    public static MasterKeys None { get; } = new(null, new State("", FrozenDictionary<string, byte[]>.Empty, default));

    /// <summary>The id of the key that seals, or null when there is none.</summary>
    public string? NewestId => _state.NewestId.Length > 0 ? _state.NewestId : null;

    /// <summary>Reads the keys that the settings name; there may be none.</summary>
    /// <exception cref="InvalidOperationException">A key is short, weak or no key at all, or others may read the file; never shows a key.</exception>
    public static MasterKeys From(ConfigOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (options.MasterKeyFile, options.MasterKey) switch
        {
            ({ Length: > 0 }, { Length: > 0 }) => throw new InvalidOperationException("Config:MasterKeyFile and PAYCORE_MASTER_KEY are both set; set one."),
            ({ Length: > 0 } file, _) => new MasterKeys(file, ReadFile(file)),
            (_, { Length: > 0 } text) => new MasterKeys(null, Parse("PAYCORE_MASTER_KEY", text, default)),
            _ => None,
        };
    }

    /// <summary>Adds a new key to a file as the newest. The file is made when it is not there; one that is there keeps its owner, mode and keys.</summary>
    /// <param name="file">The file.</param>
    /// <param name="id">The key's name: 1 to 32 of 0-9, A-Z, a-z, '_', '.' and '-'; none of the file.</param>
    /// <param name="random">The source of randomness.</param>
    /// <exception cref="InvalidOperationException">The name or the file is wrong, and stays as it is.</exception>
    public static async Task AddAsync(string file, string id, RandomSource random)
    {
        const string Head = "# PayCore's master keys, oldest first: the last one seals, each opens what it sealed.\n";
        var where = $"Config:MasterKeyFile: {file}";
        if (!File.Exists(file))
        {
            var text = $"{Head}{NewLine(id, random)}\n";
            Parse(where, text, default);
            await OwnerFile.WriteAsync(Path.GetFullPath(file), $".{Path.GetFileName(file)}.new", Encoding.UTF8.GetBytes(text), CancellationToken.None);
            return;
        }

        DemandMode(file);
        var before = await File.ReadAllTextAsync(file);
        var line = $"{(before.EndsWith('\n') ? "" : "\n")}{NewLine(id, random)}\n";
        Parse(where, before + line, default);
        await OwnerFile.AppendAsync(file, Encoding.UTF8.GetBytes(line));
    }

    /// <summary>A line with a new key.</summary>
    internal static string NewLine(string id, RandomSource random)
    {
        var key = new byte[KeyBytes];
        random.Fill(key);
        return $"{id}:{Convert.ToBase64String(key)}";
    }

    /// <summary>The key of that id, or null.</summary>
    internal byte[]? Find(string id)
    {
        if (!_state.Keys.ContainsKey(id) && _file is not null && Target(_file).LastWriteTimeUtc != _state.WrittenAt)
        {
            _state = ReadFile(_file);
        }

        return _state.Keys.GetValueOrDefault(id);
    }

    /// <summary>The file itself: Kubernetes puts links to it, and changes where they lead.</summary>
    private static FileInfo Target(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is FileInfo target ? target : new FileInfo(path);

    private static FileInfo DemandMode(string path)
    {
        var file = Target(path);
        return !file.Exists || (file.UnixFileMode & Strangers) == 0 ? file
            : throw new InvalidOperationException($"Config:MasterKeyFile: others than its owner may use {path}; run: chmod 600");
    }

    private static State ReadFile(string path)
    {
        try
        {
            var file = DemandMode(path);
            return Parse($"Config:MasterKeyFile: {path}", File.ReadAllText(path), file.LastWriteTimeUtc);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Config:MasterKeyFile: cannot be read: {e.Message}", e);
        }
    }

    private static State Parse(string where, string text, DateTime writtenAt)
    {
        var keys = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var newest = "";
        foreach (var line in text.Split('\n').Where(l => !l.StartsWith('#')).SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            var number = keys.Count + 1;
            var key = new byte[KeyBytes + 1];
            if (line.Split(':') is not [var id, var base64] || !IdRule().IsMatch(id) || !Convert.TryFromBase64String(base64, key, out var length) || length != KeyBytes)
            {
                throw new InvalidOperationException($"{where}: key {number} is not id:base64 of {KeyBytes} bytes. Make one: ./paycore config key new");
            }

            key = key[..KeyBytes];
            // A random key passes both with a chance of 1 - 10^-13; "change me", zeros and passphrases do not.
            if (key.Distinct().Count() < DistinctBytesMin || key.All(b => b is >= 0x20 and < 0x7f))
            {
                throw new InvalidOperationException($"{where}: key {id} is not random. Make one: ./paycore config key new");
            }

            if (!keys.TryAdd(id, key))
            {
                throw new InvalidOperationException($"{where}: key {id} is there twice.");
            }

            newest = id;
        }

        return keys.Count > 0
            ? new State(newest, keys.ToFrozenDictionary(StringComparer.Ordinal), writtenAt)
            : throw new InvalidOperationException($"{where}: there is no key. Make one: ./paycore config key new");
    }

    [GeneratedRegex(@"^[0-9A-Za-z_.-]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdRule();

    private sealed record State(string NewestId, FrozenDictionary<string, byte[]> Keys, DateTime WrittenAt);
}
