using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Web;
using ActionKind = PayCore.Contracts.V1.Action.KindOneofCase;

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

    /// <summary>The user pays on another device, or in the merchant's or the wallet's app.</summary>
    Elsewhere,

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

    private CashierView(CashierOrder source, Device device, CashierScreen screen)
    {
        Source = source;
        Device = device;
        Screen = screen;
    }

    /// <summary>What QueryGateway said.</summary>
    public CashierOrder Source { get; }

    /// <summary>What it is looked at with.</summary>
    public Device Device { get; }

    /// <summary>What to show.</summary>
    public CashierScreen Screen { get; }

    /// <summary>The order.</summary>
    public PayOrder Order => Source.Order;

    /// <summary>Whole seconds until what is shown cannot be paid any more; 0 when nothing can be paid.</summary>
    public int SecondsLeft { get; private init; }

    /// <summary>Whole seconds that it had when it was made.</summary>
    public int SecondsTotal { get; private init; }

    /// <summary>The last quarter of the time has begun.</summary>
    public bool IsLate => SecondsLeft * 4L < SecondsTotal;

    /// <summary>The channel keeps us waiting, so the user may ask once more.</summary>
    public bool IsSlow { get; private init; }

    /// <summary>The page may still change, so it keeps asking.</summary>
    public bool IsLive => Screen is not (CashierScreen.Paid or CashierScreen.Closed or CashierScreen.Failed);

    /// <summary>The wallet that the user pays with; empty before a choice.</summary>
    public string Method =>
        Order.State != PayOrder.Types.State.Paid && Source.Attempt is { Method.Length: > 0 } attempt ? attempt.Method : Order.Method;

    /// <summary>How the user pays now; null before a choice.</summary>
    public PayWay? Way => Source.Attempt is { } attempt ? new PayWay(attempt.Method, attempt.Scene) : null;

    /// <summary>The ways that the user may choose, the one that suits the device best first. None where the merchant chose.</summary>
    public IReadOnlyList<PayWay> Ways { get; private init; } = [];

    /// <summary>The ways that the user may choose instead of the shown one.</summary>
    public IEnumerable<PayWay> OtherWays => Ways.Where(way => way != Way);

    /// <summary>Changes whenever the page has to be shown anew.</summary>
    public string Key => $"{Screen}/{Source.Attempt?.AttemptNo}/{string.Join('+', Source.UnclosedMethods)}{(IsSlow ? "/slow" : "")}";

    /// <summary>The merchant's page to return to; null when it is none that a browser should follow. Being there proves nothing.</summary>
    public string? ReturnUrl => WebAddress.IsOne(Source.ReturnUrl) ? Source.ReturnUrl : null;

    /// <summary>Decides what to show.</summary>
    public static CashierView Of(CashierOrder source, DateTimeOffset now, Device device)
    {
        var order = source.Order;
        return order.State switch
        {
            PayOrder.Types.State.Paid => new CashierView(source, device, CashierScreen.Paid),
            PayOrder.Types.State.Closed => new CashierView(source, device, CashierScreen.Closed),
            PayOrder.Types.State.Failed => new CashierView(source, device, CashierScreen.Failed),
            _ when order.CloseRequested || SecondsUntil(order.ExpireTime, now) == 0 => new CashierView(source, device, CashierScreen.Closing),
            _ => Open(source, now, device),
        };
    }

    /// <summary><c>4:59</c>, <c>1:04:59</c>.</summary>
    public static string Clock(int seconds) => seconds < 3600
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:D2}")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:D2}:{seconds % 60:D2}");

    private static CashierView Open(CashierOrder source, DateTimeOffset now, Device device)
    {
        var (order, attempt) = (source.Order, source.Attempt);
        var screen = attempt switch
        {
            null => CashierScreen.Choose,
            { State: Attempt.Types.State.Sent } => CashierScreen.Preparing,
            { State: Attempt.Types.State.Refused } => CashierScreen.Choose,
            { State: Attempt.Types.State.Open } when SecondsUntil(attempt.ExpireTime, now) > 0 => ScreenOf(attempt, device),
            _ => CashierScreen.NewCode,
        };
        var (begin, end) = screen is CashierScreen.Scan or CashierScreen.Go or CashierScreen.Elsewhere
            ? (attempt!.CreateTime, Earlier(order.ExpireTime, attempt.ExpireTime))
            : (order.CreateTime, order.ExpireTime);
        return new CashierView(source, device, screen)
        {
            SecondsLeft = SecondsUntil(end, now),
            SecondsTotal = SecondsUntil(end, begin?.ToDateTimeOffset() ?? now),
            IsSlow = screen == CashierScreen.Preparing && now - attempt!.CreateTime.ToDateTimeOffset() >= _patience,
            Ways = order.Scene == Scene.Cashier ? PayWay.Offered(source.Ways, device) : [],
        };
    }

    private static CashierScreen ScreenOf(Attempt attempt, Device device) => attempt.Action?.KindCase switch
    {
        ActionKind.QrCodeText => CashierScreen.Scan,
        ActionKind.RedirectUrl or ActionKind.HtmlForm or ActionKind.ClientParameters =>
            new PayWay(attempt.Method, attempt.Scene).Suits(device) ? CashierScreen.Go : CashierScreen.Elsewhere,
        _ => CashierScreen.NewCode,
    };

    private static Timestamp? Earlier(Timestamp? first, Timestamp? second) => first is null || second < first ? second : first;

    // Rounded up, so that nothing is called over before it is. An order without an end has a day.
    private static int SecondsUntil(Timestamp? end, DateTimeOffset now)
    {
        var left = end is null ? TimeSpan.FromDays(1) : end.ToDateTimeOffset() - now;
        return left <= TimeSpan.Zero ? 0 : (int)Math.Min(int.MaxValue, (left.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
    }
}
