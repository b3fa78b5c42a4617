using System.Text;
using Microsoft.Extensions.Logging;
using PayCore.ServiceDefaults;

namespace PayCore.Configuration.Tests;

/// <summary>Stores as a process has them.</summary>
internal static class Stores
{
    /// <summary>A line of a master key file.</summary>
    public static string NewKey(string id) => MasterKeys.NewLine(id, RandomSource.System);

    public static ConfigStore Of(
        IConfigBackend backend, IConfigFolder folder, TimeProvider time, LastGoodCopy? copy = null, DocumentSeals? seals = null, ILogger<ConfigStore>? log = null) =>
        new(backend, [folder], seals ?? new DocumentSeals(MasterKeys.None, RandomSource.System), time, log ?? new LogText(), copy);

    /// <summary>An app's document of a merchant.</summary>
    public static byte[] App(string merchantId) => Encoding.UTF8.GetBytes($$"""{"merchant_id":"{{merchantId}}","keys":[]}""");

    /// <summary>Waits for a condition by real time; a busy machine may take long.</summary>
    public static async Task UntilAsync(Func<bool> holds, Action? meanwhile = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(30));
            meanwhile?.Invoke();
            await Task.Delay(5);
        }
    }
}

/// <summary>What a store logs.</summary>
internal sealed class LogText : ILogger<ConfigStore>
{
    private readonly StringBuilder _text = new();

    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_text)
        {
            _text.AppendLine($"{logLevel} {formatter(state, exception)} {exception}");
        }
    }
}
