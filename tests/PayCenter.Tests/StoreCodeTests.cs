using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;

namespace PayCore.PayCenter.Tests;

/// <summary>A store's static code: the buyer types the amount.</summary>
public sealed class StoreCodeTests : IAsyncLifetime
{
    private const string Address = "/store/teashop/till-1";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private PayCenterHost _host = null!;
    private Browser _browser = null!;

    private FakeGateways Gateways => _host.Gateways;

    public async ValueTask InitializeAsync()
    {
        _host = await PayCenterHost.StartAsync(_time);
        _browser = _host.Open();
        Gateways.Store = new Store
        {
            MerchantName = "West Lake Tea",
            Name = "Till 1",
            Subject = "Tea",
            Currency = "CNY",
            AmountMinorMax = 500_000,
            Brand = new CashierBrand { Support = "help@tea.example", Colour = "#ffcc00" },
        };
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("12.34", 1234)]
    [InlineData("１２", 1200)]
    public async Task Store_AmountTyped_IsOrderedAndLeadsToTheCashier(string typed, long minor)
    {
        var form = (await _browser.GetAsync(Address)).Forms[0];
        var answer = await _browser.SubmitAsync(form.With("amount", typed));
        answer.Status.Should().Be(HttpStatusCode.SeeOther);
        answer.Location.Should().Be($"http://127.0.0.1:8080/pay/token-of-{form["form_no"]}");
        var order = Gateways.StoreOrders.Should().ContainSingle().Subject;
        (order.AppId, order.Store, order.AmountMinor, order.FormNo).Should().Be(("teashop", "till-1", minor, form["form_no"]));
        form["form_no"].Should().MatchRegex("^[0-9A-Z]{26}$");
    }

    [Theory]
    [InlineData("", "Type an amount")]
    [InlineData("1,50", "Type an amount")]
    [InlineData("0", "Type an amount")]
    [InlineData("<b>", "Type an amount")]
    [InlineData("5000.01", "The most that can be paid here at once is ¥5,000.00")]
    public async Task Store_AmountThatIsNone_IsSaidAndNothingIsOrdered(string typed, string words)
    {
        var form = (await _browser.GetAsync(Address)).Forms[0];
        var page = await _browser.SubmitAsync(form.With("amount", typed));
        page.Status.Should().Be(HttpStatusCode.BadRequest);
        page.Text.Should().Contain(words);
        page.Forms[0]["form_no"].Should().Be(form["form_no"], "it is still the same form");
        page.Forms[0]["amount"].Should().Be(typed);
        Gateways.StoreOrders.Should().BeEmpty();
    }

    [Fact]
    public async Task Store_EachForm_HasItsOwnNumberAndASecondPressTheSame()
    {
        var form = (await _browser.GetAsync(Address)).Forms[0].With("amount", "1");
        await Task.WhenAll(_browser.SubmitAsync(form), _browser.SubmitAsync(form));
        await _browser.SubmitAsync((await _browser.GetAsync(Address)).Forms[0].With("amount", "1"));
        Gateways.StoreOrders.Select(o => o.FormNo).Distinct().Should().HaveCount(2);
    }

    [Theory]
    [InlineData(StatusCode.AlreadyExists, HttpStatusCode.Conflict, "sent before with another amount")]
    [InlineData(StatusCode.PermissionDenied, HttpStatusCode.NotFound, "do not know this store")]
    [InlineData(StatusCode.NotFound, HttpStatusCode.NotFound, "do not know this store")]
    [InlineData(StatusCode.Unavailable, HttpStatusCode.ServiceUnavailable, "Please try again")]
    public async Task Store_GatewaySaysNo_IsSaidInWords(StatusCode failure, HttpStatusCode status, string words)
    {
        var form = (await _browser.GetAsync(Address)).Forms[0].With("amount", "1");
        Gateways.Failure = failure;
        var page = await _browser.SubmitAsync(form);
        page.Status.Should().Be(status);
        page.Text.Should().Contain(words);
        Headers.ShouldBeStrict(page);
    }

    [Fact]
    public async Task Store_TooManyOrdersFromOneAddress_AreRefusedForAMinute()
    {
        var form = (await _browser.GetAsync(Address)).Forms[0].With("amount", "1");
        for (var i = 0; i < 10; i++)
        {
            (await _browser.SubmitAsync(form)).Status.Should().Be(HttpStatusCode.SeeOther);
        }

        var refused = await _browser.SubmitAsync(form);
        refused.Status.Should().Be(HttpStatusCode.TooManyRequests);
        refused.Text.Should().Contain("wait a minute");
        Gateways.StoreOrders.Should().HaveCount(10);
        _time.Advance(TimeSpan.FromMinutes(1));
        (await _browser.SubmitAsync(form)).Status.Should().Be(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Store_WithoutAntiforgery_IsRefusedWithAPage()
    {
        var answer = await _browser.PostAsync(Address, [new("form_no", new string('A', 26)), new("amount", "1")]);
        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.Text.Should().Contain("open for too long");
        answer.Links.Should().Contain(Address);
        Gateways.StoreOrders.Should().BeEmpty();
    }

    [Theory]
    [InlineData("/store/teashop/other")]
    [InlineData("/store/other/till-1")]
    [InlineData("/store/%3Cb%3E/x")]
    public async Task Store_Unknown_IsAFriendly404(string address)
    {
        var page = await _browser.GetAsync(address);
        page.Status.Should().Be(HttpStatusCode.NotFound);
        page.Text.Should().Contain("We do not know this store");
        Headers.ShouldBeStrict(page);
    }

    [Fact]
    public async Task Store_CodeForThePrinter_ReadsAsItsAddress()
    {
        var code = await _browser.GetAsync($"{Address}/code.svg");
        code.Header("Content-Type").Should().StartWith("image/svg+xml");
        QrReader.Read(code.Body).Should().Be($"http://127.0.0.1:8080{Address}");
    }

    [Theory]
    [InlineData("ffcc00", "#000000")]
    [InlineData("003366", "#ffffff")]
    [InlineData("0b6e4f", "#ffffff")]
    [InlineData("767676", "#000000")]
    [InlineData("757575", "#ffffff")]
    public async Task Colour_AnyOne_HasTextThatReadsOnIt(string colour, string text)
    {
        var sheet = await _browser.GetAsync($"/pay-assets/colour/{colour}.css");
        sheet.Body.Should().Contain($"--accent: #{colour}; --accent-text: {text};");
        sheet.Header("Content-Type").Should().StartWith("text/css");
    }

    [Theory]
    [InlineData("red.css")]
    [InlineData("ffcc00")]
    [InlineData("ffcc00%7D*%7B.css")]
    public async Task Colour_ThatIsNone_IsNotThere(string name) =>
        (await _browser.GetAsync($"/pay-assets/colour/{name}")).Status.Should().Be(HttpStatusCode.NotFound);

    [Fact]
    public async Task Brand_OfTheMerchant_IsOnItsPages()
    {
        var page = await _browser.GetAsync(Address);
        page.Body.Should().Contain("/pay-assets/colour/ffcc00.css");
        page.Links.Should().Contain("mailto:help@tea.example");
        var token = Gateways.Add(o => o.Brand = new CashierBrand { LogoUrl = "data:image/png;base64,AAAA", Support = "0571-8888", Colour = "#0B6E4F" });
        var pay = await _browser.GetAsync($"/pay/{token}");
        pay.Body.Should().Contain("src=\"data:image/png;base64,AAAA\"").And.Contain("/pay-assets/colour/0b6e4f.css");
        pay.Text.Should().Contain("0571-8888");
        pay.Links.Should().NotContain(l => l.Contains("0571"));
    }
}
