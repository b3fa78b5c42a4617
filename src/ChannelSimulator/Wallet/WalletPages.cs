using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace PayCore.ChannelSimulator;

/// <summary>The pages of the wallet. Everything that came from outside goes through <see cref="E"/>.</summary>
internal sealed class WalletPages(IEnumerable<IWalletDesk> desks)
{
    private const int MostListed = 20;

    private static readonly HtmlEncoder _encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public string Start(WalletWords words)
    {
        var unpaid = desks.SelectMany(d => d.Unpaid).OrderBy(o => o.PlacedAt).Reverse().Take(MostListed).ToList();
        var list = unpaid.Count == 0
            ? $"""<p class="quiet">{words.NoneUnpaid}</p>"""
            : $"""<ul class="orders">{string.Concat(unpaid.Select(o => ListItem(words, o)))}</ul>""";
        return Page(words, words.Wallet, $"""
            <section class="card">
              <h1>{words.Scan}</h1>
              <p class="quiet">{words.ScanHint}</p>
              <form class="scan" action="/wallet" method="get">
                <label for="code_url">{words.CodeLabel}</label>
                <div class="row">
                  <input id="code_url" name="code_url" required autocomplete="off" spellcheck="false" placeholder="weixin://…  https://qr.alipay.com/…">
                  <button class="main">{words.Open}</button>
                </div>
              </form>
            </section>
            <section class="card">
              <h2>{words.Unpaid}</h2>
              {list}
            </section>
            """);
    }

    /// <summary>The cashier for an order that can be paid, otherwise what became of it.</summary>
    public static string Order(WalletWords words, WalletOrder order, bool declined)
    {
        var back = $"""<a class="button other" href="/wallet">{words.Back}</a>""";
        return declined && order.State == WalletState.Unpaid
            ? Result(words, order, "bad", "×", words.Declined, $"""<a class="button main" href="{Link(order.Code)}">{words.TryAgain}</a>{back}""")
            : Order(words, order, Button("pay", words.Pay, "main", order) + Button("decline", words.Decline, "other", order), back);
    }

    /// <summary>The cashier with these buttons for an order that can be paid, otherwise what became of it and where to go from there.</summary>
    public static string Order(WalletWords words, WalletOrder order, string buttons, string onward) => order.State switch
    {
        WalletState.Paid => Result(words, order, "good", "✓", words.Paid, onward),
        WalletState.Closed => Result(words, order, "bad", "×", words.Closed, onward),
        WalletState.Expired => Result(words, order, "bad", "×", words.Expired, onward),
        _ => Page(words, words.PayTo, $"""
            <section class="card cashier">
              <p class="payee">{words.PayTo} <strong>{E(order.Payee)}</strong></p>
              <p class="amount">{Yuan(order.Total)}</p>
              {Facts(words, order)}
              {buttons}
            </section>
            """, look: order.Provider),
    };

    public static string UnknownCode(WalletWords words) => Sorry(words, words.UnknownCode, $"""<a class="button other" href="/wallet">{words.Back}</a>""");

    /// <summary>A page that says only why there is nothing to be done.</summary>
    /// <param name="words">The language.</param>
    /// <param name="headline">What is wrong.</param>
    /// <param name="more">HTML below it.</param>
    public static string Sorry(WalletWords words, string headline, string more = "") => Page(words, headline, $"""
        <section class="card result bad">
          <p class="mark" aria-hidden="true">×</p>
          <h1>{headline}</h1>
          {more}
        </section>
        """);

    public static string Link(string code) => "/wallet?code_url=" + Uri.EscapeDataString(code);

    public static string Yuan(long fen) => string.Create(CultureInfo.InvariantCulture, $"¥{fen / 100}.{fen % 100:D2}");

    public static string E(string text) => _encoder.Encode(text);

    /// <summary>What became of an order.</summary>
    public static string ResultCard(WalletWords words, WalletOrder order, string mood, string mark, string headline, string action) => $"""
        <section class="card result {mood}">
          <p class="mark" aria-hidden="true">{mark}</p>
          <h1>{headline}</h1>
          <p class="payee">{E(order.Payee)}</p>
          <p class="amount">{Yuan(order.Total)}</p>
          {Facts(words, order)}
          {action}
        </section>
        """;

    /// <summary>A button that posts these values.</summary>
    public static string Form(string address, string label, string look, IEnumerable<KeyValuePair<string, string>> values) => $"""
        <form action="{address}" method="post">
          {string.Concat(values.Select(v => $"""<input type="hidden" name="{E(v.Key)}" value="{E(v.Value)}">"""))}
          <button class="{look}">{label}</button>
        </form>
        """;

    private static string Button(string action, string label, string look, WalletOrder order) =>
        Form("/wallet/" + action, label, look, [new("code_url", order.Code)]);

    public static string Facts(WalletWords words, WalletOrder order)
    {
        var paid = order.State == WalletState.Paid
            ? $"<dt>{words.Transaction}</dt><dd>{E(order.Transaction!)}</dd><dt>{words.Time}</dt><dd>{E(WireTime.Text(order.PaidAt!.Value))}</dd>"
            : "";
        return $"""
            <dl><dt>{words.Item}</dt><dd>{E(order.Item)}</dd><dt>{words.OrderNumber}</dt><dd>{E(order.OutTradeNo)}</dd>
              <dt>{words.Means}</dt><dd>{words.NameOf(order.Provider)}</dd>{paid}</dl>
            """;
    }

    /// <param name="words">The language.</param>
    /// <param name="title">The title, encoded.</param>
    /// <param name="content">The content, HTML.</param>
    /// <param name="header">What stands above it; the wallet's own header when left out.</param>
    /// <param name="look">The class of the body.</param>
    public static string Page(WalletWords words, string title, string content, string? header = null, string look = "wallet") => $"""
        <!DOCTYPE html>
        <html lang="{words.Language}">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>{title}</title>
          <link rel="stylesheet" href="/wallet/wallet.css">
          <link rel="icon" href="data:,">
        </head>
        <body class="{look}">
          <header>{header ?? $"""<a href="/wallet">{words.Wallet}</a>"""}</header>
          <main>{content}</main>
          <footer>{words.Notice}</footer>
        </body>
        </html>
        """;

    private static string Result(WalletWords words, WalletOrder order, string mood, string mark, string headline, string action) =>
        Page(words, headline, ResultCard(words, order, mood, mark, headline, action), look: order.Provider);

    private static string ListItem(WalletWords words, WalletOrder order) => $"""
        <li><a href="{Link(order.Code)}">
          <span class="what">
            <strong>{E(order.Payee)}</strong><span>{E(order.Item)}</span><small>{words.NameOf(order.Provider)} · {E(order.OutTradeNo)}</small>
          </span>
          <span class="price">{Yuan(order.Total)}</span>
        </a></li>
        """;
}
