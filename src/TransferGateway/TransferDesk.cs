using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Telemetry;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using Result = PayCore.Contracts.V1.TransferAnswer.Types.Result;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.TransferGateway;

/// <summary>
/// Verify, save, have it approved, ask the channel, record, answer. A transfer is only ever sent under its own number, and sent again only by the rule of
/// docs/states.md, which PayDatabase holds. From the committed intent on, nobody's cancellation applies.
/// </summary>
internal sealed class TransferDesk(
    DatabaseClient database, ChannelClients channels, TransferChecker checker, CallTurn turn, Routes routes, AddressGuard addresses, IdFactory ids,
    IOptions<PublicOptions> publicOptions, ILogger<TransferDesk> log)
{
    /// <summary>Saves a transfer and, when nobody has to approve it, sends it. An equal repeat goes on with the one that is there.</summary>
    public async Task<TransferAnswer> CreateAsync(CreateTransferRequest request, string appId, MerchantApp app, string outBatchNo)
    {
        var (channel, account) = await AdmitAsync(request, appId, app);
        var saved = await database.CreateTransferAsync(new CreateTransferRowRequest
        {
            Transfer = new Transfer
            {
                Id = ids.NewTransferId(),
                AppId = appId,
                OutTransferNo = request.OutTransferNo,
                OutBatchNo = outBatchNo,
                AmountMinor = request.AmountMinor,
                Currency = FieldRules.CheckCurrency(request.Currency),
                Method = request.Method,
                Title = request.Title,
                Remark = request.Remark,
            },
            MerchantId = app.MerchantId,
            Channel = channel,
            Account = account,
            Payee = request.Payee,
            NotifyUrl = request.NotifyUrl,
            DeliverUrl = request.NotifyUrl.Length > 0 ? request.NotifyUrl : app.Webhook?.Url ?? "",
            NeedsApproval = request.AmountMinor > app.Limits.TransferApprovalAboveMinor,
            CallLeaseTime = turn.LeaseEnd(),
            TraceParent = PaymentTrace.Current,
        });
        PaymentTrace.About(new TraceSubject(TransferId: saved.Transfer.Transfer.Id));
        return saved.Result switch
        {
            CreateTransferRowReply.Types.Result.Created when saved.Transfer.Transfer.State == TransferState.Sent => await SendAsync(saved.Transfer),
            CreateTransferRowReply.Types.Result.Different => throw PayErrors.Differs(
                saved.DifferingField, $"out_transfer_no was used before with another {saved.DifferingField}. Nothing was changed."),
            _ => Reply(await WaitAsync(saved.Transfer)),
        };
    }

    /// <summary>
    /// The account that pays, once everything about the request is in order today. What was accepted before under the number stays accepted, whatever limits, routes and
    /// channels have become since: its repeat gets its answer.
    /// </summary>
    private async Task<(string Channel, string Account)> AdmitAsync(CreateTransferRequest request, string appId, MerchantApp app)
    {
        try
        {
            TransferRules.Check(request, appId, app, addresses);
            var route = routes.ChooseForTransfer(app, request.Method);
            TransferRules.CheckChannel(request, await channels.For(route.Channel).DescribeAsync(new DescribeRequest { Account = route.Account }));
            return (route.Channel, route.Account);
        }
        catch (RpcException)
        {
            if (await FindAsync(new MerchantTransferKey { AppId = appId, OutTransferNo = request.OutTransferNo }) is not { } first)
            {
                throw;
            }

            return (first.Channel, first.Account);
        }
    }

    private async Task<StoredTransfer?> FindAsync(MerchantTransferKey key)
    {
        try
        {
            return await database.ReadTransferAsync(new ReadTransferRequest { MerchantTransfer = key });
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Has the channel pay a transfer whose turn this call holds, and records what it says.</summary>
    public async Task<TransferAnswer> SendAsync(StoredTransfer stored)
    {
        var said = await AskAsync(stored);
        if (said.State is ChannelTransferState.TransferUnknown or ChannelTransferState.TransferNoBalance)
        {
            log.LogWarning(
                "Channel {Channel} did not take transfer {TransferId}: {Code} {Message} (trace {TraceId})",
                stored.Channel, stored.Transfer.Id, said.Code, said.Message, said.TraceId);
        }

        var endsCall = said.State != ChannelTransferState.TransferUnknown || said.NothingSent || said.NotExecuted;
        return Reply((await checker.RecordAsync(stored, said, "answer", endsCall)).Transfer);
    }

    /// <summary>Sends a transfer again when the rule allows it now, or asks again for a withdrawal that the merchant wants. Changes nothing otherwise.</summary>
    public async Task<TransferAnswer> RepeatAsync(string transferId)
    {
        var claim = await database.ClaimTransferCallAsync(
            new ClaimTransferCallRequest { TransferId = transferId, LeaseTime = turn.LeaseEnd(), ForTransfer = true });
        if (claim.Claimed)
        {
            return await SendAsync(claim.Transfer);
        }

        return claim.Transfer is { CancelRequested: true, Transfer.State: TransferState.WaitPayee } ? await WithdrawAsync(claim.Transfer) : Reply(claim.Transfer);
    }

    /// <summary>Takes a transfer back as far as that is still possible.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION, TRANSFER_NOT_CANCELLABLE: it is on its way or done.</exception>
    public async Task<TransferAnswer> CancelAsync(StoredTransfer stored, string by)
    {
        if (stored.Transfer.State == TransferState.Sent)
        {
            // The channel may know better: a payee who has not confirmed yet.
            stored = (await checker.CheckAsync(stored)).Transfer;
        }

        if (stored.Transfer.State is not (TransferState.Created or TransferState.Approved or TransferState.WaitPayee or TransferState.Cancelled))
        {
            throw PayErrors.Refuse(StatusCode.FailedPrecondition, ErrorReason.TransferNotCancellable, "The transfer is on its way or has ended.");
        }

        var decided = await database.DecideTransferAsync(
            new DecideTransferRequest { TransferId = stored.Transfer.Id, Decision = DecideTransferRequest.Types.Decision.Cancel, By = by });
        return decided.Transfer.Transfer.State == TransferState.WaitPayee ? await WithdrawAsync(decided.Transfer) : Reply(decided.Transfer);
    }

    /// <summary>The answer as the transfer stands; the first definite one as it was.</summary>
    public static TransferAnswer Reply(StoredTransfer stored)
    {
        if (!stored.CreateAnswer.IsEmpty && stored.Transfer.State is not TransferState.Cancelled)
        {
            return TransferAnswer.Parser.ParseFrom(stored.CreateAnswer);
        }

        return new TransferAnswer
        {
            Transfer = stored.Transfer,
            Result = stored.Transfer.State switch
            {
                TransferState.Succeeded or TransferState.Returned => Result.Done,
                TransferState.Failed => Result.Declined,
                TransferState.Cancelled => Result.Cancelled,
                TransferState.Sent => Result.Processing,
                // What opens the wallet's page is asked for again: until then this is no answer that could be kept.
                TransferState.WaitPayee when stored.Transfer.Action is null => Result.Processing,
                _ => Result.Accepted,
            },
        };
    }

    /// <summary>Asks the channel to take it back, then what became of it: only that moves the transfer.</summary>
    private async Task<TransferAnswer> WithdrawAsync(StoredTransfer stored)
    {
        try
        {
            await channels.For(stored.Channel).CancelTransferAsync(new ChannelQueryTransferRequest { Account = stored.Account, TransferNo = stored.Transfer.Id });
        }
        catch (RpcException e)
        {
            log.LogWarning("Channel {Channel} did not answer the withdrawal of {TransferId}: {Status}", stored.Channel, stored.Transfer.Id, e.Status);
        }

        return Reply((await checker.CheckAsync(stored)).Transfer);
    }

    private async Task<ChannelTransferReply> AskAsync(StoredTransfer stored)
    {
        var transfer = stored.Transfer;
        try
        {
            return await channels.For(stored.Channel).TransferAsync(new ChannelTransferRequest
            {
                Account = stored.Account,
                TransferNo = transfer.Id,
                AmountMinor = transfer.AmountMinor,
                Currency = transfer.Currency,
                Payee = stored.Payee,
                Title = transfer.Title,
                Remark = transfer.Remark,
                CallbackUrl = publicOptions.Value.CallbackUrl(stored.Channel, stored.Account),
            });
        }
        catch (RpcException e)
        {
            // UNAVAILABLE alone does not prove that nothing was sent: the channel's service may have died after sending.
            return new ChannelTransferReply { State = ChannelTransferState.TransferUnknown, Code = $"{e.StatusCode}", Message = "The channel's service did not answer." };
        }
    }

    private Task<StoredTransfer> WaitAsync(StoredTransfer stored) => turn.WaitAsync(
        stored,
        s => s.CallLeaseTime,
        s => s.Transfer.State is not (TransferState.Sent or TransferState.WaitPayee) || !s.CreateAnswer.IsEmpty,
        async () => await database.ReadTransferAsync(new ReadTransferRequest { TransferId = stored.Transfer.Id }));
}
