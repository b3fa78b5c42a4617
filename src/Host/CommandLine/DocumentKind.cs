using PayCore.Configuration;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Host.CommandLine;

/// <summary>The documents of one folder: what of them is secret, and who judges them.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Secrets">What is not shown of a document.</param>
/// <param name="Judge">Why the running system would refuse a document of that name, or null; its secrets are open.</param>
internal sealed record DocumentKind(string Folder, DocumentSecrets Secrets, Func<string, ReadOnlyMemory<byte>, Task<string?>> Judge)
{
    /// <summary>The folders of this program: the apps, and one for each channel.</summary>
    public static async Task<IReadOnlyList<DocumentKind>> AllAsync(CommandSession session) =>
    [
        new DocumentKind(AppDocument.Folder, AppDocument.Secrets, (name, content) => Task.FromResult(JudgeApp(name, content))),
        .. (await ChannelDocuments.AllAsync(session)).Select(channel => new DocumentKind(channel.Name, channel.Secrets, async (name, content) =>
            (await channel.ExamineAsync(name, content, "", offline: true)).FirstOrDefault(f => f.Level == Level.Failure)?.TextEn)),
    ];

    private static string? JudgeApp(string name, ReadOnlyMemory<byte> content)
    {
        try
        {
            MerchantApp.Parse(name, content);
            return null;
        }
        catch (InvalidDocumentException e)
        {
            return e.Message;
        }
    }
}
