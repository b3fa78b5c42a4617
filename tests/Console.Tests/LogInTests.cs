using System.Diagnostics;
using Grpc.Core;
using PayCore.Cashier.Tests.Support;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Console.Tests;

/// <summary>The log-in tells nobody who exists, locks who guesses, and takes a code once.</summary>
public sealed class LogInTests(Chromium chromium) : IAsyncLifetime
{
    private Office _office = null!;
    private Person _ada = null!;

    public async ValueTask InitializeAsync()
    {
        _office = await Office.OpenAsync(chromium);
        _ada = await _office.HireAsync("ada", "admin");
    }

    public async ValueTask DisposeAsync()
    {
        await _office.DemandWholeAuditAsync();
        await _office.DisposeAsync();
    }

    [Fact]
    public async Task LogIn_WithPasswordAndCode_LeadsBackAndOutAgain()
    {
        var page = await _office.BrowseAsync();
        await page.GotoAsync("/audit");
        await _office.LogInAsync(page, _ada);
        await Office.AliveAsync(page);
        await Expect(page).ToHaveURLAsync(new Uri(_office.World.Console, "/audit").AbsoluteUri);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "ada" }).ClickAsync();
        await page.Locator(".leave").ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"));
        await page.GotoAsync("/audit");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login\\?back="));
    }

    [Fact]
    public async Task WrongPasswordAndUnknownName_AnswerTheSameInTheSameTime()
    {
        var (known, unknown) = (await TryAsync("ada"), await TryAsync("nobody"));

        unknown.Text.Should().Be(known.Text);
        known.Time.Should().BeGreaterThan(TimeSpan.FromMilliseconds(590));
        unknown.Time.Should().BeGreaterThan(TimeSpan.FromMilliseconds(590));
    }

    [Fact]
    public async Task FiveWrongPasswords_LockTheNameForTheRightOneToo_UntilTheTimeIsOver()
    {
        for (var i = 0; i < 5; i++)
        {
            await _office.Operators.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = _ada.OperatorId });
        }

        var page = await _office.BrowseAsync();
        await page.GotoAsync("/login");
        await page.GetByLabel("Name").FillAsync("ada");
        await page.GetByLabel("Password").FillAsync(Office.Password);
        await page.Locator("button[type=submit]").ClickAsync();
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToBeVisibleAsync();

        _office.Clock.Add(TimeSpan.FromSeconds(31));
        await _office.LogInAsync(page, _ada);
        await Office.AliveAsync(page);
    }

    [Fact]
    public async Task Code_UsedOnce_IsRefusedTheSecondTime()
    {
        var step = _office.Clock.GetUtcNow().ToUnixTimeSeconds() / 30;
        await ConfirmAsync(step);

        var again = () => ConfirmAsync(step);

        (await again.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.FailedPrecondition);
    }

    [Fact]
    public async Task Session_IsOverAfterTheIdleTimeAndAtTheLatestAfterHalfADay()
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _office.World.Console };
        client.DefaultRequestHeaders.Add("Cookie", $"paycore-console={await _office.SessionOfAsync(_ada)}");
        client.DefaultRequestHeaders.Add("Accept", "text/html");

        for (var i = 0; i < 28; i++)
        {
            (await client.GetAsync("/")).StatusCode.Should().Be(System.Net.HttpStatusCode.OK, $"after {i * 25} minutes");
            _office.Clock.Add(TimeSpan.FromMinutes(25));
        }

        _office.Clock.Add(TimeSpan.FromMinutes(25));
        (await client.GetAsync("/")).StatusCode.Should().Be(System.Net.HttpStatusCode.Redirect, "half a day is over");

        using var idle = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _office.World.Console };
        idle.DefaultRequestHeaders.Add("Cookie", $"paycore-console={await _office.SessionOfAsync(_ada)}");
        idle.DefaultRequestHeaders.Add("Accept", "text/html");
        (await idle.GetAsync("/")).StatusCode.Should().Be(System.Net.HttpStatusCode.OK);
        _office.Clock.Add(TimeSpan.FromMinutes(31));
        (await idle.GetAsync("/")).StatusCode.Should().Be(System.Net.HttpStatusCode.Redirect);
    }

    private async Task ConfirmAsync(long step)
    {
        var (first, second) = (PayManagerSystem.People.SessionCookie.HashOf(Guid.NewGuid().ToString()), PayManagerSystem.People.SessionCookie.HashOf(Guid.NewGuid().ToString()));
        var end = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(_office.Clock.GetUtcNow().AddHours(1));
        await _office.Operators.BeginSessionAsync(new BeginSessionRequest { OperatorId = _ada.OperatorId, TokenHash = first, ExpireTime = end });
        await _office.Operators.ConfirmSessionAsync(new ConfirmSessionRequest { TokenHash = first, NewTokenHash = second, ExpireTime = end, TotpStep = step });
    }

    private async Task<(string Text, TimeSpan Time)> TryAsync(string name)
    {
        var page = await _office.BrowseAsync();
        await page.GotoAsync("/login");
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync("wrong-wrong-wrong");
        var began = Stopwatch.GetTimestamp();
        await page.Locator("button[type=submit]").ClickAsync();
        var text = await page.GetByRole(Microsoft.Playwright.AriaRole.Alert).InnerTextAsync();
        return (text, Stopwatch.GetElapsedTime(began));
    }
}
