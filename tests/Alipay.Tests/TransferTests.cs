using System.Text.Json.Nodes;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Alipay.Tests;

/// <summary>Paying out and what the account holds (alipay.md 2, 6.10, 8).</summary>
public sealed class TransferTests
{
    private const string NotFound = "ORDER_NOT_EXIST";

    private static Task<World> CreateAsync(Action<JsonObject>? change = null) => World.CreateAsync(d =>
    {
        World.UseCertificates(d);
        change?.Invoke(d);
    });

    public static TheoryData<Action<ChannelTransferRequest>, string> Requests => new()
    {
        {
            _ => { },
            ""","trans_amount":"12.34","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER","order_title":"Prize 奖金","payee_info":{"identity":"2088000000000009","identity_type":"ALIPAY_USER_ID"}}"""
        },
        {
            r => (r.Payee.Kind, r.Payee.Id, r.Payee.Name, r.Remark) = (Payee.Types.Kind.OpenId, "074a1Cc-_x", "张三", "for \"you\""),
            ""","trans_amount":"12.34","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER","order_title":"Prize 奖金","payee_info":{"identity":"074a1Cc-_x","identity_type":"ALIPAY_OPEN_ID","name":"张三"},"remark":"for \"you\""}"""
        },
        {
            r => (r.Payee.Kind, r.Payee.Id, r.Payee.Name, r.AmountMinor) = (Payee.Types.Kind.LoginId, "shop@example.com", "张三", 10),
            ""","trans_amount":"0.10","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER","order_title":"Prize 奖金","payee_info":{"identity":"shop@example.com","identity_type":"ALIPAY_LOGON_ID","name":"张三"}}"""
        },
        {
            r => r.Payee = new Payee { Kind = Payee.Types.Kind.BankAccount, Id = "6222000000000000", Name = "张三", Bank = "招商银行" },
            ""","trans_amount":"12.34","product_code":"TRANS_BANKCARD_NO_PWD","biz_scene":"DIRECT_TRANSFER","order_title":"Prize 奖金","payee_info":{"identity":"6222000000000000","identity_type":"BANKCARD_ACCOUNT","name":"张三","bankcard_ext_info":{"account_type":"2","inst_name":"招商银行"}}}"""
        },
    };

    [Theory]
    [MemberData(nameof(Requests), DisableDiscoveryEnumeration = true)]
    public async Task Transfer_Request_NamesThePayeeAsThePlatformKnowsHim(Action<ChannelTransferRequest> change, string members)
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer());

        var reply = await world.TransferAsync(change);

        reply.State.Should().Be(ChannelTransferState.TransferDone);
        var request = world.Alipay.Requests.Single();
        (request.Call, request.SignatureProblem).Should().Be(("alipay.fund.trans.uni.transfer", null));
        request.Query.Should().ContainKey("app_cert_sn").And.ContainKey("alipay_root_cert_sn").And.NotContainKey("notify_url");
        request.Content.Should().Be($$"""{"out_biz_no":"{{World.TransferNo}}"{{members}}""");
        string.Join('\n', world.Log).Should().NotContain("张三").And.NotContain("shop@example.com").And.NotContain("6222000000000000");
    }

    [Fact]
    public async Task Transfer_Done_CarriesEveryFact()
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer(change: n => n["amount"] = "12.34"));

        var reply = await world.TransferAsync();

        (reply.State, reply.Code, reply.TraceId, reply.Action).Should().Be((ChannelTransferState.TransferDone, "SUCCESS", "0b0a1f3d16", null!));
        var facts = reply.Facts;
        (facts.TransferNo, facts.AmountMinor, facts.ChannelTransferId, facts.State).Should()
            .Be((World.TransferNo, 1234, "20261122110070000006000000000001", ChannelTransferState.TransferDone));
        facts.SuccessTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.FromHours(8)));
    }

    private static readonly (string What, string Node, ChannelTransferState State)[] _answers =
    [
        ("done", Nodes.Transfer(), ChannelTransferState.TransferDone),
        ("dealing", Nodes.Transfer("DEALING"), ChannelTransferState.TransferPending),
        ("waiting", Nodes.Transfer("WAIT_PAY"), ChannelTransferState.TransferPending),
        ("failed", Nodes.Transfer("FAIL"), ChannelTransferState.TransferRefused),
        ("closed", Nodes.Transfer("CLOSED"), ChannelTransferState.TransferRefused),
        ("sent back", Nodes.Transfer("REFUND"), ChannelTransferState.TransferReturned),
        ("a status of tomorrow", Nodes.Transfer("SOON"), ChannelTransferState.TransferUnknown),
        ("another case", Nodes.Transfer("success"), ChannelTransferState.TransferUnknown),
        ("another number", Nodes.Transfer(change: n => n["out_biz_no"] = "T2"), ChannelTransferState.TransferUnknown),
        ("failed, another number", Nodes.Transfer("FAIL", n => n["out_biz_no"] = "T2"), ChannelTransferState.TransferUnknown),
        ("no number", Nodes.Transfer(change: n => n.Remove("out_biz_no")), ChannelTransferState.TransferUnknown),
        ("not said", Nodes.Error("20000", "isp.unknow-error"), ChannelTransferState.TransferUnknown),
        ("system error", Nodes.Error("40004", "SYSTEM_ERROR"), ChannelTransferState.TransferUnknown),
        ("processing", Nodes.Error("40004", "REQUEST_PROCESSING"), ChannelTransferState.TransferUnknown),
        ("used number", Nodes.Error("40004", "PAYMENT_INFO_INCONSISTENCY"), ChannelTransferState.TransferUnknown),
    ];

    public static TheoryData<string, string, ChannelTransferState> Answers => new(_answers);

    public static TheoryData<string, string, ChannelTransferState> Sent => new(
    [
        .. _answers,
        ("old answer", Nodes.Transfer(null), ChannelTransferState.TransferDone),
        ("old answer without a number of theirs", Nodes.Transfer(null, n => n.Remove("order_id")), ChannelTransferState.TransferUnknown),
        ("another amount", Nodes.Transfer(change: n => n["amount"] = "12.35"), ChannelTransferState.TransferUnknown),
        ("another trans_amount", Nodes.Transfer(change: n => n["trans_amount"] = "12.33"), ChannelTransferState.TransferUnknown),
        ("amount that is none", Nodes.Transfer(change: n => n["amount"] = "12.340"), ChannelTransferState.TransferUnknown),
        ("payee not there", Nodes.Error("40004", "PAYEE_NOT_EXIST"), ChannelTransferState.TransferRefused),
        ("no balance", Nodes.Error("40004", "PAYER_BALANCE_NOT_ENOUGH"), ChannelTransferState.TransferNoBalance),
        ("no balance, otherwise said", Nodes.Error("40004", "BALANCE_IS_NOT_ENOUGH"), ChannelTransferState.TransferNoBalance),
        ("not found", Nodes.Error("40004", NotFound), ChannelTransferState.TransferUnknown),
        ("a code of payments", Nodes.Error("40004", "ACQ.BUYER_NOT_EXIST"), ChannelTransferState.TransferUnknown),
    ]);

    [Theory]
    [MemberData(nameof(Sent), DisableDiscoveryEnumeration = true)]
    public async Task Transfer_Answer_IsThatOfTheTable(string what, string node, ChannelTransferState state)
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node);

        var reply = await world.TransferAsync();

        (reply.State, reply.NothingSent).Should().Be((state, false), what);
        world.Alipay.Requests.Should().ContainSingle("nothing is repeated");
    }

    [Theory]
    [InlineData("40005", "isv.app-call-limited", true)]
    [InlineData("40005", "isv.method-call-limited", true)]
    [InlineData("40005", "", true)]
    [InlineData("40004", "RESOURCE_LIMIT_EXCEED", true)]
    [InlineData("40005", "aop.unknow-error", false)]
    [InlineData("20000", "isv.app-call-limited", false)]
    [InlineData("40004", "SYSTEM_ERROR", false)]
    public async Task Transfer_AskedTooOften_IsAnsweredAndNotExecutedWhenItIsSigned(string code, string subCode, bool notExecuted)
    {
        await using var world = await CreateAsync();
        foreach (var isSigned in new[] { true, false })
        {
            world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error(code, subCode)) { Signed = isSigned };

            var reply = await world.TransferAsync();

            (reply.State, reply.NothingSent, reply.NotExecuted).Should().Be((ChannelTransferState.TransferUnknown, false, notExecuted && isSigned));
        }
    }

    [Fact]
    public async Task Transfer_OldAnswerOfABank_IsUnknown()
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer(null));

        var reply = await world.TransferAsync(r => r.Payee = new Payee { Kind = Payee.Types.Kind.BankAccount, Id = "6222000000000000", Name = "张三", Bank = "招商银行" });

        reply.State.Should().Be(ChannelTransferState.TransferUnknown, "a bank takes its time");
    }

    [Theory]
    [MemberData(nameof(Answers), DisableDiscoveryEnumeration = true)]
    public async Task QueryTransfer_Answer_IsThatOfTheTable(string what, string node, ChannelTransferState state)
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(node);

        (await world.QueryTransferAsync()).State.Should().Be(state, what);
    }

    [Fact]
    public async Task QueryTransfer_Done_CarriesEveryFact()
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer(change: n => (n["trans_amount"], n["pay_date"]) = ("12.34", "2026-11-22 12:00:05")));

        var reply = await world.QueryTransferAsync();

        (reply.State, reply.Facts.TransferNo, reply.Facts.AmountMinor).Should().Be((ChannelTransferState.TransferDone, World.TransferNo, 1234));
        reply.Facts.SuccessTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 12, 0, 5, TimeSpan.FromHours(8)));
        world.Alipay.Requests.Select(r => (r.Call, r.Content)).Should().Equal((
            "alipay.fund.trans.common.query", $$"""{"out_biz_no":"{{World.TransferNo}}","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER"}"""));
    }

    [Fact]
    public async Task QueryTransfer_Failed_SaysWhy()
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer("FAIL", n => (n["error_code"], n["fail_reason"]) = ("PAYEE_CARD_CLOSED", "card\nclosed")));

        var reply = await world.QueryTransferAsync();

        (reply.State, reply.Code, reply.Message).Should().Be((ChannelTransferState.TransferRefused, "PAYEE_CARD_CLOSED", "cardclosed"));
    }

    [Theory]
    [InlineData("10.000")]
    [InlineData("-1")]
    public async Task QueryTransfer_AmountThatIsNone_IsUnknown(string amount)
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer(change: n => n["trans_amount"] = amount));

        (await world.QueryTransferAsync()).State.Should().Be(ChannelTransferState.TransferUnknown);
    }

    [Fact]
    public async Task QueryTransfer_NotFound_NeedsTheWordOfBothProducts()
    {
        await using var world = await CreateAsync();
        var bank = Nodes.Error("40004", NotFound);
        world.Alipay.Answer = r => new FakeAnswer(r.Content.Contains("TRANS_BANKCARD_NO_PWD", StringComparison.Ordinal) ? bank : Nodes.Error("40004", NotFound));

        (await world.QueryTransferAsync()).State.Should().Be(ChannelTransferState.TransferNotFound);
        world.Alipay.Requests.Should().HaveCount(2);
        bank = Nodes.Transfer("DEALING");
        (await world.QueryTransferAsync()).State.Should().Be(ChannelTransferState.TransferPending);
        bank = Nodes.Error("40004", "SYSTEM_ERROR");
        (await world.QueryTransferAsync()).State.Should().Be(ChannelTransferState.TransferUnknown, "one of them is not heard");
    }

    [Fact]
    public async Task Calls_ThatAlipayDidNotSign_DecideNothing()
    {
        await using var world = await CreateAsync();
        world.ExpectError("claims success, but the answer is");
        string[] nodes =
        [
            Nodes.Transfer(), Nodes.Transfer("FAIL"), Nodes.Error("40004", NotFound), Nodes.Error("40004", "PAYEE_NOT_EXIST"), Nodes.Error("40002", "isv.invalid-app-id"),
            """{"code":"10000","available_amount":"1.00","freeze_amount":"0.00"}""",
        ];
        foreach (var spoil in (Func<FakeAnswer, FakeAnswer>[])[a => a with { Signed = false }, a => a with { Key = Keys.Stranger }])
        {
            foreach (var node in nodes)
            {
                world.Alipay.Answer = _ => spoil(new FakeAnswer(node));
                (await world.TransferAsync()).State.Should().Be(ChannelTransferState.TransferUnknown, node);
                (await world.QueryTransferAsync()).State.Should().Be(ChannelTransferState.TransferUnknown, node);
                (await world.Client.QueryBalanceAsync(new ChannelQueryBalanceRequest { Account = World.Account })).Outcome.Should().Be(Outcome.Unknown, node);
            }
        }
    }

    [Fact]
    public async Task Transfer_NoAnswer_IsUnknownAndSentOnce()
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer()) { Cut = true };

        var reply = await world.TransferAsync();

        (reply.State, reply.NothingSent).Should().Be((ChannelTransferState.TransferUnknown, false));
        world.Alipay.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Calls_InKeyMode_AreRefusedWithTheRemedy()
    {
        await using var world = await World.CreateAsync();

        var transfer = await world.TransferAsync();
        var query = await world.QueryTransferAsync();
        var balance = await world.Client.QueryBalanceAsync(new ChannelQueryBalanceRequest { Account = World.Account });

        (transfer.State, transfer.NothingSent, transfer.Code).Should().Be((ChannelTransferState.TransferRefused, true, "CERTIFICATE_MODE_NEEDED"));
        transfer.Message.Should().Contain("app_cert");
        (query.State, query.Code).Should().Be((ChannelTransferState.TransferUnknown, "CERTIFICATE_MODE_NEEDED"));
        (balance.Outcome, balance.Code).Should().Be((Outcome.Unknown, "CERTIFICATE_MODE_NEEDED"));
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Calls_WithoutUsableAccountOrNumber_AskNobody()
    {
        await using var world = await CreateAsync(d => d["enabled"] = false);

        (await world.TransferAsync(r => r.Account = "nobody")).Should().Match<ChannelTransferReply>(r => r.State == ChannelTransferState.TransferUnknown && r.NothingSent);
        (await world.TransferAsync()).Should().Match<ChannelTransferReply>(r => r.State == ChannelTransferState.TransferRefused && r.Code == "ACCOUNT_DISABLED");
        (await world.QueryTransferAsync(r => r.Account = "nobody")).State.Should().Be(ChannelTransferState.TransferUnknown);
        (await world.QueryTransferAsync(r => r.TransferNo = "T-1")).Code.Should().Be("FIELD_INVALID");
        (await world.Client.QueryBalanceAsync(new ChannelQueryBalanceRequest { Account = "nobody" })).Outcome.Should().Be(Outcome.Unknown);
        var cancel = await world.Client.CancelTransferAsync(new ChannelQueryTransferRequest { Account = World.Account, TransferNo = World.TransferNo });
        (cancel.State, cancel.Code, cancel.NothingSent).Should().Be((ChannelTransferState.TransferUnknown, "NOT_SUPPORTED", true));
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Transfer_ApplicationCertificateEnded_IsNothingSentAndUndecided()
    {
        await using var world = await CreateAsync(d => World.UseCertificates(d, new Certificates(appUntil: World.Start.AddHours(1))));
        world.Time.Advance(TimeSpan.FromHours(1));

        var reply = await world.TransferAsync();

        (reply.State, reply.NothingSent, reply.Code).Should().Be((ChannelTransferState.TransferUnknown, true, "APP_CERT_EXPIRED"));
        world.Alipay.Requests.Should().BeEmpty();
    }

    public static TheoryData<string, Action<ChannelTransferRequest>> NotSendable => new()
    {
        { "currency", r => r.Currency = "USD" },
        { "amount_minor", r => r.AmountMinor = 9 },
        { "amount_minor", r => r.AmountMinor = 10_000_000_001 },
        { "transfer_no", r => r.TransferNo = "T-1" },
        { "transfer_no", r => r.TransferNo = "" },
        { "title", r => r.Title = "" },
        { "title", r => r.Title = new string('中', 129) },
        { "remark", r => r.Remark = new string('中', 201) },
        { "remark", r => r.AmountMinor = 5_000_000 },
        { "payee.kind", r => r.Payee = null },
        { "payee.kind", r => r.Payee.Kind = Payee.Types.Kind.Unspecified },
        { "payee.id", r => r.Payee.Id = "" },
        { "payee.id", r => r.Payee.Id = "shop@example.com" },
        { "payee.id", r => (r.Payee.Kind, r.Payee.Id) = (Payee.Types.Kind.OpenId, "a b") },
        { "payee.id", r => r.Payee = new Payee { Kind = Payee.Types.Kind.LoginId, Name = "张三" } },
        { "payee.name", r => (r.Payee.Kind, r.Payee.Id) = (Payee.Types.Kind.LoginId, "shop@example.com") },
        { "payee.name", r => (r.Payee.Kind, r.Payee.Bank) = (Payee.Types.Kind.BankAccount, "招商银行") },
        { "payee.name", r => r.Payee.Name = "a\nb" },
        { "payee.bank", r => (r.Payee.Kind, r.Payee.Name) = (Payee.Types.Kind.BankAccount, "张三") },
    };

    [Theory]
    [MemberData(nameof(NotSendable), DisableDiscoveryEnumeration = true)]
    public async Task Transfer_WhatThePlatformCannotTake_IsRefusedBeforeSending(string field, Action<ChannelTransferRequest> change)
    {
        await using var world = await CreateAsync();

        var reply = await world.TransferAsync(change);

        (reply.State, reply.NothingSent).Should().Be((ChannelTransferState.TransferRefused, true));
        reply.Message.Should().StartWith($"{field}:");
        world.Alipay.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Transfer_LargeWithARemark_IsSent()
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Transfer());

        (await world.TransferAsync(r => (r.AmountMinor, r.Remark) = (5_000_000, "prize"))).State.Should().Be(ChannelTransferState.TransferDone);
        (await world.TransferAsync(r => r.AmountMinor = 4_999_999)).State.Should().Be(ChannelTransferState.TransferDone);
    }

    [Theory]
    [InlineData("\"12.34\"", "\"1.00\"", 1234, 100)]
    [InlineData("12.34", "0", 1234, 0)]
    [InlineData("\"0.00\"", null, 0, 0)]
    [InlineData("\"12.345\"", "\"1.00\"", null, null)]
    [InlineData(null, "\"1.00\"", null, null)]
    [InlineData("\"12.34\"", "\"x\"", null, null)]
    public async Task QueryBalance_Answer_IsReadExactlyOrNotAtAll(string? available, string? frozen, int? availableMinor, int? frozenMinor)
    {
        await using var world = await CreateAsync();
        var members = string.Concat(available is null ? "" : $",\"available_amount\":{available}", frozen is null ? "" : $",\"freeze_amount\":{frozen}");
        world.Alipay.Answer = _ => new FakeAnswer($"{{\"code\":\"10000\"{members}}}");

        var reply = await world.Client.QueryBalanceAsync(new ChannelQueryBalanceRequest { Account = World.Account });

        reply.Outcome.Should().Be(availableMinor is null ? Outcome.Unknown : Outcome.Yes);
        (reply.AvailableMinor, reply.FrozenMinor, reply.Currency).Should().Be((availableMinor ?? 0, frozenMinor ?? 0, availableMinor is null ? "" : "CNY"));
        var request = world.Alipay.Requests.Single();
        (request.Call, request.Content).Should().Be(("alipay.fund.account.query", $$"""{"alipay_user_id":"{{Keys.SellerId}}","account_type":"ACCTRANS_ACCOUNT"}"""));
    }

    [Fact]
    public async Task QueryBalance_Refused_SaysWhy()
    {
        await using var world = await CreateAsync();
        world.Alipay.Answer = _ => new FakeAnswer(Nodes.Error("40006", "isv.insufficient-isv-permissions"));

        var reply = await world.Client.QueryBalanceAsync(new ChannelQueryBalanceRequest { Account = World.Account });

        (reply.Outcome, reply.Code).Should().Be((Outcome.Unknown, "isv.insufficient-isv-permissions"));
        reply.Message.Should().Contain("contract");
    }

    public static TheoryData<string, ChannelTransferState> Statuses => new()
    {
        { "SUCCESS", ChannelTransferState.TransferDone },
        { "DEALING", ChannelTransferState.TransferPending },
        { "FAIL", ChannelTransferState.TransferRefused },
        { "CLOSED", ChannelTransferState.TransferRefused },
        { "REFUND", ChannelTransferState.TransferReturned },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Callback_OfATransfer_CarriesEveryFact(string status, ChannelTransferState state)
    {
        await using var world = await CreateAsync();

        var reply = await world.ReadAsync(Message(status));

        (reply.Verdict, reply.MessageId, reply.Success.Body.ToStringUtf8()).Should().Be((Verdict.Transfer, "2026112200222100102000005000000001", "success"));
        var facts = reply.Transfer;
        (facts.TransferNo, facts.AmountMinor, facts.ChannelTransferId, facts.State).Should().Be((World.TransferNo, 1234, "20261122110070000006000000000001", state));
        facts.SuccessTime.ToDateTimeOffset().Should().Be(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.FromHours(8)));
        facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["app_id"] = Keys.AppId });
        (reply.Facts, reply.Refund).Should().Be((null!, null!));
    }

    [Fact]
    public async Task Callback_OfATransferWithoutMeaning_ChangesNothing()
    {
        await using var world = await CreateAsync();

        foreach (var request in (ReadCallbackRequest[])[Message("SOON"), Message(null), Message("SUCCESS", c => c.Remove("out_biz_no"))])
        {
            (await world.ReadAsync(request)).Should().Match<ReadCallbackReply>(r => r.Verdict == Verdict.Nothing && r.Transfer == null);
        }
    }

    [Fact]
    public async Task Callback_OfATransferThatCannotBeReadOrIsForged_IsRejected()
    {
        await using var world = await CreateAsync();

        foreach (var request in (ReadCallbackRequest[])
                 [
                     Message("SUCCESS", c => c["trans_amount"] = "12.345"),
                     Message("SUCCESS", change: n => n.Parameters["biz_content"] = "AES"),
                     Message("SUCCESS", change: n => n.Parameters.Remove("biz_content")),
                     Message("SUCCESS", change: n => n.Parameters["biz_content"] = """{"out_biz_no":"a","out_biz_no":"b","status":"SUCCESS"}"""),
                     Message("SUCCESS", change: n => n.Key = Keys.Stranger),
                     Message("SUCCESS", change: n => n.Body = b => b.Replace("12.34", "12.35", StringComparison.Ordinal)),
                     Message("SUCCESS", change: n => n.Parameters["memo"] = "a&biz_content=b"),
                 ])
        {
            var reply = await world.ReadAsync(request);
            (reply.Verdict, reply.Transfer, reply.Success.Status >= 400).Should().Be((Verdict.Rejected, null!, true));
        }
    }

    /// <summary>A message of the message service (6.10), version 1.1.</summary>
    private static ReadCallbackRequest Message(string? status, Action<JsonObject>? content = null, Action<Notify>? change = null) => Notify.Make(n =>
    {
        var transfer = new JsonObject
        {
            ["out_biz_no"] = World.TransferNo, ["order_id"] = "20261122110070000006000000000001", ["product_code"] = "TRANS_ACCOUNT_NO_PWD",
            ["biz_scene"] = "DIRECT_TRANSFER", ["trans_amount"] = "12.34", ["pay_date"] = "2026-11-22 12:00:00", ["action_type"] = "FINISH",
        };
        if (status is not null)
        {
            transfer["status"] = status;
        }

        content?.Invoke(transfer);
        n.Parameters.Clear();
        n.Parameters["notify_id"] = "2026112200222100102000005000000001";
        n.Parameters["utc_timestamp"] = "1795320000000";
        n.Parameters["msg_method"] = "alipay.fund.trans.order.changed";
        n.Parameters["app_id"] = Keys.AppId;
        n.Parameters["version"] = "1.1";
        n.Parameters["charset"] = "UTF-8";
        n.Parameters["biz_content"] = transfer.ToJsonString();
        change?.Invoke(n);
    });
}
