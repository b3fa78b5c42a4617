using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace PayCore.QueryGateway.Tests;

public sealed class PageTokenTests
{
    private const string Id = "P010000000000000000000000001A";

    [Theory]
    [InlineData(0)]
    [InlineData(1_764_000_000_123)]
    [InlineData(253_402_300_799_999)]
    public void Token_WrittenAndRead_IsTheSame(long ms)
    {
        var token = new PageToken(Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(ms)), Id);

        PageToken.Parse(token.ToString()).Should().Be(token);
        token.ToString().Should().MatchRegex("^[A-Za-z0-9_-]+$", "it stands in an address as it is");
    }

    [Fact]
    public void Token_Empty_IsTheFirstPage() => PageToken.Parse("").Should().BeNull();

    [Theory]
    [InlineData("x")]
    [InlineData("%%%%")]
    [InlineData("MS5QMDE")]
    [InlineData("MTc2NDAwMDAwMDEyMw")]
    [InlineData("LTEuUDAxMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMUE")]
    [InlineData("OTk5OTk5OTk5OTk5OTk5OTk5LlAwMTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDFB")]
    [InlineData("MC5QMDEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDFBLjA")]
    public void Token_ThatIsNotOurs_IsRefusedByItsField(string text) =>
        FluentActions.Invoking(() => PageToken.Parse(text)).Should().Throw<RpcException>().Which.Status.StatusCode.Should().Be(StatusCode.InvalidArgument);

    [Fact]
    public void Token_TooLong_IsRefused() =>
        FluentActions.Invoking(() => PageToken.Parse(new string('A', 4_096))).Should().Throw<RpcException>();
}
