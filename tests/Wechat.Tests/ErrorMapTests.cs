using PayCore.Channels.Wechat;
using PayCore.Contracts.V1;

namespace PayCore.Wechat.Tests;

/// <summary>The codes of wechat-pay-v3.md 10.3, copied from there a second time, and what each decides for a request to pay.</summary>
public sealed class ErrorMapTests
{
    private const string Refused = nameof(PayErrorClass.Refused);
    private const string QueryNow = nameof(PayErrorClass.QueryNow);
    private const string Unknown = nameof(PayErrorClass.Unknown);

    /// <summary>Every code of the page's table with its second spelling, where it names one. The class is what holds when the status is that of a refusal.</summary>
    private static readonly (string Code, string? Older, string Meaning)[] _page =
    [
        ("SYSTEM_ERROR", "SYSTEMERROR", Unknown),
        ("BANK_ERROR", "BANKERROR", Unknown),
        ("FREQUENCY_LIMITED", null, Unknown),
        ("RATELIMIT_EXCEEDED", null, Unknown),
        ("RATE_LIMITED", null, Unknown),
        ("SERVICE_UNAVAILABLE", null, Unknown),
        ("USERPAYING", null, Unknown),
        ("ORDER_PAID", "ORDERPAID", QueryNow),
        ("ORDER_CLOSED", "ORDERCLOSED", QueryNow),
        ("ORDER_NOT_EXIST", "ORDERNOTEXIST", Unknown),
        ("OUT_TRADE_NO_USED", null, QueryNow),
        // Re-entry with changed parameters is among its meanings, and then the first request may have been paid.
        ("INVALID_REQUEST", null, QueryNow),
        ("PARAM_ERROR", null, Refused),
        ("SIGN_ERROR", null, Refused),
        ("NO_AUTH", "NOAUTH", Refused),
        ("RULE_LIMIT", "RULELIMIT", Refused),
        ("TRADE_ERROR", null, Refused),
        // "Not enough balance" is neither yes nor no (invariants, ground rule 2).
        ("NOT_ENOUGH", "NOTENOUGH", Unknown),
        ("ACCOUNT_ERROR", "ACCOUNTERROR", Refused),
        ("USER_ACCOUNT_ABNORMAL", null, Unknown),
        ("APPID_MCHID_NOT_MATCH", null, Refused),
        ("MCH_NOT_EXISTS", null, Refused),
        ("OPENID_MISMATCH", null, Unknown),
        ("INVALID_TRANSACTIONID", null, Unknown),
        ("RESOURCE_NOT_EXISTS", null, Unknown),
    ];

    public static TheoryData<string, string> Spellings
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var (code, older, meaning) in _page)
            {
                // Also the spelling that the page does not list: the documents changed theirs over the years, for other codes than these as well.
                foreach (var spelling in new[] { code, older, code.Replace("_", "", StringComparison.Ordinal) }.OfType<string>().Distinct())
                {
                    rows.Add(spelling, meaning);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void OfPay_CodeInEitherSpelling_DecidesOnlyWithTheStatusOfARefusal(string code, string meaning)
    {
        foreach (var status in new[] { 400, 401, 403, 404 })
        {
            ErrorMap.OfPay(status, code).ToString().Should().Be(meaning, $"status {status}");
        }

        // A 5xx is the platform's trouble, a 408 or 429 a request that may be anywhere, and a 2xx or 3xx no refusal at all.
        foreach (var status in Enumerable.Range(500, 100).Concat([0, 100, 200, 202, 204, 301, 302, 307, 308, 402, 405, 408, 409, 410, 429, 499]))
        {
            ErrorMap.OfPay(status, code).Should().Be(PayErrorClass.Unknown, $"status {status}");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("_")]
    [InlineData("A_CODE_OF_TOMORROW")]
    [InlineData("param_error")]
    [InlineData("PARAM-ERROR")]
    [InlineData(" PARAM_ERROR")]
    [InlineData("PARAM_ERROR2")]
    public void OfPay_CodeThatIsNotOnThePage_IsUnknown(string? code)
    {
        foreach (var status in new[] { 400, 401, 403, 404, 429, 500 })
        {
            ErrorMap.OfPay(status, code).Should().Be(PayErrorClass.Unknown);
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void StateOf_CodeWithAServersStatus_SaysNothing(string code, string meaning)
    {
        foreach (var status in new[] { 200, 302, 408, 429, 500, 502, 503, 504 })
        {
            ErrorMap.StateOf(status, code).Should().Be(ChannelPayState.ChannelUnknown, $"status {status}, {meaning}");
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void StateOf_CodeWithTheStatusOfARefusal_SaysWhatItsNameSays(string code, string meaning)
    {
        var expected = code.Replace("_", "", StringComparison.Ordinal) switch
        {
            "ORDERNOTEXIST" or "RESOURCENOTEXISTS" => ChannelPayState.ChannelNotFound,
            "ORDERPAID" => ChannelPayState.ChannelPaid,
            "ORDERCLOSED" => ChannelPayState.ChannelClosed,
            _ => ChannelPayState.ChannelUnknown,
        };

        ErrorMap.StateOf(404, code).Should().Be(expected, meaning);
    }
}
