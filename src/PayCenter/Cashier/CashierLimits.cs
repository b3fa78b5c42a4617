using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Cashier;

/// <summary>How often a browser may cause work at a channel or new rows: far above what a person does.</summary>
internal sealed class CashierLimits(TimeProvider time)
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    /// <summary>Questions to channels, for each order.</summary>
    public RateLimit Questions { get; } = new(time, _minute, max: 30);

    /// <summary>Wishes for another way to pay, for each order.</summary>
    public RateLimit Attempts { get; } = new(time, _minute, max: 20);

    /// <summary>Orders at stores, for each client address.</summary>
    public RateLimit StoreOrders { get; } = new(time, _minute, max: 10);
}
