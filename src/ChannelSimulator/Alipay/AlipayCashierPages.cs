namespace PayCore.ChannelSimulator;

/// <summary>The pages of the test cashier (alipay.md 14, no. 5), in the wallet's style.</summary>
internal sealed class AlipayCashierPages(AlipayDesk desk, AlipayReturn returns)
{
    /// <summary>What the buyer did last, told above the order.</summary>
    public enum Note
    {
        None,
        Failed,
        Left,
    }

    public string Order(WalletWords words, AlipayOrder order, Note note)
    {
        var shown = desk.Shown(order);
        return shown.State switch
        {
            WalletState.Paid => Result(words, shown, "good", "✓", words.Paid, BackLink(words, order)),
            WalletState.Closed => Result(words, shown, "bad", "×", words.Closed, ""),
            WalletState.Expired => Result(words, shown, "bad", "×", words.Expired, ""),
            _ when note == Note.Failed => Result(words, shown, "bad", "×", words.Failed, Again(words, order)),
            _ when note == Note.Left => Result(words, shown, "bad", "×", words.Left, Again(words, order)),
            _ => Page(words, words.PayTo, $"""
                <section class="card cashier">
                  <p class="payee">{words.PayTo} <strong>{WalletPages.E(shown.Payee)}</strong></p>
                  <p class="amount">{WalletPages.Yuan(shown.Total)}</p>
                  {WalletPages.Facts(words, shown)}
                  {Button("pay", words.Pay, "main", order)}
                  {Button("fail", words.Fail, "other", order)}
                  {Button("leave", words.Leave, "other", order)}
                </section>
                """),
        };
    }

    /// <summary>What is wrong with a page call is told to the buyer (alipay.md 1.7).</summary>
    public static string Refusal(WalletWords words, AlipayError error) => Page(words, words.Refused, $"""
        <section class="card result bad">
          <p class="mark" aria-hidden="true">×</p>
          <h1>{words.Refused}</h1>
          {(error.Code == "40004" ? "" : $"""<p class="quiet">{words.RefusedHint}</p>""")}
          <dl><dt>{words.ErrorCode}</dt><dd>{WalletPages.E(Short(error.SubCode))}</dd><dt>{words.Reason}</dt><dd>{WalletPages.E(error.Message)}</dd></dl>
        </section>
        """);

    public static string Unknown(WalletWords words) => Page(words, words.UnknownPage, $"""
        <section class="card result bad">
          <p class="mark" aria-hidden="true">×</p>
          <h1>{words.UnknownPage}</h1>
        </section>
        """);

    /// <summary>The page shows codes without their prefix (alipay.md 1.7).</summary>
    private static string Short(string subCode) => subCode.StartsWith("isv.", StringComparison.Ordinal) ? subCode[4..] : subCode;

    private static string Page(WalletWords words, string title, string content) =>
        WalletPages.Page(words, title, content, $"<span>{words.Cashier}</span>", "alipay");

    private static string Button(string action, string label, string look, AlipayOrder order) => $"""
        <form action="/alipay/cashier/{action}" method="post">
          <input type="hidden" name="session" value="{WalletPages.E(AlipayCashierEndpoints.Session(order))}">
          <button class="{look}">{label}</button>
        </form>
        """;

    private static string Again(WalletWords words, AlipayOrder order) =>
        $"""<a class="button main" href="{WalletPages.E(order.Code)}">{words.TryAgain}</a>""";

    private static string Result(WalletWords words, WalletOrder order, string mood, string mark, string headline, string action) =>
        Page(words, headline, WalletPages.ResultCard(words, order, mood, mark, headline, action));

    private string BackLink(WalletWords words, AlipayOrder order) => returns.Address(order) is { } address
        ? $"""<a class="button main" href="{WalletPages.E(address)}">{words.BackToMerchant}</a>"""
        : "";
}
