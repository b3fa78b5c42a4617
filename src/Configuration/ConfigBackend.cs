using System.Text.RegularExpressions;

namespace PayCore.Configuration;

/// <summary>One document as the backend holds it.</summary>
/// <param name="Folder">The channel's name, or <c>apps</c>.</param>
/// <param name="Name">The account's or app's exact name.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Problem">Why the backend could not read it, or null.</param>
/// <param name="Version">Changes with every change of the content, for <see cref="IConfigBackend.ReplaceAsync"/>; empty when it could not be read.</param>
public sealed partial record ConfigDocument(string Folder, string Name, ReadOnlyMemory<byte> Content, string? Problem = null, string Version = "")
{
    /// <summary>Whether a folder or document can be named so: letters, digits, '_', '-' and '.', not beginning with a dot, at most 128 characters.</summary>
    public static bool IsName(string name) => NameRule().IsMatch(name);

    [GeneratedRegex(@"^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameRule();
}

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

    /// <summary>Compare and set: writes as <see cref="WriteAsync"/> does, but only where the document is still the one that was read.</summary>
    /// <param name="folder">The channel's name, or <c>apps</c>.</param>
    /// <param name="name">The document's name.</param>
    /// <param name="version">The <see cref="ConfigDocument.Version"/> that was read; null when there must be no document of that name.</param>
    /// <param name="content">The new bytes.</param>
    /// <param name="cancellation">Ends the waiting for other writers; what was written stays.</param>
    /// <returns>False: somebody else wrote in between, and nothing was written. Read again and decide anew.</returns>
    Task<bool> ReplaceAsync(string folder, string name, string? version, ReadOnlyMemory<byte> content, CancellationToken cancellation);
}
