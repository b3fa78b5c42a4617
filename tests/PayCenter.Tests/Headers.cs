namespace PayCore.PayCenter.Tests;

internal static class Headers
{
    public static void ShouldBeStrict(Page page)
    {
        page.Header("Content-Security-Policy").Should().StartWith("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:")
            .And.Contain("form-action 'self'").And.Contain("frame-ancestors 'none'").And.Contain("base-uri 'none'").And.Contain("connect-src 'self'")
            .And.NotContain("unsafe");
        page.Header("X-Content-Type-Options").Should().Be("nosniff");
        page.Header("Referrer-Policy").Should().Be("no-referrer");
        page.Header("Cache-Control").Should().Contain("no-store");
    }
}
