using System.Globalization;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Cashier;

/// <summary>What the cashier shows.</summary>
internal enum CashierScreen
{
    /// <summary>The user chooses a wallet.</summary>
    Choose,

    /// <summary>The channel was asked and has not answered.</summary>
    Preparing,

    /// <summary>A code to scan.</summary>
    Scan,

    /// <summary>A link or form that leads to the channel.</summary>
    Go,

    /// <summary>The user pays in the merchant's or the wallet's app.</summary>
    InApp,

    /// <summary>What was shown cannot be paid any more, but the order can.</summary>
    NewCode,

    /// <summary>The order is being ended; whether somebody paid is being found out.</summary>
    Closing,

    /// <summary>Paid.</summary>
    Paid,

    /// <summary>Ended unpaid.</summary>
    Closed,

    /// <summary>Refused.</summary>
    Failed,
}

/// <summary>One order as its user may see it at one moment. Decides what is shown; knows no clock and no network.</summary>
internal sealed class CashierView
{
    /// <summary>An unanswered attempt may be asked for once more after this.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private CashierView(CashierOrder source, CashierScreen screen)
    {
        Source = source;
        Screen = screen;
    }

    /// <summary>What QueryGateway said.</summary>
    public CashierOrder Source { get; }

    /// <summary>What to show.</summary>
    public CashierScreen Screen { get; }

    /// <summary>The order.</summary>
    public PayOrder Order => Source.Order;

    /// <summary>Whole seconds until what is shown cannot be paid any more; 0 when nothing can be paid.</summary>
    public int SecondsLeft { get; private init; }

    /// <summary>The channel keeps us waiting, so the user may ask once more.</summary>
    public bool IsSlow { get; private init; }

    /// <summary>The page may still change, so it keeps asking.</summary>
    public bool IsLive => Screen is not (CashierScreen.Paid or CashierScreen.Closed or CashierScreen.Failed);

    /// <summary>The wallet that the user pays with; empty before a choice.</summary>
    public string Method =>
        Order.State != PayOrder.Types.State.Paid && Source.Attempt is { Method.Length: > 0 } attempt ? attempt.Method : Order.Method;

    /// <summary>The wallets that the user may choose instead of the shown one. None where the merchant chose.</summary>
    public IEnumerable<string> OtherMethods => Order.Scene == Scene.Cashier ? Source.Methods.Where(m => m != Method) : [];

    /// <summary>Changes whenever the page has to be shown anew.</summary>
    public string Key => $"{Screen}/{Source.Attempt?.AttemptNo}/{(IsSlow ? "slow" : "")}";

    /// <summary>The merchant's page to return to; null when it is none that a browser should follow. Being there proves nothing.</summary>
    public string? ReturnUrl => WebAddress.IsOne(Source.ReturnUrl) ? Source.ReturnUrl : null;

    /// <summary>Decides what to show.</summary>
    public static CashierView Of(CashierOrder source, DateTimeOffset now)
    {
        var order = source.Order;
        return order.State switch
        {
            PayOrder.Types.State.Paid => new CashierView(source, CashierScreen.Paid),
            PayOrder.Types.State.Closed => new CashierView(source, CashierScreen.Closed),
            PayOrder.Types.State.Failed => new CashierView(source, CashierScreen.Failed),
            _ when order.CloseRequested || SecondsUntil(order.ExpireTime, now) == 0 => new CashierView(source, CashierScreen.Closing),
            _ => Open(source, now),
        };
    }

    /// <summary><c>4:59</c>, <c>1:04:59</c>.</summary>
    public static string Clock(int seconds) => seconds < 3600
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:D2}")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:D2}:{seconds % 60:D2}");

    private static CashierView Open(CashierOrder source, DateTimeOffset now)
    {
        var orderSeconds = SecondsUntil(source.Order.ExpireTime, now);
        if (source.Attempt is not { } attempt)
        {
            return new CashierView(source, CashierScreen.Choose) { SecondsLeft = orderSeconds };
        }

        switch (attempt.State)
        {
            case Attempt.Types.State.Sent:
                var isSlow = now - attempt.CreateTime.ToDateTimeOffset() >= _patience;
                return new CashierView(source, CashierScreen.Preparing) { SecondsLeft = orderSeconds, IsSlow = isSlow };
            case Attempt.Types.State.Open:
                var seconds = Math.Min(orderSeconds, SecondsUntil(attempt.ExpireTime, now));
                return seconds == 0
                    ? new CashierView(source, CashierScreen.NewCode) { SecondsLeft = orderSeconds }
                    : new CashierView(source, ScreenOf(attempt.Action)) { SecondsLeft = seconds };
            case Attempt.Types.State.Refused:
                return new CashierView(source, CashierScreen.Choose) { SecondsLeft = orderSeconds };
            default:
                return new CashierView(source, CashierScreen.NewCode) { SecondsLeft = orderSeconds };
        }
    }

    private static CashierScreen ScreenOf(Contracts.V1.Action? action) => action?.KindCase switch
    {
        Contracts.V1.Action.KindOneofCase.QrCodeText => CashierScreen.Scan,
        Contracts.V1.Action.KindOneofCase.RedirectUrl => CashierScreen.Go,
        Contracts.V1.Action.KindOneofCase.HtmlForm => CashierScreen.Go,
        Contracts.V1.Action.KindOneofCase.ClientParameters => CashierScreen.InApp,
        _ => CashierScreen.NewCode,
    };

    // Rounded up, so that nothing is called over before it is. An order without an end has a day.
    private static int SecondsUntil(Google.Protobuf.WellKnownTypes.Timestamp? end, DateTimeOffset now)
    {
        var left = end is null ? TimeSpan.FromDays(1) : end.ToDateTimeOffset() - now;
        return left <= TimeSpan.Zero ? 0 : (int)Math.Min(int.MaxValue, (left.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
    }
}
