using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.Host.CommandLine;

/// <summary>
/// A channel's account documents, as the channel itself describes and judges them: nothing here knows what a channel's accounts are made of.
/// </summary>
/// <param name="Session">Where the channel is called.</param>
/// <param name="Role">The channel's role.</param>
/// <param name="Name">The channel.</param>
/// <param name="Fields">The members of a document, in their order.</param>
/// <param name="Secrets">What is not shown of a document.</param>
internal sealed record ChannelDocuments(CommandSession Session, string Role, string Name, IReadOnlyList<DocumentField> Fields, DocumentSecrets Secrets)
{
    /// <summary>The channels of this program.</summary>
    public static async Task<IReadOnlyList<ChannelDocuments>> AllAsync(CommandSession session)
    {
        session.Use(Host.Role.Channels);
        var all = new List<ChannelDocuments>();
        foreach (var role in Host.Role.Channels)
        {
            var reply = await session.CallAsync(role.Name, (invoker, options) => new PayChannel.PayChannelClient(invoker).DescribeAsync(new DescribeRequest(), options));
            all.Add(new ChannelDocuments(
                session, role.Name, reply.Channel, DocumentField.FromSchema(reply.AccountSchema), DocumentSecrets.FromSchema(reply.AccountSchema)));
        }

        return all;
    }

    /// <summary>What the channel finds when it examines the document.</summary>
    /// <param name="account">The account's name.</param>
    /// <param name="document">The document.</param>
    /// <param name="callbackUrl">Where the provider would call back; empty leaves that out.</param>
    /// <param name="offline">Call nobody.</param>
    public async Task<IReadOnlyList<AccountFinding>> ExamineAsync(string account, ReadOnlyMemory<byte> document, string callbackUrl, bool offline)
    {
        var request = new CheckAccountRequest { Account = account, Document = ByteString.CopyFrom(document.Span), CallbackUrl = callbackUrl, Offline = offline };
        return (await Session.CallAsync(Role, (invoker, options) => new PayChannel.PayChannelClient(invoker).CheckAccountAsync(request, options))).Findings;
    }

    /// <summary>The bytes of a document that the channel accepts.</summary>
    public async Task<byte[]> WriteAsync(string account, JsonObject document, bool isChinese)
    {
        var content = DocumentJson.WriteMembers(document);
        var refusal = (await ExamineAsync(account, content, "", offline: true)).FirstOrDefault(f => f.Level == Level.Failure);
        return refusal is null ? content : throw new CommandFailedException(isChinese ? refusal.TextZh : refusal.TextEn);
    }
}
