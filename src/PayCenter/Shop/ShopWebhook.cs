using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.MerchantApi;
using PayCore.PayCenter.Web;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayCenter.Shop;

/// <summary>Takes the gateway's notifications: verify the raw bytes, remember, then say <c>success</c>.</summary>
internal sealed class ShopWebhook(IShopOrders orders, ShopKeys keys, TimeProvider time, ILogger<ShopWebhook> log)
{
    private const int BodyBytesMax = 64 * 1024;

    /// <summary>Maps it on the web port. It has a signature instead of an antiforgery token.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var webhook = endpoints.ServiceProvider.GetRequiredService<ShopWebhook>();
        endpoints.MapPost("/shop/webhook", (Delegate)webhook.TakeAsync).WithMetadata(new SizeLimit()).On(PortKind.Web);
    }

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        SecurityHeaders.Set(context.Response);
        using var buffer = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            // Too large or cut short: anybody can send that, so it is no error of ours.
            return Results.StatusCode(e.StatusCode);
        }

        var body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var headers = context.Request.Headers;
        var webhookId = headers[WebhookHeaders.IdName].ToString();
        var verdict = keys.Webhook.Verify(webhookId, headers[WebhookHeaders.TimestampName], headers[WebhookHeaders.SignatureName], body.Span);
        if (verdict != WebhookVerdict.Verified)
        {
            log.LogWarning("A notification was refused: {Verdict}", verdict);
            return Results.Text("signature", statusCode: StatusCodes.Status401Unauthorized);
        }

        if (Read(webhookId, body.Span) is not { } told)
        {
            log.LogWarning("A genuine notification could not be read");
            return Results.Text("unreadable", statusCode: StatusCodes.Status400BadRequest);
        }

        var result = await orders.TellAsync(told);
        log.LogInformation(
            "Order {OutTradeNo}: notification {WebhookId} says {State}: {Result}", told.OutTradeNo, told.WebhookId, told.State, result);
        return Results.Text("success");
    }

    private ShopEvent? Read(string webhookId, ReadOnlySpan<byte> body)
    {
        try
        {
            var data = JsonSerializer.Deserialize<Body>(body)?.Data;
            return data is null ? null : new ShopEvent
            {
                WebhookId = webhookId,
                OutTradeNo = data.OutTradeNo,
                GatewayOrderId = data.Id,
                Version = data.Version,
                AmountMinor = data.AmountMinor,
                Currency = data.Currency,
                State = data.State switch
                {
                    "PAID" => ShopOrderState.Paid,
                    "CLOSED" => ShopOrderState.Closed,
                    "FAILED" => ShopOrderState.Failed,
                    _ => ShopOrderState.Waiting,
                },
                Time = time.GetUtcNow(),
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Body([property: JsonPropertyName("data")] Data? Data);

    private sealed record Data
    {
        [JsonPropertyName("id")]
        public required string Id { get; init; }

        [JsonPropertyName("out_trade_no")]
        public required string OutTradeNo { get; init; }

        [JsonPropertyName("state")]
        public required string State { get; init; }

        [JsonPropertyName("version")]
        public required int Version { get; init; }

        // A number in notifications, a text in the JSON of gRPC: both are read.
        [JsonPropertyName("amount_minor")]
        [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
        public required long AmountMinor { get; init; }

        [JsonPropertyName("currency")]
        public required string Currency { get; init; }
    }

    private sealed class SizeLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => BodyBytesMax;
    }
}
