using System.Collections.Frozen;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Wechat;

/// <summary>What this channel can do (wechat-pay-v3.md 3.1, 3.2, 3.6, 6.3, 7, 8, 11).</summary>
internal static class Capabilities
{
    /// <summary>Of a code and of what a client is given; the address of H5 lives 5 minutes (3.1).</summary>
    private const int ActionSeconds = 2 * 60 * 60;

    /// <summary>Two refunds of one payment are at least this far apart; there are so many of them, for so long (6.3).</summary>
    private const int RefundSpacingSeconds = 60;
    private const int RefundsPerPaymentMax = 50;
    private const int RefundDaysMax = 365;

    /// <summary>Of what is asked, transfers are the narrowest (11).</summary>
    private const int QueriesPerSecond = 100;

    private static readonly FrozenSet<Scene> _scenes = FrozenSet.Create(Scene.Qr, Scene.H5, Scene.Jsapi, Scene.MiniProgram, Scene.App, Scene.Barcode);
    private static readonly FrozenSet<Scene> _scenesWithoutBarcode = _scenes.Where(s => s != Scene.Barcode).ToFrozenSet();

    private static readonly ProofField[] _carries =
        [ProofField.ProofAttemptNo, ProofField.ProofAccount, ProofField.ProofAmount, ProofField.ProofCurrency];

    private static readonly string _accountSchema = DocumentSchema.Of<WechatAccountDocument>();

    /// <summary>The ways to pay of an account: payment codes only where it names a store.</summary>
    public static FrozenSet<Scene> ScenesOf(WechatAccount account) => account.BarcodeStoreId is null ? _scenesWithoutBarcode : _scenes;

    /// <summary>The channel, and the identities of an account when one is given, otherwise the shape of an account's document.</summary>
    /// <param name="account">The account, or null.</param>
    /// <param name="all">All accounts of the channel: those of the same merchant have one statement.</param>
    public static DescribeReply Describe(WechatAccount? account, IEnumerable<WechatAccount> all)
    {
        var reply = new DescribeReply
        {
            Channel = "wechat",
            Scenes = { (account is null ? _scenes : ScenesOf(account)).Order() },
            Currencies = { WechatRules.Currency },
            SubjectMaxChars = WechatRules.SubjectCharsMax,
            ActionSecondsMax = ActionSeconds,
            QueryCarries = { _carries },
            CallbackCarries = { _carries },
            Refunds = true,
            RefundSpacingSeconds = RefundSpacingSeconds,
            RefundsPerPaymentMax = RefundsPerPaymentMax,
            RefundDaysMax = RefundDaysMax,
            Transfers = account is null || account.TransferSceneId is not null,
            PayeeKinds = { Payee.Types.Kind.OpenId },
            TransferMinMinor = WechatRules.TransferMinorMin,
            Statements = true,
            QueriesPerSecond = QueriesPerSecond,
        };
        if (account is not null)
        {
            reply.AccountIds[Facts.MchId] = account.MchId;
            reply.AccountIds[Facts.AppId] = account.AppId;
            reply.StatementAccounts.Add(all.Where(a => a.MchId == account.MchId).Select(a => a.Name).Order(StringComparer.Ordinal));
        }
        else
        {
            reply.AccountSchema = _accountSchema;
        }

        return reply;
    }
}
