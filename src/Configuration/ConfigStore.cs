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

/// <summary>How current the documents in use are.</summary>
/// <param name="AsOf">Everything that was written before this moment was seen; its distance from now is the documents' age.</param>
/// <param name="Trouble">Why nothing newer can be read at the moment; null while all is well.</param>
public sealed record ConfigFreshness(DateTimeOffset AsOf, string? Trouble);

/// <summary>
/// Follows a backend and hands each folder's documents to whoever registered for it. An invalid document is refused whole:
/// the last good one stays in use and the problem is listed. A document that disappears is gone at once. While the backend is away, what was read last stays in use.
/// </summary>
/// <param name="backend">Where the documents are.</param>
/// <param name="folders">Who reads them.</param>
/// <param name="seals">Opens their secrets.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Tells what is in use, what is refused, and when the backend is away.</param>
/// <param name="copy">What was in use last, for a start while the backend is away; null where the backend cannot be away.</param>
public sealed class ConfigStore(
    IConfigBackend backend, IEnumerable<IConfigFolder> folders, DocumentSeals seals, TimeProvider time, ILogger<ConfigStore> log, LastGoodCopy? copy = null)
    : IHostedLifecycleService, IDisposable
{
    /// <summary>A start waits no longer for the backend.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>All is read anew now and then, whatever was told: the net below the watching, and how a master key that came later is found.</summary>
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private const string NotYet = "Nothing was read yet.";

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _reading = new(1);
    private Task _following = Task.CompletedTask;
    private bool _keepsCopy;
    private volatile ConfigFreshness _freshness = new(DateTimeOffset.MinValue, NotYet);

    /// <summary>There are documents: they were read, at least once, or are the last good copy.</summary>
    public bool IsRead => _freshness.AsOf > DateTimeOffset.MinValue;

    /// <summary>What is wrong at the moment.</summary>
    public IReadOnlyList<ConfigProblem> Problems => [.. folders.SelectMany(f => f.Problems)];

    /// <summary>How current the documents are, for health and console.</summary>
    public ConfigFreshness Freshness => _freshness;

    /// <summary>Reads everything once, before any role serves, and follows the changes from then on.</summary>
    /// <exception cref="InvalidOperationException">The backend is away and there is no copy.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        _keepsCopy = copy is not null;
        await LoadAsync(cancellationToken);
        _following = folders.Any() ? FollowAsync(_stopping.Token) : Task.CompletedTask;
    }

    /// <summary>Reads everything once. While the backend is away, the last good copy takes its place.</summary>
    /// <exception cref="InvalidOperationException">The backend is away and there is no copy.</exception>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        // What was in use before a restart is in use after it, also where a document has become invalid since.
        var missing = await RestoreAsync(cancellation);
        using var patience = new CancellationTokenSource(StartPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await ReadAsync(either.Token);
        }
        catch (Exception e) when (copy is not null && !cancellation.IsCancellationRequested && e is IOException or OperationCanceledException)
        {
            var reason = e is IOException ? e.Message : $"The configuration did not answer within {StartPatience.TotalSeconds:0} s.";
            if (missing is not null)
            {
                throw new InvalidOperationException($"{reason} There is no last good copy of the documents of {missing} in {copy.Root} (Config:LastGoodFolder) to start from.", e);
            }

            _freshness = _freshness with { Trouble = reason };
            log.LogWarning(
                "{Reason} Started from the last good copy of {AsOf:u}, which is {Age} old", reason, _freshness.AsOf, (time.GetUtcNow() - _freshness.AsOf).ToString("c"));
        }
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

    /// <summary>Reads all documents now, if anybody wants them. One reading at a time: what was read earlier never replaces what was read later.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        if (!folders.Any())
        {
            _freshness = new ConfigFreshness(time.GetUtcNow(), null);
            return;
        }

        await _reading.WaitAsync(cancellation);
        try
        {
            var asOf = time.GetUtcNow();
            var documents = await backend.ReadAllAsync(cancellation);
            foreach (var folder in folders)
            {
                folder.Update([.. documents.Where(d => d.Folder == folder.Name)], seals, log);
            }

            var wasAway = _freshness.Trouble is not null and not NotYet;
            _freshness = new ConfigFreshness(asOf, null);
            if (wasAway)
            {
                log.LogWarning("The configuration answers again; its documents are current");
            }

            await KeepCopyAsync(asOf, cancellation);
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
                // After a time without the backend nobody knows what was missed: all is read.
                await (_freshness.Trouble is null ? WaitForChangeAsync(cancellation) : Task.Delay(TryAgainAfter, time, cancellation));
                await ReadAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                // Whatever it is: who no longer follows serves revoked keys for ever, and nobody sees it.
                if (_freshness.Trouble is null)
                {
                    log.LogWarning(e, "Configuration could not be read; the last good documents stay in use");
                }

                _freshness = _freshness with { Trouble = e.Message };
            }
        }
    }

    private async Task WaitForChangeAsync(CancellationToken cancellation)
    {
        using var sweep = new CancellationTokenSource(SweepEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(sweep.Token, cancellation);
        try
        {
            await backend.WaitForChangeAsync(either.Token);
        }
        catch (Exception) when (sweep.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // Nothing was told in time, however the wait ended; all is read all the same.
        }
    }

    /// <summary>Takes the last good copy into use.</summary>
    /// <returns>A folder that has none.</returns>
    private async Task<string?> RestoreAsync(CancellationToken cancellation)
    {
        string? missing = null;
        if (copy is null)
        {
            return missing;
        }

        foreach (var folder in folders)
        {
            if (await copy.ReadAsync(folder.Name, cancellation) is not { } kept)
            {
                missing = folder.Name;
                continue;
            }

            folder.Update(kept.Documents, seals, log);
            _freshness = _freshness.AsOf == DateTimeOffset.MinValue || kept.AsOf < _freshness.AsOf ? _freshness with { AsOf = kept.AsOf } : _freshness;
        }

        return missing;
    }

    private async Task KeepCopyAsync(DateTimeOffset asOf, CancellationToken cancellation)
    {
        if (!_keepsCopy)
        {
            return;
        }

        try
        {
            foreach (var folder in folders)
            {
                await copy!.SaveAsync(folder.Name, folder.InUse, asOf, cancellation);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("The last good copy of the configuration cannot be written: {Reason}", e.Message);
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

    /// <summary>The documents in use, as the backend holds them: for each the last good one.</summary>
    IEnumerable<ConfigDocument> InUse { get; }

    /// <summary>Takes the folder's documents as they are now.</summary>
    void Update(IReadOnlyList<ConfigDocument> documents, DocumentSeals seals, ILogger log);
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
    public IEnumerable<ConfigDocument> InUse => _state.Entries.Select(e => new ConfigDocument(name, e.Key, e.Value.Content));

    /// <inheritdoc/>
    public T? Find(string name) => _state.Values.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Update(IReadOnlyList<ConfigDocument> documents, DocumentSeals seals, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(seals);
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
                    entries.Add(document.Name, new Entry(document.Content, parse(document.Name, seals.Open(name, document.Name, document.Content))));
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
                if (!old.Problems.Contains(problems[^1]))
                {
                    log.LogWarning("Configuration {Folder}/{Name} is refused: {Reason}", name, document.Name, problem);
                }

                if (last is not null)
                {
                    entries.Add(document.Name, last);
                }
            }
        }

        _state = new State(entries, entries.ToDictionary(e => e.Key, e => e.Value.Value, StringComparer.Ordinal), problems);
    }
}
