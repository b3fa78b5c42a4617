namespace PayCore.ChannelSimulator;

/// <summary>What a payer can do: pay or decline an order, by its code or its number.</summary>
public sealed class WechatWallet
{
    private readonly WechatLedger _ledger;
    private readonly CallbackSender _callbacks;

    internal WechatWallet(WechatLedger ledger, CallbackSender callbacks)
    {
        _ledger = ledger;
        _callbacks = callbacks;
    }

    /// <summary>The order whose code was scanned, or null. A code that was replaced by a newer one finds nothing.</summary>
    public SimulatedOrder? Scan(string codeUrl) => _ledger.All.FirstOrDefault(o => o.CodeUrl == codeUrl);

    /// <summary>Pays; the callback is on its way afterwards.</summary>
    /// <exception cref="InvalidOperationException">It cannot be paid; the message says why.</exception>
    public SimulatedOrder Pay(string mchId, string outTradeNo, string payerOpenId = "oSimulatedPayer")
    {
        var paid = _ledger.Pay(mchId, outTradeNo, payerOpenId);
        _callbacks.Tell(paid);
        return paid;
    }

    /// <summary>Sends copies of a payment's callback at once and answers when all are answered.</summary>
    public Task<CallbackSend[]> ResendCallbackAsync(string mchId, string outTradeNo, int times) =>
        _callbacks.ResendAsync(_ledger.Find(mchId, outTradeNo) ?? throw new InvalidOperationException("There is no such order."), times);
}
