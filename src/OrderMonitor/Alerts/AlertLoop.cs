using System.Text;
using Google.Protobuf.Collections;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.OrderMonitor.Alerts;

/// <summary>
/// Tells people of new exception items, once each, until it is acknowledged: the records say who was not told yet, so that neither a restart nor a receiver that is
/// down loses one. Several instances share the items by taking.
/// </summary>
internal sealed class AlertLoop(
    DatabaseClient database, IHttpClientFactory clients, IOptions<AlertOptions> options, TimeProvider time, ILogger<AlertLoop> log) : BackgroundService
{
    /// <summary>The name of the HTTP client.</summary>
    public const string HttpClientName = "PayCore.OrderMonitor.Alerts";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.Value.Url.Length > 0 && !stoppingToken.IsCancellationRequested)
        {
            await TellAsync();
            try
            {
                await Task.Delay(options.Value.Every, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task TellAsync()
    {
        try
        {
            var taken = await database.ClaimAlertsAsync(
                new ClaimAlertsRequest { Limit = options.Value.ItemsMax, LeaseSeconds = (int)options.Value.AgainAfter.TotalSeconds });
            if (taken.Exceptions.Count == 0)
            {
                return;
            }

            using var activity = WaitingMetrics.Source.StartActivity("monitor.alerts");
            if (await SendAsync(taken.Exceptions))
            {
                await database.SettleAlertsAsync(new SettleAlertsRequest { ExceptionIds = { taken.Exceptions.Select(e => e.ExceptionId) } });
            }
        }
        catch (RpcException e)
        {
            log.LogWarning("Alerts could not be taken or settled: {Status}", e.Status);
        }
#pragma warning disable CA1031 // A bug here must not take the process, which may be the whole of PayCore, with it.
        catch (Exception e)
        {
            // Its message might hold the address.
            log.LogError("Alerts could not be told: {Why} {Where}", e.GetType().Name, e.StackTrace);
        }
#pragma warning restore CA1031
    }

    private async Task<bool> SendAsync(RepeatedField<ExceptionItem> items)
    {
        using var limit = new CancellationTokenSource(options.Value.Timeout, time);
        try
        {
            using var client = clients.CreateClient(HttpClientName);
            using var content = new ByteArrayContent(AlertMessage.Body(options.Value.Format, items));
            content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
            using var answer = await client.PostAsync(AlertMessage.Address(options.Value, time.GetUtcNow()), content, limit.Token);
            // Robots answer in UTF-8, whatever their Content-Type calls it; a name that .NET does not know would be an exception.
            var text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(limit.Token));
            if (AlertMessage.IsAcknowledged(options.Value.Format, answer.IsSuccessStatusCode, text))
            {
                return true;
            }

            // The address may hold a robot's key: it stays out of the log.
            log.LogError("An alert of {Count} items was not acknowledged: HTTP {Status}", items.Count, (int)answer.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            log.LogError("An alert of {Count} items could not be sent: {Why}", items.Count, e.GetType().Name);
        }

        return false;
    }
}
