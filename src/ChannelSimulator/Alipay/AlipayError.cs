namespace PayCore.ChannelSimulator;

/// <summary>A refusal (alipay.md 3.3).</summary>
internal sealed class AlipayError(string code, string message, string subCode, string subMessage) : Exception(subMessage)
{
    public string Code { get; } = code;

    public string CodeMessage { get; } = message;

    public string SubCode { get; } = subCode;

    /// <summary>Whether it comes from before the application is known: then nobody signs it (alipay.md 3.2).</summary>
    public bool Unsigned { get; init; }

    /// <summary>A public parameter is missing.</summary>
    public static AlipayError Missing(string name) =>
        new("40001", "Missing Required Arguments", "isv.missing-" + name, $"缺少参数：{name}");

    /// <summary>A public parameter is wrong.</summary>
    public static AlipayError Invalid(string subCode, string issue) => new("40002", "Invalid Arguments", subCode, issue);

    public static AlipayError Business(string subCode, string issue) => new("40004", "Business Failed", subCode, issue);

    /// <summary>A business parameter is wrong.</summary>
    public static AlipayError Parameter(string name, string issue) => Business("ACQ.INVALID_PARAMETER", $"参数无效：{name} {issue}");

    public static AlipayError TradeNotExist() => Business("ACQ.TRADE_NOT_EXIST", "交易不存在");

    public static AlipayError TradeHasSuccess() => Business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付");

    public static AlipayError TradeHasClose() => Business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭");

    public static AlipayError TradeStatus() => Business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法");

    public static AlipayError Inconsistent() => Business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改");

    public static AlipayError CodeAskedTwice() => Business("ACQ.APPLY_PC_MERCHANT_CODE_ERROR", "申请二维码失败");

    public static AlipayError ExpiresInThePast() => Business("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "超时时间早于当前时间");

    /// <summary>20000: whether anything was done, nobody can tell from it.</summary>
    public static AlipayError Unavailable() => new("20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙");

    public static AlipayError CallLimited() => new("40005", "Call Limited", "isv.app-call-limited", "应用调用次数超限");
}
