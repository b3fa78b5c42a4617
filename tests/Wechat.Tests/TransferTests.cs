using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>Paying out: what is sent, what counts as paid or refused, and what never does (wechat-pay-v3.md 7, 9).</summary>
public sealed class TransferTests
{
    private const string Path = "/v3/fund-app/mch-transfer/transfer-bills";
    private const string Serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    private const string LaterSerial = "6157F09EFDC096DE15EBE81A47057A7232F1B8E2";
    private const string Name = "张三";

    private static readonly Dictionary<string, (Func<World, ReadCallbackRequest> Make, int Status)> _notProven = new()
    {
        ["stranger's key"] = (w => Told(w, how: new FakeAnswer(0) { Key = Keys.Stranger }), 401),
        ["probe"] = (w => Told(w, how: new FakeAnswer(0) { Probe = true }), 401),
        ["stale"] = (w => Told(w, how: new FakeAnswer(0) { ClockOff = -300 }), 401),
        ["unsigned"] = (w => Told(w, request: r => r.Headers.Clear()), 401),
        ["altered"] = (w => Told(w, request: r => r.Body = ByteString.CopyFromUtf8(r.Body.ToStringUtf8() + " ")), 401),
        ["another APIv3 key"] = (w => Told(w, apiV3Key: new string('k', 32)), 500),
        ["a refund's content"] = (w => w.Callback("MCHTRANSFER.BILL.FINISHED", "refund", Refunds.Told()), 400),
        ["amount as text"] = (w => Told(w, b => b["transfer_amount"] = "1000"), 400),
        ["amount with a fraction"] = (w => Told(w, b => b["transfer_amount"] = JsonNode.Parse("1000.0")), 400),
    };

    public static TheoryData<string> NotProven => [.. _notProven.Keys];

    [Fact]
    public async Task Transfer_Request_IsWrittenAsSpecified()
    {
        await using var world = await World.CreateAsync(d =>
        {
            PaysOut(d);
            d["transfer_perception"] = "劳务报酬";
        });
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Created().ToJsonString());

        await world.TransferAsync();

        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        (request.Method, request.Target, request.SignatureProblem).Should().Be(("POST", Path, null));
        request.Text.Should().Be(
            $$$"""{"appid":"{{{Keys.AppId}}}","out_bill_no":"{{{World.TransferNo}}}","transfer_scene_id":"1005","openid":"{{{World.OpenId}}}","transfer_amount":1000,"transfer_remark":"佣金 November","notify_url":"https://pay.example.com/callback/wechat/main","user_recv_perception":"劳务报酬","transfer_scene_report_infos":[{"info_type":"岗位类型","info_content":"导购"},{"info_type":"报酬说明","info_content":"十一月佣金"}]}""");
        request.Headers["Wechatpay-Serial"].Should().Be(Keys.PublicKeyId);
    }

    [Fact]
    public async Task Transfer_WithAName_SealsItForThePublicKey()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Created().ToJsonString());

        await world.TransferAsync(Named);
        await world.TransferAsync(Named);

        world.Wechat.Requests.Select(r => Open(r, Keys.Platform)).Should().Equal(Name, Name);
        world.Wechat.Requests.Should().OnlyContain(r => r.Headers["Wechatpay-Serial"] == Keys.PublicKeyId && r.SignatureProblem == null);
        world.Wechat.Requests[0].Text.Should().NotBe(world.Wechat.Requests[1].Text, "the seal is random");
        string.Join('\n', world.Log).Should().NotContain(Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transfer_WithAName_SealsItForTheCertificateThatEndsLast(bool laterFirst)
    {
        var (certificate, key) = Keys.NewCertificate(Serial, World.Start.AddYears(-1));
        var (later, laterKey) = Keys.NewCertificate(LaterSerial, World.Start.AddDays(-1));
        await using var world = await World.CreateAsync(d =>
        {
            PaysOut(d);
            d.Remove("public_key");
            d.Remove("public_key_id");
        });
        JsonNode[] entries = [Entry(Serial, certificate.ExportCertificatePem()), Entry(LaterSerial, later.ExportCertificatePem())];
        var list = new JsonObject { ["data"] = new JsonArray(laterFirst ? [entries[1], entries[0]] : entries) };
        world.Wechat.Answer = r => new FakeAnswer(200, r.Target == "/v3/certificates" ? list.ToJsonString() : Transfers.Created().ToJsonString()) { Key = key, Serial = Serial };

        var reply = await world.TransferAsync(Named);

        reply.State.Should().Be(ChannelTransferState.TransferWaitPayee);
        world.Wechat.Requests.Select(r => r.Target).Should().Equal("/v3/certificates", Path);
        world.Wechat.Requests[1].Headers["Wechatpay-Serial"].Should().Be(LaterSerial);
        Open(world.Wechat.Requests[1], laterKey).Should().Be(Name);
        Secrets.In(world.Wechat.Requests[1].Text).Should().BeEmpty();
    }

    [Fact]
    public async Task Transfer_WithANameDuringAMigration_SealsItForThePublicKey()
    {
        await using var world = await World.CreateAsync(d =>
        {
            PaysOut(d);
            d["platform_certificates"] = true;
        });
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Created().ToJsonString());

        await world.TransferAsync(Named);

        Open(world.Wechat.Requests.Single(), Keys.Platform).Should().Be(Name);
    }

    [Fact]
    public async Task Transfer_WithANameAndNoCertificateToBeHad_IsNothingSent()
    {
        await using var world = await World.CreateAsync(d =>
        {
            PaysOut(d);
            d.Remove("public_key");
            d.Remove("public_key_id");
        });

        var reply = await world.TransferAsync(Named);

        (reply.State, reply.NothingSent, reply.Code).Should().Be((ChannelTransferState.TransferUnknown, true, "NOT_SENT"));
        world.Wechat.Requests.Should().OnlyContain(r => r.Target == "/v3/certificates");
    }

    public static TheoryData<string, ChannelTransferState> States => new()
    {
        { "ACCEPTED", ChannelTransferState.TransferPending },
        { "PROCESSING", ChannelTransferState.TransferPending },
        { "WAIT_USER_CONFIRM", ChannelTransferState.TransferWaitPayee },
        { "TRANSFERING", ChannelTransferState.TransferPending },
        { "SUCCESS", ChannelTransferState.TransferDone },
        { "FAIL", ChannelTransferState.TransferRefused },
        { "CANCELING", ChannelTransferState.TransferPending },
        { "CANCELLED", ChannelTransferState.TransferCancelled },
        { "A_STATE_OF_TOMORROW", ChannelTransferState.TransferUnknown },
        { "TRANSFERRING", ChannelTransferState.TransferUnknown },
        { "", ChannelTransferState.TransferUnknown },
    };

    [Theory]
    [MemberData(nameof(States))]
    public async Task TransferQueryAndCancel_State_IsThatOfTheTable(string state, ChannelTransferState expected)
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Of(state).ToJsonString());

        foreach (var reply in new[] { await world.TransferAsync(), await world.QueryTransferAsync(), await world.CancelTransferAsync() })
        {
            (reply.State, reply.NothingSent, reply.Facts is not null, reply.Action).Should()
                .Be((expected, false, expected != ChannelTransferState.TransferUnknown, null!), "without package_info there is nothing to open");
            reply.Repeatable.Should().Be(state is "ACCEPTED" or "PROCESSING" or "WAIT_USER_CONFIRM", "the same request is allowed once more, and its answer has package_info");
            reply.TraceId.Should().NotBeEmpty();
            reply.Code.Should().Be(expected == ChannelTransferState.TransferUnknown ? "HTTP_200" : state);
        }
    }

    [Fact]
    public async Task Transfer_PayeeHasToConfirm_GivesWhatOpensThePage()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Created().ToJsonString());

        var reply = await world.TransferAsync();

        (reply.State, reply.Facts.TransferNo, reply.Facts.ChannelTransferId).Should()
            .Be((ChannelTransferState.TransferWaitPayee, World.TransferNo, "1330000071100999991182020050700019480001"));
        reply.Facts.HasAmountMinor.Should().BeFalse("this answer carries none");
        reply.Repeatable.Should().BeFalse("nothing is missing");
        reply.Action.ClientParameters.Values.Should().BeEquivalentTo(
            new Dictionary<string, string> { ["mchId"] = Keys.MchId, ["appId"] = Keys.AppId, ["package"] = "affffddafdfafddffda==" });
    }

    [Fact]
    public async Task Transfer_EndedWithAPackage_GivesNoAction()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Created("SUCCESS").ToJsonString());

        (await world.TransferAsync()).Action.Should().BeNull();
    }

    [Fact]
    public async Task QueryTransfer_Paid_CarriesEveryFact()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Of().ToJsonString());

        var reply = await world.QueryTransferAsync();

        AreThoseOfTheTransfer(reply.Facts, ChannelTransferState.TransferDone);
        reply.Facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["mch_id"] = Keys.MchId, ["app_id"] = Keys.AppId });
        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        (request.Method, request.Target, request.Body.Length, request.SignatureProblem).Should().Be(("GET", $"{Path}/out-bill-no/{World.TransferNo}", 0, null));
    }

    [Fact]
    public async Task QueryTransfer_Failed_SaysWhyAndHasNoTimeOfSuccess()
    {
        await using var world = await World.CreateAsync(PaysOut);
        var bill = Transfers.Of("FAIL");
        bill["fail_reason"] = "OVERDUE_CLOSE";
        world.Wechat.Answer = _ => new FakeAnswer(200, bill.ToJsonString());

        var reply = await world.QueryTransferAsync();

        (reply.State, reply.Code, reply.Facts.SuccessTime).Should().Be((ChannelTransferState.TransferRefused, "OVERDUE_CLOSE", null!));
    }

    public static TheoryData<string, Action<JsonObject>, string> OtherFacts => new()
    {
        { "transfer_no", b => b["out_bill_no"] = "T2", "T2" },
        { "mch_id", b => b["mch_id"] = "1999999999", "1999999999" },
        { "app_id", b => b["appid"] = "wx0000000000000003", "wx0000000000000003" },
        { "amount_minor", b => b["transfer_amount"] = 1001, "1001" },
        { "transfer_no", b => b.Remove("out_bill_no"), "" },
        { "mch_id", b => b.Remove("mch_id"), "" },
        { "app_id", b => b.Remove("appid"), "" },
        { "amount_minor", b => b.Remove("transfer_amount"), "" },
    };

    [Theory]
    [MemberData(nameof(OtherFacts), DisableDiscoveryEnumeration = true)]
    public async Task TransferQueryAndCallback_AnothersValue_IsPassedOnAsItIs(string field, Action<JsonObject> change, string value)
    {
        await using var world = await World.CreateAsync(PaysOut);
        var bill = Transfers.Of();
        change(bill);
        world.Wechat.Answer = _ => new FakeAnswer(200, bill.ToJsonString());

        foreach (var facts in new[]
        {
            (await world.TransferAsync()).Facts, (await world.QueryTransferAsync()).Facts, (await world.Client.ReadCallbackAsync(Told(world, change))).Transfer,
        })
        {
            var found = field switch
            {
                "transfer_no" => facts.HasTransferNo ? facts.TransferNo : "",
                "amount_minor" => facts.HasAmountMinor ? $"{facts.AmountMinor}" : "",
                _ => facts.AccountIds.GetValueOrDefault(field, ""),
            };
            found.Should().Be(value, "the caller compares");
        }
    }

    [Theory]
    [InlineData(403, "NOT_ENOUGH", ChannelTransferState.TransferNoBalance)]
    [InlineData(400, "INVALID_REQUEST", ChannelTransferState.TransferRefused)]
    [InlineData(400, "PARAM_ERROR", ChannelTransferState.TransferRefused)]
    [InlineData(403, "NO_AUTH", ChannelTransferState.TransferRefused)]
    [InlineData(403, "USER_ERROR", ChannelTransferState.TransferRefused)]
    [InlineData(401, "SIGN_ERROR", ChannelTransferState.TransferUnknown)]
    [InlineData(429, "FREQUENCY_LIMITED", ChannelTransferState.TransferUnknown)]
    [InlineData(500, "SYSTEM_ERROR", ChannelTransferState.TransferUnknown)]
    [InlineData(500, "PARAM_ERROR", ChannelTransferState.TransferUnknown)]
    [InlineData(503, "SERVICE_UNAVAILABLE", ChannelTransferState.TransferUnknown)]
    [InlineData(504, "", ChannelTransferState.TransferUnknown)]
    [InlineData(400, "A_CODE_OF_TOMORROW", ChannelTransferState.TransferUnknown)]
    [InlineData(403, "RULE_LIMIT", ChannelTransferState.TransferUnknown)]
    [InlineData(404, "NOT_FOUND", ChannelTransferState.TransferUnknown)]
    public async Task Transfer_ErrorAnswer_CountsOnlySignedOnTheListAndWithTheNumberUnknown(int status, string code, ChannelTransferState expected)
    {
        await using var world = await World.CreateAsync(PaysOut);
        foreach (var isSigned in new[] { true, false })
        {
            world.Wechat.Answer = r => r.Method == "GET" ? Answers.Error(404, "NOT_FOUND") : Answers.Error(status, code) with { Signed = isSigned };
            var asked = world.Wechat.Requests.Count;

            var reply = await world.TransferAsync();

            (reply.State, reply.NothingSent, reply.Facts).Should().Be((isSigned ? expected : ChannelTransferState.TransferUnknown, false, null!));
            reply.NotExecuted.Should().Be(isSigned && status == 429, "not accepted; slower, same number");
            reply.Code.Should().Be(code.Length == 0 ? $"HTTP_{status}" : code);
            world.Wechat.Requests.Skip(asked).Select(r => r.Method).Should()
                .Equal(isSigned && expected == ChannelTransferState.TransferRefused ? ["POST", "GET"] : ["POST"], "only a refusal that would count is looked into");
        }
    }

    public static TheoryData<string, string> Looks => new()
    {
        { "unsigned", "unsigned" },
        { "failing", "500" },
        { "cut", "cut" },
        { "there", "WAIT_USER_CONFIRM" },
        { "paid", "SUCCESS" },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Transfer_RefusedWhileTheNumberIsThereOrNobodyKnows_IsNotRefused(string what, string look)
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = r => r.Method == "POST" ? Answers.Error(400, "INVALID_REQUEST") : look switch
        {
            "unsigned" => Answers.Error(404, "NOT_FOUND") with { Signed = false },
            "500" => Answers.Error(500, "SYSTEM_ERROR"),
            "cut" => new FakeAnswer(200) { Cut = true },
            _ => new FakeAnswer(200, Transfers.Of(look).ToJsonString()),
        };

        var reply = await world.TransferAsync();

        var (state, code) = look switch
        {
            "SUCCESS" => (ChannelTransferState.TransferDone, "SUCCESS"),
            "WAIT_USER_CONFIRM" => (ChannelTransferState.TransferWaitPayee, "WAIT_USER_CONFIRM"),
            _ => (ChannelTransferState.TransferUnknown, "INVALID_REQUEST"),
        };
        (reply.State, reply.Code, reply.NothingSent).Should().Be((state, code, false), what);
        reply.Repeatable.Should().Be(look == "WAIT_USER_CONFIRM", "what opens the page is in the answer to the request alone");
    }

    [Fact]
    public async Task Transfer_RefusedAndNobodyAnswersTheLook_EndsWithinOneLimit()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = r => r.Method == "POST" ? Answers.Error(400, "INVALID_REQUEST") : new FakeAnswer(200) { Until = new TaskCompletionSource().Task };

        var call = world.TransferAsync();
        await world.Wechat.ArrivalAsync();
        await world.Wechat.ArrivalAsync();
        world.Time.Advance(TimeSpan.FromSeconds(6));

        (await call).State.Should().Be(ChannelTransferState.TransferUnknown);
    }

    [Theory]
    [InlineData(404, "NOT_FOUND", ChannelTransferState.TransferNotFound)]
    [InlineData(404, "RESOURCE_NOT_EXISTS", ChannelTransferState.TransferNotFound)]
    [InlineData(404, "", ChannelTransferState.TransferUnknown)]
    [InlineData(400, "NOT_FOUND", ChannelTransferState.TransferUnknown)]
    [InlineData(400, "INVALID_REQUEST", ChannelTransferState.TransferUnknown)]
    [InlineData(403, "NO_AUTH", ChannelTransferState.TransferUnknown)]
    [InlineData(403, "NOT_ENOUGH", ChannelTransferState.TransferUnknown)]
    [InlineData(401, "SIGN_ERROR", ChannelTransferState.TransferUnknown)]
    [InlineData(500, "SYSTEM_ERROR", ChannelTransferState.TransferUnknown)]
    public async Task QueryAndCancel_ErrorAnswer_IsNeverPaidOrRefused(int status, string code, ChannelTransferState expected)
    {
        await using var world = await World.CreateAsync(PaysOut);
        foreach (var isSigned in new[] { true, false })
        {
            world.Wechat.Answer = _ => Answers.Error(status, code) with { Signed = isSigned };

            foreach (var reply in new[] { await world.QueryTransferAsync(), await world.CancelTransferAsync() })
            {
                (reply.State, reply.Facts).Should().Be((isSigned ? expected : ChannelTransferState.TransferUnknown, null!));
            }
        }
    }

    public static TheoryData<string> Unusable => [.. Answers.Unusable.Keys];

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task TransferQueryAndCancel_AnswerThatIsNoProof_IsUnknown(string defect)
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => Answers.Unusable[defect](new FakeAnswer(200, Transfers.Of().ToJsonString()));

        foreach (var reply in new[] { await world.TransferAsync(), await world.QueryTransferAsync(), await world.CancelTransferAsync() })
        {
            (reply.State, reply.Facts, reply.Action, reply.NothingSent).Should().Be((ChannelTransferState.TransferUnknown, null!, null!, false));
        }
    }

    [Fact]
    public async Task Cancel_Request_HasNoBody()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(
            200, $$"""{"out_bill_no":"{{World.TransferNo}}","transfer_bill_no":"1","state":"CANCELING","update_time":"2026-11-22T11:00:00+08:00"}""");

        var reply = await world.CancelTransferAsync();

        reply.State.Should().Be(ChannelTransferState.TransferPending, "a query tells the end");
        var request = world.Wechat.Requests.Should().ContainSingle().Subject;
        (request.Method, request.Target, request.Body.Length, request.SignatureProblem).Should().Be(("POST", $"{Path}/out-bill-no/{World.TransferNo}/cancel", 0, null));
    }

    [Fact]
    public async Task Transfer_NobodyAnswersFor6Seconds_IsUnknownAndSent()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(200) { Until = new TaskCompletionSource().Task };

        var call = world.TransferAsync();
        await world.Wechat.ArrivalAsync();
        world.Time.Advance(TimeSpan.FromSeconds(6));

        ((await call).State, (await call).NothingSent).Should().Be((ChannelTransferState.TransferUnknown, false));
    }

    [Fact]
    public async Task Transfer_NoConnection_IsNothingSent()
    {
        await using var world = await World.CreateAsync(PaysOut, baseUrl: $"http://127.0.0.1:{FreePorts.Take(1)[0]}");

        var reply = await world.TransferAsync();

        (reply.State, reply.NothingSent).Should().Be((ChannelTransferState.TransferUnknown, true));
    }

    public static TheoryData<string, Action<ChannelTransferRequest>> NotSendable => new()
    {
        { "currency", r => r.Currency = "USD" },
        { "amount_minor", r => r.AmountMinor = 9 },
        { "transfer_no", r => r.TransferNo = "" },
        { "transfer_no", r => r.TransferNo = "T-1" },
        { "transfer_no", r => r.TransferNo = new string('T', 33) },
        { "title", r => r.Title = "" },
        { "title", r => r.Title = new string('中', 33) },
        { "title", r => r.Title = "😀" },
        { "title", r => r.Title = "a\nb" },
        { "payee.kind", r => r.Payee = null },
        { "payee.kind", r => r.Payee.Kind = Payee.Types.Kind.UserId },
        { "payee.kind", r => r.Payee.Kind = Payee.Types.Kind.BankAccount },
        { "payee.id", r => r.Payee.Id = "" },
        { "payee.id", r => r.Payee.Id = "a b" },
        { "payee.name", r => r.AmountMinor = 200_000 },
        { "payee.name", r => r.Payee.Name = new string('中', 72) },
        { "payee.name", r => r.Payee.Name = "😀" },
        { "callback_url", r => r.CallbackUrl = "https://pay.example.com/c?x=1" },
    };

    [Theory]
    [MemberData(nameof(NotSendable), DisableDiscoveryEnumeration = true)]
    public async Task Transfer_WhatThePlatformCannotTake_IsRefusedBeforeSending(string field, Action<ChannelTransferRequest> change)
    {
        await using var world = await World.CreateAsync(PaysOut);

        var reply = await world.TransferAsync(change);

        (reply.State, reply.NothingSent).Should().Be((ChannelTransferState.TransferRefused, true));
        reply.Message.Should().StartWith($"{field}:");
        world.Wechat.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Transfer_AtTheEdges_IsSent()
    {
        await using var world = await World.CreateAsync(PaysOut);
        world.Wechat.Answer = _ => new FakeAnswer(200, Transfers.Created().ToJsonString());

        foreach (var change in new Action<ChannelTransferRequest>[]
        {
            r => r.AmountMinor = 10, r => r.AmountMinor = 199_999, r => (r.AmountMinor, r.Payee.Name) = (200_000, new string('中', 71)), r => r.Title = new string('中', 32),
        })
        {
            (await world.TransferAsync(change)).State.Should().Be(ChannelTransferState.TransferWaitPayee);
        }
    }

    [Fact]
    public async Task Transfer_AccountUnknownDisabledOrWithoutAScene_IsNothingSent()
    {
        await using var world = await World.CreateAsync(PaysOut);
        var unknown = await world.TransferAsync(r => r.Account = "nobody");
        (unknown.State, unknown.NothingSent).Should().Be((ChannelTransferState.TransferUnknown, true), "configuration may be on its way");
        foreach (var account in new[] { await world.QueryTransferAsync(account: "nobody"), await world.CancelTransferAsync(account: "nobody"), await world.QueryTransferAsync("../x") })
        {
            (account.State, account.NothingSent).Should().Be((ChannelTransferState.TransferUnknown, true));
        }

        world.Configure(d =>
        {
            PaysOut(d);
            d["enabled"] = false;
        });
        var disabled = await world.TransferAsync();
        world.Configure(null);
        var sceneless = await world.TransferAsync();

        foreach (var (reply, code) in new[] { (disabled, "ACCOUNT_DISABLED"), (sceneless, "NOT_SUPPORTED") })
        {
            (reply.State, reply.NothingSent, reply.Code).Should().Be((ChannelTransferState.TransferRefused, true, code));
        }

        world.Wechat.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("SUCCESS", ChannelTransferState.TransferDone)]
    [InlineData("FAIL", ChannelTransferState.TransferRefused)]
    [InlineData("CANCELLED", ChannelTransferState.TransferCancelled)]
    public async Task Callback_TransferFinished_CarriesEveryFactInEitherSpelling(string state, ChannelTransferState expected)
    {
        await using var world = await World.CreateAsync(PaysOut);
        foreach (var spelling in new[] { "mch_id", "mchid" })
        {
            var reply = await world.Client.ReadCallbackAsync(Told(world, b =>
            {
                b["state"] = state;
                b.Remove("mch_id");
                b[spelling] = Keys.MchId;
            }));

            (reply.Verdict, reply.Reason, reply.MessageId).Should().Be((Verdict.Transfer, "", "EV-2018022511223320873"));
            AreThoseOfTheTransfer(reply.Transfer, expected);
            reply.Transfer.AccountIds["mch_id"].Should().Be(Keys.MchId);
            (reply.Success.Status, reply.Failure.Status).Should().Be((204, 500));
        }
    }

    [Theory]
    [InlineData("WAIT_USER_CONFIRM")]
    [InlineData("PROCESSING")]
    [InlineData("A_STATE_OF_TOMORROW")]
    [InlineData(null)]
    public async Task Callback_TransferThatHasNotEnded_ChangesNothing(string? state)
    {
        await using var world = await World.CreateAsync(PaysOut);

        var reply = await world.Client.ReadCallbackAsync(Told(world, b => b["state"] = state));

        (reply.Verdict, reply.Transfer, reply.Success.Status).Should().Be((Verdict.Nothing, null!, 204));
    }

    [Theory]
    [MemberData(nameof(NotProven))]
    public async Task Callback_TransferNotProven_IsRejected(string defect)
    {
        await using var world = await World.CreateAsync(PaysOut);
        var (make, status) = _notProven[defect];

        var reply = await world.Client.ReadCallbackAsync(make(world));

        (reply.Verdict, reply.Transfer, reply.Failure.Status).Should().Be((Verdict.Rejected, null!, status));
        reply.Success.Status.Should().BeGreaterThanOrEqualTo(400);
    }

    [Fact]
    public async Task DescribeAndBalance_AccountThatPaysOut_SayWhomAndNoBalance()
    {
        await using var world = await World.CreateAsync(PaysOut);

        var described = await world.Client.DescribeAsync(new DescribeRequest { Account = World.Account });
        var balance = await world.Client.QueryBalanceAsync(new ChannelQueryBalanceRequest { Account = World.Account });

        (described.Transfers, described.TransferMinMinor, described.TransferMaxMinor, described.Balances).Should().Be((true, 10, 0, false));
        described.PayeeKinds.Should().Equal(Payee.Types.Kind.OpenId);
        (balance.Outcome, balance.Code).Should().Be((Outcome.No, "NOT_SUPPORTED"));
        world.Wechat.Requests.Should().BeEmpty();
    }

    private static void PaysOut(JsonObject document)
    {
        document["transfer_scene_id"] = "1005";
        document["transfer_report_infos"] = new JsonObject { ["岗位类型"] = "导购", ["报酬说明"] = "十一月佣金" };
    }

    private static void Named(ChannelTransferRequest request) => request.Payee.Name = Name;

    private static ReadCallbackRequest Told(
        World world, Action<JsonObject>? change = null, Action<ReadCallbackRequest>? request = null, FakeAnswer? how = null, string apiV3Key = Keys.ApiV3Key)
    {
        var bill = Transfers.Of();
        change?.Invoke(bill);
        return world.Callback("MCHTRANSFER.BILL.FINISHED", "mch_payment", bill, null, request, how, apiV3Key);
    }

    private static JsonObject Entry(string serial, string pem) => new()
    {
        ["serial_no"] = serial,
        ["encrypt_certificate"] = FakeWechat.Seal(pem, "certificate"),
    };

    private static string Open(Received request, RSA key)
    {
        using var body = JsonDocument.Parse(request.Body);
        return Encoding.UTF8.GetString(key.Decrypt(body.RootElement.GetProperty("user_name").GetBytesFromBase64(), RSAEncryptionPadding.OaepSHA1));
    }

    private static void AreThoseOfTheTransfer(TransferFacts facts, ChannelTransferState state)
    {
        (facts.TransferNo, facts.AmountMinor, facts.State).Should().Be((World.TransferNo, 1000, state));
        facts.ChannelTransferId.Should().Be("1330000071100999991182020050700019480001");
        var paid = state == ChannelTransferState.TransferDone;
        (facts.SuccessTime?.ToDateTimeOffset()).Should().Be(paid ? new DateTimeOffset(2026, 11, 22, 11, 0, 0, TimeSpan.FromHours(8)) : null);
    }
}
