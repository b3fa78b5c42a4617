using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>How a payer or a test names a WeChat order: by the code it scanned or by the merchant's number.</summary>
internal sealed record WechatReference
{
    public string? OutTradeNo { get; init; }

    public string? CodeUrl { get; init; }

    [JsonPropertyName("mchid")]
    public string? MchId { get; init; }
}

/// <summary>What a payer does with a WeChat order.</summary>
internal sealed class WechatDesk(WechatLedger ledger, WechatMerchants merchants) : IWalletDesk
{
    public IEnumerable<WalletOrder> Unpaid => ledger.All.Where(o => IsInTheWallet(o) && ledger.NotPayable(o) is null).Select(Shown);

    public WalletOrder? Scan(string code) => ledger.FindByCode(code) is { } order && IsInTheWallet(order) ? Shown(order) : null;

    public void Pay(string code)
    {
        try
        {
            Pay(Find(new WechatReference { CodeUrl = code }));
        }
        catch (InvalidOperationException)
        {
            // The page that follows shows why: the order tells.
        }
    }

    public void Decline(string code) => ledger.Decline(Find(new WechatReference { CodeUrl = code }));

    public SimulatedOrder Find(WechatReference reference)
    {
        if (reference.CodeUrl is { } code)
        {
            return ledger.FindByCode(code) is { } found && IsInTheWallet(found) ? found : throw new KeyNotFoundException("There is no order with this code.");
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

    public SimulatedOrder Pay(SimulatedOrder order) => ledger.Pay(order.MchId, order.OutTradeNo, "oPayer");

    public SimulatedOrder Decline(SimulatedOrder order)
    {
        ledger.Decline(order);
        return ledger.Find(order.MchId, order.OutTradeNo)!;
    }

    /// <summary>
    /// What the wallet itself can pay: a code that was scanned, and a payment code that asks for the password. The other scenes come with a page or a call of
    /// the merchant's.
    /// </summary>
    private static bool IsInTheWallet(SimulatedOrder order) => order.Scene is "native" or "codepay";

    /// <summary>An order as the payer sees it.</summary>
    public WalletOrder Shown(SimulatedOrder order) => new()
    {
        Provider = "wechat",
        Code = order.CodeUrl,
        OutTradeNo = order.OutTradeNo,
        Payee = merchants.Find(order.MchId)?.Registration.Name ?? order.MchId,
        Item = order.Description,
        Total = order.Total,
        State = order.State switch
        {
            "SUCCESS" or "REFUND" => WalletState.Paid,
            "CLOSED" or "REVOKED" or "PAYERROR" => WalletState.Closed,
            _ => ledger.NotPayable(order) is null ? WalletState.Unpaid : WalletState.Expired,
        },
        PlacedAt = order.PlacedAt,
        Transaction = order.TransactionId,
        PaidAt = order.SuccessTime,
    };
}
