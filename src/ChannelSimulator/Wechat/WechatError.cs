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

    public static WechatError ChangedParameters() => InvalidRequest("请求重入时，参数与首次请求时不一致");

    public static WechatError InvalidRequest(string message) => new(400, "INVALID_REQUEST", message);

    public static WechatError ResourceNotExists() => new(404, "RESOURCE_NOT_EXISTS", "查询的资源不存在");

    public static WechatError NotEnough() => new(403, "NOT_ENOUGH", "余额不足");

    /// <summary>202: received, and not done (wechat-pay-v3.md 10.1).</summary>
    public static WechatError UserPaying() => new(202, "USERPAYING", "需要用户输入支付密码");

    /// <summary>A refusal with the status that belongs to its code (wechat-pay-v3.md 10.3).</summary>
    public static WechatError OfCode(string code) => new(StatusOf(code), code, "业务处理失败");

    private static int StatusOf(string code) => code switch
    {
        "USERPAYING" => 202,
        "SIGN_ERROR" => 401,
        "NO_AUTH" or "RULE_LIMIT" or "TRADE_ERROR" or "NOT_ENOUGH" or "OUT_TRADE_NO_USED" or "ACCOUNT_ERROR" or "USER_ACCOUNT_ABNORMAL" or "USER_ERROR"
            or "REQUEST_BLOCKED" => 403,
        "ORDER_NOT_EXIST" or "RESOURCE_NOT_EXISTS" or "NOT_FOUND" => 404,
        "FREQUENCY_LIMITED" or "RATELIMIT_EXCEEDED" => 429,
        "SYSTEM_ERROR" or "BANK_ERROR" or "OPENID_MISMATCH" or "INVALID_TRANSACTIONID" => 500,
        "SERVICE_UNAVAILABLE" => 503,
        _ => 400,
    };
}
