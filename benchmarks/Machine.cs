using System.Globalization;

namespace PayCore.Bench;

/// <summary>CPU time as the kernel counts it, in ticks of 10 ms.</summary>
internal sealed record CpuTimes(long Machine, long Idle, IReadOnlyDictionary<string, long> Ours)
{
    private const double MsPerTick = 10;

    public static CpuTimes Now(IReadOnlyDictionary<string, int> processes)
    {
        var machine = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(Number).ToList();
        return new CpuTimes(machine.Sum(), machine[3] + machine[4], processes.ToDictionary(p => p.Key, p => OfProcess(p.Value)));
    }

    /// <summary>Milliseconds of CPU of each process since.</summary>
    public IReadOnlyDictionary<string, double> Since(CpuTimes before) => Ours.ToDictionary(p => p.Key, p => (p.Value - before.Ours.GetValueOrDefault(p.Key)) * MsPerTick);

    /// <summary>The share of the machine that processes other than these used since.</summary>
    public double OthersSince(CpuTimes before)
    {
        var elapsed = Machine - before.Machine;
        var others = elapsed - (Idle - before.Idle) - Ours.Sum(p => p.Value - before.Ours.GetValueOrDefault(p.Key));
        return elapsed == 0 ? 0 : Math.Max(0, (double)others / elapsed);
    }

    /// <summary>The share of the machine that was busy since.</summary>
    public double BusySince(CpuTimes before) => Machine == before.Machine ? 0 : 1 - ((double)(Idle - before.Idle) / (Machine - before.Machine));

    /// <summary>Resident memory of a process in MB.</summary>
    public static double MemoryMb(int process) =>
        Number(File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024.0;

    private static long OfProcess(int process)
    {
        // The name in parentheses may hold anything; user and system time are the 12th and 13th field after it.
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return Number(fields[11]) + Number(fields[12]);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
