using System.ComponentModel;
using System.Diagnostics;

namespace PayCore.TestKit;

/// <summary>Runs node and npm.</summary>
public static class NodeProcess
{
    /// <summary>Runs a program in a folder to its end and answers what it wrote.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, did not end in time, or ended badly; says what it wrote to standard error.</exception>
    public static async Task<string> RunAsync(string folder, string program, IReadOnlyList<string> arguments, string input, TimeSpan limit)
    {
        using var process = Start(folder, program, arguments);
        using var timeout = new CancellationTokenSource(limit);
        // Both are read while it runs, so that no full pipe stops it.
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), timeout.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{await output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} did not end within {limit.TotalSeconds:0} s.");
        }
    }

    private static Process Start(string folder, string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"{program} is not installed. ./test installs what the tests need; on Debian: apt-get install nodejs npm", e);
        }
    }
}
