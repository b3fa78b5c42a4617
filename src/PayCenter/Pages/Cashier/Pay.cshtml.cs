using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Cashier;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Pages;

/// <summary>The cashier: one order of any merchant, by its page token.</summary>
internal sealed class PayModel(CashierOrders orders, IOptions<PayCenterOptions> options, TimeProvider time) : CenterPage
{
    private string _pageToken = "";

    /// <summary>The order as it stands.</summary>
    public CashierView View { get; private set; } = null!;

    /// <summary>An answer to what the user pressed before; null when there is none.</summary>
    public Text? Said { get; private set; }

    /// <summary>The address of this page.</summary>
    public string PagePath => $"/pay/{Uri.EscapeDataString(_pageToken)}";

    /// <summary>The amount as people write it.</summary>
    public string Amount => Amounts.Format(View.Order.AmountMinor, View.Order.Currency);

    /// <summary>The shown wallet's name.</summary>
    public string Wallet => WalletNamed(View.Method);

    /// <summary>The code as SVG; null when there is none or it cannot be drawn.</summary>
    public string? CodeSvg => View.Screen == CashierScreen.Scan ? QrCodeSvg.Draw(View.Source.Attempt.Action.QrCodeText) : null;

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

    /// <summary>Asking the channel can still bring news.</summary>
    public bool CanCheck => View is { IsLive: true, Source.Attempt: not null, Screen: not CashierScreen.Choose };

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
        Said = said switch
        {
            "not-paid" => CashierTexts.NotPaidYet,
            "away" => CashierTexts.NotAsked,
            "not-possible" => CashierTexts.NotChanged,
            _ => null,
        };
        return await ShowAsync(pageToken) ?? Page();
    }

    /// <summary>"I have paid": asks the channel, then shows the order.</summary>
    public async Task<IActionResult> OnPostCheckAsync(string pageToken)
    {
        var (look, order) = await orders.LookAsync(pageToken, LookFor.ChannelsWord, HttpContext.RequestAborted);
        return look switch
        {
            Look.Found => Back(pageToken, ViewOf(order!).IsLive ? "not-paid" : null),
            Look.Unknown => UnknownPage(),
            _ => Back(pageToken, "away"),
        };
    }

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
            WishResult.Done => null,
            WishResult.Away => "away",
            _ => "not-possible",
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
