namespace PayCore.ChannelSimulator;

/// <summary>An error answer (wechat-pay-v3.md 10.1).</summary>
internal sealed class WechatError(int status, string code, string message, object? detail = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public object? Detail { get; } = detail;

    public byte[] Body => SimulatorJson.Bytes(new { Code, Message, Detail });

    public static WechatError Parameter(string field, string issue, string location = "body", string? value = null) =>
        new(400, "PARAM_ERROR", $"参数错误：{field} {issue}", new { Field = field, Value = value, Issue = issue, Location = location });

    public static WechatError OrderPaid() => new(400, "ORDERPAID", "该订单已支付");

    public static WechatError OrderClosed() => new(400, "ORDER_CLOSED", "订单已关闭");

    public static WechatError OrderNotExist() => new(404, "ORDER_NOT_EXIST", "订单不存在");

    public static WechatError ChangedParameters() =>
        new(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致");
}
