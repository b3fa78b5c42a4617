using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>Everything that a process shows, as text: each log line of each category with its state and scopes, and each activity with its tags and events.</summary>
public sealed class Seen : ILoggerProvider, ISupportExternalScope
{
    private readonly ActivityListener _listener;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public Seen()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Traces.Enqueue(TextOf(activity)),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ConcurrentQueue<string> Logs { get; } = new();

    public ConcurrentQueue<string> Traces { get; } = new();

    /// <summary>Answers to requests, whole.</summary>
    public ConcurrentQueue<string> Answers { get; } = new();

    /// <summary>Keeps an answer and gives its body.</summary>
    public async Task<string> AnswerAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        var body = await answer.Content.ReadAsStringAsync();
        Answers.Enqueue($"{(int)answer.StatusCode} {answer.RequestMessage!.RequestUri}\n{answer.Headers}{answer.Content.Headers}\n{body}");
        return body;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() => _listener.Dispose();

    private static string TextOf(Activity activity) =>
        $"{activity.Source.Name} {activity.OperationName} {activity.DisplayName} {activity.StatusDescription} {activity.TraceStateString} "
        + string.Join(' ', [
            .. activity.TagObjects.Concat(activity.Events.SelectMany(e => e.Tags)).Select(t => $"{t.Key}={t.Value}"),
            .. activity.Baggage.Select(b => $"{b.Key}={b.Value}"),
        ]);

    private sealed class Logger(Seen seen, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => seen._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = new List<string?> { category, $"{logLevel}", formatter(state, exception), $"{exception}" };
            Add(text, state);
            seen._scopes.ForEachScope((scope, lines) => Add(lines, scope), text);
            seen.Logs.Enqueue(string.Join(' ', text));
        }

        private static void Add(List<string?> text, object? state)
        {
            text.Add($"{state}");
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                text.AddRange(values.Select(v => $"{v.Key}={v.Value}"));
            }
        }
    }
}
