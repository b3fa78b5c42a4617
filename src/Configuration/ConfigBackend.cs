using System.Globalization;
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

    /// <summary>Demands that a document can be named so.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal static void DemandName(string folder, string name)
    {
        if (!IsName(folder) || !IsName(name))
        {
            throw new ArgumentException($"'{folder}/{name}' is no document name: letters, digits, '_', '-' and '.' only.");
        }
    }

    /// <summary>One that is too large to be read.</summary>
    internal static ConfigDocument TooLarge(string folder, string name, string version = "") =>
        new(folder, name, default, $"The document is larger than {IConfigBackend.DocumentBytesMax} bytes.", version);

    [GeneratedRegex(@"^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameRule();
}

/// <summary>What a document was before it was changed or deleted.</summary>
/// <param name="Number">1, 2, 3 … within the document; what is in use now comes after the last.</param>
/// <param name="Until">When it was changed or deleted, to the second.</param>
/// <param name="Content">Its bytes.</param>
public sealed record ConfigVersion(int Number, DateTimeOffset Until, ReadOnlyMemory<byte> Content)
{
    /// <summary>So many versions of a document are kept; the oldest go.</summary>
    public const int KeptMax = 100;

    /// <summary>
    /// The folder of earlier versions: they stand at <c>{base}/.history/{folder}/{name}/{number}-{until}</c>. The dot makes it no folder of documents.
    /// </summary>
    internal const string Folder = ".history";

    private const string UntilFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>Its name in the history; names sort as numbers do.</summary>
    internal string Name => $"{NameOf(Number)}-{Until.UtcDateTime.ToString(UntilFormat, CultureInfo.InvariantCulture)}";

    /// <summary>How names of that number begin.</summary>
    internal static string NameOf(int number) => number.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>Reads a name in the history, or answers null.</summary>
    internal static ConfigVersion? Read(string name, ReadOnlyMemory<byte> content) =>
        name.Split('-') is [var number, var until]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
        && DateTimeOffset.TryParseExact(until, UntilFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? new ConfigVersion(parsed, moment, content)
            : null;
}

/// <summary>The backend does not answer now. Whether a write that met this was made is not known.</summary>
public sealed class ConfigUnavailableException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>
/// Where configuration documents are kept: <c>{base}/{channel}/{account}</c> and <c>{base}/apps/{app_id}</c>.
/// Whoever reads a backend gets all documents at once, and is told when any of them changed. Whatever is changed or deleted stays in the document's history.
/// A backend that cannot be reached throws <see cref="ConfigUnavailableException"/> after a bounded time.
/// </summary>
public interface IConfigBackend
{
    /// <summary>Documents are never larger.</summary>
    public const int DocumentBytesMax = 256 * 1024;

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

    /// <summary>Takes a document away, but only where it is still the one that was read.</summary>
    /// <param name="folder">The channel's name, or <c>apps</c>.</param>
    /// <param name="name">The document's name.</param>
    /// <param name="version">The <see cref="ConfigDocument.Version"/> that was read.</param>
    /// <param name="cancellation">Ends the waiting for other writers; what was deleted stays so.</param>
    /// <returns>False: somebody else wrote in between, and nothing was deleted.</returns>
    Task<bool> DeleteAsync(string folder, string name, string version, CancellationToken cancellation);

    /// <summary>What a document was before, oldest first; also of one that is deleted.</summary>
    Task<IReadOnlyList<ConfigVersion>> HistoryAsync(string folder, string name, CancellationToken cancellation);
}
