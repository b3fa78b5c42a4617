namespace PayCore.ChannelSimulator;

/// <summary>The notify of a paid trade, or on mobile of one that ended unpaid (alipay.md 6).</summary>
internal sealed class AlipayNotification(AlipayOrder order, AlipayLedger ledger, AlipayNotifyMessage message) : Notification
{
    /// <summary>4m, 10m, 10m, 1h, 2h, 6h, 15h (alipay.md 6.6).</summary>
    public static IReadOnlyList<TimeSpan> Schedule { get; } = [.. ((int[])[4, 10, 10, 60, 120, 360, 900]).Select(m => TimeSpan.FromMinutes(m))];

    public override string Provider => "alipay";

    public override string Operation => "alipay.callback";

    public override string Merchant => order.AppId;

    public override string OutTradeNo => order.OutTradeNo;

    public override CallbackState State => order.Callback!;

    public override IReadOnlyList<TimeSpan> Pauses => Schedule;

    public override HttpRequestMessage Make(string? fault) =>
        // What it tells is the payment, also when that was refunded before it arrives.
        message.Make(order with { TradeStatus = order.GmtPayment is null ? "TRADE_CLOSED" : "TRADE_SUCCESS" }, fault);

    public override bool IsDelivered(int status, byte[] body) => IsAccepted(status, body);

    /// <summary>Exactly <c>success</c>, and nothing else (alipay.md 6.6).</summary>
    public static bool IsAccepted(int status, byte[] body) => status == 200 && body.AsSpan().SequenceEqual("success"u8);

    public override Notification Sent(CallbackState state) => new AlipayNotification(ledger.CallbackSent(order, state), ledger, message);

    /// <summary>Another event has another id.</summary>
    public override Notification? Before(string? fault) => fault is FaultKinds.FinishedFirst or FaultKinds.RefundFirst
        ? new AlipayNotification(order with { Callback = State with { Id = State.Id + "0" } }, ledger, message)
        : null;
}

/// <summary>The notifies of the Alipay ledger.</summary>
internal sealed class AlipayNotifications : INotificationSource
{
    private readonly AlipayLedger _ledger;
    private readonly AlipayNotifyMessage _message;

    public AlipayNotifications(AlipayLedger ledger, AlipayNotifyMessage message)
    {
        (_ledger, _message) = (ledger, message);
        ledger.Told += order =>
        {
            if (order.Callback is not null)
            {
                Due?.Invoke(Of(order));
            }
        };
    }

    public event Action<Notification>? Due;

    public IEnumerable<Notification> Undelivered => _ledger.All.Where(o => o.Callback?.NextAt is not null).Select(Of);

    /// <summary>The notify of a paid trade.</summary>
    public Notification Of(AlipayOrder order) => order.Callback is not null
        ? new AlipayNotification(order, _ledger, _message)
        : throw new InvalidOperationException("The order is not paid or has no notify_url, so there is no notify.");
}
