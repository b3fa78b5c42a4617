namespace PayCore.ChannelSimulator;

/// <summary>The callback of a paid order (wechat-pay-v3.md 5).</summary>
internal sealed class WechatNotification(SimulatedOrder order, WechatLedger ledger, CallbackMessage message) : Notification
{
    /// <summary>wechat-pay-v3.md 5.5.</summary>
    public static IReadOnlyList<TimeSpan> Schedule { get; } =
    [
        .. ((int[])[15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]).Select(s => TimeSpan.FromSeconds(s)),
    ];

    public override string Provider => "wechat";

    public override string Operation => "callback";

    public override string Merchant => order.MchId;

    public override string OutTradeNo => order.OutTradeNo;

    public override CallbackState State => order.Callback!;

    public override IReadOnlyList<TimeSpan> Pauses => Schedule;

    public override HttpRequestMessage Make(string? fault) => message.Make(
        new WechatEvent
        {
            MchId = order.MchId,
            NotifyUrl = order.NotifyUrl!,
            Callback = order.Callback!,
            EventType = "TRANSACTION.SUCCESS",
            OriginalType = "transaction",
            Summary = "支付成功",
            // What it tells is the payment, also when that was refunded before it arrives.
            Resource = TransactionObject.Of(order with { State = "SUCCESS" }),
        },
        fault);

    public override bool IsDelivered(int status, byte[] body) => IsAccepted(status);

    /// <summary>The status decides, not the body (wechat-pay-v3.md 5.4).</summary>
    public static bool IsAccepted(int status) => status is 200 or 204;

    public override Notification Sent(CallbackState state) => new WechatNotification(ledger.CallbackSent(order, state), ledger, message);
}

/// <summary>The callbacks of the WeChat ledger.</summary>
internal sealed class WechatNotifications : INotificationSource
{
    private readonly WechatLedger _ledger;
    private readonly CallbackMessage _message;

    public WechatNotifications(WechatLedger ledger, CallbackMessage message)
    {
        (_ledger, _message) = (ledger, message);
        ledger.Paid += order => Due?.Invoke(Of(order));
    }

    public event Action<Notification>? Due;

    public IEnumerable<Notification> Undelivered => _ledger.All.Where(o => o.Callback?.NextAt is not null).Select(Of);

    /// <summary>The callback of a paid order.</summary>
    public Notification Of(SimulatedOrder order) => order.Callback is not null
        ? new WechatNotification(order, _ledger, _message)
        : throw new InvalidOperationException("The order is not paid, so there is no callback.");
}
