namespace PayCore.Configuration;

/// <summary>One document as the backend holds it.</summary>
/// <param name="Folder">The channel's name, or <c>apps</c>.</param>
/// <param name="Name">The account's or app's exact name.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Problem">Why the backend could not read it, or null.</param>
public sealed record ConfigDocument(string Folder, string Name, ReadOnlyMemory<byte> Content, string? Problem = null);

/// <summary>
/// Where configuration documents are kept: <c>{base}/{channel}/{account}</c> and <c>{base}/apps/{app_id}</c>.
/// Whoever reads a backend gets all documents at once, and is told when any of them changed.
/// </summary>
public interface IConfigBackend
{
    /// <summary>All documents now.</summary>
    Task<IReadOnlyList<ConfigDocument>> ReadAllAsync(CancellationToken cancellation);

    /// <summary>Completes when something may have changed since the last <see cref="ReadAllAsync"/>; a false alarm is harmless.</summary>
    Task WaitForChangeAsync(CancellationToken cancellation);

    /// <summary>Writes a document whole, for its owner's eyes only. The old one is replaced at once or not at all.</summary>
    Task WriteAsync(string folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation);
}
