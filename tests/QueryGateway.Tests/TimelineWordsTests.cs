using PayCore.Contracts.V1;

namespace PayCore.QueryGateway.Tests;

/// <summary>An order's story is told in plain words, whatever its records say.</summary>
public sealed class TimelineWordsTests
{
    public static TheoryData<string, string, string> Words
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            Add<PayOrder.Types.State>(TimelineWords.Order);
            Add<Attempt.Types.State>(TimelineWords.Attempt);
            Add<Refund.Types.State>(TimelineWords.Refund);
            Add<Outcome>(TimelineWords.Outcome);
            Add<KeepCallbackRequest.Types.State>(TimelineWords.Verdict);
            var (en, zh) = TimelineWords.Verdict("APPLIED");
            data.Add("APPLIED", en, zh);
            return data;

            void Add<T>(Func<string, (string En, string Zh)> say)
                where T : struct, Enum
            {
                foreach (var word in EnumText<T>.All)
                {
                    data.Add(word, say(word).En, say(word).Zh);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Word_OfTheRecords_HasPlainOnesInBothLanguages(string word, string english, string chinese)
    {
        english.Should().NotContain(word).And.NotBeEmpty();
        chinese.Should().NotContain(word).And.MatchRegex("[\u4e00-\u9fff]");
    }
}
