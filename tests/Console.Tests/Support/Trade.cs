using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.Host.CommandLine;
using PayCore.PayDatabase.Seeding;
using PayCore.ServiceDefaults;

namespace PayCore.Console.Tests.Support;

/// <summary>What an office's records hold: made-up trade, and payments that are real.</summary>
public static class Trade
{
    /// <summary>The same number gives the same orders, but for their times.</summary>
    private const long Number = 7;

    /// <summary>Fills them.</summary>
    public static Task SeedAsync(this Office office, int orders) => office.World.App.Services.GetRequiredService<Seeder>().RunAsync(
        new SeedPlan { Orders = orders, Number = Number, Shops = MadeUpTrade.Shops, Ways = MadeUpTrade.Ways, Add = true }, new Unheard(), CancellationToken.None);

    /// <summary>A payment of this amount, paid in the wallet and told by the callback.</summary>
    public static async Task<StoredOrder> PaidAsync(this Office office, long amountMinor)
    {
        var order = office.World.NewOrder();
        order["amount_minor"] = amountMinor;
        var answer = await office.World.CreateAsync(order);
        office.World.Wallet.Pay(World.Account, answer["attempt_no"]!.GetValue<string>());
        return await office.World.UntilAsync(answer["order"]!["id"]!.GetValue<string>(), o => o.Order.State == PayOrder.Types.State.Paid);
    }

    /// <summary>A refund of ¥1 that the channel took and cannot pay, as the records have it.</summary>
    /// <returns>Its number.</returns>
    public static async Task<string> AbnormalRefundAsync(this Office office, StoredOrder paid)
    {
        var id = office.World.App.Services.GetRequiredService<IdFactory>().NewRefundId();
        await office.World.Database.CreateRefundAsync(new CreateRefundRowRequest
        {
            Refund = new Refund
            {
                Id = id, AppId = World.AppId, OutRefundNo = "R1", OrderId = paid.Order.Id, AttemptNo = paid.Attempts[0].Attempt.AttemptNo, AmountMinor = 100, Currency = "CNY",
            },
            MerchantId = paid.MerchantId,
            CallLeaseTime = Timestamp.FromDateTimeOffset(office.Clock.GetUtcNow().AddMinutes(1)),
        });
        await office.World.Database.RecordRefundAsync(new RecordRefundRequest { RefundId = id, State = ChannelRefundState.RefundAbnormal, Cause = "answer", EndsCall = true });
        return id;
    }

    /// <summary>
    /// A day's statement of an account: a line that is as ours, one of another amount, one that is not ours, and a payment of ours that it does not list.
    /// </summary>
    public static async Task<StatementRecord> StatementAsync(this Office office)
    {
        var (equal, other, missing) = (await office.PaidAsync(1299), await office.PaidAsync(6800), await office.PaidAsync(25_000));
        var database = office.World.Database;
        var paid = missing.Order.PaidTime;
        var statement = await database.ClaimStatementAsync(new ClaimStatementRequest
        {
            Channel = "wechat",
            Account = World.Account,
            Day = paid.ToDateTimeOffset().ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            LeaseTime = Timestamp.FromDateTimeOffset(office.Clock.GetUtcNow().AddMinutes(5)),
        });
        var id = statement.StatementId;
        await database.AddStatementRowsAsync(new AddStatementRowsRequest
        {
            StatementId = id,
            Rows =
            {
                Line(1, equal.Attempts[0].Attempt.AttemptNo, equal.Order.ChannelOrderId, 1299),
                Line(2, other.Attempts[0].Attempt.AttemptNo, other.Order.ChannelOrderId, 6080),
                Line(3, "TILL-0778", "4200002026112900000000000778", 45_000),
            },
        });
        await database.MoveStatementAsync(new MoveStatementRequest { StatementId = id, To = StatementRecord.Types.State.Fetched });
        await database.MatchStatementRowsAsync(new MatchStatementRowsRequest { StatementId = id, Limit = 500 });
        for (var (after, done) = ("", false); !done;)
        {
            var reply = await database.FindMissingInStatementAsync(new FindMissingInStatementRequest { StatementId = id, AfterId = after, Limit = 500 });
            (after, done) = (reply.LastId, reply.Done);
        }

        return await database.MoveStatementAsync(new MoveStatementRequest { StatementId = id, To = StatementRecord.Types.State.Matched });

        StatementRow Line(int line, string attemptNo, string channelOrderId, long amountMinor) => new()
        {
            Line = line, Kind = StatementRow.Types.Kind.Payment, AttemptNo = attemptNo, ChannelOrderId = channelOrderId, AmountMinor = amountMinor, Currency = "CNY", Time = paid, ProviderState = "SUCCESS",
        };
    }

    private sealed class Unheard : IProgress<int>
    {
        public void Report(int value)
        {
        }
    }
}
