using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>What this channel can do (alipay.md 4, 5.1, 6.2).</summary>
internal static class Capabilities
{
    private const int QrCodeSeconds = 2 * 60 * 60;

    private static readonly string _accountSchema = DocumentSchema.Of<AlipayAccountDocument>();

    /// <summary>The channel, and the identities of an account when one is given, otherwise the shape of an account's document.</summary>
    public static DescribeReply Describe(AlipayAccount? account)
    {
        var reply = new DescribeReply
        {
            Channel = "alipay",
            Scenes = { Scene.Qr, Scene.Page },
            Currencies = { AlipayRules.Currency },
            SubjectMaxChars = AlipayRules.SubjectCharsMax,
            ActionSecondsMax = QrCodeSeconds,
            QueryCarries = { ProofField.ProofAttemptNo, ProofField.ProofAmount },
            CallbackCarries = { ProofField.ProofAttemptNo, ProofField.ProofAccount, ProofField.ProofAmount },
        };
        if (account is not null)
        {
            reply.AccountIds[Facts.AppId] = account.AppId;
            reply.AccountIds[Facts.SellerId] = account.SellerId;
        }
        else
        {
            reply.AccountSchema = _accountSchema;
        }

        return reply;
    }
}
