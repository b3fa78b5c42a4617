using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Tests;

public sealed class AmountsTests
{
    [Theory]
    [InlineData(1234, "CNY", "¥12.34")]
    [InlineData(1, "CNY", "¥0.01")]
    [InlineData(10, "CNY", "¥0.10")]
    [InlineData(100, "CNY", "¥1.00")]
    [InlineData(100_000_000_000, "CNY", "¥1,000,000,000.00")]
    [InlineData(1200, "JPY", "JPY 1,200")]
    [InlineData(1, "BHD", "BHD 0.001")]
    [InlineData(1234, "BHD", "BHD 1.234")]
    [InlineData(1999, "USD", "USD 19.99")]
    [InlineData(-5, "CNY", "-¥0.05")]
    [InlineData(long.MaxValue, "CNY", "¥92,233,720,368,547,758.07")]
    [InlineData(long.MinValue, "CNY", "-¥92,233,720,368,547,758.08")]
    public void Format_MinorUnits_HasTheCurrencysDigits(long minor, string currency, string expected) =>
        Amounts.Format(minor, currency).Should().Be(expected);
}
