using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Cashier;
using PayCore.PayCenter.Web;
using PayCore.Payments;

namespace PayCore.PayCenter.Pages;

/// <summary>The cashier: one order of any merchant, by its page token.</summary>
internal sealed class PayModel(CashierOrders orders, IOptions<PayCenterOptions> options, TimeProvider time) : CashierPage
{
    // What an address may say of the press before. It decides what is said, never what is.
    private const string SaidProcessing = "processing";
    private const string SaidGo = "go";
    private const string SaidAway = "away";
    private const string SaidNotPossible = "not-possible";

    private string _pageToken = "";
    private bool _isForwarded;

    /// <summary>The order as it stands.</summary>
    public CashierView View { get; private set; } = null!;

    /// <summary>An answer to what the user pressed before; null when there is none.</summary>
    public Text? Said { get; private set; }

    /// <summary>The user says that it is paid, or came back from the channel, and the channel has not confirmed it.</summary>
    public bool IsProcessing { get; private set; }

    /// <inheritdoc/>
    public override string Title => Say(CashierTexts.Title, Payee);

    /// <inheritdoc/>
    public override string Payee => View.Source.MerchantName;

    /// <inheritdoc/>
    public override CashierBrand Brand => View.Source.Brand;

    /// <inheritdoc/>
    public override bool HasScript => View.IsLive || View.Screen == CashierScreen.Paid;

    /// <inheritdoc/>
    public override string? RefreshUrl => !View.IsLive ? null : IsProcessing ? $"{PagePath}?said={SaidProcessing}" : PagePath;

    /// <inheritdoc/>
    public override string? ForwardUrl => _isForwarded && View.Screen == CashierScreen.Go ? GoUrl : null;

    /// <summary>The path of this page.</summary>
    public string PagePath => $"/pay/{Uri.EscapeDataString(_pageToken)}";

    /// <summary>The address of this page as browsers anywhere know it: the one code for all wallets.</summary>
    public string PageUrl => new Uri(options.Value.PublicBaseUrl, PagePath).AbsoluteUri;

    /// <summary>The amount as people write it.</summary>
    public string Amount => Amounts.Format(View.Order.AmountMinor, View.Order.Currency);

    /// <summary>The shown wallet's name.</summary>
    public string Wallet => WalletNamed(View.Method);

    /// <summary>The names of the wallets whose earlier attempts may still be paid; empty when there are none.</summary>
    public string UnclosedWallets => string.Join(Language == Language.Chinese ? "、" : ", ", View.Source.UnclosedMethods.Select(WalletNamed));

    /// <summary>The text of the code; null when it cannot be drawn.</summary>
    public string? Code => View.Source.Attempt.Action.QrCodeText is var text && QrCode.Svg(text) is not null ? text : null;

    /// <summary>The first choice: the way of each wallet that suits the device best.</summary>
    public IReadOnlyList<PayWay> MainWays => View.Screen == CashierScreen.Choose ? [.. View.Ways.DistinctBy(way => way.Method)] : [];

    /// <summary>The one that stands out: in a wallet's own app that wallet, else the only one.</summary>
    public PayWay? LoudWay => MainWays is [var first, ..] && (MainWays.Count == 1 && View.Device != Device.Desktop || first.Method == Wallets.InsideOf(View.Device)) ? first : null;

    /// <summary>What the user may choose besides.</summary>
    public IReadOnlyList<PayWay> MoreWays => View.Screen == CashierScreen.Choose ? [.. View.Ways.Except(MainWays)]
        : View.IsLive && View.Screen != CashierScreen.Closing ? [.. View.OtherWays]
        : [];

    /// <summary>The browser of another app may refuse to open a wallet.</summary>
    public bool NeedsBrowserHelp => View.Device is Device.InOtherApp or Device.InWechat or Device.InAlipay
        && (View.Screen == CashierScreen.Go || (View.Screen == CashierScreen.Choose && View.Ways.Count > 0))
        && Wallets.InsideOf(View.Device) is var own && (own is null || View.Method != own && LoudWay is null);

    /// <summary>The order can be taken to another device by the code of this page.</summary>
    public bool OffersOtherDevice => View.Ways.Count > 0 && View.IsLive && View.Screen != CashierScreen.Closing
        && !(View.Screen == CashierScreen.Choose && View.Device == Device.Desktop);

    /// <summary>The simulator's wallet with this code; null where there is no simulator.</summary>
    public string? SimulatorUrl => options.Value.WalletUrl is { } wallet && View.Screen == CashierScreen.Scan
        ? $"{wallet}?code_url={Uri.EscapeDataString(View.Source.Attempt.Action.QrCodeText)}"
        : null;

    /// <summary>Where "continue" leads; null when the channel gave no address that a browser should follow.</summary>
    public string? GoUrl => View.Source.Attempt?.Action switch
    {
        { HtmlForm.Length: > 0 } => $"{PagePath}/form",
        { RedirectUrl: var url } when WebAddress.IsOne(url) => url,
        _ => null,
    };

    /// <summary>What the wallet's own browser is asked to show, as JSON; null when the way to pay is another.</summary>
    public string? BridgeValues => View.Source.Attempt?.Action?.ClientParameters is { } call ? JsonSerializer.Serialize(call.Values) : null;

    /// <summary>The order ended because its time was over.</summary>
    public bool IsPastExpiry => View.Order.ExpireTime is { } end && end.ToDateTimeOffset() <= time.GetUtcNow();

    /// <summary>When it was paid.</summary>
    public string PaidAt => View.Order.PaidTime.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A wallet's name as people know it.</summary>
    public string WalletNamed(string method) => Wallets.NameOf(method, Language);

    /// <summary>A way to pay in words.</summary>
    public string Words(PayWay way) => Say(way.Scene switch
    {
        Scene.Qr => CashierTexts.WayQr,
        Scene.Page => CashierTexts.WayPage,
        Scene.H5 => CashierTexts.WayH5,
        _ => CashierTexts.WayHere,
    }, WalletNamed(way.Method));

    /// <summary>Shows the order.</summary>
    public async Task<IActionResult> OnGetAsync(string pageToken, string? said)
    {
        if (await ShowAsync(pageToken) is { } notice)
        {
            return notice;
        }

        _isForwarded = said == SaidGo;
        IsProcessing = said == SaidProcessing && View.Screen is CashierScreen.Scan or CashierScreen.Go or CashierScreen.Elsewhere;
        Said = said switch
        {
            SaidAway => CashierTexts.NotAsked,
            SaidNotPossible => CashierTexts.NotChanged,
            _ => null,
        };
        return Page();
    }

    /// <summary>"I have paid": asks the channel, then shows the order.</summary>
    public async Task<IActionResult> OnPostCheckAsync(string pageToken)
    {
        var (look, order) = await orders.LookAsync(pageToken, LookFor.ChannelsWord, HttpContext.RequestAborted);
        return look switch
        {
            Look.Found => Back(pageToken, ViewOf(order!).IsLive ? SaidProcessing : null),
            Look.Unknown => UnknownPage(),
            _ => Back(pageToken, SaidAway),
        };
    }

    /// <summary>The browser comes back from the channel's pages. Whatever it brings along proves nothing: the channel is asked.</summary>
    public Task<IActionResult> OnGetReturnAsync(string pageToken) => OnPostCheckAsync(pageToken);

    /// <summary>Asks for a code or another wallet, once for each number, then shows the order.</summary>
    public async Task<IActionResult> OnPostAttemptAsync(
        string pageToken,
        [FromForm(Name = "out_attempt_no")] string? number,
        [FromForm(Name = "method")] string? method,
        [FromForm(Name = "scene")] Scene scene)
    {
        var clientIp = HttpContext.Connection.RemoteIpAddress?.ToString() ?? "";
        var result = await orders.AskAsync(pageToken, new AttemptWish(number ?? "", new PayWay(method ?? "", scene)), clientIp);
        return Back(pageToken, result switch
        {
            WishResult.Done => scene == Scene.Qr ? null : SaidGo,
            WishResult.Away => SaidAway,
            _ => SaidNotPossible,
        });
    }

    private async Task<IActionResult?> ShowAsync(string pageToken)
    {
        _pageToken = pageToken;
        var (look, order) = await orders.LookAsync(pageToken, LookFor.Page, HttpContext.RequestAborted);
        if (order is not null)
        {
            View = ViewOf(order);
            return null;
        }

        return look == Look.Unknown ? UnknownPage() : AwayPage();
    }

    private CashierView ViewOf(CashierOrder order) => CashierView.Of(order, time.GetUtcNow(), Devices.Of(Request));

    private IActionResult UnknownPage() =>
        new Notice(StatusCodes.Status404NotFound, CashierTexts.UnknownTitle, CashierTexts.UnknownHow).In(Language);

    private IActionResult AwayPage() =>
        new Notice(StatusCodes.Status503ServiceUnavailable, CashierTexts.AwayTitle, CashierTexts.AwayHow)
        {
            Link = PagePath,
            RetrySeconds = 5,
        }.In(Language);

    private static SeeOther Back(string pageToken, string? said) =>
        new($"/pay/{Uri.EscapeDataString(pageToken)}{(said is null ? "" : $"?said={said}")}");
}

/// <summary>A button that asks for a way to pay.</summary>
/// <param name="Page">The page that it stands on.</param>
/// <param name="Way">How to pay.</param>
/// <param name="Label">What it says.</param>
/// <param name="IsMain">It is the next step of the page.</param>
internal sealed record AskModel(PayModel Page, PayWay Way, string Label, bool IsMain)
{
    /// <summary>What it asks for.</summary>
    public AttemptWish Wish { get; } = AttemptWish.Replacing(Page.View, Way);
}

/// <summary>A button that asks the channel whether it is paid.</summary>
/// <param name="Page">The page that it stands on.</param>
/// <param name="Label">What it says.</param>
/// <param name="IsMain">It is the next step of the page.</param>
internal sealed record CheckModel(PayModel Page, string Label, bool IsMain);

/// <summary>A code.</summary>
/// <param name="Text">What it says to a reader.</param>
/// <param name="Label">What it says to who cannot see it.</param>
/// <param name="Device">What the page is looked at with.</param>
internal sealed record CodeModel(string Text, string Label, Device Device);
