using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>How a payer or a test names an order: by the code it scanned or by the merchant's number.</summary>
internal sealed record OrderReference
{
    public string? OutTradeNo { get; init; }

    public string? CodeUrl { get; init; }

    [JsonPropertyName("mchid")]
    public string? MchId { get; init; }
}

/// <summary>What a payer does with an order.</summary>
internal sealed class PayerDesk(WechatLedger ledger)
{
    public SimulatedOrder Find(OrderReference reference)
    {
        if (reference.CodeUrl is { } code)
        {
            return ledger.FindByCode(code) ?? throw new KeyNotFoundException("There is no order with this code.");
        }

        if (reference.OutTradeNo is not { } number)
        {
            throw new ArgumentException("out_trade_no or code_url is required.");
        }

        var orders = ledger.All.Where(o => o.OutTradeNo == number && (reference.MchId is null || o.MchId == reference.MchId)).Take(2).ToList();
        return orders.Count switch
        {
            0 => throw new KeyNotFoundException("There is no such order."),
            1 => ledger.Find(orders[0].MchId, number)!,
            _ => throw new ArgumentException("Several merchants have this order number: mchid is required."),
        };
    }

    public Task<SimulatedOrder> PayAsync(SimulatedOrder order) => ledger.PayAsync(order.MchId, order.OutTradeNo);

    public SimulatedOrder Decline(SimulatedOrder order)
    {
        ledger.Decline(order);
        return ledger.Find(order.MchId, order.OutTradeNo)!;
    }
}
