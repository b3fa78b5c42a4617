using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PayCore.Console.Tests.Support;

/// <summary>What the process logs about pages: errors, and how many browsers have left.</summary>
public sealed class CircuitLog : ILoggerProvider
{
    private int _left;

    /// <summary>Lines of an error or worse.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Pages whose browser has left.</summary>
    public int Left => Volatile.Read(ref _left);

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

            if (eventId.Name == "OnConnectionDown")
            {
                Interlocked.Increment(ref log._left);
            }
        }
    }
}
