using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace PayCore.Host.Cluster;

/// <summary>A process by its id and the moment of its start: a later process that got the same id is not taken for it.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Started">In ticks of the kernel since the machine started.</param>
internal sealed record ProcessMark(int Pid, long Started)
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether it still runs.</summary>
    [JsonIgnore]
    public bool IsAlive => Of(Pid) == this;

    /// <summary>What it holds in memory, in megabytes.</summary>
    [JsonIgnore]
    public double MemoryMb
    {
        get
        {
            var line = Read($"/proc/{Pid}/status")?.Split('\n').FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }

    /// <summary>The process of an id; null when it does not run.</summary>
    public static ProcessMark? Of(int pid)
    {
        // "pid (name) state …"; the name may hold anything, and the start is the 22nd field.
        var fields = Read($"/proc/{pid}/stat") is { } line ? line[(line.LastIndexOf(')') + 2)..].Split(' ') : [];
        return fields is [not "Z", ..] && fields.Length > 19 ? new ProcessMark(pid, long.Parse(fields[19], CultureInfo.InvariantCulture)) : null;
    }

    /// <summary>Asks it to stop, and kills it when it does not within a time.</summary>
    /// <returns>False when it had to be killed.</returns>
    public async Task<bool> StopAsync(TimeSpan patience, TimeProvider time)
    {
        await SignalAsync("TERM");
        if (await HasEndedAsync(patience, time))
        {
            return true;
        }

        await SignalAsync("KILL");
        await HasEndedAsync(patience, time);
        return false;
    }

    private async Task SignalAsync(string signal)
    {
        if (IsAlive)
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{Pid}"]) { RedirectStandardError = true })!;
            await kill.WaitForExitAsync();
        }
    }

    private async Task<bool> HasEndedAsync(TimeSpan within, TimeProvider time)
    {
        var began = time.GetTimestamp();
        while (IsAlive)
        {
            if (time.GetElapsedTime(began) > within)
            {
                return false;
            }

            await Task.Delay(_look, time);
        }

        return true;
    }

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
