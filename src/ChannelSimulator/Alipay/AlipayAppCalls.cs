namespace PayCore.ChannelSimulator;

/// <summary>What the wallet does with the order string of an app: it verifies it and shows the order (alipay.md 1.7 and 4.4).</summary>
internal sealed class AlipayAppCalls(AlipayCallCheck check, AlipayTradeMethods methods, AlipayLedger ledger)
{
    /// <summary>The order. Throws <see cref="AlipayError"/> when the wallet refuses the string.</summary>
    public AlipayOrder Open(string orderString)
    {
        var parameters = AlipayParameters.Parse(orderString);
        var call = check.Check(check.Merchant(parameters), parameters);
        return call.Method == AlipayMethod.AppPay
            ? ledger.FindByCode(methods.Do(call).Location!)!
            : throw AlipayError.Invalid("isv.invalid-method", "不是App支付");
    }
}
