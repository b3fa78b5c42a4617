using Microsoft.Extensions.DependencyInjection;
using PayCore.Cashier.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Accounts;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Exports;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Records;
using PayCore.PayManagerSystem.Web;
using PayCore.ServiceDefaults;

namespace PayCore.Console.Tests.Support;

/// <summary>An office on a working day, for pictures of it: people of every kind, and what they did so far.</summary>
public static class Staff
{
    private const int RecoveryCodes = 10;
    private const int AttemptsThatLock = 5;

    /// <summary>Hires them and has them work.</summary>
    /// <returns>The one who looks at the pages: an admin.</returns>
    public static async Task<Person> WorkAsync(this Office office)
    {
        var ada = await office.HireAsync("ada.lin", ["admin"], "Ada Lin");
        await office.Operators.SaveRoleAsync(new SaveRoleRequest
        {
            Role = new OperatorRole { Name = "auditor", Description = "Reads everything and takes lists along", Permissions = { BuiltInRoles.Table["viewer"].Append(ConsolePermission.Export).Select(p => $"{p}") } },
            By = ada.Name,
        });
        var ben = await office.HireAsync("ben.okoye", ["finance"], "Ben Okoye");
        var chen = await office.HireAsync("chen.mei", ["operator"], "陈梅");
        await office.HireAsync("dora.novak", ["auditor"], "Dora Novak");
        var fay = await office.HireAsync("fay.ito", ["viewer"], "Fay Ito");
        var gus = await office.HireAsync("gus.berg", ["operator", "finance"], "Gus Berg");
        await using var adasDesk = await Desk.OfAsync(office, ada);
        await using var bensDesk = await Desk.OfAsync(office, ben);
        await using var chensDesk = await Desk.OfAsync(office, chen);

        await Done(adasDesk.People.InviteAsync("eli.park", "Eli Park", ["operator"]));
        await Done(adasDesk.People.DisableAsync(await office.Operators.ReadOperatorAsync(new ReadOperatorRequest { OperatorId = gus.OperatorId })));
        for (var i = 0; i < AttemptsThatLock; i++)
        {
            await office.Operators.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = fay.OperatorId });
        }

        await office.Operators.RenewRecoveryCodesAsync(new RenewRecoveryCodesRequest
        {
            OperatorId = ada.OperatorId, TotpStep = ada.NextStep(), RecoveryHashes = { Enumerable.Range(0, RecoveryCodes).Select(i => SessionCookie.HashOf($"{i}")) },
        });
        await office.StatementAsync();
        await DecideAsync(office, adasDesk, bensDesk);
        await ExamineAsync(adasDesk);
        await ExportAsync(adasDesk, ada);
        var late = (await office.World.Database.ListExceptionsAsync(new ListExceptionsRequest { Limit = 200 })).Exceptions.First(e => e.Kind == ExceptionItem.Types.Kind.LatePayment);
        await Done(chensDesk.Records.SettleAsync(late.ExceptionId, "accepted", "The shop keeps the money and ships the goods."));
        return ada;
    }

    /// <summary>Refunds above the limit: one approved, one declined, and one each that waits for the other.</summary>
    private static async Task DecideAsync(Office office, Desk ada, Desk ben)
    {
        var approved = await AskAsync(office, ben, 268_800, "The course was cancelled.");
        await Done(ada.Approvals.ApproveAsync(approved, "The school confirmed it."));
        var declined = await AskAsync(office, ben, 152_000, "The guest did not come.");
        await Done(ada.Approvals.DeclineAsync(declined, "The rate cannot be refunded."));
        await AskAsync(office, ben, 489_900, "The bicycle's frame is broken.");
        await AskAsync(office, ada, 126_000, "Two tickets too many.");
    }

    private static async Task<string> AskAsync(Office office, Desk desk, long amountMinor, string reason)
    {
        var paid = await office.PaidAsync(amountMinor);
        var key = office.World.App.Services.GetRequiredService<IdFactory>().NewConfirmationKey();
        return (await Done(desk.Records.RefundAsync(paid.Order.Id, paid.Attempts[0].Attempt.AttemptNo, amountMinor, reason, key))).Approval!.ApprovalId;
    }

    private static async Task ExamineAsync(Desk desk)
    {
        var book = desk.Services.GetRequiredService<AccountBook>();
        foreach (var account in (await book.ListAsync()).Accounts)
        {
            await Done(desk.Services.GetRequiredService<AccountActions>().ExamineAsync(account));
        }
    }

    private static async Task ExportAsync(Desk desk, Person who)
    {
        var preferences = new Preferences(Language.English, "light", "Asia/Shanghai");
        foreach (var (source, query) in new (RecordSource, string)[]
                 {
                     (desk.Services.GetRequiredService<RefundSource>(), "?state=SUCCEEDED"),
                     (desk.Services.GetRequiredService<ExceptionSource>(), "?standing=OPEN"),
                     (desk.Services.GetRequiredService<PaymentSource>(), ""),
                 })
        {
            await Done(desk.Services.GetRequiredService<ExportActions>().BeginAsync(source, query, preferences));
        }

        var exports = desk.Services.GetRequiredService<ExportDesk>();
        await Till.UntilAsync(() => Task.FromResult(exports.Of(who.OperatorId).All(j => j.State == ExportState.Done)), "the exports are written");
    }

    private static async Task<T> Done<T>(Task<ActionResult<T>> action)
        where T : class
    {
        var result = await action;
        result.Problem.Should().BeNull();
        return result.Value!;
    }
}
