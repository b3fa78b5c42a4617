namespace PayCore.ChannelSimulator;

/// <summary>The callback of one payment, refund or transfer: what the sender and the log must know of it, whichever provider sends it.</summary>
internal abstract class Notification
{
    /// <summary>wechat or alipay.</summary>
    public abstract string Provider { get; }

    /// <summary>What a fault calls the sending of it.</summary>
    public abstract string Operation { get; }

    /// <summary>The merchant's number at the provider.</summary>
    public abstract string Merchant { get; }

    /// <summary>The merchant's number of what it tells about.</summary>
    public abstract string OutTradeNo { get; }

    /// <summary>How far it has come.</summary>
    public abstract CallbackState State { get; }

    /// <summary>The pauses between the scheduled sends.</summary>
    public abstract IReadOnlyList<TimeSpan> Pauses { get; }

    public abstract HttpRequestMessage Make(string? fault);

    /// <summary>Whether this answer counts as delivered.</summary>
    public abstract bool IsDelivered(int status, byte[] body);

    /// <summary>Keeps in the ledger how far it has come.</summary>
    public abstract Notification Sent(CallbackState state);

    /// <summary>Another event that a fault sends before this one.</summary>
    public virtual Notification? Before(string? fault) => null;
}

/// <summary>Where a provider's callbacks come from.</summary>
internal interface INotificationSource
{
    /// <summary>A callback is due.</summary>
    event Action<Notification> Due;

    /// <summary>What a process before this one left undelivered.</summary>
    IEnumerable<Notification> Undelivered { get; }
}
