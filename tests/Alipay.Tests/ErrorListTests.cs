using PayCore.Channels.Alipay;
using PayCore.TestKit;

namespace PayCore.Alipay.Tests;

/// <summary>The table of errors against the page's list, which is copied in <c>sub-codes.txt</c>: neither has a code that the other lacks, and they agree on each.</summary>
public sealed class ErrorListTests
{
    /// <summary>The beginnings that the page gives, of which the list holds an example.</summary>
    private const string Family = "MERCHANT_PERM_RECEIPT_";

    private static readonly string[][] _listed =
    [
        .. File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Alipay.Tests", "sub-codes.txt"))
            .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
    ];

    [Fact]
    public void List_IsWhole() => _listed.Should().HaveCountGreaterThan(130).And.OnlyContain(l => l.Length == 7);

    [Fact]
    public void EveryListedCode_MeansWhatThePageSays()
    {
        foreach (var line in _listed)
        {
            var response = Response(AlipayResponseKind.Verified, line[0], line[1]);

            string[] found = [Word(ErrorMap.OfPay(response)), Word(ErrorMap.OfRefund(response)), Word(ErrorMap.OfReverse(response)), Word(ErrorMap.OfTransfer(response))];

            found.Should().Equal(line[3..], $"{line[0]} {line[1]}");
            if (line[2] == "U")
            {
                found.Should().OnlyContain(w => w == "-");
            }
            else
            {
                found.Should().Contain(w => w != "-", "a failure that is known is known to some call");
            }
        }
    }

    [Fact]
    public void EveryListedCode_UnsignedOrUnderTwentyThousand_DecidesNoRefundCancelOrTransfer()
    {
        foreach (var line in _listed)
        {
            AlipayResponse[] unproven =
            [
                Response(AlipayResponseKind.Unsigned, line[0], line[1]), Response(AlipayResponseKind.BadlySigned, line[0], line[1]),
                Response(AlipayResponseKind.Verified, "20000", line[1]),
            ];
            foreach (var response in unproven)
            {
                Word(ErrorMap.OfRefund(response)).Should().Be("-", $"{response.Kind} {line[1]}");
                Word(ErrorMap.OfReverse(response)).Should().Be("-", $"{response.Kind} {line[1]}");
                Word(ErrorMap.OfTransfer(response)).Should().Be("-", $"{response.Kind} {line[1]}");
            }
        }
    }

    [Fact]
    public void Table_HasTheListedBusinessCodesAndNoOthers() =>
        ErrorMap.Codes.Should().BeEquivalentTo(
            _listed.Where(l => l[0] == "40004").Select(l => l[1][(l[1].LastIndexOf('.') + 1)..])
                .Where(c => c != "SYSTEM_ERROR" && !c.StartsWith(Family, StringComparison.Ordinal)).Distinct());

    [Theory]
    [InlineData("40004", "A_CODE_OF_TOMORROW")]
    [InlineData("40004", "")]
    [InlineData("50000", "ACQ.INVALID_PARAMETER")]
    public void CodeThatIsNotListed_DecidesNothing(string code, string subCode)
    {
        var response = Response(AlipayResponseKind.Verified, code, subCode);

        foreach (var meaning in (ErrorClass[])[ErrorMap.OfPay(response), ErrorMap.OfRefund(response), ErrorMap.OfReverse(response), ErrorMap.OfTransfer(response)])
        {
            meaning.Should().Be(ErrorClass.Unknown);
        }
    }

    private static AlipayResponse Response(AlipayResponseKind kind, string code, string subCode) =>
        new(kind, [], new AnswerHead(code, "", subCode, ""), "", null, "");

    private static string Word(ErrorClass meaning) => meaning switch
    {
        ErrorClass.Refused => "no",
        ErrorClass.QueryNow => "query",
        ErrorClass.NoBalance => "balance",
        ErrorClass.Later => "later",
        _ => "-",
    };
}
