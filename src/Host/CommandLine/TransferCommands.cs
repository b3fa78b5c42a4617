using System.CommandLine;
using PayCore.Contracts.V1;
using PayCore.Payments;
using Decision = PayCore.Contracts.V1.DecideTransferRequest.Types.Decision;

namespace PayCore.Host.CommandLine;

/// <summary>
/// <c>paycore transfer …</c>: transfers, and a person's decision about those above the app's limit. What is approved is sent by the running system's OrderMonitor,
/// never from here.
/// </summary>
internal sealed class TransferCommands(CommandSession session)
{
    private readonly Argument<string> _id = new("ID") { Description = "The gateway transfer id." };
    private readonly Option<string> _by = new("--by") { Description = "Who decides; not the one who asked.", HelpName = "NAME", Required = true };
    private readonly Option<string> _reason = new("--reason") { Description = "Why it is refused.", DefaultValueFactory = _ => "" };

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var show = new Command("show", "Shows a transfer with its history; of its payee only what the merchant sees.") { _id };
        show.SetAction((arguments, _) => ShowAsync(arguments));
        var approve = new Command("approve", "Approves a transfer that waits for it; it is sent within a second. Safe to repeat.") { _id, _by };
        approve.SetAction((arguments, _) => DecideAsync(arguments, Decision.Approve));
        var reject = new Command("reject", "Refuses a transfer that waits for approval: it is cancelled, and its merchant is told. Safe to repeat.") { _id, _by, _reason };
        reject.SetAction((arguments, _) => DecideAsync(arguments, Decision.Reject));
        return new Command("transfer", "Transfers, and their approval.") { show, approve, reject };
    }

    private async Task<int> ShowAsync(ParseResult arguments)
    {
        session.UseRecords();
        var stored = await session.CallDatabaseAsync((client, options) =>
            client.ReadTransferAsync(new ReadTransferRequest { TransferId = arguments.GetValue(_id), WithHistory = true }, options));
        Write(stored);
        foreach (var entry in stored.History)
        {
            Console.WriteLine($"  {Times.Show(entry.Time.ToDateTimeOffset(), session.Time)}  {(entry.FromState.Length > 0 ? entry.FromState : "-")} → {entry.ToState}, by {entry.Cause}");
        }

        return 0;
    }

    private async Task<int> DecideAsync(ParseResult arguments, Decision decision)
    {
        session.UseRecords();
        var decided = await session.CallDatabaseAsync((client, options) => client.DecideTransferAsync(
            new DecideTransferRequest
            {
                TransferId = arguments.GetValue(_id),
                Decision = decision,
                By = arguments.GetValue(_by),
                Reason = decision == Decision.Reject ? arguments.GetValue(_reason) : "",
            },
            options));
        if (decided.Result == MoveResult.NotAllowed)
        {
            throw new CommandFailedException($"Nothing was decided: {decided.Reason}.");
        }

        Write(decided.Transfer);
        return 0;
    }

    private static void Write(StoredTransfer stored)
    {
        var transfer = stored.Transfer;
        Console.WriteLine($"Transfer {transfer.Id}: {Names.Of(transfer.State)}");
        Console.WriteLine($"  {Amounts.Format(transfer.AmountMinor, transfer.Currency)} to {transfer.Payee} by {stored.Channel}/{stored.Account}");
        Console.WriteLine($"  {transfer.OutTransferNo} of {transfer.AppId}: {transfer.Title}");
        if (stored.ApprovedBy.Length > 0)
        {
            Console.WriteLine($"  approved by {stored.ApprovedBy}");
        }

        if (transfer.FailureCode.Length > 0 || transfer.FailureMessage.Length > 0)
        {
            Console.WriteLine($"  {transfer.FailureCode} {transfer.FailureMessage}");
        }
    }
}
