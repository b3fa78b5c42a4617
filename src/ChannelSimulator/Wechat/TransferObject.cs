using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>A transfer as it stands on the wire. Members without a value are left out.</summary>
internal static class TransferObject
{
    /// <summary>In the answer to the request (wechat-pay-v3.md 7.1).</summary>
    public static JsonObject Accepted(SimulatedTransfer transfer) => Whole(
        ("out_bill_no", transfer.OutBillNo),
        ("transfer_bill_no", transfer.TransferBillNo),
        ("create_time", WireTime.Text(transfer.CreateTime)),
        ("state", transfer.State),
        ("fail_reason", transfer.FailReason),
        ("package_info", transfer.State == "WAIT_USER_CONFIRM" ? transfer.PackageInfo : null));

    /// <summary>In the answer to a cancel (wechat-pay-v3.md 7.5).</summary>
    public static JsonObject Cancelled(SimulatedTransfer transfer) => Whole(
        ("out_bill_no", transfer.OutBillNo),
        ("transfer_bill_no", transfer.TransferBillNo),
        ("state", transfer.State),
        ("update_time", WireTime.Text(transfer.UpdateTime)));

    /// <summary>In the answer to a query, the name encrypted for the merchant (wechat-pay-v3.md 7.4).</summary>
    public static JsonObject Of(SimulatedTransfer transfer, RsaKey merchantKey)
    {
        var answer = Told(transfer);
        answer["appid"] = transfer.AppId;
        answer["transfer_remark"] = transfer.Remark;
        if (transfer.UserName is { } name)
        {
            answer["user_name"] = merchantKey.Encrypt(name);
        }

        return answer;
    }

    /// <summary>In a callback (wechat-pay-v3.md 7.7).</summary>
    public static JsonObject Told(SimulatedTransfer transfer)
    {
        var told = Whole(
            ("mch_id", transfer.MchId),
            ("out_bill_no", transfer.OutBillNo),
            ("transfer_bill_no", transfer.TransferBillNo),
            ("state", transfer.State),
            ("openid", transfer.OpenId),
            ("fail_reason", transfer.FailReason),
            ("create_time", WireTime.Text(transfer.CreateTime)),
            ("update_time", WireTime.Text(transfer.UpdateTime)));
        told["transfer_amount"] = transfer.Amount;
        return told;
    }

    private static JsonObject Whole(params (string Name, string? Value)[] members) =>
        new(members.Where(m => m.Value is not null).Select(m => new KeyValuePair<string, JsonNode?>(m.Name, m.Value)));
}
