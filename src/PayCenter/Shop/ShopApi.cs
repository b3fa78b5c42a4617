using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Shop;

/// <summary>The shop's side of the merchant REST API. Its <see cref="HttpClient"/> signs every request.</summary>
internal sealed class ShopApi(HttpClient http, IOptions<PayCenterOptions> options, ILogger<ShopApi> log)
{
    /// <summary>A merchant's request has ten seconds (invariants, section 4).</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int AnswerBytesMax = 256 * 1024;

    /// <summary>
    /// Asks for a payment. Safe to repeat: the order's number decides. Null when no page to pay on came back; whether the order exists at the
    /// gateway is then unknown, so a repeat uses the same number.
    /// </summary>
    public async Task<string?> CreateOrderAsync(ShopOrder order)
    {
        var center = options.Value;
        var body = new CreateBody
        {
            OutTradeNo = order.OutTradeNo,
            AmountMinor = order.AmountMinor,
            Currency = order.Currency,
            Subject = order.Subject,
            Method = order.Method.Length == 0 ? null : order.Method,
            Scene = order.Scene,
            ReturnUrl = new Uri(center.PublicBaseUrl, $"/shop/orders/{Uri.EscapeDataString(order.OutTradeNo)}").AbsoluteUri,
        };
        try
        {
            using var answer = await http.PostAsJsonAsync(new Uri(center.ApiBaseUrl, "/v1/pay-orders"), body);
            await answer.Content.LoadIntoBufferAsync(AnswerBytesMax);
            if (!answer.IsSuccessStatusCode)
            {
                var words = Short(await answer.Content.ReadAsStringAsync());
                log.LogWarning("The gateway answered {Status} to order {OutTradeNo}: {Answer}", (int)answer.StatusCode, order.OutTradeNo, words);
                return null;
            }

            var created = await answer.Content.ReadFromJsonAsync<CreateAnswer>();
            if (WebAddress.IsOne(created?.CashierUrl))
            {
                return new Uri(created.CashierUrl).AbsoluteUri;
            }

            log.LogWarning("The gateway's answer to order {OutTradeNo} has no cashier_url", order.OutTradeNo);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            log.LogWarning(e, "Order {OutTradeNo} was not taken, or we do not know", order.OutTradeNo);
            return null;
        }
    }

    private static string Short(string text) => text.Length <= 500 ? text : text[..500];

    private sealed record CreateBody
    {
        [JsonPropertyName("out_trade_no")]
        public required string OutTradeNo { get; init; }

        [JsonPropertyName("amount_minor")]
        public required long AmountMinor { get; init; }

        [JsonPropertyName("currency")]
        public required string Currency { get; init; }

        [JsonPropertyName("subject")]
        public required string Subject { get; init; }

        [JsonPropertyName("method")]
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public required string? Method { get; init; }

        [JsonPropertyName("scene")]
        public required string Scene { get; init; }

        [JsonPropertyName("return_url")]
        public required string ReturnUrl { get; init; }
    }

    private sealed record CreateAnswer([property: JsonPropertyName("cashier_url")] string? CashierUrl);
}
