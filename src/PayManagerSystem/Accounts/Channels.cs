using Google.Protobuf;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Web;
using PayCore.ServiceDefaults;
using Level = PayCore.Contracts.V1.AccountFinding.Types.Level;

namespace PayCore.PayManagerSystem.Accounts;

/// <summary>A channel, as the forms need it.</summary>
/// <param name="Name">The channel.</param>
/// <param name="Answers">It answered just now; without that nothing is known of its documents.</param>
/// <param name="TookMs">After how long.</param>
/// <param name="Fields">The members of its account documents.</param>
/// <param name="Secrets">What is not shown of a document.</param>
/// <param name="Described">What it can do.</param>
public sealed record ConsoleChannel(string Name, bool Answers, int TookMs, IReadOnlyList<DocumentField> Fields, DocumentSecrets Secrets, DescribedChannel Described);

/// <summary>Asks channels about themselves and their accounts, through QueryGateway. Nothing here knows what a channel's accounts are made of.</summary>
internal sealed class Channels(ChannelAccounts.ChannelAccountsClient client, IOptions<PublicOptions> addresses, TimeProvider time)
{
    private static readonly TimeSpan _checkLimit = TimeSpan.FromSeconds(25);
    private static readonly DocumentSecrets _unknown = new(new HashSet<string>());

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<ConsoleChannel>> ListAsync() =>
        [.. (await client.DescribeChannelsAsync(new DescribeChannelsRequest())).Channels.OrderBy(c => c.Channel, StringComparer.Ordinal).Select(Read)];

    /// <summary>One of them, or null.</summary>
    public async Task<ConsoleChannel?> FindAsync(string name) => (await ListAsync()).FirstOrDefault(c => c.Name == name);

    /// <summary>What the channel finds when it examines a document; its secrets are open.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="account">The account's name.</param>
    /// <param name="document">The document.</param>
    /// <param name="offline">Look at the document alone; call nobody.</param>
    public async Task<IReadOnlyList<AccountFinding>> ExamineAsync(string channel, string account, ReadOnlyMemory<byte> document, bool offline)
    {
        var request = new CheckChannelAccountRequest
        {
            Channel = channel,
            Account = account,
            Document = ByteString.CopyFrom(document.Span),
            Offline = offline,
            CallbackUrl = offline ? "" : addresses.Value.CallbackUrl(channel, account),
        };
        return (await client.CheckAccountAsync(request, deadline: (time.GetUtcNow() + _checkLimit).UtcDateTime)).Findings;
    }

    /// <summary>Why the running system would refuse a document, or null.</summary>
    public async Task<AccountFinding?> RefusalAsync(string channel, string account, ReadOnlyMemory<byte> document) =>
        (await ExamineAsync(channel, account, document, offline: true)).FirstOrDefault(f => f.Level == Level.Failure);

    /// <summary>A finding in both languages.</summary>
    public static Text TextOf(AccountFinding finding) => new(finding.TextEn, finding.TextZh);

    private static ConsoleChannel Read(DescribedChannel channel) => channel.AccountSchema.Length == 0
        ? new ConsoleChannel(channel.Channel, false, channel.TookMs, [], _unknown, channel)
        : new ConsoleChannel(
            channel.Channel, channel.Answered, channel.TookMs, DocumentField.FromSchema(channel.AccountSchema), DocumentSecrets.FromSchema(channel.AccountSchema), channel);
}
