using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.OrderMonitor;

/// <summary>
/// Has each account's statements of the last days fetched and matched, once the providers have made it. QueryGateway remembers how far it is: two instances, a
/// restart or a repeat are harmless.
/// </summary>
internal sealed class StatementRun(
    QueryGatewayInner.QueryGatewayInnerClient queries, DatabaseClient database, IConfigDocuments<MerchantApp> apps, IOptions<MonitorOptions> options, TimeProvider time,
    ILogger<StatementRun> log) : BackgroundService
{
    /// <summary>Of a statement that cannot be had so many days later a person is told, or when it is asked for on the last day if that is sooner.</summary>
    private const int OverdueDays = 4;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly HashSet<(string Channel, string Account, string Day)> _done = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var there = time.GetUtcNow().ToOffset(options.Value.StatementOffset);
            if (there.TimeOfDay >= options.Value.StatementsAt)
            {
                await TryRunAsync([.. Enumerable.Range(1, options.Value.StatementDays).Select(n => there.AddDays(-n).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))]);
            }

            try
            {
                await Task.Delay(options.Value.StatementsEvery, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task TryRunAsync(IReadOnlyList<string> days)
    {
        try
        {
            await RunAsync(days);
        }
#pragma warning disable CA1031 // A bug here must not take the process, which may be the whole of PayCore, with it.
        catch (Exception e)
        {
            log.LogError(e, "A round of statements ended halfway");
        }
#pragma warning restore CA1031
    }

    private async Task RunAsync(IReadOnlyList<string> days)
    {
        using var activity = WaitingMetrics.Source.StartActivity("monitor.statements");
        _done.RemoveWhere(d => !days.Contains(d.Day));
        var overdue = days.Skip(Math.Min(OverdueDays, days.Count) - 1).ToHashSet();
        var accounts = await AccountsAsync();
        foreach (var (channel, account, day) in days.SelectMany(day => accounts.Select(a => (a.Channel, a.Account, day))).Where(one => !_done.Contains(one)))
        {
            if (await CheckAsync(channel, account, day, overdue.Contains(day)))
            {
                _done.Add((channel, account, day));
            }
        }
    }

    /// <summary>Those that routes lead to, and those that routes led to: their money goes on being refunded.</summary>
    private async Task<IReadOnlyList<(string Channel, string Account)>> AccountsAsync()
    {
        var routed = apps.All.Values.SelectMany(a => a.Routes.SelectMany(r => r.Value.Select(to => (Channel: to.Channel ?? r.Key.Split('.')[0], to.Account))));
        try
        {
            var recorded = await database.ListAccountsAsync(new ListAccountsRequest());
            return [.. routed.Union(recorded.Accounts.Select(a => (a.Channel, a.Account)))];
        }
        catch (RpcException e)
        {
            log.LogWarning("The accounts could not be listed: {Status}", e.Status);
            return [.. routed.Distinct()];
        }
    }

    /// <returns>Nothing is left to do for that account and day.</returns>
    private async Task<bool> CheckAsync(string channel, string account, string day, bool overdue)
    {
        try
        {
            var deadline = time.GetUtcNow().UtcDateTime + _patience;
            var fetched = await queries.FetchStatementAsync(
                new FetchStatementRequest { Channel = channel, Account = account, Day = day, Overdue = overdue }, deadline: deadline);
            if (!fetched.Ready)
            {
                log.LogInformation("The statement of {Channel}/{Account} for {Day} is not there yet: {Message}", channel, account, day, fetched.Message);
                return false;
            }

            var matched = await queries.MatchStatementAsync(new MatchStatementRequest { Channel = channel, Account = account, Day = day }, deadline: deadline);
            log.LogInformation(
                "The statement of {Channel}/{Account} for {Day}: {Rows} rows, {Repaired} repaired, {Differences} differences",
                channel, account, day, matched.Rows, matched.Repaired, matched.Differences);
            return true;
        }
        catch (RpcException e)
        {
            log.LogWarning("The statement of {Channel}/{Account} for {Day} could not be checked: {Status}", channel, account, day, e.Status);
            return e.StatusCode == StatusCode.Unimplemented;
        }
#pragma warning disable CA1031 // A bug that one account meets must not keep the others' statements back.
        catch (Exception e)
        {
            log.LogError(e, "The statement of {Channel}/{Account} for {Day} could not be checked", channel, account, day);
            return false;
        }
#pragma warning restore CA1031
    }
}
