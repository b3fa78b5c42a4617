using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>Which callback is sent again and how many times.</summary>
internal sealed record CallbackResend
{
    public required string OutTradeNo { get; init; }

    [JsonPropertyName("mchid")]
    public string? MchId { get; init; }

    public int Times { get; init; } = 1;
}

/// <summary>Sends callbacks again when the control API asks for it.</summary>
internal sealed class CallbackResender(WechatDesk wechat, WechatNotifications wechatNotifications, CallbackSender sender)
{
    private const int MostTimes = 1000;

    public Task<IReadOnlyList<CallbackSend>> ResendAsync(CallbackResend wish, CancellationToken cancellation)
    {
        var callback = wechatNotifications.Of(wechat.Find(new WechatReference { OutTradeNo = wish.OutTradeNo, MchId = wish.MchId }));
        return wish.Times is >= 1 and <= MostTimes
            ? sender.ResendAsync(callback, wish.Times, cancellation)
            : throw new ArgumentException($"times is 1 to {MostTimes}.");
    }
}
