using PayCore.Payments;

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

    [Theory]
    [InlineData("12.34", "CNY", 1234)]
    [InlineData("12", "CNY", 1200)]
    [InlineData("12.5", "CNY", 1250)]
    [InlineData("0.01", "CNY", 1)]
    [InlineData(" 007.10 ", "CNY", 710)]
    [InlineData("１２．５０", "CNY", 1250)]
    [InlineData("8。8", "CNY", 880)]
    [InlineData("999999999999.99", "CNY", 99_999_999_999_999)]
    [InlineData("0.29", "CNY", 29)]
    [InlineData("1200", "JPY", 1200)]
    [InlineData("1.234", "BHD", 1234)]
    public void TryParse_Typed_IsExact(string text, string currency, long minor)
    {
        Amounts.TryParse(text, currency, out var parsed).Should().BeTrue();
        parsed.Should().Be(minor);
    }

    [Theory]
    [InlineData("", "CNY")]
    [InlineData("0", "CNY")]
    [InlineData("0.00", "CNY")]
    [InlineData("-1", "CNY")]
    [InlineData("+1", "CNY")]
    [InlineData("1,50", "CNY")]
    [InlineData("1,234.50", "CNY")]
    [InlineData("1.234", "CNY")]
    [InlineData("1.", "CNY")]
    [InlineData(".5", "CNY")]
    [InlineData("1.2.3", "CNY")]
    [InlineData("1e3", "CNY")]
    [InlineData("0x10", "CNY")]
    [InlineData("1 2", "CNY")]
    [InlineData("¥12", "CNY")]
    [InlineData("٣", "CNY")]
    [InlineData("NaN", "CNY")]
    [InlineData("1000000000000", "CNY")]
    [InlineData("1.5", "JPY")]
    public void TryParse_NotExact_IsRefused(string text, string currency) => Amounts.TryParse(text, currency, out _).Should().BeFalse();

    [Fact]
    public void TryParse_WhatFormatWrites_IsTheSame()
    {
        for (long minor = 1; minor < 100_000; minor += 7)
        {
            Amounts.TryParse(Amounts.Format(minor, "CNY").TrimStart('¥').Replace(",", "", StringComparison.Ordinal), "CNY", out var parsed).Should().BeTrue();
            parsed.Should().Be(minor);
        }
    }
}
