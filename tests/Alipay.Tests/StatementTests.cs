using Grpc.Core;
using PayCore.Channels.Alipay;
using PayCore.Contracts.V1;
using Availability = PayCore.Contracts.V1.StatementPart.Types.Availability;
using Kind = PayCore.Contracts.V1.StatementRow.Types.Kind;

namespace PayCore.Alipay.Tests;

/// <summary>A day's statement: where it may come from, how it is read, and what is wrong with it (alipay.md 9).</summary>
public sealed class StatementTests
{
    private const string Day = "2026-11-21";

    /// <summary>What each file may have wrong. None of it may give a row.</summary>
    private static readonly Dictionary<string, Func<Bill>> _broken = new()
    {
        ["half of a zip"] = () => Bill.OfTrades(b => b.Zip = z => z[..(z.Length / 2)]),
        ["no zip"] = () => Bill.OfTrades(b => b.Zip = _ => "<html>busy</html>"u8.ToArray()),
        ["nothing"] = () => Bill.OfTrades(b => b.Zip = _ => []),
        ["no summary"] = () => Bill.OfTrades(b => b.Files = x => [("a.csv", x.Bytes(x.Detail))]),
        ["no rows' file"] = () => Bill.OfTrades(b => b.Files = x => [("a.csv", x.Bytes(x.Summary))]),
        ["rows' file twice"] = () => Bill.OfTrades(b => b.Files = x => [("a.csv", x.Bytes(x.Detail)), ("b.csv", x.Bytes(x.Detail)), ("c.csv", x.Bytes(x.Summary))]),
        ["many files"] = () => Bill.OfTrades(b => b.Files = x => Enumerable.Range(0, 17).Select(i => ($"{i}.csv", x.Bytes([])))),
        ["the ledger"] = () => Bill.OfLedger(),
        ["another account"] = () => Bill.OfTrades().Replace(Keys.SellerId, "2088000000000002"),
        ["no account"] = () => Bill.OfTrades().Replace("#账号", "#号"),
        ["another day"] = () => Bill.OfTrades().Replace("起始日期：[2026年11月21日", "起始日期：[2026年11月20日"),
        ["no day"] = () => Bill.OfTrades().Replace("起始日期", "日期"),
        ["a column less"] = () => Bill.OfTrades().Replace("退款批次号/请求号", "批次"),
        ["a column twice"] = () => Bill.OfTrades().Replace("商家实收（元）,支付宝红包（元）", "订单金额（元）,支付宝红包（元）"),
        ["a row less"] = () => Bill.OfTrades(b => b.Detail.RemoveAt(6)),
        ["a row twice"] = () => Bill.OfTrades(b => b.Detail.Insert(6, b.Detail[6])),
        ["half of the file"] = () => Bill.OfTrades(b => b.Detail.RemoveRange(7, b.Detail.Count - 7)),
        ["half of a row"] = () => Bill.OfTrades(b => b.Detail[6] = b.Detail[6][..40]),
        ["a row behind the end"] = () => Bill.OfTrades(b => b.Detail.Add(b.Detail[6])),
        ["payments' count"] = () => Bill.OfTrades().Replace("#交易合计：2笔", "#交易合计：3笔"),
        ["payments' sum"] = () => Bill.OfTrades().Replace("商家实收共80.01元", "商家实收共80.02元"),
        ["payments' discount"] = () => Bill.OfTrades().Replace("商家优惠共8.88元", "商家优惠共8.87元"),
        ["refunds' count"] = () => Bill.OfTrades().Replace("#退款合计：1笔", "#退款合计：0笔"),
        ["refunds' sum"] = () => Bill.OfTrades().Replace("退款共-9.00元", "退款共-10.00元"),
        ["refunds' discount"] = () => Bill.OfTrades().Replace("优惠退款共-1.00元", "优惠退款共0.00元"),
        ["no totals of payments"] = () => Bill.OfTrades().Replace("#交易合计", "#合计"),
        ["no totals of refunds"] = () => Bill.OfTrades().Replace("#退款合计", "#合计"),
        ["summary without totals"] = () => Bill.OfTrades().Replace("合计,,2,1", "总计,,2,1"),
        ["summary's payments"] = () => Bill.OfTrades().Replace("合计,,2,1", "合计,,3,1"),
        ["summary's refunds"] = () => Bill.OfTrades().Replace("合计,,2,1", "合计,,2,2"),
        ["summary's amount"] = () => Bill.OfTrades().Replace("2,1,78.89", "2,1,78.88"),
        ["summary's receipt"] = () => Bill.OfTrades().Replace("71.01", "71.00"),
        ["summary's fee"] = () => Bill.OfTrades().Replace("-0.47", "-0.48"),
        ["amount with three decimals"] = () => Bill.OfTrades().Replace("88.88,80.00", "88.880,80.00"),
        ["amount in words"] = () => Bill.OfTrades().Replace("88.88,80.00", "many,80.00"),
        ["no amount"] = () => Bill.OfTrades().Replace("88.88,80.00", ",80.00"),
        ["amount that is another"] = () => Bill.OfTrades().Replace("88.88,80.00", "88.89,80.00"),
        ["a row that can be read in two ways"] = () => Bill.OfTrades().Replace("159****5620,88.88", "A,77.77,88.88"),
        ["no time"] = () => Bill.OfTrades().Replace("2026-11-21 10:01:02", ""),
        ["no kind"] = () => Bill.OfTrades().Replace(",交易,", ",,"),
        ["a kind of tomorrow for a payment"] = () => Bill.OfTrades(b => b.Detail[6] = b.Detail[6].Replace("交易", "预付", StringComparison.Ordinal)),
    };

    public static TheoryData<string> Broken => [.. _broken.Keys];

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Statement_NotWhole_FailsBeforeAnyRow(string defect)
    {
        await using var world = await World.CreateAsync();
        Serve(world, _broken[defect]());

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Rows.Count, part.Complete).Should().Be((Availability.Failed, 0, false));
        part.Message.Should().NotBeEmpty().And.NotContain("many").And.NotContain("A1");
    }

    [Fact]
    public async Task Statement_OfTrades_GivesEachRowExactly()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades());

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Message, part.Complete).Should().Be((Availability.Ready, "", true));
        part.Rows.Select(r => (r.Line, r.Kind, r.AttemptNo, r.ChannelOrderId, r.RefundNo, r.AmountMinor, r.FeeMinor, r.ProviderState)).Should().Equal(
            (6, Kind.Payment, "A1", "1", "", 8888, 53, "交易"), (7, Kind.Payment, "A2", "2", "", 1, 0, "交易"), (8, Kind.Refund, "A1", "1", "R1", 1000, -6, "退款"));
        part.Rows.Should().OnlyContain(r => r.Currency == "CNY" && r.Time.ToDateTimeOffset() == new DateTimeOffset(2026, 11, 21, 10, 1, 2, TimeSpan.FromHours(8)));
        world.Alipay.Requests.Select(r => (r.Method, r.Call, r.Content)).Should().Equal(
            ("POST", "alipay.data.dataservice.bill.downloadurl.query", """{"bill_type":"trade","bill_date":"2026-11-21"}"""), ("GET", "", ""));
        world.Alipay.Requests[1].Target.Should().Be("/file?fileId=A%2B1&bizDates=20261121");
        string.Join('\n', world.Log).Should().NotContain("fileId");
    }

    public static TheoryData<string, Action<Bill>> Shapes => new()
    {
        { "summary first", b => b.Files = x => [("b", x.Bytes(x.Summary)), ("a", x.Bytes(x.Detail))] },
        { "an empty file and a note beside it", b => b.Files = x => [("b/", []), ("n.txt", x.Bytes(["#note"])), ("b", x.Bytes(x.Summary)), ("a", x.Bytes(x.Detail))] },
        { "lines of Windows", b => b.NewLine = "\r\n" },
        { "padded comments", b => b.Detail[^2] += ",,,,,,,,,,,," },
        { "padded lines", b => b.NewLine = ",,,\n" },
        { "empty lines", b => b.NewLine = "\n\n" },
        { "a comma in the subject", b => b.Replace("茶 T-shirt", "茶, T-shirt, large") },
        { "a comma in the remark", b => b.Detail[5] += "a,b,c" },
        { "a comma in the counterparty", b => b.Replace("159****5620", "A,B(159****5620)") },
        { "commas in the subject and the remark", b => b.Replace("茶 T-shirt", "茶, T-shirt, large").Detail[5] += "a,b,c" },
        { "commas in the subject, the counterparty and the remark", b => b.Replace("茶 T-shirt", "茶,,").Replace("159****5620", "A,B,C").Detail[7] += ",x" },
        { "commas in two texts of padded lines", b => { b.NewLine = ",,,\n"; b.Replace("茶 T-shirt", "茶, T-shirt").Replace("159****5620", "A,B"); } },
        { "a comma in the coupon's name", b => b.Replace("8.88,0.00,,0.00", "8.88,0.00,满10减1,全场,0.00") },
        { "a remark that begins with a number", b => b.Detail[5] += "2.00,large" },
        { "a number in the subject", b => b.Replace("茶 T-shirt", "茶,1.00,,2026") },
        { "a quote in the subject", b => b.Replace("茶 T-shirt", "\"茶\" #1") },
        { "a comma in the store's name", b => b.Replace("合计,,2", "合计,A,B,2") },
        { "summary of payments alone", b => b.Replace("2,1,78.89,71.01", "2,1,88.89,80.01") },
        { "a column more", b => { b.Replace("业务类型,商品名称", "业务类型,新列,商品名称"); for (var i = 5; i < 8; i++) { b.Detail[i] = b.Detail[i].Replace(",茶", ",x,茶", StringComparison.Ordinal); } } },
        { "halfwidth punctuation", b => b.Replace("（元）", "(元)").Replace("：", ":") },
        { "positive refunds", b => b.Replace("-10.00,-9.00", "10.00,9.00").Replace("共-9.00元", "共9.00元") },
    };

    [Theory]
    [MemberData(nameof(Shapes), DisableDiscoveryEnumeration = true)]
    public async Task Statement_InEveryShape_GivesTheSameRows(string shape, Action<Bill> change)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(change));

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Message).Should().Be((Availability.Ready, ""), shape);
        part.Rows.Select(r => (r.Kind, r.AttemptNo, r.RefundNo, r.AmountMinor)).Should().Equal(
            (Kind.Payment, "A1", "", 8888), (Kind.Payment, "A2", "", 1), (Kind.Refund, "A1", "R1", 1000));
    }

    [Fact]
    public async Task Statement_RowOfAnotherKind_IsOther()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(b => b.Detail.Insert(5, Bill.Trade("9", "X", "分润", "1.00", "0.00", "0.00", "0.00"))));

        var part = (await DownloadAsync(world)).Single();

        part.Rows.Select(r => (r.Kind, r.ProviderState)).Should().Equal((Kind.Other, "分润"), (Kind.Payment, "交易"), (Kind.Payment, "交易"), (Kind.Refund, "退款"));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(1201)]
    public async Task Statement_OfManyRows_ComesInParts(int count)
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(
            Enumerable.Range(0, count).Select(i => Bill.Trade($"{i}", $"A{i}", "交易", "0.02", "0.02", "0.00", "0.00")),
            $"#交易合计：{count}笔，商家实收共{count * 2 / 100}.{count * 2 % 100:00}元，商家优惠共0.00元", "#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元",
            $"合计,,{count},0,{count * 2 / 100}.{count * 2 % 100:00},{count * 2 / 100}.{count * 2 % 100:00},0.00,0.00,0.00,0.00,0.00,0.00"));

        var parts = await DownloadAsync(world);

        parts.Should().HaveCount((count + 499) / 500).And.OnlyContain(p => p.Rows.Count > 0 && p.Rows.Count <= 500);
        parts.SelectMany(p => p.Rows).Select(r => r.AttemptNo).Should().Equal(Enumerable.Range(0, count).Select(i => $"A{i}"));
        parts.Select(p => p.Availability).Should().Equal(parts.Select((_, i) => i == 0 ? Availability.Ready : Availability.Unspecified));
        parts.Select(p => p.Complete).Should().Equal(parts.Select((_, i) => i == parts.Count - 1));
    }

    [Theory]
    [InlineData("BILL_NOT_EXIST")]
    [InlineData("NO_BILL_DATA")]
    public async Task Statement_ThatDoesNotExist_IsNotReadyUntilNoonAndEmptyThen(string subCode)
    {
        await using var world = await World.CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error("40004", subCode));
        world.Time.Advance(TimeSpan.FromHours(2) - TimeSpan.FromTicks(1));

        var early = (await DownloadAsync(world)).Single();
        world.Time.Advance(TimeSpan.FromTicks(1));
        var late = (await DownloadAsync(world)).Single();

        (early.Availability, early.Complete).Should().Be((Availability.NotReady, false));
        (late.Availability, late.Complete).Should().Be((Availability.Empty, true));
    }

    [Fact]
    public async Task Statement_WithoutARow_IsEmpty()
    {
        await using var world = await World.CreateAsync();
        Serve(world, Bill.OfTrades(
            [], "#交易合计：0笔，商家实收共0.00元，商家优惠共0.00元", "#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元",
            "合计,,0,0,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00"));

        (await DownloadAsync(world)).Select(p => (p.Availability, p.Complete)).Should().Equal((Availability.Empty, true));
    }

    private static readonly Dictionary<string, (string Word, Func<World, FakeAnswer> Answer)> _refusals = new()
    {
        ["no error that is known"] = ("UNKNOW_ERROR", _ => new FakeAnswer(Nodes.Error("40004", "UNKNOW_ERROR"))),
        ["too many"] = ("SYSTEM_RATE_LIMIT", _ => new FakeAnswer(Nodes.Error("40004", "SYSTEM_RATE_LIMIT"))),
        ["wrong day"] = ("INVAILID_ARGUMENTS", _ => new FakeAnswer(Nodes.Error("40004", "INVAILID_ARGUMENTS"))),
        ["not signed up"] = ("contract", _ => new FakeAnswer(Nodes.Error("40006", "isv.insufficient-isv-permissions"))),
        ["status 502"] = ("HTTP", _ => new FakeAnswer("{}") { Status = 502 }),
        ["no signature"] = ("BILL_NOT_EXIST", _ => new FakeAnswer(Nodes.Error("40004", "BILL_NOT_EXIST")) { Signed = false }),
        ["another host"] = ("address", _ => new FakeAnswer("""{"code":"10000","bill_download_url":"https://dwbillcenter.alipay.com/x"}""")),
        ["no address"] = ("address", _ => new FakeAnswer("""{"code":"10000"}""")),
        ["another protocol"] = ("address", w => new FakeAnswer(
            $$"""{"code":"10000","bill_download_url":"{{w.Alipay.Address.ToString().Replace("http:", "ftp:", StringComparison.Ordinal)}}"}""")),
    };

    public static TheoryData<string> Refusals => [.. _refusals.Keys];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Statement_ThatCannotBeAskedFor_Fails(string how)
    {
        await using var world = await World.CreateAsync();
        world.Time.Advance(TimeSpan.FromDays(1));
        var (word, answer) = _refusals[how];
        world.Alipay.Answer = _ => answer(world);

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        part.Availability.Should().Be(Availability.Failed);
        part.Message.Should().ContainEquivalentOf(word);
        world.Alipay.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Statement_AnswerThatAlipayDidNotSign_IsNotFollowed()
    {
        await using var world = await World.CreateAsync();
        world.ExpectError("claims success");
        world.Alipay.Answer = _ => new FakeAnswer(Address(world)) { Key = Keys.Stranger };

        (await DownloadAsync(world)).Single().Availability.Should().Be(Availability.Failed);
        world.Alipay.Requests.Should().ContainSingle();
    }

    private static readonly Dictionary<string, (string Word, Func<FakeAnswer> Answer)> _downloads = new()
    {
        ["status 404"] = ("404", () => new FakeAnswer("") { Status = 404, File = Bill.OfTrades().Whole() }),
        ["status 302"] = ("302", () => new FakeAnswer("") { Status = 302, File = Bill.OfTrades().Whole() }),
        ["cut"] = ("broke", () => new FakeAnswer("") { Cut = true }),
        ["cut in the file"] = ("broke", () => new FakeAnswer("") { File = Bill.OfTrades().Whole(), InBody = Task.CompletedTask }),
    };

    public static TheoryData<string> Downloads => [.. _downloads.Keys];

    [Theory]
    [MemberData(nameof(Downloads))]
    public async Task Statement_ThatCannotBeDownloaded_Fails(string how)
    {
        await using var world = await World.CreateAsync();
        var (word, answer) = _downloads[how];
        world.Alipay.Answer = r => r.Method == "GET" ? answer() : new FakeAnswer(Address(world));

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        part.Availability.Should().Be(Availability.Failed);
        part.Message.Should().Contain(word).And.NotContain("fileId");
        world.Alipay.Requests.Should().HaveCount(2, "nothing is repeated or followed");
    }

    [Fact]
    public async Task Statement_DownloadThatHangs_EndsAfterAMinute()
    {
        await using var world = await World.CreateAsync();
        var never = new TaskCompletionSource();
        world.Alipay.Answer = r => r.Method == "GET" ? new FakeAnswer("") { Until = never.Task } : new FakeAnswer(Address(world));

        // No deadline: it would be on the standing clock too.
        var parts = DownloadAsync(world);
        await world.Alipay.ArrivalAsync();
        var hanging = await world.Alipay.ArrivalAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));

        (await parts).Single().Message.Should().Contain("in time");
        (await hanging.Aborted).Should().BeTrue();
    }

    [Fact]
    public async Task Statement_CallerGoesAway_EndsTheDownload()
    {
        await using var world = await World.CreateAsync();
        var never = new TaskCompletionSource();
        world.Alipay.Answer = r => r.Method == "GET" ? new FakeAnswer("") { Until = never.Task } : new FakeAnswer(Address(world));

        using var call = world.Client.DownloadStatement(new DownloadStatementRequest { Account = World.Account, Day = Day });
        await world.Alipay.ArrivalAsync();
        var hanging = await world.Alipay.ArrivalAsync();
        call.Dispose();

        (await hanging.Aborted).Should().BeTrue();
    }

    [Theory]
    [InlineData("nobody", Day, "account")]
    [InlineData(World.Account, "2026-11-31", "day")]
    [InlineData(World.Account, "20261121", "day")]
    [InlineData(World.Account, "", "day")]
    public async Task Statement_OfNoAccountOrDay_Fails(string account, string day, string word)
    {
        await using var world = await World.CreateAsync();

        var part = (await DownloadAsync(world, account, day)).Single();

        part.Availability.Should().Be(Availability.Failed);
        part.Message.Should().Contain(word);
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Statement_InCertificateMode_HasTheMoneyPaidOutToo()
    {
        await using var world = await World.CreateAsync(d => World.UseCertificates(d));
        Serve(world, Bill.OfTrades(), Bill.OfLedger());

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Complete).Should().Be((Availability.Ready, true));
        part.Rows.Select(r => (r.Line, r.Kind, r.AttemptNo, r.TransferNo, r.AmountMinor, r.ProviderState)).Should().Equal(
            (6, Kind.Payment, "A1", "", 8888, "交易"), (7, Kind.Payment, "A2", "", 1, "交易"), (8, Kind.Refund, "A1", "", 1000, "退款"),
            (20, Kind.Other, "A1", "", 53, "收费"), (21, Kind.Transfer, "", "T1", 1234, "转账"), (22, Kind.Other, "T1", "", 1234, "转账退回"));
        var transfer = part.Rows[4];
        (transfer.ChannelTransferId, transfer.Currency).Should().Be(("20261121110070000006000000000001", "CNY"));
        transfer.Time.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 21, 11, 0, 0, TimeSpan.FromHours(8)));
        world.Alipay.Requests.Where(r => r.Method == "POST").Select(r => r.Content).Should().Equal(
            """{"bill_type":"trade","bill_date":"2026-11-21"}""", """{"bill_type":"signcustomer","bill_date":"2026-11-21"}""");
    }

    [Fact]
    public async Task Statement_LedgerAloneOrTradesAlone_IsReady()
    {
        await using var world = await World.CreateAsync(d => World.UseCertificates(d));
        world.Time.Advance(TimeSpan.FromHours(2));

        Serve(world, null, Bill.OfLedger());
        (await DownloadAsync(world)).Single().Rows.Select(r => r.Kind).Should().Equal(Kind.Other, Kind.Transfer, Kind.Other);
        Serve(world, Bill.OfTrades());
        (await DownloadAsync(world)).Single().Rows.Should().HaveCount(3);
        Serve(world, null);
        (await DownloadAsync(world)).Single().Availability.Should().Be(Availability.Empty);
    }

    public static TheoryData<string, Action<Bill>> BrokenLedgers => new()
    {
        { "expenses' count", b => b.Replace("#支出合计：3笔", "#支出合计：2笔") },
        { "expenses' sum", b => b.Replace("共-21.87元", "共-21.88元") },
        { "incomes' count", b => b.Replace("#收入合计：2笔", "#收入合计：1笔") },
        { "incomes' sum", b => b.Replace("共92.34元", "共92.35元") },
        { "no totals", b => b.Replace("#支出合计", "#合计") },
        { "summary's incomes", b => b.Replace("合计,2,92.34", "合计,1,92.34") },
        { "summary's income", b => b.Replace("合计,2,92.34", "合计,2,92.33") },
        { "summary's expenses", b => b.Replace("3,-21.87", "2,-21.87") },
        { "summary's expense", b => b.Replace("3,-21.87", "3,-21.86") },
        { "amount that is none", b => b.Replace("0.00,12.34", "0.00,12.345") },
        { "a row less", b => b.Detail.RemoveAt(8) },
        { "a trade's row less", b => b.Detail.RemoveAt(5) },
        { "another account", b => b.Replace(Keys.SellerId, "2088000000000002") },
        { "another day", b => b.Replace("起始日期：[2026年11月21日", "起始日期：[2026年11月20日") },
    };

    [Theory]
    [MemberData(nameof(BrokenLedgers), DisableDiscoveryEnumeration = true)]
    public async Task Statement_WithALedgerThatIsNotWhole_FailsBeforeAnyRow(string defect, Action<Bill> change)
    {
        await using var world = await World.CreateAsync(d => World.UseCertificates(d));
        Serve(world, Bill.OfTrades(), Bill.OfLedger(change));

        var part = (await DownloadAsync(world)).Should().ContainSingle().Subject;

        (part.Availability, part.Rows.Count).Should().Be((Availability.Failed, 0), defect);
    }

    [Theory]
    [InlineData("https://openapi.alipay.com/gateway.do", "http://dwbillcenter.alipay.com/downloadBillFile.resource?a=%2B1&b=2", "https://dwbillcenter.alipay.com/downloadBillFile.resource?a=%2B1&b=2")]
    [InlineData("https://openapi.alipay.com/gateway.do", "https://dwbillcenter.alipay.com/x", "https://dwbillcenter.alipay.com/x")]
    [InlineData("https://openapi-sandbox.dl.alipaydev.com/gateway.do", "http://dwbillcenter.alipaydev.com/x", "https://dwbillcenter.alipaydev.com/x")]
    [InlineData("https://pay-proxy.example.com/gateway.do", "https://pay-proxy.example.com/x", "https://pay-proxy.example.com/x")]
    [InlineData("https://openapi.alipay.com/gateway.do", "https://alipay.com.example.com/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "https://example.com/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "https://notalipay.com/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "https://127.0.0.1/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "http://169.254.169.254/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "https://dwbillcenter.alipay.com:8443/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "https://a:b@dwbillcenter.alipay.com/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "ftp://dwbillcenter.alipay.com/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "/x", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", "", null)]
    [InlineData("https://openapi.alipay.com/gateway.do", null, null)]
    [InlineData("http://127.0.0.1:8090/gateway.do", "http://127.0.0.1:8090/x", "http://127.0.0.1:8090/x")]
    [InlineData("http://127.0.0.1:8090/gateway.do", "https://dwbillcenter.alipay.com/x", null)]
    public void StatementAddress_IsThePlatformsOwnByHttps(string gateway, string? said, string? used) =>
        (AlipayRules.StatementAddress(new Uri(gateway), said)?.AbsoluteUri).Should().Be(used);

    private static string Address(World world) =>
        $$"""{"code":"10000","msg":"Success","bill_download_url":"{{new Uri(world.Alipay.Address, "/file?fileId=A%2B1&bizDates=20261121")}}"}""";

    /// <summary>Has the platform offer these bills; one that is null does not exist.</summary>
    private static void Serve(World world, Bill? trades, Bill? ledger = null)
    {
        var next = trades;
        world.Alipay.Answer = request =>
        {
            if (request.Method == "GET")
            {
                return new FakeAnswer("") { File = next!.Whole() };
            }

            next = request.Content.Contains("signcustomer", StringComparison.Ordinal) ? ledger : trades;
            return next is null ? new FakeAnswer(Nodes.Error("40004", "BILL_NOT_EXIST")) : new FakeAnswer(Address(world));
        };
    }

    private static async Task<List<StatementPart>> DownloadAsync(World world, string account = World.Account, string day = Day)
    {
        using var call = world.Client.DownloadStatement(new DownloadStatementRequest { Account = account, Day = day });
        return await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }
}
