using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PayCore.ChannelSimulator;

/// <summary>
/// The payer's phone: a page that takes the text of a QR code and asks to pay or decline. Made by the server, without scripts; Chinese or English by the
/// browser's language.
/// </summary>
internal sealed class WalletPages(WechatLedger ledger, WechatWallet wallet, WechatMerchants merchants)
{
    private static readonly HtmlEncoder _html = HtmlEncoder.Create(UnicodeRanges.All);

    public IResult Show(HttpContext http, string? codeUrl)
    {
        var words = Words.Of(http);
        if (string.IsNullOrWhiteSpace(codeUrl))
        {
            return Page(http, 200, words, Choose(words));
        }

        return wallet.Scan(codeUrl.Trim()) is { } order
            ? Page(http, 200, words, Ask(words, order))
            : Page(http, 404, words, Result(words, good: false, words.Unknown, words.UnknownMore));
    }

    public IResult Pay(HttpContext http, string codeUrl, string answer)
    {
        var words = Words.Of(http);
        if (wallet.Scan(codeUrl) is not { } order)
        {
            return Page(http, 404, words, Result(words, good: false, words.Unknown, words.UnknownMore));
        }

        if (answer != "pay")
        {
            return Page(http, 200, words, Result(words, good: false, words.Declined, words.DeclinedMore));
        }

        try
        {
            wallet.Pay(order.MchId, order.OutTradeNo);
            return Page(http, 200, words, Result(words, good: true, words.Paid, Yuan(order.Total)));
        }
        catch (InvalidOperationException e)
        {
            return Page(http, 409, words, Result(words, good: false, words.NotPaid, e.Message));
        }
    }

    private string Ask(Words words, SimulatedOrder order)
    {
        var payee = merchants.Find(order.MchId)?.Registration.Name is { Length: > 0 } name ? name : order.MchId;
        var paid = order.State == "SUCCESS";
        return $"""
            <section class="card">
              <p class="payee">{E(words.PayTo)} {E(payee)}</p>
              <p class="amount">{Yuan(order.Total)}</p>
              <dl><dt>{E(words.Goods)}</dt><dd>{E(order.Description)}</dd><dt>{E(words.Number)}</dt><dd>{E(order.OutTradeNo)}</dd></dl>
              {(paid ? $"<p class=\"center\">{E(words.Paid)}</p>" : $"""
              <form method="post" action="/wallet">
                <input type="hidden" name="code_url" value="{E(order.CodeUrl)}">
                <button class="go" name="answer" value="pay">{E(words.Pay)} {Yuan(order.Total)}</button>
                <button class="no" name="answer" value="decline">{E(words.Decline)}</button>
              </form>
              """)}
            </section>
            """;
    }

    private string Choose(Words words)
    {
        var open = ledger.All.Where(o => o.State == "NOTPAY").OrderByDescending(o => o.CodeAt).Take(10).ToList();
        var list = new StringBuilder();
        foreach (var order in open)
        {
            list.Append(CultureInfo.InvariantCulture,
                $"<li><a href=\"/wallet?code_url={E(Uri.EscapeDataString(order.CodeUrl))}\"><span>{E(order.Description)}</span><strong>{Yuan(order.Total)}</strong></a></li>");
        }

        return $"""
            <section class="card">
              <h1>{E(words.Scan)}</h1>
              <form method="get" action="/wallet">
                <label for="code">{E(words.Code)}</label>
                <input id="code" name="code_url" placeholder="weixin://wxpay/bizpayurl?pr=…" autocomplete="off">
                <button class="go">{E(words.Open)}</button>
              </form>
            </section>
            <section class="card"><h1>{E(words.Unpaid)}</h1>
              {(open.Count == 0 ? $"<p class=\"payee\">{E(words.None)}</p>" : $"<ul class=\"list\">{list}</ul>")}
            </section>
            """;
    }

    private static string Result(Words words, bool good, string title, string more) => $"""
        <section class="card center">
          <div class="mark{(good ? "" : " bad")}" aria-hidden="true">{(good ? "✓" : "!")}</div>
          <h1>{E(title)}</h1><p class="payee">{E(more)}</p><p><a class="button no" href="/wallet">{E(words.Back)}</a></p>
        </section>
        """;

    private static IResult Page(HttpContext http, int status, Words words, string body)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Content(
            $"""
            <!doctype html>
            <html lang="{words.Language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{E(words.Title)}</title><link rel="stylesheet" href="/wallet.css"></head>
            <body><main><p class="banner">{E(words.Banner)}</p>{body}</main></body></html>
            """,
            "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    private static string Yuan(long fen) => $"¥{fen / 100}.{fen % 100:00}";

    private static string E(string text) => _html.Encode(text);

    private sealed record Words(
        string Language, string Title, string Banner, string PayTo, string Goods, string Number, string Pay, string Decline, string Paid, string NotPaid,
        string Declined, string DeclinedMore, string Unknown, string UnknownMore, string Scan, string Code, string Open, string Unpaid, string None, string Back)
    {
        private static readonly Words _chinese = new(
            "zh-CN", "模拟微信支付钱包", "模拟钱包 · 不涉及真实资金", "付款给", "商品", "订单号", "支付", "取消", "支付成功", "未能支付", "已取消", "没有扣款。",
            "二维码无效", "它可能已被新的二维码替换。", "扫一扫", "二维码内容", "打开", "待支付订单", "没有待支付的订单。", "返回钱包");

        private static readonly Words _english = new(
            "en", "Simulated WeChat Pay wallet", "Simulated wallet · no real money", "Pay to", "Goods", "Order", "Pay", "Decline", "Paid", "Not paid", "Declined",
            "Nothing was taken.", "This code is not valid", "A newer code may have replaced it.", "Scan", "Text of the QR code", "Open", "Waiting for payment",
            "No order is waiting.", "Back to the wallet");

        public static Words Of(HttpContext http) =>
            http.Request.Headers.AcceptLanguage.ToString().TrimStart().StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? _chinese : _english;
    }
}

/// <summary>The wallet's routes.</summary>
internal static class WalletEndpoints
{
    public static void MapWallet(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/wallet", (HttpContext http, WalletPages pages) => pages.Show(http, http.Request.Query["code_url"]));
        endpoints.MapPost("/wallet", async (HttpContext http, WalletPages pages) =>
        {
            var form = await http.Request.ReadFormAsync();
            return pages.Pay(http, form["code_url"].ToString(), form["answer"].ToString());
        });
        endpoints.MapGet("/wallet.css", () => Results.Stream(
            typeof(WalletEndpoints).Assembly.GetManifestResourceStream("wallet.css")!, "text/css; charset=utf-8"));
        endpoints.MapGet("/", () => Results.Redirect("/wallet"));
    }
}
