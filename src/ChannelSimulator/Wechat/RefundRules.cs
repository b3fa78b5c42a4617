using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>A refund that passed the field rules.</summary>
internal sealed record RefundRequest
{
    public required string MchId { get; init; }

    public string? TransactionId { get; init; }

    public string? OutTradeNo { get; init; }

    public required string OutRefundNo { get; init; }

    public required long Amount { get; init; }

    public required long Total { get; init; }

    public string? Reason { get; init; }

    public string? NotifyUrl { get; init; }

    public required string Digest { get; init; }
}

/// <summary>The field rules of a refund (wechat-pay-v3.md 6.1 and 11).</summary>
internal static partial class RefundRules
{
    public static RefundRequest Read(string mchId, byte[] body) => PlaceRules.Whole(() =>
    {
        var root = PlaceRules.Parse(body);
        var fields = new JsonFields(root, "");
        var amount = fields.RequiredObject("amount");
        var request = new RefundRequest
        {
            MchId = mchId,
            TransactionId = fields.Text("transaction_id", 32),
            OutTradeNo = fields.Text("out_trade_no", 32),
            OutRefundNo = fields.RequiredText("out_refund_no", 64, RefundNumber()),
            Reason = fields.Text("reason", 80),
            NotifyUrl = fields.Text("notify_url", 256) is { } url ? PlaceRules.CallbackAddress(url) : null,
            Amount = amount.RequiredInteger("refund", 1),
            Total = amount.RequiredInteger("total", 1),
            Digest = PlaceRules.Digest(root),
        };
        if (request.TransactionId is null && request.OutTradeNo is null)
        {
            throw WechatError.Parameter("/out_trade_no", "or transaction_id is required");
        }

        if (amount.RequiredText("currency", 16) is not "CNY" and var currency)
        {
            throw WechatError.Parameter("/amount/currency", "Currency code is invalid", value: currency);
        }

        if (fields.Text("funds_account", 32) is not (null or "AVAILABLE" or "UNSETTLED") and var account)
        {
            throw WechatError.Parameter("/funds_account", "is not AVAILABLE or UNSETTLED", value: account);
        }

        CheckSources(amount, request.Amount);
        CheckGoods(fields);
        amount.NothingElse();
        fields.NothingElse();
        return request;
    });

    private static void CheckSources(JsonFields amount, long refund)
    {
        if (amount.Array("from", 1, 2) is not { } sources)
        {
            return;
        }

        var sum = 0L;
        foreach (var (index, item) in sources.Index())
        {
            var source = new JsonFields(item, $"/amount/from/{index}");
            if (source.RequiredText("account", 32) is not ("AVAILABLE" or "UNAVAILABLE") and var account)
            {
                throw WechatError.Parameter($"/amount/from/{index}/account", "is unknown", value: account);
            }

            sum += source.RequiredInteger("amount", 1);
            source.NothingElse();
        }

        if (sum != refund)
        {
            throw WechatError.Parameter("/amount/from", "does not add up to refund");
        }
    }

    private static void CheckGoods(JsonFields fields)
    {
        foreach (var (index, item) in (fields.Array("goods_detail", 1, 6000) ?? []).Index())
        {
            var goods = new JsonFields(item, $"/goods_detail/{index}");
            goods.RequiredText("merchant_goods_id", 32);
            goods.Text("wechatpay_goods_id", 32);
            goods.Text("goods_name", 256);
            goods.RequiredInteger("unit_price", 0);
            goods.RequiredInteger("refund_amount", 0);
            goods.RequiredInteger("refund_quantity", 1);
            goods.NothingElse();
        }
    }

    [GeneratedRegex(@"\A[0-9A-Za-z_\-|*@]{1,64}\z")]
    private static partial Regex RefundNumber();
}
