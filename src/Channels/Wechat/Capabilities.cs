using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>What this channel can do (wechat-pay-v3.md 3.1, 3.2, 11).</summary>
internal static class Capabilities
{
    private const int CodeUrlSeconds = 2 * 60 * 60;

    private static readonly ProofField[] _carries =
        [ProofField.ProofAttemptNo, ProofField.ProofAccount, ProofField.ProofAmount, ProofField.ProofCurrency];

    private static readonly string _accountSchema = DocumentSchema.Of<WechatAccountDocument>();

    /// <summary>The channel, and the identities of an account when one is given, otherwise the shape of an account's document.</summary>
    public static DescribeReply Describe(WechatAccount? account)
    {
        var reply = new DescribeReply
        {
            Channel = "wechat",
            Scenes = { Scene.Qr },
            Currencies = { WechatRules.Currency },
            SubjectMaxChars = WechatRules.SubjectCharsMax,
            ActionSecondsMax = CodeUrlSeconds,
            QueryCarries = { _carries },
            CallbackCarries = { _carries },
        };
        if (account is not null)
        {
            reply.AccountIds[Facts.MchId] = account.MchId;
            reply.AccountIds[Facts.AppId] = account.AppId;
        }
        else
        {
            reply.AccountSchema = _accountSchema;
        }

        return reply;
    }
}
