using System.Text;

namespace PayCore.CommandLine.Tests.Support;

/// <summary>
/// Commands in this process. Each has what it writes to the console by itself, since several run at once. The folder of a process is one: commands of the same folder
/// run at once, those of another begin when these have ended.
/// </summary>
internal static class ThisProcess
{
    private static readonly AsyncLocal<(TextWriter Output, TextWriter Error)?> _console = new();
    private static readonly Lock _lock = new();
    private static string _folder = "";
    private static int _running;

    static ThisProcess()
    {
        Console.SetOut(new Routed(Console.Out, of => of.Output));
        Console.SetError(new Routed(Console.Error, of => of.Error));
        Environment.SetEnvironmentVariable("LANG", "C.UTF-8");
        Environment.SetEnvironmentVariable("LC_ALL", null);
    }

    /// <summary>Runs it in that folder; what it writes goes to these.</summary>
    public static async Task<int> RunAsync(string folder, TextWriter output, TextWriter error, Func<Task<int>> run)
    {
        while (!TryEnter(folder))
        {
            await Task.Delay(5);
        }

        try
        {
            _console.Value = (TextWriter.Synchronized(output), TextWriter.Synchronized(error));
            return await run();
        }
        finally
        {
            Leave();
        }
    }

    private static bool TryEnter(string folder)
    {
        lock (_lock)
        {
            if (_running == 0)
            {
                _folder = folder;
                Environment.CurrentDirectory = folder;
            }
            else if (_folder != folder)
            {
                return false;
            }

            _running++;
            return true;
        }
    }

    private static void Leave()
    {
        lock (_lock)
        {
            if (--_running == 0)
            {
                Environment.CurrentDirectory = AppContext.BaseDirectory;
            }
        }
    }

    private sealed class Routed(TextWriter elsewhere, Func<(TextWriter Output, TextWriter Error), TextWriter> pick) : TextWriter
    {
        public override Encoding Encoding => elsewhere.Encoding;

        private TextWriter Target => _console.Value is { } console ? pick(console) : elsewhere;

        public override void Write(char value) => Target.Write(value);

        public override void Write(string? value) => Target.Write(value);

        public override void WriteLine(string? value) => Target.WriteLine(value);

        public override void Flush() => Target.Flush();
    }
}
