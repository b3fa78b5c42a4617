using Microsoft.Playwright;
using PayCore.Cashier.Tests.Support;

namespace PayCore.Cashier.Tests;

/// <summary>
/// The pictures of the documentation. <c>./screenshots</c> keeps them in the folder that PAYCORE_SCREENSHOTS names; without it the same sights are taken and only
/// looked at for being pictures of something.
/// </summary>
public sealed class Screenshots(Chromium chromium) : IAsyncLifetime
{
    private const int BytesMax = 150_000;

    private Till _till = null!;

    /// <summary>Sight, viewer, language, colour scheme.</summary>
    public static TheoryData<string, string, string, ColorScheme> All => new()
    {
        { "shop", "desk", "en", ColorScheme.Light },
        { "shop-orders", "phone", "zh", ColorScheme.Light },
        { "choose", "desk", "en", ColorScheme.Light },
        { "choose", "wechat", "zh", ColorScheme.Light },
        { "choose", "phone", "en", ColorScheme.Dark },
        { "scan-wechat", "desk", "en", ColorScheme.Light },
        { "scan-wechat", "phone", "zh", ColorScheme.Dark },
        { "unclosed", "desk", "zh", ColorScheme.Light },
        { "late", "desk", "en", ColorScheme.Dark },
        { "new-code", "phone", "en", ColorScheme.Light },
        { "processing", "phone", "zh", ColorScheme.Light },
        { "paid", "desk", "en", ColorScheme.Light },
        { "paid", "phone", "zh", ColorScheme.Light },
        { "expired", "phone", "en", ColorScheme.Light },
        { "failed", "desk", "zh", ColorScheme.Dark },
        { "store", "phone", "zh", ColorScheme.Light },
    };

    public async ValueTask InitializeAsync() => _till = await Till.OpenAsync(chromium);

    public ValueTask DisposeAsync() => _till.DisposeAsync();

    [Theory]
    [MemberData(nameof(All))]
    public async Task Sight_IsWorthShowing(string sight, string viewer, string language, ColorScheme scheme)
    {
        var folder = Environment.GetEnvironmentVariable("PAYCORE_SCREENSHOTS");
        var page = await _till.SeeAsync(sight, Viewer.Of(viewer) with { Locale = language, Scheme = scheme });
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        var picture = await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = string.IsNullOrEmpty(folder) ? null : Path.Combine(folder, $"{sight}-{viewer}.png"),
            FullPage = true,
            Scale = ScreenshotScale.Device,
        });
        picture.Length.Should().BeInRange(5_000, BytesMax, "it shows something, and a checkout of the repository stays small");
    }
}
