using System.Text;
using System.Text.Json;

namespace PayCore.ChannelSimulator;

/// <summary>The journal of a ledger: one JSON line for each change, holding the order as it is after the change.</summary>
internal sealed class LedgerJournal<TOrder> : IDisposable
{
    private readonly string? _file;
    private FileStream? _stream;

    public LedgerJournal(string? folder, string name)
    {
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            _file = Path.Combine(folder, name);
        }
    }

    /// <summary>Reads the journal. What a dying process left behind the last line feed never happened: it is cut off.</summary>
    public IReadOnlyList<Line> Replay()
    {
        if (_file is null || !File.Exists(_file))
        {
            return [];
        }

        var bytes = File.ReadAllBytes(_file);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        if (whole < bytes.Length)
        {
            using var stream = File.OpenWrite(_file);
            stream.SetLength(whole);
        }

        return
        [
            .. Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<Line>(line, SimulatorJson.Options)!),
        ];
    }

    public void Append(Line line)
    {
        if (_file is null)
        {
            return;
        }

        _stream ??= new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        _stream.Write([.. SimulatorJson.Bytes(line), (byte)'\n']);
        _stream.Flush();
    }

    public void Dispose() => _stream?.Dispose();

    /// <summary>One change.</summary>
    public sealed record Line(DateTimeOffset At, string Change, TOrder Order);
}
