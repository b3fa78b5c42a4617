using Google.Protobuf;
using PayCore.Contracts.V1;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase;

/// <summary>A row of <c>transfer</c>.</summary>
internal sealed class TransferRow
{
    public const string Columns = """
        id, merchant_id, app_id, out_transfer_no, out_batch_no, channel, account, state, version, amount_minor, currency, method, payee, title, remark,
        notify_url, deliver_url, create_answer, needs_approval, approved_by, open_calls, call_lease_at, first_sent_at, last_sent_at, not_founds, resends,
        cancel_requested, action, channel_transfer_id, failure_code, failure_message, succeeded_at, created_at, ended_at, due_at, trace_parent
        """;

    /// <summary>The columns' values by the names of this type.</summary>
    public const string Values = """
        @Id, @MerchantId, @AppId, @OutTransferNo, @OutBatchNo, @Channel, @Account, @State, @Version, @AmountMinor, @Currency, @Method, @Payee, @Title, @Remark,
        @NotifyUrl, @DeliverUrl, @CreateAnswer, @NeedsApproval, @ApprovedBy, @OpenCalls, @CallLeaseAt, @FirstSentAt, @LastSentAt, @NotFounds, @Resends,
        @CancelRequested, @Action, @ChannelTransferId, @FailureCode, @FailureMessage, @SucceededAt, @CreatedAt, @EndedAt, @DueAt, @TraceParent
        """;

    /// <summary>What changes after the insert.</summary>
    public const string Changes = """
        state = @State, version = @Version, create_answer = @CreateAnswer, approved_by = @ApprovedBy, open_calls = @OpenCalls, call_lease_at = @CallLeaseAt,
        first_sent_at = @FirstSentAt, last_sent_at = @LastSentAt, not_founds = @NotFounds, resends = @Resends, cancel_requested = @CancelRequested,
        action = @Action, channel_transfer_id = @ChannelTransferId, failure_code = @FailureCode, failure_message = @FailureMessage,
        succeeded_at = @SucceededAt, ended_at = @EndedAt, due_at = @DueAt
        """;

    public string Id { get; init; } = "";
    public string MerchantId { get; init; } = "";
    public string AppId { get; init; } = "";
    public string OutTransferNo { get; init; } = "";
    public string OutBatchNo { get; init; } = "";
    public string Channel { get; init; } = "";
    public string Account { get; init; } = "";
    public string State { get; init; } = "";
    public int Version { get; init; }
    public long AmountMinor { get; init; }
    public string Currency { get; init; } = "";
    public string Method { get; init; } = "";
    public byte[] Payee { get; init; } = [];
    public string Title { get; init; } = "";
    public string Remark { get; init; } = "";
    public string NotifyUrl { get; init; } = "";
    public string DeliverUrl { get; init; } = "";
    public byte[]? CreateAnswer { get; init; }
    public int NeedsApproval { get; init; }
    public string ApprovedBy { get; init; } = "";
    public int OpenCalls { get; init; }
    public long? CallLeaseAt { get; init; }
    public long? FirstSentAt { get; init; }
    public long? LastSentAt { get; init; }
    public int NotFounds { get; init; }
    public int Resends { get; init; }
    public int CancelRequested { get; init; }
    public byte[]? Action { get; init; }
    public string ChannelTransferId { get; init; } = "";
    public string FailureCode { get; init; } = "";
    public string FailureMessage { get; init; } = "";
    public long? SucceededAt { get; init; }
    public long CreatedAt { get; init; }
    public long? EndedAt { get; init; }
    public long? DueAt { get; init; }
    public string TraceParent { get; init; } = "";

    public static TransferRow From(StoredTransfer stored) => new()
    {
        Id = stored.Transfer.Id,
        MerchantId = stored.MerchantId,
        AppId = stored.Transfer.AppId,
        OutTransferNo = stored.Transfer.OutTransferNo,
        OutBatchNo = stored.Transfer.OutBatchNo,
        Channel = stored.Channel,
        Account = stored.Account,
        State = EnumText<TransferState>.Of(stored.Transfer.State),
        Version = stored.Transfer.Version,
        AmountMinor = stored.Transfer.AmountMinor,
        Currency = stored.Transfer.Currency,
        Method = stored.Transfer.Method,
        Payee = stored.Payee.ToByteArray(),
        Title = stored.Transfer.Title,
        Remark = stored.Transfer.Remark,
        NotifyUrl = stored.NotifyUrl,
        DeliverUrl = stored.DeliverUrl,
        CreateAnswer = stored.CreateAnswer.IsEmpty ? null : stored.CreateAnswer.ToByteArray(),
        NeedsApproval = stored.NeedsApproval ? 1 : 0,
        ApprovedBy = stored.ApprovedBy,
        OpenCalls = stored.OpenCalls,
        CallLeaseAt = stored.CallLeaseTime.MsOrNull(),
        FirstSentAt = stored.FirstSentTime.MsOrNull(),
        LastSentAt = stored.LastSentTime.MsOrNull(),
        NotFounds = stored.NotFounds,
        Resends = stored.Resends,
        CancelRequested = stored.CancelRequested ? 1 : 0,
        Action = stored.Transfer.Action?.ToByteArray(),
        ChannelTransferId = stored.Transfer.ChannelTransferId,
        FailureCode = stored.Transfer.FailureCode,
        FailureMessage = stored.Transfer.FailureMessage,
        SucceededAt = stored.Transfer.SuccessTime.MsOrNull(),
        CreatedAt = stored.Transfer.CreateTime.Ms(),
        EndedAt = stored.EndTime.MsOrNull(),
        DueAt = stored.DueTime.MsOrNull(),
        TraceParent = stored.TraceParent,
    };

    public Transfer ToTransfer() => ToTransfer(Contracts.V1.Payee.Parser.ParseFrom(Payee));

    public StoredTransfer ToStored()
    {
        var payee = Contracts.V1.Payee.Parser.ParseFrom(Payee);
        return new StoredTransfer
        {
            Transfer = ToTransfer(payee),
            MerchantId = MerchantId,
            Channel = Channel,
            Account = Account,
            Payee = payee,
            NotifyUrl = NotifyUrl,
            DeliverUrl = DeliverUrl,
            CreateAnswer = CreateAnswer is null ? ByteString.Empty : ByteString.CopyFrom(CreateAnswer),
            NeedsApproval = NeedsApproval != 0,
            ApprovedBy = ApprovedBy,
            OpenCalls = OpenCalls,
            CallLeaseTime = Times.ToTimestamp(CallLeaseAt),
            FirstSentTime = Times.ToTimestamp(FirstSentAt),
            LastSentTime = Times.ToTimestamp(LastSentAt),
            NotFounds = NotFounds,
            Resends = Resends,
            CancelRequested = CancelRequested != 0,
            DueTime = Times.ToTimestamp(DueAt),
            EndTime = Times.ToTimestamp(EndedAt),
            TraceParent = TraceParent,
        };
    }

    private Transfer ToTransfer(Payee payee) => new()
    {
        Id = Id,
        AppId = AppId,
        OutTransferNo = OutTransferNo,
        State = EnumText<TransferState>.Parse(State),
        Version = Version,
        AmountMinor = AmountMinor,
        Currency = Currency,
        Method = Method,
        Payee = PayeeText.Hidden(payee),
        Title = Title,
        Remark = Remark,
        CreateTime = Times.ToTimestamp(CreatedAt),
        SuccessTime = Times.ToTimestamp(SucceededAt),
        ChannelTransferId = ChannelTransferId,
        FailureCode = FailureCode,
        FailureMessage = FailureMessage,
        OutBatchNo = OutBatchNo,
        Action = Action is null ? null : Contracts.V1.Action.Parser.ParseFrom(Action),
    };
}

/// <summary>A payee as merchants, pages and events may show it.</summary>
internal static class PayeeText
{
    /// <summary>The ends of its id, at most a quarter and three characters each; the name and the bank never.</summary>
    public static string Hidden(Payee payee)
    {
        var id = payee.Id;
        var shown = Math.Min(id.Length / 4, 3);
        return $"{id[..shown]}***{id[^shown..]}";
    }
}
