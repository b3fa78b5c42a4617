using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.Payments;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

// Refunds and transfers.
internal sealed partial class DatabaseFixture
{
    public Timestamp Lease(int seconds = 20) => Timestamp.FromDateTimeOffset(Clock.GetUtcNow().AddSeconds(seconds));

    /// <summary>An attempt that is paid, 12.99.</summary>
    public async Task<StoredAttempt> PaidAsync() => (await OrderAsync(Attempt.Types.State.Won)).Attempts[0];

    /// <summary>A refund request of a number that was not used before, whose creator is about to call.</summary>
    public CreateRefundRowRequest NewRefund(StoredAttempt attempt, long amount = 100, string? outRefundNo = null, bool call = true)
    {
        var number = Interlocked.Increment(ref _number);
        return new CreateRefundRowRequest
        {
            Refund = new Refund
            {
                Id = $"R01{number:D26}",
                AppId = "app1",
                OutRefundNo = outRefundNo ?? $"RT{number:D8}",
                OrderId = attempt.OrderId,
                AttemptNo = attempt.Attempt.AttemptNo,
                AmountMinor = amount,
                Currency = "CNY",
                Reason = "退货 returned",
            },
            MerchantId = "m1",
            NotifyUrl = "https://shop.example/notify",
            DeliverUrl = "https://shop.example/notify",
            CallLeaseTime = call ? Lease() : null,
        };
    }

    /// <summary>A refund of an order of its own in the state asked for.</summary>
    public async Task<StoredRefund> RefundAsync(RefundState state)
    {
        var created = await Client.CreateRefundAsync(NewRefund(await PaidAsync(), call: state != RefundState.Created));
        ChannelRefundState? word = state switch
        {
            RefundState.Succeeded => ChannelRefundState.RefundDone,
            RefundState.Failed => ChannelRefundState.RefundRefused,
            RefundState.Abnormal => ChannelRefundState.RefundAbnormal,
            _ => null,
        };
        return word is null ? created.Refund : (await RecordAsync(created.Refund.Refund.Id, word.Value)).Refund;
    }

    /// <summary>What the channel answered to a Refund call.</summary>
    public async Task<RefundMoveReply> RecordAsync(
        string refundId, ChannelRefundState word, string cause = "answer", RefundFacts? facts = null, NewCallback? callback = null, bool? endsCall = null) =>
        await Client.RecordRefundAsync(new RecordRefundRequest
        {
            RefundId = refundId,
            State = word,
            Facts = facts,
            Cause = cause,
            Code = "CODE",
            Message = "its words",
            EndsCall = endsCall ?? (cause == "answer" && word != ChannelRefundState.RefundUnknown),
            Callback = callback,
        });

    /// <summary>The channel answered a Refund call with "not executed, asked too often".</summary>
    public async Task<RefundMoveReply> LimitRefundAsync(string refundId) => await Client.RecordRefundAsync(new RecordRefundRequest
    {
        RefundId = refundId, State = ChannelRefundState.RefundUnknown, Cause = "answer", Code = "LIMITED", Message = "its words", EndsCall = true, NotExecuted = true,
    });

    public async Task<bool> ClaimRefundAsync(string refundId, bool forRefund = true, int spacing = 0) => (await Client.ClaimRefundCallAsync(
        new ClaimRefundCallRequest { RefundId = refundId, LeaseTime = Lease(), ForRefund = forRefund, SpacingSeconds = spacing })).Claimed;

    public async Task<StoredRefund> ReadRefundAsync(string refundId) =>
        await Client.ReadRefundAsync(new ReadRefundRequest { RefundId = refundId, WithHistory = true });

    /// <summary>A transfer request of a number that was not used before, whose creator is about to call.</summary>
    public CreateTransferRowRequest NewTransfer(string? outTransferNo = null, bool needsApproval = false, bool call = true, string appId = "app1")
    {
        var number = Interlocked.Increment(ref _number);
        return new CreateTransferRowRequest
        {
            Transfer = new Transfer
            {
                Id = $"T01{number:D26}",
                AppId = appId,
                OutTransferNo = outTransferNo ?? $"TT{number:D8}",
                AmountMinor = 5000,
                Currency = "CNY",
                Method = "wechat",
                Title = "佣金 commission",
                Remark = "November",
            },
            MerchantId = "m1",
            Channel = "wechat",
            Account = "1900000001",
            Payee = new Payee { Kind = Payee.Types.Kind.OpenId, Id = "o-1234567890abcdef", Name = "张三" },
            NotifyUrl = "https://shop.example/notify",
            DeliverUrl = "https://shop.example/notify",
            NeedsApproval = needsApproval,
            CallLeaseTime = call ? Lease() : null,
        };
    }

    /// <summary>A transfer in the state asked for.</summary>
    public async Task<StoredTransfer> TransferAsync(TransferState state)
    {
        var request = NewTransfer(needsApproval: state == TransferState.Created, call: state is not (TransferState.Created or TransferState.Approved));
        var stored = (await Client.CreateTransferAsync(request)).Transfer;
        ChannelTransferState[] words = state switch
        {
            TransferState.WaitPayee => [ChannelTransferState.TransferWaitPayee],
            TransferState.Succeeded => [ChannelTransferState.TransferDone],
            TransferState.Failed => [ChannelTransferState.TransferRefused],
            TransferState.Cancelled => [ChannelTransferState.TransferWaitPayee, ChannelTransferState.TransferCancelled],
            TransferState.Returned => [ChannelTransferState.TransferDone, ChannelTransferState.TransferReturned],
            _ => [],
        };
        foreach (var word in words)
        {
            stored = (await RecordAsync(stored.Transfer.Id, word)).Transfer;
        }

        return stored;
    }

    /// <summary>What the channel answered to a Transfer call.</summary>
    public async Task<TransferMoveReply> RecordAsync(
        string transferId, ChannelTransferState word, string cause = "answer", TransferFacts? facts = null, NewCallback? callback = null, bool? endsCall = null) =>
        await Client.RecordTransferAsync(new RecordTransferRequest
        {
            TransferId = transferId,
            State = word,
            Facts = facts,
            Action = word == ChannelTransferState.TransferWaitPayee ? new Contracts.V1.Action { RedirectUrl = "https://wallet.example/confirm" } : null,
            Cause = cause,
            Code = "CODE",
            Message = "its words",
            EndsCall = endsCall ?? (cause == "answer" && word != ChannelTransferState.TransferUnknown),
            Callback = callback,
        });

    /// <summary>The channel answered a Transfer call with "not executed, asked too often".</summary>
    public async Task<TransferMoveReply> LimitTransferAsync(string transferId) => await Client.RecordTransferAsync(new RecordTransferRequest
    {
        TransferId = transferId, State = ChannelTransferState.TransferUnknown, Cause = "answer", Code = "LIMITED", Message = "its words", EndsCall = true, NotExecuted = true,
    });

    public async Task<bool> ClaimTransferAsync(string transferId, bool forTransfer = true) => (await Client.ClaimTransferCallAsync(
        new ClaimTransferCallRequest { TransferId = transferId, LeaseTime = Lease(), ForTransfer = forTransfer })).Claimed;

    public async Task<StoredTransfer> ReadTransferAsync(string transferId) =>
        await Client.ReadTransferAsync(new ReadTransferRequest { TransferId = transferId, WithHistory = true });

    public async Task<IReadOnlyList<ExceptionItem.Types.Kind>> KindsAsync(string refundId = "", string transferId = "")
    {
        var list = await Client.ListExceptionsAsync(new ListExceptionsRequest { Limit = 200 });
        return [.. list.Exceptions.Where(e => e.RefundId == refundId && e.TransferId == transferId).Select(e => e.Kind)];
    }

    /// <summary>Fills the lists' tables with rows of two apps, by SQL, so that a database has something to plan for.</summary>
    public async Task FillAsync(int rows)
    {
        var order = (await Client.CreateOrderAsync(NewOrder())).Order.Order.Id;
        var refund = (await RefundAsync(RefundState.Created)).Refund.Id;
        var transfer = (await TransferAsync(TransferState.Created)).Transfer.Id;
        await using var connection = await Sql.OpenAsync(CancellationToken.None);
        foreach (var (table, columns, id, number) in ((string, string, string, string)[])
                 [
                     ("pay_order", OrderRow.Columns, order, "out_trade_no"),
                     ("refund", RefundRow.Columns, refund, "out_refund_no"),
                     ("transfer", TransferRow.Columns, transfer, "out_transfer_no"),
                 ])
        {
            var names = columns.Split(',', StringSplitOptions.TrimEntries);
            var values = names.Select(n => n switch
            {
                "id" => "CONCAT('ZZ', seq)",
                "page_token" => "CONCAT('page', seq)",
                "app_id" => "CONCAT('app', 1 + seq % 2)",
                "order_id" => "CONCAT('P', seq)",
                "out_batch_no" => "CONCAT('b', seq % 50)",
                "created_at" => "created_at - 1000 * seq",
                _ when n == number => "CONCAT('N', seq)",
                _ => n,
            });
            await Dapper.SqlMapper.ExecuteAsync(
                connection,
                $"INSERT INTO {table} ({columns}) SELECT {string.Join(", ", values)} FROM {table} JOIN seq_1_to_{rows} WHERE id = @id", new { id }, commandTimeout: 60);
            await Dapper.SqlMapper.ExecuteAsync(connection, $"ANALYZE TABLE {table}", commandTimeout: 60);
        }
    }

    /// <summary>I3 and I9 over the whole database: what is reserved and refunded is the sum of its refunds, histories are legal, told steps have one event each.</summary>
    public async Task CheckBooksAsync()
    {
        (await ScalarAsync<long>(
            """
            SELECT COUNT(*) FROM pay_attempt a
             WHERE a.refunded + a.refund_reserved > a.paid_amount
                OR a.refunded <> (SELECT COALESCE(SUM(amount_minor), 0) FROM refund r WHERE r.attempt_no = a.attempt_no AND r.state = 'SUCCEEDED')
                OR a.refund_reserved <> (SELECT COALESCE(SUM(amount_minor), 0) FROM refund r
                                          WHERE r.attempt_no = a.attempt_no AND r.state IN ('CREATED', 'SENT', 'ABNORMAL'))
            """)).Should().Be(0, "reserved and refunded are what the refunds say, and never beyond what was paid");
        await CheckEventsAsync("refund", "'SUCCEEDED', 'FAILED', 'ABNORMAL'");
        await CheckEventsAsync("transfer", "'SUCCEEDED', 'FAILED', 'CANCELLED', 'RETURNED'");
        await using var connection = await Sql.OpenAsync(CancellationToken.None);
        foreach (var id in await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT id FROM refund"))
        {
            var stored = await ReadRefundAsync(id);
            HistoryCheck.Assert(stored.History, RefundTransitions.Table, stored.Refund.State, stored.Refund.Version);
        }

        foreach (var id in await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT id FROM transfer"))
        {
            var stored = await ReadTransferAsync(id);
            HistoryCheck.Assert(stored.History, TransferTransitions.Table, stored.Transfer.State, stored.Transfer.Version);
        }
    }

    private async Task CheckEventsAsync(string table, string told)
    {
        var steps = await ScalarAsync<long>($"SELECT COUNT(*) FROM {table}_history WHERE to_state IN ({told})");
        var join = $"FROM {table}_history h JOIN event e ON e.subject_id = h.{table}_id AND e.subject_version = h.version";
        (await ScalarAsync<long>($"SELECT COUNT(*) {join} WHERE h.to_state IN ({told})")).Should().Be(steps, "each told step has its event");
        (await ScalarAsync<long>($"SELECT COUNT(*) {join}")).Should().Be(steps, "no other step has one");
        (await ScalarAsync<long>($"SELECT COUNT(*) {join} JOIN notify_delivery d ON d.event_id = e.event_id")).Should().Be(steps);
    }
}
