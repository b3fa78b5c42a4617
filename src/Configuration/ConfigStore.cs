using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PayCore.Configuration;

/// <summary>Something wrong with one document. The last good version of it stays in use.</summary>
/// <param name="Folder">The channel's name, or <c>apps</c>.</param>
/// <param name="Name">The document's name.</param>
/// <param name="Reason">Which field is wrong and why; never a value that may be secret.</param>
public sealed record ConfigProblem(string Folder, string Name, string Reason);

/// <summary>A document was refused. Names the field and the reason, never a secret.</summary>
public sealed class InvalidDocumentException : Exception
{
    /// <summary>Refuses a document.</summary>
    /// <param name="field">The field's name in the document.</param>
    /// <param name="reason">What is wrong with it.</param>
    public InvalidDocumentException(string field, string reason)
        : base($"{field}: {reason}") => Field = field;

    /// <summary>The field's name in the document.</summary>
    public string Field { get; }
}

/// <summary>
/// The documents of one folder (a channel's accounts, or the merchants' apps), parsed, checked and kept current.
/// Reading is free of locks and I/O.
/// </summary>
/// <typeparam name="T">What a document means.</typeparam>
public interface IConfigDocuments<T>
    where T : class
{
    /// <summary>The document of that exact name, or null.</summary>
    T? Find(string name);

    /// <summary>All good documents by name.</summary>
    IReadOnlyDictionary<string, T> All { get; }
}

/// <summary>
/// Follows a backend and hands each folder's documents to whoever registered for it. An invalid document is refused whole:
/// the last good one stays in use and the problem is listed. A document that disappears is gone at once.
/// </summary>
public sealed class ConfigStore(IConfigBackend backend, IEnumerable<IConfigFolder> folders, ILogger<ConfigStore> log) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _reading = new(1);
    private Task _following = Task.CompletedTask;

    /// <summary>What is wrong at the moment.</summary>
    public IReadOnlyList<ConfigProblem> Problems => [.. folders.SelectMany(f => f.Problems)];

    /// <summary>Reads everything once, before any role serves.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        _following = FollowAsync(_stopping.Token);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _reading.Dispose();
    }

    /// <summary>Reads all documents now. One reading at a time: what was read earlier never replaces what was read later.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            var documents = await backend.ReadAllAsync(cancellation);
            foreach (var folder in folders)
            {
                folder.Update([.. documents.Where(d => d.Folder == folder.Name)], log);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await backend.WaitForChangeAsync(cancellation);
                await ReadAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (IOException e)
            {
                log.LogWarning(e, "Configuration could not be read; the last good documents stay in use");
            }
        }
    }
}

/// <summary>One folder that somebody reads; see <see cref="ConfigFolder{T}"/>.</summary>
public interface IConfigFolder
{
    /// <summary>The channel's name, or <c>apps</c>.</summary>
    string Name { get; }

    /// <summary>What is wrong in this folder at the moment.</summary>
    IReadOnlyList<ConfigProblem> Problems { get; }

    /// <summary>Takes the folder's documents as they are now.</summary>
    void Update(IReadOnlyList<ConfigDocument> documents, ILogger log);
}

/// <summary>Parses one folder's documents.</summary>
/// <typeparam name="T">What a document means.</typeparam>
/// <param name="name">The channel's name, or <c>apps</c>.</param>
/// <param name="parse">From name and bytes; throws <see cref="InvalidDocumentException"/>.</param>
public sealed class ConfigFolder<T>(string name, Func<string, ReadOnlyMemory<byte>, T> parse) : IConfigFolder, IConfigDocuments<T>
    where T : class
{
    private sealed record Entry(ReadOnlyMemory<byte> Content, T Value);

    private sealed record State(IReadOnlyDictionary<string, Entry> Entries, IReadOnlyDictionary<string, T> Values, IReadOnlyList<ConfigProblem> Problems);

    private volatile State _state = new(new Dictionary<string, Entry>(), new Dictionary<string, T>(), []);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IReadOnlyList<ConfigProblem> Problems => _state.Problems;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, T> All => _state.Values;

    /// <inheritdoc/>
    public T? Find(string name) => _state.Values.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Update(IReadOnlyList<ConfigDocument> documents, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var old = _state;
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        var problems = new List<ConfigProblem>();
        foreach (var document in documents)
        {
            var last = old.Entries.GetValueOrDefault(document.Name);
            if (document.Problem is null && last is not null && last.Content.Span.SequenceEqual(document.Content.Span))
            {
                // The same bytes mean the same thing: parsed keys are kept.
                entries.Add(document.Name, last);
                continue;
            }

            var problem = document.Problem;
            try
            {
                if (problem is null)
                {
                    entries.Add(document.Name, new Entry(document.Content, parse(document.Name, document.Content)));
                    log.LogInformation("Configuration {Folder}/{Name} is in use", name, document.Name);
                }
            }
            catch (InvalidDocumentException e)
            {
                problem = e.Message;
            }
#pragma warning disable CA1031 // One document that breaks its reader must not take the others down; it is refused like any other.
            catch (Exception e)
            {
                log.LogError("Reading {Folder}/{Name} failed with {Exception}", name, document.Name, e.GetType().Name);
                problem = "The document cannot be read.";
            }
#pragma warning restore CA1031

            if (problem is not null)
            {
                problems.Add(new ConfigProblem(name, document.Name, problem));
                log.LogWarning("Configuration {Folder}/{Name} is refused: {Reason}", name, document.Name, problem);
                if (last is not null)
                {
                    entries.Add(document.Name, last);
                }
            }
        }

        _state = new State(entries, entries.ToDictionary(e => e.Key, e => e.Value.Value, StringComparer.Ordinal), problems);
    }
}
