using System.Collections.Frozen;
using PayCore.Configuration;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>What this channel can do (alipay.md 4, 5.1, 6.2, 7, 8, 9).</summary>
internal static class Capabilities
{
    private const int QrCodeSeconds = 2 * 60 * 60;

    /// <summary>Two refunds of one trade are at least this far apart (7.1).</summary>
    private const int RefundSpacingSeconds = 3;

    /// <summary>Every way to pay.</summary>
    public static readonly FrozenSet<Scene> Scenes = FrozenSet.Create(
        Scene.Qr, Scene.Page, Scene.H5, Scene.Jsapi, Scene.MiniProgram, Scene.App, Scene.Barcode);

    /// <summary>Everybody who can be paid out.</summary>
    public static readonly FrozenSet<Payee.Types.Kind> PayeeKinds = FrozenSet.Create(
        Payee.Types.Kind.OpenId, Payee.Types.Kind.UserId, Payee.Types.Kind.LoginId, Payee.Types.Kind.BankAccount);

    private static readonly string _accountSchema = DocumentSchema.Of<AlipayAccountDocument>();

    /// <summary>The channel, and the identities of an account when one is given, otherwise the shape of an account's document.</summary>
    /// <param name="account">The account, or null.</param>
    /// <param name="all">All accounts of the channel: those of the same merchant have one statement.</param>
    public static DescribeReply Describe(AlipayAccount? account, IEnumerable<AlipayAccount> all)
    {
        // Money goes out in certificate mode only (2).
        var paysOut = account?.Certificates is not null || account is null;
        var reply = new DescribeReply
        {
            Channel = "alipay",
            Scenes = { Scenes.Order() },
            Currencies = { AlipayRules.Currency },
            SubjectMaxChars = AlipayRules.SubjectCharsMax,
            ActionSecondsMax = QrCodeSeconds,
            QueryCarries = { ProofField.ProofAttemptNo, ProofField.ProofAmount },
            CallbackCarries = { ProofField.ProofAttemptNo, ProofField.ProofAccount, ProofField.ProofAmount },
            Refunds = true,
            RefundSpacingSeconds = RefundSpacingSeconds,
            Transfers = paysOut,
            PayeeKinds = { PayeeKinds.Order() },
            TransferMinMinor = AlipayRules.TransferMinorMin,
            TransferMaxMinor = AlipayRules.AmountMinorMax,
            Balances = paysOut,
            Statements = true,
        };
        if (account is not null)
        {
            reply.AccountIds[Facts.AppId] = account.AppId;
            reply.AccountIds[Facts.SellerId] = account.SellerId;
            reply.StatementAccounts.Add(all.Where(a => a.SellerId == account.SellerId).Select(a => a.Name).Order(StringComparer.Ordinal));
        }
        else
        {
            reply.AccountSchema = _accountSchema;
        }

        return reply;
    }
}
