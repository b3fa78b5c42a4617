using PayCore.Contracts.V1;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.Payments;

/// <summary>When to ask about a transfer that is not decided (invariants, section 4, "unknown transfer"). Pure: from times to the next time.</summary>
public static class TransferSchedule
{
    /// <summary>Undecided for longer than this: a person is told.</summary>
    public static readonly TimeSpan AlertAfter = TimeSpan.FromMinutes(15);

    /// <summary>Waiting for its payee for longer than this: a person is told.</summary>
    public static readonly TimeSpan PayeeAlertAfter = TimeSpan.FromHours(24);

    /// <summary>A transfer that the channel does not know is sent again no sooner than this after the call before.</summary>
    public static readonly TimeSpan ResendAfter = TimeSpan.FromSeconds(60);

    /// <summary>… and after so many answers "not found" since that call,</summary>
    public const int ResendAfterNotFounds = 3;

    /// <summary>… so many times,</summary>
    public const int ResendsMax = 3;

    /// <summary>… within this time of the first call. Then a person decides.</summary>
    public static readonly TimeSpan ResendWithin = TimeSpan.FromHours(24);

    /// <summary>A bank that cannot book a transfer sends it back within days, and the message of it may be lost.</summary>
    private static readonly TimeSpan[] _returnLadder = [TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(3), TimeSpan.FromDays(7)];

    private static readonly TimeSpan[] _ladder =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1),
    ];

    /// <summary>
    /// The next look at a transfer on its way: 10, 30, 60 s, 5, 15 minutes and 1 hour after the last call, hourly to 3 days; then null: a person has it.
    /// </summary>
    /// <param name="sentAt">The last call.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset? NextLook(DateTimeOffset sentAt, DateTimeOffset now) =>
        LadderTime.Next(sentAt, now, _ladder, (TimeSpan.FromHours(1), TimeSpan.FromDays(3)));

    /// <summary>Whether a transfer that the channel says it does not know may be sent again, under the same number.</summary>
    /// <param name="firstSentAt">The first call.</param>
    /// <param name="lastSentAt">The last call.</param>
    /// <param name="notFounds">How often the channel said "not found" since the last call, this time included.</param>
    /// <param name="resends">How often it was sent again.</param>
    /// <param name="now">Now.</param>
    public static bool MayResend(DateTimeOffset firstSentAt, DateTimeOffset lastSentAt, int notFounds, int resends, DateTimeOffset now) =>
        now - lastSentAt >= ResendAfter && notFounds >= ResendAfterNotFounds && resends < ResendsMax && now - firstSentAt <= ResendWithin;

    /// <summary>The next look at a transfer that was paid to a bank account: 1, 2, 3 and 7 days after that.</summary>
    /// <param name="succeededAt">When it was paid.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset? NextReturnLook(DateTimeOffset succeededAt, DateTimeOffset now) => LadderTime.Next(succeededAt, now, _returnLadder);

    /// <summary>
    /// Whether the channel has the number and the same request may be made once more all the same: it waits for balance, or the payee has to confirm and only the answer
    /// to that request says what opens the wallet's page. Such a repeat pays nobody twice; its refusal decides nothing.
    /// </summary>
    /// <param name="transfer">The transfer as it is stored now.</param>
    public static bool AsksForRepeat(StoredTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        return transfer.CreateAnswer.IsEmpty
            && (transfer.Transfer.State == TransferState.WaitPayee || (transfer.Transfer.State == TransferState.Sent && transfer.Transfer.ChannelTransferId.Length > 0));
    }

    /// <summary>When a transfer is due for its next look; null when it is decided for good, waits for a person, or a person has it.</summary>
    /// <param name="transfer">The transfer as it is stored now.</param>
    /// <param name="now">The look that has just been.</param>
    public static DateTimeOffset? Next(StoredTransfer transfer, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        return transfer.Transfer.State switch
        {
            TransferState.Approved => now + CheckSchedule.Soonest,
            // What is sent again at its looks keeps those of the first call, or it would begin anew each minute.
            TransferState.Sent or TransferState.WaitPayee when transfer.CreateAnswer.IsEmpty && IsSentAgainAtItsLooks(transfer) =>
                NextLook(transfer.FirstSentTime.ToDateTimeOffset(), now),
            TransferState.Succeeded when transfer.Payee?.Kind == Payee.Types.Kind.BankAccount => NextReturnLook(transfer.Transfer.SuccessTime.ToDateTimeOffset(), now),
            TransferState.Sent or TransferState.WaitPayee => NextLook(transfer.LastSentTime.ToDateTimeOffset(), now),
            _ => null,
        };
    }

    /// <summary>
    /// Its last call was answered and left it open; or none was, and the channel that asks for a repeat got as many as one that does not know the number.
    /// </summary>
    private static bool IsSentAgainAtItsLooks(StoredTransfer transfer) =>
        transfer.OpenCalls == 0 || transfer.NotFounds >= ResendAfterNotFounds || (AsksForRepeat(transfer) && transfer.Resends >= ResendsMax);
}
