using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PayCore.Console.Tests.Support;

/// <summary>What the process logs about pages: errors, and how many of them have ended.</summary>
public sealed class CircuitLog : ILoggerProvider
{
    private int _closed;

    /// <summary>Lines of an error or worse.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Pages that were open and are not any more, with everything that they had.</summary>
    public int Closed => Volatile.Read(ref _closed);

    public ILogger CreateLogger(string categoryName) => new Lines(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Lines(CircuitLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                log.Errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }

            if (eventId.Name == "DisposeSucceeded")
            {
                Interlocked.Increment(ref log._closed);
            }
        }
    }
}
