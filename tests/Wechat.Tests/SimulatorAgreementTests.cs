using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>
/// Channel and simulator were written apart from the protocol page. Here they meet over real HTTP: what one says the other must understand, and every fault
/// of the simulator's menu must come out as what it is.
/// </summary>
public sealed class SimulatorAgreementTests
{
    [Fact]
    public async Task Payment_FromPlacingToPaid_IsUnderstoodOnBothSides()
    {
        await using var simulator = await Simulator.StartAsync();
        var world = simulator.World;

        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelNotFound);

        var pay = await simulator.PayAsync();
        (pay.Outcome, pay.Code, pay.Message).Should().Be((Outcome.Yes, "", ""));
        var order = simulator.Order!;
        pay.Action.QrCodeText.Should().Be(order.CodeUrl).And.StartWith("weixin://wxpay/bizpayurl?pr=");
        (order.Total, order.Currency, order.Description).Should().Be((100, "CNY", "龙井茶 Longjing & <tea>"));
        order.TimeExpire.Should().Be(World.Start.AddMinutes(30));

        var unpaid = await world.QueryAsync();
        (unpaid.State, unpaid.Facts.AttemptNo, unpaid.Facts.AmountMinor).Should().Be((ChannelPayState.ChannelNotPaid, World.AttemptNo, 100));
        (unpaid.Facts.PaidTime, unpaid.Facts.ChannelOrderId).Should().Be((null!, ""));

        var paid = simulator.PayInWallet();
        var queried = await world.QueryAsync();
        queried.State.Should().Be(ChannelPayState.ChannelPaid);
        AreThoseOf(queried.Facts, paid);
        queried.TraceId.Should().NotBeEmpty();

        var told = await world.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());
        (told.Verdict, told.State, told.MessageId).Should().Be((Verdict.Payment, ChannelPayState.ChannelPaid, paid.Callback!.Id));
        told.Facts.Should().Be(queried.Facts, "callback and query tell of the same payment");
        simulator.Calls.Should().OnlyContain(c => c.Status < 300 || c.Code == "ORDER_NOT_EXIST");
    }

    [Fact]
    public async Task Pay_AgainUnderTheSameNumber_GivesAFreshCodeOfTheSameOrder()
    {
        await using var simulator = await Simulator.StartAsync();

        var first = await simulator.PayAsync();
        var second = await simulator.PayAsync();

        second.Outcome.Should().Be(Outcome.Yes);
        second.Action.QrCodeText.Should().NotBe(first.Action.QrCodeText);
        simulator.Order!.PlacedCount.Should().Be(2);
    }

    [Fact]
    public async Task Pay_NumberPaidClosedOrOfOtherParameters_AsksForAQuery()
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();

        var changed = await simulator.World.PayAsync(r => r.AmountMinor = 101);
        simulator.PayInWallet();
        var paid = await simulator.PayAsync();

        (changed.Outcome, changed.QueryNow, changed.Code).Should().Be((Outcome.Unknown, true, "INVALID_REQUEST"));
        (paid.Outcome, paid.QueryNow, paid.Code).Should().Be((Outcome.Unknown, true, "ORDERPAID"));
        await using var other = await Simulator.StartAsync();
        await other.PayAsync();
        await other.World.CloseAsync();
        var closed = await other.PayAsync();
        (closed.Outcome, closed.QueryNow, closed.Code).Should().Be((Outcome.Unknown, true, "ORDER_CLOSED"));
    }

    [Fact]
    public async Task Close_UnpaidUnknownAndPaid_IsWhatTheLedgerSays()
    {
        await using var simulator = await Simulator.StartAsync();
        var world = simulator.World;

        var unknown = await world.CloseAsync();
        await simulator.PayAsync();
        var first = await world.CloseAsync();
        var again = await world.CloseAsync();

        (unknown.Outcome, unknown.State).Should().Be((Outcome.No, ChannelPayState.ChannelNotFound));
        (first.Outcome, first.State, again.Outcome).Should().Be((Outcome.Yes, ChannelPayState.ChannelClosed, Outcome.Yes));
        simulator.Order!.State.Should().Be("CLOSED");
        (await world.QueryAsync()).State.Should().Be(ChannelPayState.ChannelClosed);
        simulator.Invoking(s => s.PayInWallet()).Should().Throw<InvalidOperationException>("a closed order cannot be paid");

        await using var other = await Simulator.StartAsync();
        await other.PayAsync();
        other.PayInWallet();
        var late = await other.World.CloseAsync();
        (late.Outcome, late.State, late.Code).Should().Be((Outcome.No, ChannelPayState.ChannelPaid, "ORDERPAID"));
        other.Order!.State.Should().Be("SUCCESS");
    }

    [Fact]
    public async Task Pay_ClocksMoreThan300SecondsApart_IsRefused()
    {
        await using var simulator = await Simulator.StartAsync();
        await using var ahead = await World.CreateAsync(
            d => (d["public_key_id"], d["public_key"]) = ("PUB_KEY_ID_1", Keys.Platform.ExportSubjectPublicKeyInfoPem()),
            simulator.World.BaseUrl,
            new Microsoft.Extensions.Time.Testing.FakeTimeProvider(World.Start.AddSeconds(301)));

        var reply = await ahead.PayAsync();

        (reply.Outcome, reply.Code).Should().Be((Outcome.No, "SIGN_ERROR"));
        simulator.Order.Should().BeNull();
    }

    private static void AreThoseOf(PaymentFacts facts, SimulatedOrder order)
    {
        facts.AttemptNo.Should().Be(order.OutTradeNo);
        facts.AccountIds.Should().BeEquivalentTo(new Dictionary<string, string> { ["mch_id"] = order.MchId, ["app_id"] = order.AppId });
        (facts.AmountMinor, facts.Currency).Should().Be((order.Total, order.Currency));
        (facts.ChannelOrderId, facts.Refunded).Should().Be((order.TransactionId!, false));
        facts.PaidTime.ToDateTimeOffset().Should().Be(order.SuccessTime!.Value);
    }
}
