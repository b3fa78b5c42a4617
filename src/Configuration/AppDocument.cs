using System.Text.Json;

namespace PayCore.Configuration;

/// <summary>Apps as documents, checked by the parser of the running system.</summary>
public static class AppDocument
{
    /// <summary>The folder of apps.</summary>
    public const string Folder = "apps";

    /// <summary>What is not shown of it.</summary>
    public static DocumentSecrets Secrets { get; } = DocumentSecrets.Of<MerchantApp>();

    /// <summary>Reads the document.</summary>
    public static MerchantApp Read(ConfigDocument document)
    {
        try
        {
            return MerchantApp.Parse(document.Name, document.Content);
        }
        catch (InvalidDocumentException e)
        {
            throw new DocumentRefusedException($"{Folder}/{document.Name} is not in use, since it is refused: {e.Message}. Correct it first.");
        }
    }

    /// <summary>The document's bytes, which the running system will accept.</summary>
    public static byte[] Write(string appId, MerchantApp app)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(app, DocumentJson.Options);
        try
        {
            MerchantApp.Parse(appId, content);
            return content;
        }
        catch (InvalidDocumentException e)
        {
            throw new DocumentRefusedException(e.Message);
        }
    }

    /// <summary>Changes an app. The change answers the app as it was when there is nothing to do.</summary>
    public static Task<bool> ChangeAppAsync(this Documents documents, string appId, Func<MerchantApp, Task<MerchantApp>> change) =>
        documents.ChangeAsync(Folder, appId, Secrets, async document =>
        {
            var app = Read(document);
            var changed = await change(app);
            return ReferenceEquals(app, changed) ? null : Write(appId, changed);
        });
}
