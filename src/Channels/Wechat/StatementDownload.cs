using System.Globalization;
using Availability = PayCore.Contracts.V1.StatementPart.Types.Availability;

namespace PayCore.Channels.Wechat;

/// <summary>
/// Gets a bill (wechat-pay-v3.md 8.1, 8.4): asks for it, downloads the file from the account's own host, and compares it with the hash of the signed answer, since the
/// file itself is not signed. At most 64 MB, within a minute.
/// </summary>
internal sealed class StatementDownload(WechatClient client, WechatWire wire, TimeProvider time)
{
    private const int MegaBytesMax = 64;
    private const string FilePath = "/v3/billdownload/file";
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    /// <summary>A day's bills are made by ten on the next day; "there is none" counts only then (8.2).</summary>
    private static readonly TimeSpan _madeAfterDay = TimeSpan.FromHours(10);

    /// <summary>The whole file; null when the platform says that the day has none.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="bill">Path and kind of the bill.</param>
    /// <param name="day">The platform's day.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StatementException">It is not made yet, or it cannot be had.</exception>
    public async Task<BillFile?> GetAsync(WechatAccount account, string bill, DateOnly day, CancellationToken cancellation)
    {
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var response = await client.SendAsync(account, HttpMethod.Get, $"{bill}&bill_date={date}&tar_type=GZIP", null, cancellation);
        if (response is not { Kind: WechatResponseKind.Answer, Status: 200 })
        {
            return NoBill(response, day);
        }

        if (WechatJson.Read<BillAnswer>(response.Body) is not { HashType: "SHA1", HashValue: { } hash, DownloadUrl: { } address }
            || !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.AbsolutePath != FilePath)
        {
            throw new StatementException("The answer names no file with its SHA-1.");
        }

        using var limit = new CancellationTokenSource(_limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        // To the account's own host: the signature holds for each of the platform's, and no answer leads us elsewhere (1.1).
        var exchange = await wire.ExchangeAsync(account, HttpMethod.Get, url.PathAndQuery, null, ended.Token, megaBytesMax: MegaBytesMax);
        if (exchange is not { Reach: WechatReach.Answered, Status: 200 })
        {
            throw new StatementException(exchange.Reach == WechatReach.Answered ? $"The download has HTTP status {exchange.Status}." : $"The download failed: {exchange.Problem}.");
        }

        var file = new BillFile(exchange.Body);
        try
        {
            return await file.HashAsync(ended.Token) == hash ? file : throw new StatementException("The file is not the one that the platform announced.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new StatementException("The file could not be read in time.");
        }
    }

    private BillFile? NoBill(WechatResponse response, DateOnly day)
    {
        var (code, message) = WechatChannel.Words(response);
        var isNone = ErrorMap.IsNoStatement(response, code);
        var isMade = time.GetUtcNow() >= ChinaTime.EndOf(day) + _madeAfterDay;
        return isNone && isMade ? null
            : isNone || ErrorMap.IsStatementCreating(response, code)
                ? throw new StatementException($"{code}: WeChat Pay has not made this day's bill yet.", Availability.NotReady)
                : throw new StatementException($"{code}: {message}");
    }
}
