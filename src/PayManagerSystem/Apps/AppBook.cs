using PayCore.Configuration;
using PayCore.PayManagerSystem.Settings;

namespace PayCore.PayManagerSystem.Apps;

/// <summary>A merchant's app as it is kept.</summary>
/// <param name="Document">The document; its secrets are open where it can be read.</param>
/// <param name="App">What it means; null where it is refused.</param>
/// <param name="Problem">Why it is refused.</param>
public sealed record KeptApp(ConfigDocument Document, MerchantApp? App, string? Problem)
{
    /// <summary>The app's id.</summary>
    public string AppId => Document.Name;
}

/// <summary>Reads the merchants' apps.</summary>
internal sealed class AppBook(DocumentDesk desk)
{
    /// <summary>All apps, by merchant and id. What cannot be read comes first.</summary>
    public async Task<IReadOnlyList<KeptApp>> ListAsync() =>
    [
        .. (await desk.Documents.ListKeptAsync()).Where(d => d.Folder == AppDocument.Folder).Select(Read)
            .OrderBy(a => a.App?.MerchantId ?? "", StringComparer.Ordinal).ThenBy(a => a.AppId, StringComparer.Ordinal),
    ];

    /// <summary>One app, or null.</summary>
    public async Task<KeptApp?> FindAsync(string appId) =>
        (await desk.Documents.ListKeptAsync()).FirstOrDefault(d => d.Folder == AppDocument.Folder && d.Name == appId) is { } kept ? Read(kept) : null;

    private KeptApp Read(ConfigDocument kept)
    {
        try
        {
            if (kept.Problem is { } problem)
            {
                return new KeptApp(kept, null, problem);
            }

            var document = kept with { Content = desk.Open(kept.Folder, kept.Name, kept.Content) };
            return new KeptApp(document, MerchantApp.Parse(document.Name, document.Content), null);
        }
        catch (InvalidDocumentException e)
        {
            return new KeptApp(kept, null, e.Message);
        }
    }
}
