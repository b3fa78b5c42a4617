using System.Text.Json.Serialization;

namespace PayCore.ChannelSimulator;

/// <summary>One sending of a callback and what came back.</summary>
public sealed record CallbackSend
{
    /// <summary>wechat or alipay.</summary>
    public required string Provider { get; init; }

    /// <summary>The merchant's number at the provider: WeChat Pay's mchid, Alipay's app_id.</summary>
    [JsonPropertyName("mchid")]
    public required string MchId { get; init; }

    /// <summary>What kind of callback it is, as <see cref="Fault.Operation"/> names it.</summary>
    public required string Operation { get; init; }

    /// <summary>The merchant's number of what it tells about: of the order, the refund or the transfer.</summary>
    public required string OutTradeNo { get; init; }

    /// <summary>The id of the notification, the same on every send.</summary>
    public required string NotificationId { get; init; }

    /// <summary>When it was sent.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>1 for the first send, 2 and more for the retries, 0 for one ordered through the control API.</summary>
    public required int Attempt { get; init; }

    /// <summary>The merchant's answer; null when there was none.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>Why there was no answer.</summary>
    public string? Error { get; init; }

    /// <summary>The kind of the fault that was at work.</summary>
    public string? Fault { get; init; }

    /// <summary>
    /// Whether the provider counts it as delivered: WeChat Pay by 200 or 204, whatever the body says (wechat-pay-v3.md 5.4); Alipay by 200 and a body of
    /// exactly <c>success</c> (alipay.md 6.6).
    /// </summary>
    public bool Delivered { get; init; }
}

/// <summary>Every callback the simulator sent.</summary>
public sealed class CallbackLog
{
    private readonly WaitList<CallbackSend> _sends = new();

    /// <summary>All sends so far, the oldest first.</summary>
    public IReadOnlyList<CallbackSend> Sends => _sends.Snapshot;

    /// <summary>Waits for a send like this; one already recorded counts.</summary>
    public Task<CallbackSend> WaitForSendAsync(Func<CallbackSend, bool> wanted, CancellationToken cancellationToken) =>
        _sends.WaitAsync(wanted, cancellationToken);

    internal void Add(CallbackSend send) => _sends.Add(send);
}
