using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.TestKit;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>Transfers to users (wechat-pay-v3.md 7).</summary>
public sealed class WechatTransferTests
{
    private const string Mch = SimulatorHost.MchId;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transfer_WaitsForThePayee_AndSucceedsByTheWalletPage()
    {
        await using var host = await SimulatorHost.StartAsync();
        await using var receiver = await NotifyReceiver.StartAsync();

        var accepted = await host.Client.TransferAsync(SigningClient.TransferBody(notify: receiver.Url));
        accepted.Distrust.Should().BeNull();
        ((string)accepted.Json["state"]!).Should().Be("WAIT_USER_CONFIRM");
        var page = $"/wallet/wechat/transfer?mchId={Mch}&appId={SimulatorHost.AppId}&package={Uri.EscapeDataString((string)accepted.Json["package_info"]!)}";
        (await GetTextAsync(host, page)).Should().Contain("¥5.00").And.Contain("奖金").And.Contain("Receive the money");
        using var form = new FormUrlEncodedContent(
            [new("mchId", Mch), new("appId", SimulatorHost.AppId), new("package", (string)accepted.Json["package_info"]!), new("act", "confirm")]);
        using var confirmed = await host.Client.Http.PostAsync(new Uri("/wallet/wechat/transfer", UriKind.Relative), form, Cancellation);

        (await confirmed.Content.ReadAsStringAsync(Cancellation)).Should().Contain("The money is yours");
        var queried = await host.Client.QueryTransferAsync();
        queried.Json.AsObject().Should().Contain(m => m.Key == "state" && (string)m.Value! == "SUCCESS");
        ((string)queried.Json["mch_id"]!).Should().Be(Mch);
        ((long)queried.Json["transfer_amount"]!).Should().Be(500);
        queried.Json["package_info"].Should().BeNull();
        var arrived = await receiver.NextAsync();
        ((string)arrived.Json["event_type"]!).Should().Be("MCHTRANSFER.BILL.FINISHED");
        ((string)arrived.Json["resource"]!["original_type"]!).Should().Be("mch_payment");
        ((string)arrived.Transaction()["state"]!).Should().Be("SUCCESS");
        ((string)arrived.Transaction()["out_bill_no"]!).Should().Be("TRANSFER1");
        host.Ledger.Accounts.Balance(Mch, "OPERATION").Should().Be(1_000_000_00 - 500);
        host.Ledger.Totals().TransferredTotal.Should().Be(500);
    }

    [Fact]
    public async Task Transfer_AskedForAgain_IsTheSameTransfer_AlsoWithItsNameEncryptedAnew()
    {
        await using var host = await SimulatorHost.StartAsync();
        host.Ledger.Transfers.Payees.Set(new Payee { Account = "oPayee", Name = "张三" });
        JsonObject Body(string name)
        {
            var body = SigningClient.TransferBody(amount: 200000);
            body["user_name"] = host.Client.Encrypt(name);
            return body;
        }

        var first = await host.Client.TransferAsync(Body("张三"));
        var again = await host.Client.TransferAsync(Body("张三"));
        var other = await host.Client.TransferAsync(Body("李四"));

        ((string)again.Json["transfer_bill_no"]!).Should().Be((string)first.Json["transfer_bill_no"]!);
        other.Code.Should().Be("INVALID_REQUEST");
        host.Ledger.Transfers.All.Should().ContainSingle().Which.Should().Match<SimulatedTransfer>(t => t.RequestedCount == 2 && t.UserName == "张三");
        host.Ledger.Accounts.EffectsOf("transfer", "TRANSFER1").Should().Be(1);
        host.Client.Decrypt((string)(await host.Client.QueryTransferAsync()).Json["user_name"]!).Should().Be("张三");
    }

    [Theory]
    [InlineData("out_bill_no", "\"A-1\"", "PARAM_ERROR")]
    [InlineData("transfer_amount", "9", "PARAM_ERROR")]
    [InlineData("transfer_amount", "200000", "PARAM_ERROR")]
    [InlineData("transfer_remark", "\"\"", "PARAM_ERROR")]
    [InlineData("user_name", "\"plain\"", "PARAM_ERROR")]
    [InlineData("transfer_scene_id", "\"4711\"", "INVALID_REQUEST")]
    [InlineData("appid", "\"wx0000000000000000\"", "INVALID_REQUEST")]
    [InlineData("transfer_scene_report_infos", "[{\"info_type\":\"活动名称\",\"info_content\":\"x\"}]", "PARAM_ERROR")]
    [InlineData("transfer_scene_report_infos", "[]", "PARAM_ERROR")]
    [InlineData("surprise", "1", "PARAM_ERROR")]
    public async Task Transfer_AgainstAFieldRule_IsRefused(string field, string json, string code)
    {
        await using var host = await SimulatorHost.StartAsync();
        var body = SigningClient.TransferBody();
        body[field] = JsonNode.Parse(json);

        var answer = await host.Client.TransferAsync(body);

        answer.Code.Should().Be(code);
        host.Ledger.Transfers.All.Should().BeEmpty();
    }

    [Fact]
    public async Task Transfer_WithANameEncryptedForAnUnnamedKey_IsRefused()
    {
        await using var host = await SimulatorHost.StartAsync();
        var body = SigningClient.TransferBody();
        body["user_name"] = host.Client.Encrypt("张三");
        host.Client.NamedKey = null;

        (await host.Client.TransferAsync(body)).Code.Should().Be("PARAM_ERROR");
    }

    [Fact]
    public async Task Transfer_WithoutBalance_IsNotMade_AndGoesThroughByTheSameNumberAfterATopUp()
    {
        await using var host = await SimulatorHost.StartAsync();
        host.Ledger.Accounts.SetBalance(Mch, "OPERATION", 499);

        var refused = await host.Client.TransferAsync(SigningClient.TransferBody());

        refused.Status.Should().Be(HttpStatusCode.Forbidden);
        refused.Code.Should().Be("NOT_ENOUGH");
        (await host.Client.QueryTransferAsync()).Code.Should().Be("NOT_FOUND");
        host.Ledger.Accounts.SetBalance(Mch, "OPERATION", 500);
        (await host.Client.TransferAsync(SigningClient.TransferBody())).Status.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("张三", null, "NAME_NOT_CORRECT")]
    [InlineData(null, "ACCOUNT_NOT_EXIST", "ACCOUNT_NOT_EXIST")]
    public async Task Transfer_ToAPayeeWhoCannotBePaid_FailsAfterItWasAccepted(string? trueName, string? refusal, string reason)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var told = await host.Client.Http.PostAsJsonAsync("/control/wechat/payees", new { account = "oPayee", name = trueName, refusal }, Cancellation);
        told.StatusCode.Should().Be(HttpStatusCode.OK);
        var body = SigningClient.TransferBody();
        body["user_name"] = host.Client.Encrypt("李四");

        ((string)(await host.Client.TransferAsync(body)).Json["state"]!).Should().Be("ACCEPTED");

        var queried = await host.Client.QueryTransferAsync();
        ((string)queried.Json["state"]!).Should().Be("FAIL");
        ((string)queried.Json["fail_reason"]!).Should().Be(reason);
        host.Ledger.Accounts.Balance(Mch, "OPERATION").Should().Be(1_000_000_00);
    }

    [Fact]
    public async Task Transfer_NotConfirmedForADay_IsClosed()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await host.Client.TransferAsync(SigningClient.TransferBody());
        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        ((string)(await host.Client.QueryTransferAsync()).Json["state"]!).Should().Be("WAIT_USER_CONFIRM");

        time.Advance(TimeSpan.FromMilliseconds(1));

        var queried = await host.Client.QueryTransferAsync();
        ((string)queried.Json["state"]!).Should().Be("FAIL");
        ((string)queried.Json["fail_reason"]!).Should().Be("OVERDUE_CLOSE");
        host.Ledger.Accounts.Balance(Mch, "OPERATION").Should().Be(1_000_000_00);
        host.Ledger.Transfers.Invoking(t => t.Confirm(Mch, "TRANSFER1")).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task Transfer_CancelledBeforeThePayeeConfirms_ReturnsTheMoney()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        await host.Client.TransferAsync(SigningClient.TransferBody());
        host.Ledger.Transfers.Plan(new SettlementPlan { DelayMs = 1000 });

        var cancel = await host.Client.CancelTransferAsync();
        ((string)cancel.Json["state"]!).Should().Be("CANCELING");
        host.Ledger.Transfers.Invoking(t => t.Confirm(Mch, "TRANSFER1")).Should().Throw<InvalidOperationException>();
        time.Advance(TimeSpan.FromSeconds(1));

        ((string)(await host.Client.CancelTransferAsync()).Json["state"]!).Should().Be("CANCELLED");
        ((string)(await host.Client.QueryTransferAsync()).Json["state"]!).Should().Be("CANCELLED");
        host.Ledger.Accounts.Balance(Mch, "OPERATION").Should().Be(1_000_000_00);
        host.Ledger.Accounts.EffectsOf("transfer_returned", "TRANSFER1").Should().Be(1);
    }

    [Fact]
    public async Task Transfer_Confirmed_CannotBeCancelled()
    {
        await using var host = await SimulatorHost.StartAsync();
        await host.Client.TransferAsync(SigningClient.TransferBody());
        host.Ledger.Transfers.Plan(new SettlementPlan { DelayMs = -1 });
        host.Ledger.Transfers.Confirm(Mch, "TRANSFER1").State.Should().Be("TRANSFERING");

        (await host.Client.CancelTransferAsync()).Code.Should().Be("INVALID_REQUEST");
        (await host.Client.CancelTransferAsync("UNKNOWN")).Code.Should().Be("NOT_FOUND");

        host.Ledger.Transfers.Advance(Mch, "TRANSFER1", "FAIL", "TRANSFER_RISK").FailReason.Should().Be("TRANSFER_RISK");
        host.Ledger.Accounts.Balance(Mch, "OPERATION").Should().Be(1_000_000_00);
    }

    [Theory]
    [InlineData("ACCEPTED")]
    [InlineData("PROCESSING")]
    public async Task Transfer_HeldByItsPlan_IsLedOn(string state)
    {
        await using var host = await SimulatorHost.StartAsync();
        host.Ledger.Transfers.Plan(new SettlementPlan { Number = "TRANSFER1", Stays = state });

        ((string)(await host.Client.TransferAsync(SigningClient.TransferBody())).Json["state"]!).Should().Be(state);
        host.Ledger.Accounts.Balance(Mch, "OPERATION").Should().Be(1_000_000_00);
        ((string)(await host.Client.TransferAsync(SigningClient.TransferBody())).Json["state"]!).Should().Be(state);
        using var answer = await host.Client.Http.PostAsJsonAsync("/control/wechat/transfers/advance", new { mchid = Mch, number = "TRANSFER1" }, Cancellation);

        ((string)(await host.Client.QueryTransferAsync()).Json["state"]!).Should().Be("WAIT_USER_CONFIRM");
        host.Ledger.Accounts.EffectsOf("transfer", "TRANSFER1").Should().Be(1);
    }

    [Fact]
    public async Task Query_ByEitherNumber_KnowsThirtyDays()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await SimulatorHost.StartAsync(time);
        var bill = (string)(await host.Client.TransferAsync(SigningClient.TransferBody())).Json["transfer_bill_no"]!;
        ((string)(await host.Client.GetAsync("/v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/" + bill)).Json["out_bill_no"]!).Should().Be("TRANSFER1");

        time.Advance(TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1));

        (await host.Client.QueryTransferAsync()).Code.Should().Be("NOT_FOUND");
    }

    [Fact]
    public async Task Transfers_AfterARestart_AreTheSame()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<SimulatedTransfer> before;
        await using (var host = await SimulatorHost.StartAsync(folder: folder.Path))
        {
            await host.Client.TransferAsync(SigningClient.TransferBody("T1"));
            await host.Client.TransferAsync(SigningClient.TransferBody("T2"));
            host.Ledger.Transfers.Confirm(Mch, "T1");
            host.Ledger.Transfers.Decline(Mch, "T2");
            before = host.Ledger.Transfers.All;
        }

        await using var again = await SimulatorHost.StartAsync(folder: folder.Path);

        again.Ledger.Transfers.All.Should().Equal(before);
        again.Ledger.Accounts.Balance(Mch, "OPERATION").Should().Be(1_000_000_00 - 500);
    }

    private static async Task<string> GetTextAsync(SimulatorHost host, string path) => await host.Client.Http.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation);
}
