using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>The lies that a fault can put into what is signed all the same.</summary>
internal static class WechatLies
{
    private static readonly string[] _numbers = ["out_refund_no", "out_bill_no", "out_trade_no"];

    /// <summary>The object as bytes: a transaction, a refund or a transfer.</summary>
    public static byte[] Falsify(JsonObject told, string? fault)
    {
        switch (fault)
        {
            case FaultKinds.WrongAmount:
                var (holder, name) = told["amount"] is JsonObject amount ? (amount, amount.ContainsKey("refund") ? "refund" : "total") : (told, "transfer_amount");
                holder[name] = holder[name]!.GetValue<long>() + 1;
                break;
            case FaultKinds.OtherMchId:
                var member = told.ContainsKey("mch_id") ? "mch_id" : "mchid";
                told[member] = "1" + new string('9', told[member]!.GetValue<string>().Length - 1);
                break;
            case FaultKinds.OtherOutTradeNo:
                var number = _numbers.First(told.ContainsKey);
                // The same length, as far as that goes: some numbers are short.
                told[number] = "OTHER" + told[number]!.GetValue<string>() is var text && text.Length > 10 ? "OTHER" + text[10..] : text;
                break;
            default:
                break;
        }

        return SimulatorJson.Bytes(told);
    }
}
