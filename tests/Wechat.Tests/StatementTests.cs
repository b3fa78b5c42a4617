using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using PayCore.Contracts.V1;
using Availability = PayCore.Contracts.V1.StatementPart.Types.Availability;
using Kind = PayCore.Contracts.V1.StatementRow.Types.Kind;

namespace PayCore.Wechat.Tests;

/// <summary>A day's statement: how it is had, how it is read, and what is wrong with it (wechat-pay-v3.md 8).</summary>
public sealed class StatementTests
{
    private const string Day = "2026-11-21";

    /// <summary>What a bill of trades may have wrong. None of it may give a row.</summary>
    private static readonly Dictionary<string, Action<Bill>> _brokenTrades = new()
    {
        ["half of the packed file"] = b => b.Pack = p => Bill.Gzip(p)[..^40],
        ["packed file with a wrong byte"] = b => b.Pack = p => Flip(Bill.Gzip(p), 40),
        ["half of the plain file"] = b => b.Pack = p => p[..(p.Length / 2)],
        ["nothing"] = b => b.Pack = _ => [],
        ["the mark of gzip alone"] = b => b.Pack = _ => [0x1f, 0x8b],
        ["an error page"] = b => b.Pack = _ => "<html>busy</html>"u8.ToArray(),
        ["one number changed on the way"] = b => b.Plain = p => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(p).Replace("`A2,", "`A9,", StringComparison.Ordinal)),
        ["another hash"] = b => b.Answer = a => a["hash_value"] = new string('0', 40),
        ["no hash"] = b => b.Answer = a => a.Remove("hash_value"),
        ["another kind of hash"] = b => b.Answer = a => a["hash_type"] = "MD5",
        ["no kind of hash"] = b => b.Answer = a => a.Remove("hash_type"),
        ["no address"] = b => b.Answer = a => a.Remove("download_url"),
        ["an address that is none"] = b => b.Answer = a => a["download_url"] = "/v3/billdownload/file?token=1",
        ["an address elsewhere"] = b => b.Answer = a => a["download_url"] = "https://api.mch.weixin.qq.com//evil.example.com/v3/billdownload/file?token=1",
        ["an address of another call"] = b => b.Answer = a => a["download_url"] = "https://api.mch.weixin.qq.com/v3/certificates",
        ["header alone"] = b => b.Lines.RemoveRange(1, b.Lines.Count - 1),
        ["no lines at all"] = b => b.Lines.Clear(),
        ["no totals"] = b => b.Lines.RemoveRange(5, 2),
        ["header of totals alone"] = b => b.Lines.RemoveAt(6),
        ["a line behind the totals"] = b => b.Lines.Add(b.Lines[1]),
        ["a line less"] = b => b.Lines.RemoveAt(2),
        ["a line twice"] = b => b.Lines.Insert(2, b.Lines[2]),
        ["half of a line"] = b => b.Lines[2] = b.Lines[2][..60],
        ["a value less"] = b => b.Replace("`OTHERS,", ""),
        ["a value without its backtick"] = b => b.Replace(",`CNY,", ",CNY,"),
        ["a line without its first backtick"] = b => b.Lines[2] = b.Lines[2][1..],
        ["totals without backticks"] = b => b.Lines[6] = b.Lines[6].Replace("`", "", StringComparison.Ordinal),
        ["one total without its backtick"] = b => b.Replace(",`12.00,`0.00,", ",12.00,`0.00,"),
        ["a border of values where no text is"] = b => b.Replace("`NATIVE,", "`NAT,`IVE,"),
        ["a column twice"] = b => b.Replace("设备号", "商户号"),
        ["no column of amounts"] = b => b.Replace(",订单金额,", ",金额,"),
        ["no column of numbers"] = b => b.Replace("商户订单号", "订单号"),
        ["no column of merchants"] = b => b.Replace(",商户号,", ",号,"),
        ["no total of orders"] = b => b.Replace("订单总金额", "总额"),
        ["another count"] = b => b.Replace("`4,`88.89", "`5,`88.89"),
        ["a count with a fraction"] = b => b.Replace("`4,`88.89", "`4.5,`88.89"),
        ["another total of settlements"] = b => b.Replace("`4,`88.89", "`4,`88.88"),
        ["another total of refunds"] = b => b.Replace("`88.89,`12.00,`0.00", "`88.89,`12.01,`0.00"),
        ["another total of coupons"] = b => b.Replace("`12.00,`0.00,`0.47006", "`12.00,`0.01,`0.47006"),
        ["another total of fees"] = b => b.Replace("`0.47006", "`0.47"),
        ["another total of orders"] = b => b.Replace("`0.47006,`88.89", "`0.47006,`88.90"),
        ["another total of requested refunds"] = b => b.Lines[6] = b.Lines[6][..^1] + "1",
        ["a total in words"] = b => b.Replace("`0.47006,`88.89", "`0.47006,`many"),
        ["an amount with parts of a fen"] = b => b.Replace("`0.60%,`0.01,", "`0.60%,`0.011,").Replace("`0.47006,`88.89", "`0.47006,`88.891"),
        ["an amount in words"] = b => b.Replace("`0.60%,`0.01,", "`0.60%,`many,"),
        ["no amount"] = b => b.Replace("`0.60%,`0.01,", "`0.60%,`,"),
        ["an amount below nothing"] = b => b.Replace("`0.60%,`0.01,", "`0.60%,`-0.01,"),
        ["an amount with thousands"] = b => b.Replace("`0.60%,`0.01,", "`0.60%,`1,000.01,"),
        ["an amount without a whole part"] = b => b.Replace("`0.60%,`0.01,", "`0.60%,`.01,"),
        ["another day"] = b => b.Lines[2] = b.Lines[2].Replace("2026-11-21", "2026-11-20", StringComparison.Ordinal),
        ["no time"] = b => b.Lines[2] = b.Lines[2].Replace("2026-11-21 10:01:02", "", StringComparison.Ordinal),
        ["another merchant"] = b => b.Lines[2] = b.Lines[2].Replace(Keys.MchId, "1999999999", StringComparison.Ordinal),
        ["another currency"] = b => b.Lines[2] = b.Lines[2].Replace("`CNY", "`USD", StringComparison.Ordinal),
    };

    private static readonly Dictionary<string, Action<Bill>> _brokenTransfers = new()
    {
        ["a line less"] = b => b.Lines.RemoveAt(1),
        ["no totals"] = b => b.Lines.RemoveRange(5, 2),
        ["another count"] = b => b.Replace("`4.0,", "`5.0,"),
        ["another count of income"] = b => b.Replace("`2.0,`100.10", "`3.0,`100.10"),
        ["another income"] = b => b.Replace("`100.10", "`100.11"),
        ["another count of expenses"] = b => b.Replace("`2.0,`10.10", "`1.0,`10.10"),
        ["another expense"] = b => b.Replace("`10.10", "`10.11"),
        ["a direction of tomorrow"] = b => b.Lines[2] = b.Lines[2].Replace("支出", "其他", StringComparison.Ordinal),
        ["an amount with parts of a fen"] = b => b.Replace("`10.00", "`10.001"),
        ["another day"] = b => b.Lines[2] = b.Lines[2].Replace("2026-11-21", "2026-11-22", StringComparison.Ordinal),
        ["the bill of trades"] = b =>
        {
            b.Lines.Clear();
            b.Lines.AddRange(Bill.OfTrades().Lines);
        },
        ["another hash"] = b => b.Answer = a => a["hash_value"] = new string('0', 40),
    };

    public static TheoryData<string> BrokenTrades => [.. _brokenTrades.Keys];

    public static TheoryData<string> BrokenTransfers => [.. _brokenTransfers.Keys];

    [Theory]
    [MemberData(nameof(BrokenTrades))]
    public async Task Statement_TradesNotWhole_FailsBeforeAnyRow(string defect)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(_brokenTrades[defect]));

        Failed(await DownloadAsync(world));
    }

    [Theory]
    [MemberData(nameof(BrokenTransfers))]
    public async Task Statement_TransfersNotWhole_FailsBeforeAnyRow(string defect)
    {
        await using var world = await World.CreateAsync(PaysOut);
        Serve(world, Bill.OfTrades(), Bill.OfTransfers(_brokenTransfers[defect]));

        Failed(await DownloadAsync(world));
    }

    [Fact]
    public async Task Statement_OfTrades_GivesEachRowExactly()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades());

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Message, part.Complete).Should().Be((Availability.Ready, "", true));
        part.Rows.Select(r => (r.Line, r.Kind, r.AttemptNo, r.ChannelOrderId, r.RefundNo, r.ChannelRefundId, r.AmountMinor, r.FeeMinor, r.ProviderState)).Should().Equal(
            (2, Kind.Payment, "A1", "4201", "", "", 8888, 53, "SUCCESS"),
            (3, Kind.Payment, "A2", "4202", "", "", 1, 0, "SUCCESS"),
            (4, Kind.Refund, "A1", "4201", "R1", "5001", 1000, -6, "PROCESSING"),
            (5, Kind.Reversal, "A3", "4203", "", "", 200, 0, "REVOKED"));
        part.Rows.Should().OnlyContain(r => r.Currency == "CNY" && r.TransferNo == "" && r.Time.ToDateTimeOffset() == new DateTimeOffset(2026, 11, 21, 10, 1, 2, TimeSpan.FromHours(8)));
    }

    [Fact]
    public async Task Statement_Requests_AreSignedAndStayWithTheAccountsHost()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades());

        await DownloadAsync(world);

        world.Wechat.Requests.Select(r => (r.Method, r.Target, r.SignatureProblem)).Should().Equal(
            ("GET", "/v3/bill/tradebill?bill_type=ALL&bill_date=2026-11-21&tar_type=GZIP", null),
            ("GET", "/v3/billdownload/file?token=trade%2B1&tartype=gzip", null));
        world.Wechat.Requests.Should().OnlyContain(r => r.Headers["Accept"] == "application/json");
        string.Join('\n', world.Log).Should().NotContain("token");
    }

    public static TheoryData<string, Action<Bill>> Shapes => new()
    {
        { "plain", b => b.Pack = p => p },
        { "a byte behind the packed file", b => b.Pack = p => [.. Bill.Gzip(p), (byte)'\n'] },
        { "lines of Unix", b => b.NewLine = "\n" },
        { "no mark of the encoding", b => b.Mark = [] },
        { "no mark, plain", b => (b.Mark, b.Pack) = ([], p => p) },
        { "empty lines at the end", b => b.Lines.AddRange(["", ""]) },
        { "columns in another order", b => b.Replace("微信退款单号,商户退款单号", "商户退款单号,微信退款单号").Replace("`5001,`R1", "`R1,`5001") },
        { "a column of tomorrow", b =>
        {
            b.Lines[0] += ",新列";
            for (var i = 1; i < 5; i++)
            {
                b.Lines[i] += ",`x";
            }
        }
        },
        { "older names of three columns", b => b.Replace("应结订单金额,代金券金额", "总金额,企业红包金额").Replace("应结订单总金额,退款总金额", "总交易额,总退款金额") },
        { "what looks like a border in the subject", b => b.Replace("茶, T-shirt", "茶,`T,`shirt") },
        { "a backtick and quotes in the subject", b => b.Replace("茶, T-shirt", "`\"茶\" 'T'") },
        { "a count with a decimal", b => b.Replace("`4,`88.89", "`4.0,`88.89") },
        { "an address of a host that is not the account's", b => b.Answer = a => a["download_url"] = "http://127.0.0.1/v3/billdownload/file?token=trade%2B1&tartype=gzip" },
    };

    [Theory]
    [MemberData(nameof(Shapes), DisableDiscoveryEnumeration = true)]
    public async Task Statement_InEveryShape_GivesTheSameRows(string shape, Action<Bill> change)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(change));

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Message).Should().Be((Availability.Ready, ""), shape);
        part.Rows.Select(r => (r.Kind, r.AttemptNo, r.RefundNo, r.ChannelRefundId, r.AmountMinor, r.FeeMinor)).Should().Equal(
            (Kind.Payment, "A1", "", "", 8888, 53), (Kind.Payment, "A2", "", "", 1, 0), (Kind.Refund, "A1", "R1", "5001", 1000, -6), (Kind.Reversal, "A3", "", "", 200, 0));
    }

    [Theory]
    [InlineData("0.00499", 0)]
    [InlineData("0.00500", 1)]
    [InlineData("0.01", 1)]
    [InlineData("1234567.89000", 123456789)]
    public async Task Statement_Fee_IsRoundedToTheNearestFen(string fee, long expected)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(b =>
        {
            b.Lines.RemoveRange(1, 4);
            b.Lines.Insert(1, Bill.Trade("4201", "A1", "SUCCESS", "88.88", fee));
            b.Lines[^1] = $"`1,`88.88,`0.00,`0.00,`{fee},`88.88,`0.00";
        }));

        (await DownloadAsync(world)).Single().Rows.Single().FeeMinor.Should().Be(expected);
    }

    [Fact]
    public async Task Statement_RowOfAnotherState_IsOther()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(b => b.Lines[2] = b.Lines[2].Replace("`SUCCESS", "`PREPAID", StringComparison.Ordinal)));

        (await DownloadAsync(world)).Single().Rows.Select(r => (r.Kind, r.ProviderState)).Should().Equal(
            (Kind.Payment, "SUCCESS"), (Kind.Other, "PREPAID"), (Kind.Refund, "PROCESSING"), (Kind.Reversal, "REVOKED"));
    }

    [Fact]
    public async Task Statement_RefundThatFailed_IsNone()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(b => b.Lines[3] = b.Lines[3].Replace("`PROCESSING", "`FAIL", StringComparison.Ordinal)));

        var row = (await DownloadAsync(world)).Single().Rows[2];
        (row.Kind, row.RefundNo, row.ProviderState).Should().Be((Kind.Other, "R1", "FAIL"));
    }

    [Fact]
    public async Task Statement_ReversalOfWhatWasNeverPaid_HasItsOwnAmount()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(b =>
        {
            b.Lines[4] = Bill.Trade("4203", "A3", "REVOKED", "3.00", "0.00000");
            b.Lines[^1] = "`4,`91.89,`10.00,`0.00,`0.47006,`91.89,`10.00";
        }));

        (await DownloadAsync(world)).Single().Rows[3].AmountMinor.Should().Be(300);
    }

    [Fact]
    public async Task Statement_OfAnAccountThatPaysOut_HoldsItsTransfers()
    {
        await using var world = await World.CreateAsync(PaysOut);
        Serve(world, Bill.OfTrades(), Bill.OfTransfers());

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        part.Availability.Should().Be(Availability.Ready, part.Message);
        part.Rows.Skip(4).Select(r => (r.Line, r.Kind, r.TransferNo, r.ChannelTransferId, r.AmountMinor, r.ProviderState)).Should().Equal(
            (7, Kind.Other, "", "", 10000, "充值"), (8, Kind.Transfer, "T1", "B2", 1000, "转账"), (9, Kind.Transfer, "T2", "B3", 10, "其他"), (10, Kind.Other, "", "", 10, "转账退款"));
        part.Rows.Select(r => r.Line).Should().OnlyHaveUniqueItems();
        world.Wechat.Requests.Select(r => r.Target).Should().Contain("/v3/bill/fundflowbill?account_type=OPERATION&bill_date=2026-11-21&tar_type=GZIP");
    }

    [Fact]
    public async Task Statement_TransfersAlone_AreAStatement()
    {
        await using var world = await World.CreateAsync(PaysOut);
        Serve(world, null, Bill.OfTransfers());

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Rows.Count, part.Rows[0].Line).Should().Be((Availability.Ready, 4, 2));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(500, 1)]
    [InlineData(501, 2)]
    [InlineData(1200, 3)]
    public async Task Statement_Large_ComesInPartsAndOnlyTheLastIsTheEnd(int count, int expected)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfMany(count));

        var parts = await DownloadAsync(world);

        parts.Should().HaveCount(expected).And.OnlyContain(p => p.Rows.Count > 0 && p.Rows.Count <= 500);
        parts.Select(p => p.Complete).Should().Equal(Enumerable.Range(1, expected).Select(i => i == expected));
        parts.Select(p => p.Availability).Should().Equal(Enumerable.Range(0, expected).Select(i => i == 0 ? Availability.Ready : Availability.Unspecified));
        parts.SelectMany(p => p.Rows).Select(r => r.AttemptNo).Should().Equal(Enumerable.Range(1, count).Select(i => $"A{i}"));
    }

    [Fact]
    public async Task Statement_WithoutLines_IsEmpty()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(b =>
        {
            b.Lines.RemoveRange(1, 4);
            b.Lines[^1] = "`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00";
        }));

        var part = (await DownloadAsync(world)).Single();

        (part.Availability, part.Complete, part.Rows.Count).Should().Be((Availability.Empty, true, 0));
    }

    [Theory]
    [InlineData(400, "NO_STATEMENT_EXIST", Availability.Empty)]
    [InlineData(400, "NOSTATEMENTEXIST", Availability.Empty)]
    [InlineData(400, "STATEMENT_CREATING", Availability.NotReady)]
    [InlineData(400, "PARAM_ERROR", Availability.Failed)]
    [InlineData(403, "NO_AUTH", Availability.Failed)]
    [InlineData(401, "SIGN_ERROR", Availability.Failed)]
    [InlineData(429, "FREQUENCY_LIMITED", Availability.Failed)]
    [InlineData(500, "SYSTEM_ERROR", Availability.Failed)]
    [InlineData(500, "NO_STATEMENT_EXIST", Availability.Failed)]
    [InlineData(404, "", Availability.Failed)]
    public async Task Statement_AskedForAndRefused_SaysWhy(int status, string code, Availability expected)
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => Answers.Error(status, code);

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Rows.Count, part.Complete).Should().Be((expected, 0, expected == Availability.Empty));
        part.Message.Length.Should().Match(l => (l > 0) == (expected != Availability.Empty));
    }

    [Fact]
    public async Task Statement_NoneAndNotSigned_IsNotEmpty()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => Answers.Error(400, "NO_STATEMENT_EXIST") with { Signed = false };

        (await DownloadAsync(world)).Single().Availability.Should().Be(Availability.Failed);
    }

    [Fact]
    public async Task Statement_NoneBeforeTenOnTheNextDay_IsNotReady()
    {
        await using var world = await World.CreateAsync();
        world.Wechat.Answer = _ => Answers.Error(400, "NO_STATEMENT_EXIST");

        (await DownloadAsync(world)).Single().Availability.Should().Be(Availability.Empty, "it is ten o'clock on the day after");
        (await DownloadAsync(world, "2026-11-22")).Single().Availability.Should().Be(Availability.NotReady);
        world.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        (await DownloadAsync(world, "2026-11-22")).Single().Availability.Should().Be(Availability.NotReady);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        (await DownloadAsync(world, "2026-11-22")).Single().Availability.Should().Be(Availability.Empty);
    }

    public static TheoryData<string> Unusable => [.. Answers.Unusable.Keys];

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Statement_AnswerThatIsNoProof_IsFailed(string defect)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades());
        var served = world.Wechat.Answer;
        world.Wechat.Answer = r => r.Target.StartsWith("/v3/bill/", StringComparison.Ordinal) ? Answers.Unusable[defect](served(r)) : served(r);

        Failed(await DownloadAsync(world));
        world.Wechat.Requests.Should().ContainSingle("no file is fetched because of it");
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(302)]
    public async Task Statement_DownloadRefused_IsFailed(int status)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades());
        var served = world.Wechat.Answer;
        world.Wechat.Answer = r => IsFile(r) ? served(r) with { Status = status } : served(r);

        Failed(await DownloadAsync(world));
        world.Wechat.Requests.Should().HaveCount(2, "nothing is followed");
    }

    [Fact]
    public async Task Statement_DownloadBreaksOff_IsFailed()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades());
        var served = world.Wechat.Answer;
        world.Wechat.Answer = r => IsFile(r) ? served(r) with { InBody = Task.CompletedTask } : served(r);

        Failed(await DownloadAsync(world));
    }

    [Fact]
    public async Task Statement_DownloadThatDoesNotEnd_IsFailedAfterAMinute()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades());
        var served = world.Wechat.Answer;
        world.Wechat.Answer = r => IsFile(r) ? new FakeAnswer(200) { Until = new TaskCompletionSource().Task } : served(r);

        var call = DownloadAsync(world);
        await world.Wechat.ArrivalAsync();
        await world.Wechat.ArrivalAsync();
        world.Time.Advance(TimeSpan.FromSeconds(59));
        call.IsCompleted.Should().BeFalse();
        world.Time.Advance(TimeSpan.FromSeconds(1));

        Failed(await call);
    }

    [Fact]
    public async Task Statement_FileOfSomeMegabytes_IsRead()
    {
        await using var world = await World.CreateAsync();
        var bill = Bill.OfMany(10_000);
        bill.Pack = p => p;
        Serve(world, bill);

        bill.Whole().Length.Should().BeGreaterThan(1024 * 1024, "an ordinary answer may not be so large");
        (await DownloadAsync(world)).Sum(p => p.Rows.Count).Should().Be(10_000);
    }

    [Theory]
    [InlineData("nobody", Day)]
    [InlineData(World.Account, "")]
    [InlineData(World.Account, "21.11.2026")]
    [InlineData(World.Account, "2026-11-31")]
    [InlineData(World.Account, "2026-11-21&x=1")]
    public async Task Statement_AccountOrDayUnusable_AsksNobody(string account, string day)
    {
        await using var world = await World.CreateAsync();

        Failed(await DownloadAsync(world, day, account));
        world.Wechat.Requests.Should().BeEmpty();
    }

    private static void Failed(List<StatementPart> parts)
    {
        var part = parts.Should().ContainSingle().Subject;
        (part.Availability, part.Rows.Count, part.Complete).Should().Be((Availability.Failed, 0, false));
        part.Message.Should().NotBeEmpty().And.NotContain("many").And.NotContain("A1");
    }

    private static bool IsFile(Received request) => request.Target.StartsWith("/v3/billdownload/", StringComparison.Ordinal);

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    private static void Serve(World world, Bill? trades, Bill? transfers = null) => world.Wechat.Answer = request => request.Target switch
    {
        ['/', 'v', '3', '/', 'b', 'i', 'l', 'l', '/', 't', ..] => Named(trades, "trade%2B1"),
        ['/', 'v', '3', '/', 'b', 'i', 'l', 'l', '/', 'f', ..] => Named(transfers, "flow"),
        // The file is not signed.
        _ when IsFile(request) => new FakeAnswer(200) { Signed = false, BodySent = (request.Target.Contains("flow", StringComparison.Ordinal) ? transfers : trades)!.Whole() },
        _ => new FakeAnswer(500) { Signed = false },
    };

    private static FakeAnswer Named(Bill? bill, string token) => bill is null ? Answers.Error(400, "NO_STATEMENT_EXIST") : new FakeAnswer(200, bill.Named(token));

    private static void PaysOut(JsonObject document)
    {
        document["transfer_scene_id"] = "1005";
        document["transfer_report_infos"] = new JsonObject { ["岗位类型"] = "导购" };
    }

    private static async Task<List<StatementPart>> DownloadAsync(World world, string day = Day, string account = World.Account)
    {
        using var call = world.Client.DownloadStatement(new DownloadStatementRequest { Account = account, Day = day });
        return await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }
}
