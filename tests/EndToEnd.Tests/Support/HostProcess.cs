using System.Collections.Concurrent;
using System.Diagnostics;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>The host as a process of its own, which a test may kill -9 and start again.</summary>
public sealed class HostProcess(IReadOnlyList<string> arguments, Uri health) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    /// <summary>What it wrote, for the message of a failed test.</summary>
    public string Output => string.Join('\n', _output);

    public static string Program => Path.Combine(AppContext.BaseDirectory, "paycore-host.dll");

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                (await http.GetAsync(health)).EnsureSuccessStatusCode();
                return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                _process.HasExited.Should().BeFalse($"the host runs: {Output}");
                TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(60), $"the host starts: {Output}");
                await Task.Delay(50);
            }
        }
    }

    /// <summary>kill -9: nothing is written, nothing is said.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
    }
}
