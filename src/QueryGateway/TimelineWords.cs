namespace PayCore.QueryGateway;

/// <summary>Words of the records in plain ones.</summary>
internal static class TimelineWords
{
    /// <summary>What moved something.</summary>
    public static (string En, string Zh) Cause(string cause) => cause switch
    {
        "create" => ("the request was accepted", "请求已受理"),
        "answer" => ("the channel answered", "渠道已应答"),
        "callback" => ("the channel's verified callback", "渠道回调验签通过"),
        "query" => ("the channel was asked and said so", "查询渠道得知"),
        "close" => ("the channel confirmed the close", "渠道确认关单"),
        "reverse" => ("the channel took the payment back", "渠道已撤销"),
        "merchant" => ("the merchant asked for it", "商户请求"),
        "expiry" => ("its time was over", "已到期"),
        "not_found" => ("the channel does not know it long after its time was over", "到期已久且渠道无此单"),
        "statement" => ("the day's statement", "对账单"),
        "person" => ("a person decided", "人工处理"),
        "rule" => ("by rule", "按规则"),
        "call" => ("the channel is asked", "请求渠道"),
        "attempt" => ("another way to pay was asked for", "重新发起支付"),
        _ => (cause, cause),
    };

    /// <summary>What an order's state means.</summary>
    public static (string En, string Zh) Order(string state) => state switch
    {
        "CREATED" => ("is made", "已创建"),
        "PAYING" => ("waits for the payment", "等待支付"),
        "PAID" => ("is paid", "已支付"),
        "CLOSED" => ("is closed", "已关闭"),
        "FAILED" => ("failed", "已失败"),
        _ => ($"is {state}", state),
    };

    /// <summary>What an attempt's state means.</summary>
    public static (string En, string Zh) Attempt(string state) => state switch
    {
        "SENT" => ("goes to the channel", "提交渠道"),
        "OPEN" => ("can be paid", "可以支付"),
        "WON" => ("was paid", "已支付"),
        "EXTRA_PAID" => ("was paid too, which is more than was asked for", "被重复支付"),
        "REFUSED" => ("was refused", "被拒绝"),
        "CLOSED" => ("is closed", "已关闭"),
        _ => ($"is {state}", state),
    };

    /// <summary>What a refund's state means.</summary>
    public static (string En, string Zh) Refund(string state) => state switch
    {
        "CREATED" => ("is made, and its amount reserved", "已创建并预留金额"),
        "SENT" => ("goes to the channel", "提交渠道"),
        "SUCCEEDED" => ("went back to the user", "已退回用户"),
        "FAILED" => ("failed", "已失败"),
        "ABNORMAL" => ("cannot be paid to the user", "无法退至用户账户"),
        _ => ($"is {state}", state),
    };

    /// <summary>What asking a channel came to.</summary>
    public static (string En, string Zh) Outcome(string outcome) => outcome switch
    {
        "YES" => ("it said yes", "渠道已受理"),
        "NO" => ("it said no", "渠道已拒绝"),
        "UNKNOWN" => ("no answer that decides came", "未得到明确结果"),
        _ => ($"the answer was {outcome}", $"结果为 {outcome}"),
    };

    /// <summary>What a callback came to.</summary>
    public static (string En, string Zh) Verdict(string verdict) => verdict switch
    {
        "APPLIED" => ("verified, and taken in", "验签通过，已生效"),
        "DUPLICATE" => ("verified, and nothing new", "验签通过，无新内容"),
        "CONFLICT" => ("verified, and it contradicts the order", "验签通过，与订单不符"),
        "REJECTED" => ("refused, it proves nothing", "已拒绝，不可采信"),
        _ => (verdict, verdict),
    };

    /// <summary>What a channel was asked.</summary>
    public static (string En, string Zh) Operation(string operation) => operation switch
    {
        "pay" => ("for a way to pay", "下单"),
        "query" => ("what became of the payment", "查询支付"),
        "close" => ("to close the payment", "关单"),
        "reverse" => ("to take the payment back", "撤销支付"),
        "refund" => ("to give money back", "退款"),
        "query_refund" => ("what became of the refund", "查询退款"),
        _ => (operation, operation),
    };

    /// <summary>What telling the merchant came to.</summary>
    public static (string En, string Zh) TryResult(string result) => result switch
    {
        "delivered" => ("acknowledged", "已确认"),
        "not_acknowledged" => ("answered, not acknowledged", "已应答但未确认"),
        "answer_too_large" => ("the answer is too long", "应答过长"),
        "gone" => ("the address is gone", "地址已失效"),
        "redirect" => ("a redirect, which is not followed", "被重定向，不予跟随"),
        "http_status" => ("refused", "被拒绝"),
        "timeout" => ("no answer in time", "应答超时"),
        "dns" => ("the host's name is not known", "域名无法解析"),
        "connect" => ("the host cannot be reached", "无法连接"),
        "tls" => ("no valid TLS", "TLS 证书或握手无效"),
        "broken" => ("the connection broke", "连接中断"),
        "address_refused" => ("not an address that we connect to", "地址不被允许"),
        "no_secret" => ("the app has no usable secret", "应用没有可用密钥"),
        _ => (result, result),
    };
}
