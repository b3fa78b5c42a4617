using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.PayCenter.Tests;

public sealed class CashierPageTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private PayCenterHost _host = null!;
    private Browser _browser = null!;

    private FakeGateways Gateways => _host.Gateways;

    public async ValueTask InitializeAsync()
    {
        _host = await PayCenterHost.StartAsync(_time);
        _browser = _host.Open();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _host.DisposeAsync();
        _host.Log.Lines.Where(l => l.Level >= LogLevel.Error).Should().BeEmpty();
    }

    [Theory]
    [InlineData("weixin://wxpay/bizpayurl?pr=pdXH2L1zz")]
    [InlineData("https://qr.alipay.com/bax03431ljhokirwl38f00a7")]
    [InlineData("weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00&more=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Page_OpenCode_IsInTheFirstHtmlAndReads(string code)
    {
        var token = Gateways.Add(o => o.Attempt.Action.QrCodeText = code);
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Status.Should().Be(HttpStatusCode.OK);
        QrReader.Read(page.Body).Should().Be(code);
        page.Text.Should().Contain("¥12.34").And.Contain("West Lake Tea").And.Contain("Longjing tea, 50 g").And.Contain("S20261122-7K3QM9")
            .And.Contain("Scan with WeChat").And.Contain("10:00");
        page.Body.Should().Contain("<noscript><meta http-equiv=\"refresh\"");
    }

    [Fact]
    public async Task Page_CodeTooLongToDraw_SaysSo()
    {
        var token = Gateways.Add(o => o.Attempt.Action.QrCodeText = new string('x', 4000));
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain("cannot be shown");
    }

    [Theory]
    [InlineData("en", "Paid", "WeChat has confirmed", "Return to West Lake Tea")]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.5", "付款成功", "微信已确认", "返回West Lake Tea")]
    public async Task Page_Paid_SaysItAndLeadsBack(string language, string title, string sentence, string back)
    {
        using var browser = _host.Open(language);
        var token = Gateways.Add(o =>
        {
            o.Order.State = PayOrder.Types.State.Paid;
            o.Order.PaidTime = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
        });
        var page = await browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain(title).And.Contain(sentence).And.Contain(back).And.Contain("2026-11-22 08:00:00");
        page.Links.Should().Contain("https://tea.example/orders/1");
        page.Body.Should().NotContain("<svg").And.NotContain("http-equiv=\"refresh\"", "without scripts nobody is sent away, for nobody could stop it");
    }

    [Fact]
    public async Task Page_Paid_ReturnAddressIsTheMerchantsAndNothingMore()
    {
        var token = Gateways.Add(o =>
        {
            o.Order.State = PayOrder.Types.State.Paid;
            o.ReturnUrl = "https://tea.example/back?order=1&x=%20#top";
        });
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Links.Should().Contain("https://tea.example/back?order=1&x=%20#top");
        System.Net.WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(page.Body, "data-return=\"([^\"]*)\"").Groups[1].Value)
            .Should().Be("https://tea.example/back?order=1&x=%20#top");
    }

    [Fact]
    public async Task Page_CloseRequested_SaysNotToPay()
    {
        var token = Gateways.Add(o => o.Order.CloseRequested = true);
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain("being closed").And.Contain("do not pay any more").And.Contain("I have paid").And.Contain("Back to the shop");
        page.Body.Should().NotContain("<svg");
        page.Forms.Should().OnlyContain(f => f.Action.EndsWith("/check"));
    }

    [Fact]
    public async Task Page_Expired_SaysThatItsTimeIsOver()
    {
        var token = Gateways.Add(o =>
        {
            o.Order.State = PayOrder.Types.State.Closed;
            o.Order.ExpireTime = Timestamp.FromDateTimeOffset(_time.GetUtcNow().AddSeconds(-1));
        });
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain("has expired").And.Contain("time to pay is over").And.Contain("Back to the shop");
    }

    [Fact]
    public async Task Page_ClosedEarly_DoesNotSpeakOfTime()
    {
        var token = Gateways.Add(o => o.Order.State = PayOrder.Types.State.Closed);
        (await _browser.GetAsync($"/pay/{token}")).Text.Should().Contain("was ended").And.NotContain("time to pay is over");
    }

    [Fact]
    public async Task Page_Failed_ShowsTheWordsOfTheChannel()
    {
        var token = Gateways.Add(o =>
        {
            o.Order.State = PayOrder.Types.State.Failed;
            o.Order.FailureMessage = "Account limited";
        });
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain("did not work").And.Contain("Account limited").And.Contain("Back to the shop");
    }

    [Fact]
    public async Task Page_Redirect_IsALinkForThePerson()
    {
        var token = Gateways.Add(o => o.Attempt.Action = new Contracts.V1.Action { RedirectUrl = "https://pay.example/go?a=1&b=2" });
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Links.Should().Contain("https://pay.example/go?a=1&b=2");
    }

    [Fact]
    public async Task Form_OfTheChannel_IsShownInASandboxOfItsOwn()
    {
        var token = Gateways.Add(o => o.Attempt.Action = new Contracts.V1.Action { HtmlForm = "<form action=\"https://pay.example\"></form>" });
        (await _browser.GetAsync($"/pay/{token}")).Links.Should().Contain($"/pay/{token}/form");
        var form = await _browser.GetAsync($"/pay/{token}/form");
        form.Body.Should().Contain("https://pay.example");
        form.Header("Content-Security-Policy").Should().Contain("sandbox allow-forms").And.NotContain("allow-same-origin");
        Gateways.Change(token, o => o.Order.State = PayOrder.Types.State.Paid);
        (await _browser.GetAsync($"/pay/{token}/form")).Location.Should().Be($"/pay/{token}");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("..%2f..%2fetc")]
    [InlineData("%3Cscript%3E")]
    public async Task Page_UnknownToken_IsAFriendly404(string token)
    {
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Status.Should().Be(HttpStatusCode.NotFound);
        page.Text.Should().Contain("We do not know this payment page");
        page.Header("Cache-Control").Should().Contain("no-store");
        (await _browser.GetAsync($"/pay/{token}/status")).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.DeadlineExceeded)]
    [InlineData(StatusCode.Internal)]
    public async Task Page_GatewayAway_AsksForPatience(StatusCode failure)
    {
        var token = Gateways.Add();
        Gateways.Failure = failure;
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Status.Should().Be(HttpStatusCode.ServiceUnavailable);
        page.Text.Should().Contain("do not pay a second time");
        page.Body.Should().Contain("http-equiv=\"refresh\"");
        (await _browser.GetAsync($"/pay/{token}/status")).Status.Should().Be(HttpStatusCode.ServiceUnavailable);
        _host.Log.Lines.Where(l => l.Level >= LogLevel.Warning).Should().NotBeEmpty().And.NotContain(l => l.Text.Contains(token));
    }

    [Fact]
    public async Task Status_Order_IsToldWithTheServersSeconds()
    {
        var token = Gateways.Add();
        _time.Advance(TimeSpan.FromSeconds(90));
        using var first = JsonDocument.Parse((await _browser.GetAsync($"/pay/{token}/status")).Body);
        first.RootElement.GetProperty("state").GetString().Should().Be("PAYING");
        first.RootElement.GetProperty("seconds_left").GetInt32().Should().Be(510);
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Body.Should().Contain($"data-key=\"{first.RootElement.GetProperty("key").GetString()}\"", "the page is up to date");

        Gateways.Change(token, o => o.Order.State = PayOrder.Types.State.Paid);
        using var second = JsonDocument.Parse((await _browser.GetAsync($"/pay/{token}/status")).Body);
        second.RootElement.GetProperty("state").GetString().Should().Be("PAID");
        page.Body.Should().NotContain($"data-key=\"{second.RootElement.GetProperty("key").GetString()}\"", "the page is out of date now");
    }

    [Fact]
    public async Task IHavePaid_ChannelAsked_ShowsTheResult()
    {
        Gateways.OnRefresh = o => o.Order.State = PayOrder.Types.State.Paid;
        var token = Gateways.Add();
        var page = await _browser.GetAsync($"/pay/{token}");
        var answer = await _browser.SubmitAsync(page.FormTo("/check"));
        answer.Status.Should().Be(HttpStatusCode.SeeOther);
        answer.Location.Should().Be($"/pay/{token}");
        Gateways.Refreshed.Should().Equal(token);
        (await _browser.GetAsync(answer.Location!)).Text.Should().Contain("has confirmed your payment");
    }

    [Fact]
    public async Task IHavePaid_NotYet_SaysNotToPayAgain()
    {
        var token = Gateways.Add();
        var answer = await _browser.SubmitAsync((await _browser.GetAsync($"/pay/{token}")).FormTo("/check"));
        var page = await _browser.GetAsync(answer.Location!);
        page.Text.Should().Contain("We are confirming your payment").And.Contain("do not pay again").And.NotContain("Scan with WeChat");
        page.Body.Should().NotContain("<svg", "a code that may be paid already is not held out again").And.Contain($"5;url=/pay/{token}?said=processing");
        page.Links.Should().Contain($"/pay/{token}");
        page.FormTo("/check").Should().NotBeNull();
    }

    [Fact]
    public async Task Return_FromTheChannel_AsksTheChannelAndBelievesNothingElse()
    {
        var token = Gateways.Add();
        var back = await _browser.GetAsync($"/pay/{token}/return?out_trade_no=A1&trade_status=TRADE_SUCCESS&sign=x");
        back.Location.Should().Be($"/pay/{token}?said=processing", "what the browser brought is dropped");
        Gateways.Refreshed.Should().Equal(token);
        (await _browser.GetAsync(back.Location!)).Text.Should().Contain("We are confirming your payment");

        Gateways.OnRefresh = o => o.Order.State = PayOrder.Types.State.Paid;
        (await _browser.GetAsync($"/pay/{token}/return")).Location.Should().Be($"/pay/{token}");
    }

    [Fact]
    public async Task IHavePaid_PressedWithoutEnd_AsksTheChannelOnlySoOften()
    {
        var token = Gateways.Add();
        var form = (await _browser.GetAsync($"/pay/{token}")).FormTo("/check");
        for (var i = 0; i < 40; i++)
        {
            (await _browser.SubmitAsync(form)).Location.Should().Be($"/pay/{token}?said=processing");
        }

        Gateways.Refreshed.Should().HaveCount(30);
        _time.Advance(TimeSpan.FromMinutes(1));
        await _browser.SubmitAsync(form);
        Gateways.Refreshed.Should().HaveCount(31);
    }

    [Fact]
    public async Task Attempts_MadeUpWithoutEnd_AreAskedForOnlySoOften()
    {
        var token = Gateways.AddChoice();
        var form = (await _browser.GetAsync($"/pay/{token}")).FormTo("/attempt");
        for (var i = 0; i < 30; i++)
        {
            await _browser.SubmitAsync(form.With("out_attempt_no", $"mine{i}"));
        }

        Gateways.Asked.Should().HaveCount(20);
    }

    [Theory]
    [InlineData("en", "Your earlier payment with Alipay could not be ended for certain")]
    [InlineData("zh", "之前的支付宝付款未能确认关闭")]
    public async Task Page_EarlierAttemptNotClosed_SaysSoBeforeTheCode(string language, string words)
    {
        using var browser = _host.Open(language);
        var token = Gateways.AddChoice(o =>
        {
            o.Order.State = PayOrder.Types.State.Paying;
            o.Attempt = Gateways.Attempt("A2", "wechat", "weixin://x");
            o.UnclosedMethods.Add("alipay");
        });
        var page = await browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain(words);
        page.Body.IndexOf("class=\"said\"", StringComparison.Ordinal).Should().BeLessThan(page.Body.IndexOf("<svg", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NewCode_ExpiredCode_IsAskedForAndShown()
    {
        var token = Gateways.Add(o => o.Attempt.ExpireTime = Timestamp.FromDateTimeOffset(_time.GetUtcNow()));
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain("no longer valid");
        page.Body.Should().NotContain("<svg");
        var answer = await _browser.SubmitAsync(page.FormTo("/attempt"));
        answer.Status.Should().Be(HttpStatusCode.SeeOther);
        var asked = Gateways.Asked.Should().ContainSingle().Subject;
        (asked.PageToken, asked.Method, asked.Scene, asked.ClientIp).Should().Be((token, "wechat", Scene.Qr, "127.0.0.1"));
        QrReader.Read((await _browser.GetAsync(answer.Location!)).Body).Should().Be($"wechat://new/{asked.OutAttemptNo}");
    }

    [Fact]
    public async Task NewCode_DoubleClickReloadAndSecondTab_AskUnderOneNumber()
    {
        var token = Gateways.Add(o => o.Attempt.State = Attempt.Types.State.Closed);
        var form = (await _browser.GetAsync($"/pay/{token}")).FormTo("/attempt");
        using var tab = _host.Open();
        var other = (await tab.GetAsync($"/pay/{token}")).FormTo("/attempt");
        await Task.WhenAll(_browser.SubmitAsync(form), _browser.SubmitAsync(form), tab.SubmitAsync(other));
        Gateways.Asked.Should().HaveCount(3);
        Gateways.Asked.Select(a => a.OutAttemptNo).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Choice_Wallet_IsAskedForAsACode()
    {
        var token = Gateways.AddChoice();
        var page = await _browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain("How would you like to pay?").And.Contain("WeChat").And.Contain("Alipay");
        await _browser.SubmitAsync(page.FormTo("/attempt", "Alipay"));
        var asked = Gateways.Asked.Should().ContainSingle().Subject;
        (asked.Method, asked.Scene).Should().Be(("alipay", Scene.Qr));
        var next = await _browser.GetAsync($"/pay/{token}");
        next.Text.Should().Contain("Scan with Alipay").And.Contain("Pay another way");
        next.FormTo("/attempt", "WeChat")["method"].Should().Be("wechat");
    }

    [Fact]
    public async Task Choice_NotCashierScene_OffersNoOtherWallet()
    {
        var token = Gateways.Add();
        (await _browser.GetAsync($"/pay/{token}")).Text.Should().NotContain("Pay another way");
    }

    [Theory]
    [InlineData(StatusCode.FailedPrecondition, "not-possible", "That was not possible")]
    [InlineData(StatusCode.Unavailable, "away", "could not ask")]
    public async Task NewCode_Refused_SaysSoOnThePage(StatusCode failure, string said, string words)
    {
        var token = Gateways.Add(o => o.Attempt.State = Attempt.Types.State.Closed);
        var form = (await _browser.GetAsync($"/pay/{token}")).FormTo("/attempt");
        Gateways.Failure = failure;
        var answer = await _browser.SubmitAsync(form);
        answer.Location.Should().Be($"/pay/{token}?said={said}");
        Gateways.Failure = null;
        (await _browser.GetAsync(answer.Location!)).Text.Should().Contain(words);
    }

    [Theory]
    [InlineData("bad number")]
    [InlineData("")]
    [InlineData("<script>")]
    public async Task NewCode_NumberNotOfTheContract_IsNotSent(string number)
    {
        var token = Gateways.Add(o => o.Attempt.State = Attempt.Types.State.Closed);
        var form = (await _browser.GetAsync($"/pay/{token}")).FormTo("/attempt");
        await _browser.SubmitAsync(form.With("out_attempt_no", number));
        Gateways.Asked.Should().BeEmpty();
    }

    [Theory]
    [InlineData("check")]
    [InlineData("attempt")]
    public async Task Forms_WithoutAntiforgery_AreRefusedWithAPage(string form)
    {
        var token = Gateways.Add();
        var answer = await _browser.PostAsync($"/pay/{token}/{form}", [new("out_attempt_no", "x"), new("method", "wechat")]);
        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.Text.Should().Contain("open for too long");
        answer.Links.Should().Contain($"/pay/{token}");
        Headers.ShouldBeStrict(answer);
        Gateways.Asked.Should().BeEmpty();
        Gateways.Refreshed.Should().BeEmpty();
    }

    [Fact]
    public async Task Page_MarkupFromMerchant_StaysText()
    {
        const string evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'";
        foreach (var state in new[] { PayOrder.Types.State.Paying, PayOrder.Types.State.Paid, PayOrder.Types.State.Failed, PayOrder.Types.State.Closed })
        {
            var token = Gateways.AddChoice(o =>
            {
                o.Order.State = state;
                o.Order.Subject = evil;
                o.Order.OutTradeNo = evil;
                o.Order.FailureMessage = evil;
                o.Order.Currency = evil;
                o.MerchantName = evil;
                o.ReturnUrl = "javascript:alert(3)";
                o.Ways.Add(FakeGateways.Way(evil, Scene.Qr));
                o.Attempt = Gateways.Attempt("A1", evil, evil);
            });
            var page = await _browser.GetAsync($"/pay/{token}");
            page.Body.Should().NotContain("<script>alert").And.NotContain("<img").And.NotContain("javascript:");
            page.Text.Should().Contain(evil);
        }
    }

    [Fact]
    public async Task Page_EachScreen_HasStrictHeadersAndNothingInline()
    {
        var tokens = new[]
        {
            Gateways.Add(),
            Gateways.AddChoice(),
            Gateways.Add(o => o.Attempt.State = Attempt.Types.State.Sent),
            Gateways.Add(o => o.Attempt.State = Attempt.Types.State.Closed),
            Gateways.Add(o => o.Attempt.State = Attempt.Types.State.Refused),
            Gateways.Add(o => o.Attempt.Action = new Contracts.V1.Action { RedirectUrl = "https://pay.example" }),
            Gateways.Add(o => o.Attempt.Action = new Contracts.V1.Action { ClientParameters = new ClientParameters() }),
            Gateways.Add(o => o.Order.CloseRequested = true),
            Gateways.Add(o => o.Order.State = PayOrder.Types.State.Paid),
            Gateways.Add(o => o.Order.State = PayOrder.Types.State.Closed),
            Gateways.Add(o => o.Order.State = PayOrder.Types.State.Failed),
            "unknown",
        };
        foreach (var token in tokens)
        {
            var page = await _browser.GetAsync($"/pay/{token}");
            Headers.ShouldBeStrict(page);
            Headers.ShouldBeStrict(await _browser.GetAsync($"/pay/{token}/status"));
            page.Body.Should().NotMatchRegex(" style=").And.NotMatchRegex(" on[a-z]+=").And.NotMatchRegex("<style").And.NotMatchRegex("<script>");
        }
    }

    [Theory]
    [InlineData("", "", "en")]
    [InlineData("zh-TW", "", "zh-CN")]
    [InlineData("fr, zh;q=0.3, en;q=0.2", "", "zh-CN")]
    [InlineData("en;q=0.3, zh;q=0.8", "", "zh-CN")]
    [InlineData("zh", "?lang=en", "en")]
    [InlineData("en", "?lang=zh", "zh-CN")]
    [InlineData("en", "?lang=fr", "en")]
    [InlineData(";;;,q=,", "", "en")]
    public async Task Language_ChosenThenPreferred_IsSpoken(string acceptLanguage, string query, string tag)
    {
        using var browser = _host.Open(acceptLanguage);
        var token = Gateways.Add();
        (await browser.GetAsync($"/pay/{token}{query}")).Body.Should().Contain($"<html lang=\"{tag}\">");
        (await browser.GetAsync($"/pay/{token}")).Body.Should().Contain($"<html lang=\"{tag}\">", "a choice lasts");
    }

    [Fact]
    public async Task Simulator_NotConfigured_IsNotMentioned()
    {
        var token = Gateways.Add();
        (await _browser.GetAsync($"/pay/{token}")).Text.Should().NotContain("Simulator");
    }

    [Fact]
    public async Task Simulator_Configured_LinksTheCode()
    {
        await using var host = await PayCenterHost.StartAsync(_time, new Dictionary<string, string?> { ["PayCenter:WalletUrl"] = "http://127.0.0.1:8090/wallet" });
        using var browser = host.Open();
        var token = host.Gateways.Add(o => o.Attempt.Action.QrCodeText = "weixin://a?b=1&c=2");
        var page = await browser.GetAsync($"/pay/{token}");
        page.Text.Should().Contain("Simulator: pay here");
        page.Links.Should().Contain("http://127.0.0.1:8090/wallet?code_url=weixin%3A%2F%2Fa%3Fb%3D1%26c%3D2");
    }

    [Fact]
    public async Task Assets_Version_IsKeptAndRevalidated()
    {
        var token = Gateways.Add();
        var page = await _browser.GetAsync($"/pay/{token}");
        foreach (var name in new[] { "base.css", "cashier.css", "cashier.js" })
        {
            var url = System.Text.RegularExpressions.Regex.Match(page.Body, $"/pay-assets/{name}\\?v=[0-9a-f]+").Value;
            var asset = await _browser.GetAsync(url);
            asset.Status.Should().Be(HttpStatusCode.OK);
            asset.Header("Cache-Control").Should().Contain("immutable");
            asset.Header("X-Content-Type-Options").Should().Be("nosniff");
            var again = new HttpRequestMessage(HttpMethod.Get, url);
            again.Headers.TryAddWithoutValidation("If-None-Match", asset.Header("ETag"));
            (await _browser.SendAsync(again)).Status.Should().Be(HttpStatusCode.NotModified);
        }

        (await _browser.GetAsync("/pay-assets/nothing.css")).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Endpoints_OnAnotherKindOfPort_AreNotThere()
    {
        await using var host = await PayCenterHost.StartAsync(_time, kind: PortKind.Console);
        using var browser = host.Open();
        var token = host.Gateways.Add();
        foreach (var path in new[] { $"/pay/{token}", $"/pay/{token}/status", "/pay-assets/base.css", "/shop" })
        {
            (await browser.GetAsync(path)).Status.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Shop_NotConfigured_IsNotThere()
    {
        foreach (var path in new[] { "/shop", "/shop/orders", "/shop/orders/x" })
        {
            (await _browser.GetAsync(path)).Status.Should().Be(HttpStatusCode.NotFound);
        }

        (await _browser.PostAsync("/shop/webhook", [])).Status.Should().Be(HttpStatusCode.NotFound);
        (await _browser.PostAsync("/shop/buy", [])).Status.Should().Be(HttpStatusCode.NotFound);
    }
}
