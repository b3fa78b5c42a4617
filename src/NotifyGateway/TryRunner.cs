using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Telemetry;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.NotifyGateway;

/// <summary>
/// One try from beginning to end: sign, send, decide, record. A worker that lost its lease records nothing. When the process dies between sending
/// and recording, the lease runs out and the merchant hears the same event id once more.
/// </summary>
internal sealed class TryRunner(
    DatabaseClient database, IConfigDocuments<MerchantApp> apps, WebhookSender sender, NotifyTelemetry telemetry, RandomSource random, TimeProvider time,
    IOptions<NotifyOptions> options, ILogger<TryRunner> log)
{
    private static readonly TimeSpan _recordAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Runs the next try of a taken delivery.</summary>
    /// <param name="delivery">As the claim gave it.</param>
    /// <param name="takenAt">When it was claimed.</param>
    /// <param name="abandon">Ends the try without a record; its lease runs out.</param>
    /// <returns>The word for what came of it, or null when it was abandoned or its lease was lost.</returns>
    public async Task<string?> RunAsync(Delivery delivery, DateTimeOffset takenAt, CancellationToken abandon)
    {
        // The caller starts many tries; none of them waits for another's first steps.
        await Task.Yield();

        var number = delivery.Tries + 1;
        using var activity = PaymentTrace.Continue(
            NotifyTelemetry.Source, "notify.try", ActivityKind.Client, delivery.TraceParent, SubjectOf(delivery));
        activity?.SetTag("paycore.delivery_id", delivery.DeliveryId);
        activity?.SetTag("paycore.event_id", delivery.EventId);
        activity?.SetTag("paycore.app_id", delivery.AppId);
        activity?.SetTag("paycore.try_number", number);

        await using var lease = new DeliveryLease(database, delivery, takenAt, options.Value, time, log);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(abandon, lease.Lost);
        telemetry.Started();
        try
        {
            var start = time.GetUtcNow();
            var began = time.GetTimestamp();
            if (delivery is { Tries: 0, Cycle: <= 1, CreateTime: { } created })
            {
                telemetry.FirstTry(start - created.ToDateTimeOffset());
            }

            var webhook = apps.Find(delivery.AppId)?.Webhook;
            var answer = await AnswerAsync(delivery, webhook, ended.Token);
            var outcome = TryRules.Decide(answer, webhook?.Ack ?? AckRule.Success, number, time.GetUtcNow(), random.NextDouble(), options.Value);
            telemetry.Result(outcome.Result, time.GetElapsedTime(began));
            activity?.SetTag("paycore.result", outcome.Result);
            activity?.SetTag("http.response.status_code", answer.Status);
            activity?.SetStatus(outcome.Next == DeliveryState.Delivered ? ActivityStatusCode.Ok : ActivityStatusCode.Error);

            var made = new DeliveryTry
            {
                Cycle = delivery.Cycle,
                Number = number,
                StartTime = start.ToTimestamp(),
                DurationMs = (long)time.GetElapsedTime(began).TotalMilliseconds,
                HttpStatus = answer.Status,
                Result = outcome.Result,
                Answer = AnswerText.Of(answer.Body.Span),
            };
            await RecordAsync(delivery, lease, made, outcome, ended.Token);
            return outcome.Result;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            log.LogWarning("Try {Number} of delivery {DeliveryId} was left without a record", number, delivery.DeliveryId);
            return null;
        }
        finally
        {
            telemetry.Ended();
        }
    }

    /// <summary>Sends something to an app's address that tells of nothing, once, without a record.</summary>
    public async Task<DeliveryTry> TestAsync(Delivery test, CancellationToken cancellation)
    {
        var (start, began) = (time.GetUtcNow(), time.GetTimestamp());
        var webhook = apps.Find(test.AppId)?.Webhook;
        var answer = await AnswerAsync(test, webhook, cancellation);
        var outcome = TryRules.Decide(answer, webhook?.Ack ?? AckRule.Success, 1, time.GetUtcNow(), random.NextDouble(), options.Value);
        return new DeliveryTry
        {
            Cycle = 1,
            Number = 1,
            StartTime = start.ToTimestamp(),
            DurationMs = (long)time.GetElapsedTime(began).TotalMilliseconds,
            HttpStatus = answer.Status,
            Result = outcome.Result,
            Answer = AnswerText.Of(answer.Body.Span),
        };
    }

    private static TraceSubject SubjectOf(Delivery delivery) =>
        delivery.EventType.StartsWith("transfer.", StringComparison.Ordinal) ? new TraceSubject(TransferId: delivery.OrderId) : new TraceSubject(delivery.OrderId);

    private async Task<TryAnswer> AnswerAsync(Delivery delivery, WebhookDocument? webhook, CancellationToken cancellation)
    {
        var secrets = SecretsOf(delivery.AppId, webhook);
        if (secrets.Count == 0)
        {
            // An alert: the merchant hears nothing until somebody repairs the app's document.
            log.LogError("Nothing is sent for app {AppId}: it is not known or has no usable webhook secret", delivery.AppId);
            return new TryAnswer { Failure = TryResults.NoSecret };
        }

        var headers = new StandardWebhook(secrets, time).Sign(delivery.EventId, delivery.Body.Span);
        return await sender.SendAsync(delivery, headers, cancellation);
    }

    private List<WebhookSecret> SecretsOf(string appId, WebhookDocument? webhook)
    {
        var secrets = new List<WebhookSecret>();
        foreach (var text in webhook?.Secrets ?? [])
        {
            try
            {
                secrets.Add(WebhookSecret.Parse(text));
            }
            catch (MerchantKeyException e)
            {
                // The others still sign.
                log.LogWarning("A webhook secret of app {AppId} cannot be used: {Reason}", appId, e.Message);
            }
        }

        return secrets;
    }

    /// <summary>Records a try while the delivery is ours. Safe to repeat: the version lets one of equal records through.</summary>
    private async Task RecordAsync(Delivery delivery, DeliveryLease lease, DeliveryTry made, TryOutcome outcome, CancellationToken cancellation)
    {
        var request = new RecordTryRequest
        {
            DeliveryId = delivery.DeliveryId,
            Version = delivery.Version,
            Try = made,
            NextState = outcome.Next,
            NextDueTime = outcome.Due?.ToTimestamp(),
        };
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                // Begun, it runs to its own limit: what the merchant acknowledged is not forgotten because we stop.
                var reply = await database.RecordTryAsync(request, cancellationToken: CancellationToken.None);
                Tell(delivery, made, outcome, reply.Recorded);
                return;
            }
            catch (RpcException e) when (time.GetUtcNow() + _recordAgainAfter < lease.Until)
            {
                log.LogWarning("A try of delivery {DeliveryId} could not be recorded yet: {Status}", delivery.DeliveryId, e.Status);
                await Task.Delay(_recordAgainAfter, time, cancellation);
            }
            catch (RpcException e)
            {
                log.LogError("A try of delivery {DeliveryId} is not recorded: {Status}", delivery.DeliveryId, e.Status);
                return;
            }
        }
    }

    private void Tell(Delivery delivery, DeliveryTry made, TryOutcome outcome, bool recorded)
    {
        if (!recorded)
        {
            log.LogWarning("A try of delivery {DeliveryId} is dropped: another worker has the delivery", delivery.DeliveryId);
        }
        else if (outcome.Next == DeliveryState.Dead)
        {
            log.LogError(
                "Delivery {DeliveryId} of order {OrderId} to app {AppId} is dead after try {Number}: {Result}",
                delivery.DeliveryId, delivery.OrderId, delivery.AppId, made.Number, made.Result);
        }
        else
        {
            log.Log(
                outcome.Next == DeliveryState.Delivered ? LogLevel.Debug : LogLevel.Information,
                "Try {Number} of delivery {DeliveryId} ended in {DurationMs} ms: {Result} {HttpStatus}",
                made.Number, delivery.DeliveryId, made.DurationMs, made.Result, made.HttpStatus);
        }
    }
}
