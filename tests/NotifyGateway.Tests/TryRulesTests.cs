using System.Text;
using PayCore.Configuration;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.NotifyGateway.Tests;

public sealed class TryRulesTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(200, "success")]
    [InlineData(201, "success")]
    [InlineData(299, "success")]
    [InlineData(200, " success\r\n")]
    [InlineData(200, "\tsuccess ")]
    public void Decide_SuccessWithAnyOf2xx_Delivered(int status, string body)
    {
        Decide(status, body).Should().Be(new TryOutcome(DeliveryState.Delivered, null, "delivered"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SUCCESS")]
    [InlineData("Success")]
    [InlineData("successful")]
    [InlineData("no success")]
    [InlineData("\"success\"")]
    [InlineData("{\"code\":\"SUCCESS\"}")]
    [InlineData("success success")]
    [InlineData("fail")]
    public void Decide_AnyOtherBodyWith2xx_NotAcknowledged(string body)
    {
        var outcome = Decide(200, body);

        outcome.Next.Should().Be(DeliveryState.Pending);
        outcome.Result.Should().Be("not_acknowledged");
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(204, "")]
    [InlineData(200, "whatever")]
    public void Decide_AckIsStatus_Plain2xxIsEnough(int status, string body)
    {
        Decide(status, body, AckRule.Status).Next.Should().Be(DeliveryState.Delivered);
    }

    [Theory]
    [InlineData("timeout")]
    [InlineData("broken")]
    [InlineData("answer_too_large")]
    public void Decide_AckIsStatusAndTheBodyFailed_Delivered(string failure)
    {
        TryRules.Decide(new TryAnswer { Status = 200, Failure = failure }, AckRule.Status, 1, _now, 0.5, new NotifyOptions())
            .Next.Should().Be(DeliveryState.Delivered);
    }

    [Fact]
    public void Decide_TooLongAnswerThatBeginsWithSuccess_NotDelivered()
    {
        var answer = new TryAnswer { Status = 200, Failure = TryResults.AnswerTooLarge, Body = "success"u8.ToArray() };

        TryRules.Decide(answer, AckRule.Success, 1, _now, 0.5, new NotifyOptions()).Result.Should().Be("answer_too_large");
    }

    [Theory]
    [InlineData(AckRule.Success)]
    [InlineData(AckRule.Status)]
    public void Decide_410_DeadAtTheFirstTry(AckRule ack)
    {
        Decide(410, "success", ack).Should().Be(new TryOutcome(DeliveryState.Dead, null, "gone"));
    }

    [Theory]
    [InlineData(300, "redirect")]
    [InlineData(302, "redirect")]
    [InlineData(308, "redirect")]
    [InlineData(304, "redirect")]
    [InlineData(400, "http_status")]
    [InlineData(401, "http_status")]
    [InlineData(404, "http_status")]
    [InlineData(429, "http_status")]
    [InlineData(500, "http_status")]
    [InlineData(503, "http_status")]
    [InlineData(599, "http_status")]
    public void Decide_AnyOtherStatus_BySchedule(int status, string result)
    {
        foreach (var ack in Enum.GetValues<AckRule>())
        {
            Decide(status, "success", ack).Should().Be(new TryOutcome(DeliveryState.Pending, _now.AddSeconds(5), result));
        }
    }

    [Theory]
    [InlineData("timeout")]
    [InlineData("dns")]
    [InlineData("connect")]
    [InlineData("tls")]
    [InlineData("broken")]
    [InlineData("address_refused")]
    [InlineData("no_secret")]
    public void Decide_NoAnswer_BySchedule(string failure)
    {
        foreach (var ack in Enum.GetValues<AckRule>())
        {
            TryRules.Decide(new TryAnswer { Failure = failure }, ack, 2, _now, 0.5, new NotifyOptions())
                .Should().Be(new TryOutcome(DeliveryState.Pending, _now.AddSeconds(30), failure));
        }
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(500)]
    public void Decide_TheEleventhTryFails_Dead(int status)
    {
        TryRules.Decide(new TryAnswer { Status = status, RetryAt = _now.AddSeconds(9) }, AckRule.Success, 11, _now, 0.5, new NotifyOptions())
            .Should().Be(new TryOutcome(DeliveryState.Dead, null, "http_status"));
    }

    [Fact]
    public void Decide_TheEleventhTrySucceeds_Delivered()
    {
        TryRules.Decide(Answer(200, "success"), AckRule.Success, 11, _now, 0.5, new NotifyOptions()).Next.Should().Be(DeliveryState.Delivered);
    }

    [Theory]
    [InlineData(429, 1, 60, 60)]
    [InlineData(503, 1, 60, 60)]
    [InlineData(429, 1, 3600, 3600)]
    [InlineData(429, 1, 3601, 3600)]
    [InlineData(429, 1, 86400, 3600)]
    [InlineData(429, 1, 1, 5)]
    [InlineData(429, 1, -60, 5)]
    [InlineData(429, 7, 60, 7200)]
    [InlineData(500, 1, 60, 5)]
    [InlineData(200, 1, 60, 5)]
    public void Decide_RetryAfter_LaterThanTheScheduleUpToOneHourNeverEarlier(int status, int number, int wantedSeconds, int dueSeconds)
    {
        TryRules.Decide(new TryAnswer { Status = status, RetryAt = _now.AddSeconds(wantedSeconds) }, AckRule.Success, number, _now, 0.5, new NotifyOptions())
            .Due.Should().Be(_now.AddSeconds(dueSeconds));
    }

    [Fact]
    public void AnswerText_LongAnswerWithControlCharacters_First200WithoutThem()
    {
        var text = AnswerText.Of(Encoding.UTF8.GetBytes("a\r\n\t\0b\u001b[31m\u0085" + new string('c', 500)));

        text.Should().HaveLength(200).And.StartWith("ab[31mcc");
    }

    [Fact]
    public void AnswerText_BrokenUtf8AndPairsAtTheEnd_StaysText()
    {
        AnswerText.Of([0xff, 0x61]).Should().Be("\ufffda");
        AnswerText.Of(Encoding.UTF8.GetBytes(new string('x', 199) + "😀")).Should().Be(new string('x', 199));
    }

    private static TryOutcome Decide(int status, string body, AckRule ack = AckRule.Success) =>
        TryRules.Decide(Answer(status, body), ack, 1, _now, 0.5, new NotifyOptions());

    private static TryAnswer Answer(int status, string body) => new() { Status = status, Body = Encoding.UTF8.GetBytes(body) };
}
