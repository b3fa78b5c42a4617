using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;

namespace PayCore.QueryGateway.Tests;

/// <summary>Who decided is for operators to know; a merchant reads that a person did (invariants, I25).</summary>
public sealed class TimelineStoryTests
{
    private static readonly Timestamp _at = Timestamp.FromDateTimeOffset(new(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refund_DecidedByAPerson_NamesThePersonToOperatorsOnly(bool toOperators)
    {
        var rows = new TimelineRows
        {
            Order = new StoredOrder { Order = new PayOrder { Id = "P1", OutTradeNo = "T1", AmountMinor = 1299, Currency = "CNY", CreateTime = _at, ExpireTime = _at } },
            Refunds =
            {
                new StoredRefund
                {
                    Refund = new Refund { Id = "R1", OutRefundNo = "r1", AmountMinor = 100, Currency = "CNY", CreateTime = _at },
                    History =
                    {
                        new HistoryEntry { Version = 3, FromState = "SENT", ToState = "ABNORMAL", Cause = "callback", EvidenceId = "C1", Time = _at },
                        new HistoryEntry { Version = 4, FromState = "ABNORMAL", ToState = "SUCCEEDED", Cause = "person", EvidenceId = "bob", Time = _at },
                    },
                },
            },
            Exceptions =
            {
                new ExceptionItem
                {
                    ExceptionId = "X1", Kind = ExceptionItem.Types.Kind.RefundAbnormal, OrderId = "P1", CreateTime = _at,
                    Resolved = true, ResolveTime = _at, ResolvedBy = "bob", Resolution = "succeeded",
                },
            },
        };

        var told = TimelineStory.Tell(rows, _at.ToDateTimeOffset(), toOperators);

        var decided = told.Entries.Single(e => e.Facts.GetValueOrDefault("cause") == "person");
        decided.TextEn.Should().Contain("a person decided");
        decided.Facts.GetValueOrDefault("evidence_id").Should().Be(toOperators ? "bob" : null);
        told.ToString().Contains("bob").Should().Be(toOperators);
        told.Entries.Single(e => e.Facts.GetValueOrDefault("to") == "ABNORMAL").Facts["evidence_id"].Should().Be("C1", "a callback's number is nobody's name");
    }
}
