using PayCore.Channels.Wechat;
using PayCore.Contracts.V1;
using PayCore.TestKit;

namespace PayCore.Wechat.Tests;

/// <summary>The table of errors against the page's codes, which stand in <c>error-codes.txt</c>, and what each decides.</summary>
public sealed class ErrorMapTests
{
    private static readonly int[] _refusals = [400, 401, 403, 404];

    private static readonly string[][] _listed =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "tests", "Wechat.Tests", "error-codes.txt"))
            .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
    ];

    /// <summary>Every spelling of every code, and its three meanings.</summary>
    public static TheoryData<string, string, string, string> Spellings
    {
        get
        {
            var rows = new TheoryData<string, string, string, string>();
            foreach (var line in _listed)
            {
                // Also the spelling that the page does not list: the documents changed theirs over the years, for other codes than these as well.
                foreach (var spelling in new[] { line[0], line[1], line[0].Replace("_", "", StringComparison.Ordinal) }.Where(s => s != "-").Distinct())
                {
                    rows.Add(spelling, line[4], line[5], line[6]);
                }
            }

            return rows;
        }
    }

    [Fact]
    public void List_IsWhole() => _listed.Should().HaveCount(30).And.OnlyContain(l => l.Length == 7).And.OnlyHaveUniqueItems(l => l[0]);

    [Fact]
    public void Table_HasTheListedCodesAndNoOthers() =>
        ErrorMap.Codes.Should().BeEquivalentTo(_listed.Select(l => l[0].Replace("_", "", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Code_InEitherSpelling_DecidesOnlyWithTheStatusOfARefusal(string code, string pay, string refund, string transfer)
    {
        foreach (var status in _refusals)
        {
            var signed = Response(status, isSigned: true);
            string[] found = [Word(ErrorMap.OfPay(status, code)), Word(ErrorMap.OfRefund(signed, code)), Word(ErrorMap.OfTransfer(signed, code))];
            found.Should().Equal([pay, refund, transfer], $"status {status}");
        }

        // A 5xx is the platform's trouble, a 408 or 429 a request that may be anywhere, and a 2xx or 3xx no refusal at all.
        foreach (var status in Enumerable.Range(500, 100).Concat([0, 100, 200, 202, 204, 301, 302, 307, 308, 402, 405, 408, 409, 410, 429, 499]))
        {
            var signed = Response(status, isSigned: true);
            new[] { ErrorMap.OfPay(status, code), ErrorMap.OfRefund(signed, code) }.Should().OnlyContain(c => c == ErrorClass.Unknown, $"status {status}");
            ErrorMap.OfTransfer(signed, code).Should().Be(status == 429 && IsTooOften(code) ? ErrorClass.Later : ErrorClass.Unknown, $"status {status}");
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Code_Unsigned_DecidesNoRefundTransferOrStatement(string code, string pay, string refund, string transfer)
    {
        foreach (var status in _refusals.Append(429))
        {
            var unsigned = Response(status, isSigned: false);

            ErrorMap.OfRefund(unsigned, code).Should().Be(ErrorClass.Unknown, refund);
            ErrorMap.OfTransfer(unsigned, code).Should().Be(ErrorClass.Unknown, transfer);
            (ErrorMap.IsNumberUnknown(unsigned, code), ErrorMap.IsNoStatement(unsigned, code)).Should().Be((false, false), pay);
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
    public void Code_ThatIsNotOnThePage_IsUnknown(string? code)
    {
        foreach (var status in new[] { 400, 401, 403, 404, 429, 500 })
        {
            var signed = Response(status, isSigned: true);
            new[] { ErrorMap.OfPay(status, code), ErrorMap.OfRefund(signed, code), ErrorMap.OfTransfer(signed, code) }.Should().OnlyContain(c => c == ErrorClass.Unknown);
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void StateOf_CodeWithAServersStatus_SaysNothing(string code, string pay, string refund, string transfer)
    {
        foreach (var status in new[] { 200, 302, 408, 429, 500, 502, 503, 504 })
        {
            ErrorMap.StateOf(status, code).Should().Be(ChannelPayState.ChannelUnknown, $"status {status}, {pay} {refund} {transfer}");
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Code_WithTheStatusOfARefusal_SaysWhatItsNameSays(string code, string pay, string refund, string transfer)
    {
        var plain = code.Replace("_", "", StringComparison.Ordinal);
        var expected = plain switch
        {
            "ORDERNOTEXIST" or "RESOURCENOTEXISTS" => ChannelPayState.ChannelNotFound,
            "ORDERPAID" => ChannelPayState.ChannelPaid,
            "ORDERCLOSED" => ChannelPayState.ChannelClosed,
            _ => ChannelPayState.ChannelUnknown,
        };

        ErrorMap.StateOf(404, code).Should().Be(expected, $"{pay} {refund} {transfer}");
        ErrorMap.IsNumberUnknown(Response(404, isSigned: true), code).Should().Be(plain is "RESOURCENOTEXISTS" or "NOTFOUND");
        ErrorMap.IsNumberUnknown(Response(400, isSigned: true), code).Should().BeFalse();
        ErrorMap.IsNoStatement(Response(400, isSigned: true), code).Should().Be(plain == "NOSTATEMENTEXIST");
        ErrorMap.IsNoStatement(Response(500, isSigned: true), code).Should().BeFalse();
        ErrorMap.IsStatementCreating(Response(400, isSigned: true), code).Should().Be(plain == "STATEMENTCREATING");
    }

    /// <summary>What the page says with status 429: a transfer was not accepted (7.6), of a refund it is not known (6.4), and a user who pays is asked about.</summary>
    private static bool IsTooOften(string code) => code.Replace("_", "", StringComparison.Ordinal) is "FREQUENCYLIMITED" or "RATELIMITEXCEEDED" or "RATELIMITED";

    private static WechatResponse Response(int status, bool isSigned) => new(WechatResponseKind.Answer, status, [], "", "", isSigned);

    private static string Word(ErrorClass meaning) => meaning switch
    {
        ErrorClass.Refused => "no",
        ErrorClass.QueryNow => "query",
        ErrorClass.NoBalance => "balance",
        _ => "-",
    };
}
