using System.Globalization;
using Grpc.Core;
using PayCore.Contracts.V1;
using Availability = PayCore.Contracts.V1.StatementPart.Types.Availability;

namespace PayCore.Channels.Alipay;

// A day's statement (alipay.md 9): the trade bill tells of payments and refunds, the account ledger of money paid out. Both are downloaded and compared with their
// own totals before the first row is given. Reads only.
internal sealed partial class AlipayChannel
{
    private const string TradeBill = "trade";
    private const string LedgerBill = "signcustomer";
    private const int RowsPerPart = 500;

    /// <summary>A day's bill is made by about nine on the next day; "there is none" counts only well after that.</summary>
    private static readonly TimeSpan _madeAfterDay = TimeSpan.FromHours(12);

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

        using var book = new StatementBook(account.SellerId, day);
        try
        {
            await FillAsync(book, account, day, TradeBill, cancellation);
            if (account.Certificates is not null)
            {
                // Only such an account can pay out.
                await FillAsync(book, account, day, LedgerBill, cancellation);
            }

            book.Check();
        }
        catch (StatementException e)
        {
            await parts.WriteAsync(NoRows(e.Availability, e.Message), cancellation);
            return;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            await parts.WriteAsync(NoRows(Availability.Failed, "The file is damaged."), cancellation);
            return;
        }

        if (book.RowCount == 0)
        {
            await parts.WriteAsync(new StatementPart { Availability = Availability.Empty, Complete = true }, cancellation);
            return;
        }

        var given = 0;
        foreach (var rows in book.Rows().Chunk(RowsPerPart))
        {
            var part = new StatementPart { Availability = given == 0 ? Availability.Ready : Availability.Unspecified, Rows = { rows } };
            given += rows.Length;
            part.Complete = given == book.RowCount;
            await parts.WriteAsync(part, cancellation);
        }
    }

    /// <exception cref="StatementException">It is not made yet, or it cannot be had.</exception>
    private async Task FillAsync(StatementBook book, AlipayAccount account, DateOnly day, string billType, CancellationToken cancellation)
    {
        if (await FindBillAsync(account, billType, day, cancellation) is { } address)
        {
            book.Add(await download.GetAsync(address, cancellation), isLedger: billType == LedgerBill);
        }
    }

    /// <summary>Where the bill is; null when the platform says that the day has none.</summary>
    private async Task<Uri?> FindBillAsync(AlipayAccount account, string billType, DateOnly day, CancellationToken cancellation)
    {
        var content = AlipayJson.Write(new BillNumber(billType, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        var response = await client.SendAsync(account, "alipay.data.dataservice.bill.downloadurl.query", content, cancellation);
        if (response.IsSuccess)
        {
            return AlipayRules.StatementAddress(account.GatewayUrl, AlipayJson.Read<BillAnswer>(response.Node)?.BillDownloadUrl)
                ?? throw new StatementException("The answer holds no address that a statement may come from.");
        }

        var (code, message) = Words(response);
        if (!ErrorMap.IsNoStatement(response))
        {
            throw new StatementException($"{code}: {message}");
        }

        return time.GetUtcNow() >= ChinaTime.EndOf(day) + _madeAfterDay ? null
            : throw new StatementException($"{code}: Alipay has not made this day's statement yet.", Availability.NotReady);
    }

    private static StatementPart NoRows(Availability availability, string message) => new() { Availability = availability, Message = message };
}
