using System.Globalization;
using Grpc.Core;
using PayCore.Contracts.V1;
using Availability = PayCore.Contracts.V1.StatementPart.Types.Availability;

namespace PayCore.Channels.Wechat;

// A day's statement (wechat-pay-v3.md 8): the bill of trades tells of payments and refunds, the operating account's movements of money paid out. Both are downloaded
// and compared with their own totals before the first row is given. Reads only.
internal sealed partial class WechatChannel
{
    private const string TradesBill = "/v3/bill/tradebill?bill_type=ALL";
    private const string TransfersBill = "/v3/bill/fundflowbill?account_type=OPERATION";
    private const int RowsPerPart = 500;

    private async Task DownloadStatementAsync(DownloadStatementRequest request, IServerStreamWriter<StatementPart> parts, CancellationToken cancellation)
    {
        if (accounts.Find(request.Account) is not { } account)
        {
            await parts.WriteAsync(NoRows(Availability.Failed, NoAccount), cancellation);
            return;
        }

        if (!DateOnly.TryParseExact(request.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            await parts.WriteAsync(NoRows(Availability.Failed, "day: yyyy-MM-dd."), cancellation);
            return;
        }

        IEnumerable<StatementRow> rows;
        int count;
        try
        {
            var trades = await download.GetAsync(account, TradesBill, day, cancellation);
            // Only such an account can pay out.
            var transfers = account.TransferSceneId is null ? null : await download.GetAsync(account, TransfersBill, day, cancellation);
            rows = Rows(account, day, trades, transfers);
            // The rows are read twice, once to compare them with the totals and once to give them.
            count = rows.Count();
        }
        catch (StatementException e)
        {
            await parts.WriteAsync(NoRows(e.Availability, e.Message), cancellation);
            return;
        }

        if (count == 0)
        {
            await parts.WriteAsync(new StatementPart { Availability = Availability.Empty, Complete = true }, cancellation);
            return;
        }

        var given = 0;
        foreach (var chunk in rows.Chunk(RowsPerPart))
        {
            var part = new StatementPart { Availability = given == 0 ? Availability.Ready : Availability.Unspecified, Rows = { chunk } };
            given += chunk.Length;
            part.Complete = given == count;
            await parts.WriteAsync(part, cancellation);
        }
    }

    /// <summary>The rows. The lines of a second file go on where those of the first end, so that each has a number of its own.</summary>
    private static IEnumerable<StatementRow> Rows(WechatAccount account, DateOnly day, BillFile? trades, BillFile? transfers)
    {
        var last = 0;
        foreach (var row in trades is null ? [] : TradeBill.Read(trades, account.MchId, day))
        {
            last = row.Line;
            yield return row;
        }

        foreach (var row in transfers is null ? [] : FundFlowBill.Read(transfers, day))
        {
            row.Line += last;
            yield return row;
        }
    }

    private static StatementPart NoRows(Availability availability, string message) => new() { Availability = availability, Message = message };
}
