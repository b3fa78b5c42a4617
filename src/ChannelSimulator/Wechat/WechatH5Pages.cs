using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>
/// The page behind an h5_url, for a phone's browser outside WeChat (wechat-pay-v3.md 3.1 and 3.4). Afterwards the payer is led to <c>redirect_url</c>, paid or
/// not: where the payer arrives proves nothing.
/// </summary>
internal static class WechatH5Pages
{
    public const string Path = "/cgi-bin/mmpayweb-bin/checkmweb";

    public static string Address(string baseUrl, SimulatedOrder order) =>
        $"{baseUrl.TrimEnd('/')}{Path}?prepay_id={order.CodeUrl}&package={Package(order)}";

    public static IResult Show(HttpContext context, WechatLedger ledger, WechatDesk desk)
    {
        var words = WalletWords.For(context.Request);
        var query = context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString());
        if (Find(ledger, query) is not { } order)
        {
            return WalletEndpoints.Html(context, WalletPages.Sorry(words, words.UnknownPage), StatusCodes.Status404NotFound);
        }

        var back = Back(query);
        var buttons = WalletPages.Form(Path, words.Pay, "main", [.. query, new("act", "pay")])
            + WalletPages.Form(Path, words.Decline, "other", [.. query, new("act", "decline")]);
        var onward = back is null ? "" : $"""<a class="button main" href="{WalletPages.E(back.AbsoluteUri)}">{words.BackToMerchant}</a>""";
        // A browser holds the way back to the merchant, which follows the form, against the same policy.
        return WalletEndpoints.Html(context, WalletPages.Order(words, desk.Shown(order), buttons, onward), formAction: back?.GetLeftPart(UriPartial.Authority));
    }

    public static async Task<IResult> Act(HttpContext context, WechatLedger ledger, WechatDesk desk)
    {
        if (await WechatPages.FormAsync(context) is not { } form || Find(ledger, form) is not { } order)
        {
            return Results.NotFound();
        }

        WechatPages.Try(() => WechatPages.Do(desk, order, form.GetValueOrDefault("act")));
        return WechatPages.SeeOther(context, Back(form)?.AbsoluteUri ?? $"{Path}?prepay_id={order.CodeUrl}&package={Package(order)}");
    }

    private static SimulatedOrder? Find(WechatLedger ledger, Dictionary<string, string> call) =>
        ledger.FindByCode(call.GetValueOrDefault("prepay_id") ?? "") is { Scene: "h5" } order && call.GetValueOrDefault("package") == Package(order)
            ? order
            : null;

    private static string Package(SimulatedOrder order) => order.CodeUrl[^10..];

    private static Uri? Back(Dictionary<string, string> call) =>
        Uri.TryCreate(call.GetValueOrDefault("redirect_url"), UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;
}
