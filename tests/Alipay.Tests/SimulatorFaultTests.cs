using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Alipay.Tests;

/// <summary>
/// Every fault on the simulator's menu against every operation of Alipay. A kind that is added to the menu fails these tests until somebody says here what it
/// must come out as.
/// </summary>
public sealed class SimulatorFaultTests
{
    /// <summary>How a kind shows itself in the answer to a call.</summary>
    private enum Shows
    {
        /// <summary>No answer that can be used: broken, failed, not from the platform, or one that says itself that nothing is known.</summary>
        NoAnswer,

        /// <summary>An answer of success that the platform did not sign: an alarm.</summary>
        Forged,

        /// <summary>The call hangs until our own limit.</summary>
        Silence,

        /// <summary>The gateway refused before anything was done.</summary>
        Refusal,

        /// <summary>A signed answer about something else.</summary>
        Lie,

        /// <summary>A good answer in another shape.</summary>
        Good,
    }

    private static readonly Dictionary<string, Shows> _kinds = new()
    {
        [FaultKinds.Late] = Shows.Silence,
        [FaultKinds.Lost] = Shows.Silence,
        [FaultKinds.EffectThenTimeout] = Shows.Silence,
        [FaultKinds.Hold] = Shows.Silence,
        [FaultKinds.HoldAfterEffect] = Shows.Silence,
        [FaultKinds.DropBefore] = Shows.NoAnswer,
        [FaultKinds.EffectThenDrop] = Shows.NoAnswer,
        [FaultKinds.Error500Before] = Shows.NoAnswer,
        [FaultKinds.Error500After] = Shows.NoAnswer,
        [FaultKinds.Error429] = Shows.NoAnswer,
        [FaultKinds.Error503] = Shows.NoAnswer,
        [FaultKinds.BadGateway] = Shows.NoAnswer,
        [FaultKinds.Truncated] = Shows.NoAnswer,
        [FaultKinds.Garbage] = Shows.NoAnswer,
        [FaultKinds.ErrorResponse] = Shows.NoAnswer,
        [FaultKinds.Code20000Before] = Shows.NoAnswer,
        [FaultKinds.Code20000After] = Shows.NoAnswer,
        [FaultKinds.BusinessError] = Shows.NoAnswer,
        [FaultKinds.NotSigned] = Shows.Forged,
        [FaultKinds.BadSignature] = Shows.Forged,
        [FaultKinds.BodyChanged] = Shows.Forged,
        [FaultKinds.OtherKey] = Shows.Forged,
        [FaultKinds.UnsignedError] = Shows.Refusal,
        [FaultKinds.Code40005] = Shows.Refusal,
        [FaultKinds.WrongAmount] = Shows.Lie,
        [FaultKinds.OtherOutTradeNo] = Shows.Lie,
        [FaultKinds.Reordered] = Shows.Good,
        [FaultKinds.Blanks] = Shows.Good,
        [FaultKinds.UnicodeEscapes] = Shows.Good,
        [FaultKinds.ClockSkew] = Shows.Good,
    };

    public static TheoryData<string> KindsOf(string operation) => [.. FaultKinds.All.Where(k => FaultKinds.Fits(k, operation))];

    [Fact]
    public void KindsOfCalls_OnTheMenu_AreAllSpokenOfHere() => _kinds.Keys.Should().BeEquivalentTo(
        ((string[])["alipay.precreate", "alipay.query", "alipay.close"]).SelectMany(o => KindsOf(o).Select(k => k.Data)).Distinct());

    [Theory]
    [MemberData(nameof(KindsOf), "alipay.precreate")]
    public async Task Pay_WithAFault_IsNeverRefusedUnlessNothingWasDone(string kind)
    {
        await using var simulator = await Simulator.StartAsync();

        var reply = await CallAsync(simulator, "alipay.precreate", kind, () => simulator.PayAsync());

        switch (_kinds[kind])
        {
            case Shows.Good:
                (reply.Outcome, reply.Action.QrCodeText).Should().Be((Outcome.Yes, simulator.Order!.Code));
                return;
            case Shows.Refusal:
                (reply.Outcome, reply.NothingSent).Should().Be((Outcome.No, false));
                simulator.Order.Should().BeNull("a refusal that did something would be a lie");
                return;
        }

        (reply.Outcome, reply.Action, reply.NothingSent, reply.QueryNow).Should().Be((Outcome.Unknown, null!, false, false));
        reply.Code.Should().NotBeEmpty();
        var isThere = simulator.Order is not null;
        var again = await simulator.PayAsync();
        (again.Outcome, again.QueryNow).Should().Be(isThere ? (Outcome.Unknown, true) : (Outcome.Yes, false), "repeating under the same number is always safe");
        simulator.Order!.Total.Should().Be(8888);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "alipay.query")]
    public async Task QueryOfPaid_WithAFault_IsUnknownOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();
        simulator.PayInWallet();

        var reply = await CallAsync(simulator, "alipay.query", kind, () => simulator.World.QueryAsync());

        if (_kinds[kind] is Shows.Lie or Shows.Good)
        {
            // Signed, so it is passed on as it was said: the caller compares, and a difference is kept as a conflict.
            reply.State.Should().Be(ChannelPayState.ChannelPaid);
            HasWhatTheFaultSays(reply.Facts, kind);
            return;
        }

        (reply.State, reply.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "alipay.query")]
    public async Task QueryOfUnpaid_WithAFault_IsNeverPaidOrClosed(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        simulator.Wallet.Scan((await simulator.PayAsync()).Action.QrCodeText);

        var reply = await CallAsync(simulator, "alipay.query", kind, () => simulator.World.QueryAsync());

        var isSaid = _kinds[kind] == Shows.Good || kind == FaultKinds.WrongAmount;
        reply.State.Should().Be(isSaid ? ChannelPayState.ChannelNotPaid : ChannelPayState.ChannelUnknown);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "alipay.close")]
    public async Task Close_WithAFault_IsUnknownUntilAQueryTells(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        simulator.Wallet.Scan((await simulator.PayAsync()).Action.QrCodeText);

        var reply = await CallAsync(simulator, "alipay.close", kind, () => simulator.World.CloseAsync());

        var isGood = _kinds[kind] == Shows.Good;
        (reply.Outcome, reply.State).Should().Be(isGood ? (Outcome.Yes, ChannelPayState.ChannelClosed) : (Outcome.Unknown, ChannelPayState.ChannelUnknown));
        await simulator.World.CloseAsync();
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelClosed);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "alipay.callback")]
    public async Task Callback_WithAFault_IsRefusedOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();
        var fault = simulator.Faults.Add(new Fault { Operation = "alipay.callback", Kind = kind });
        var paid = simulator.PayInWallet();
        await simulator.Faults.WaitForFiredAsync(fault.Id, TestContext.Current.CancellationToken);
        simulator.Faults.Release(fault.Id);
        if (kind == FaultKinds.Lost)
        {
            await simulator.Callbacks.WaitForSendAsync(s => s.Fault == FaultKinds.Lost, TestContext.Current.CancellationToken);
            await simulator.Wallet.ResendCallbackAsync(Keys.AppId, World.AttemptNo, 1);
        }

        var reply = await simulator.World.ReadAsync(await simulator.NextCallbackAsync());

        var status = kind switch
        {
            FaultKinds.Garbage => 400,
            FaultKinds.NotSigned or FaultKinds.BadSignature or FaultKinds.BodyChanged or FaultKinds.OtherKey => 401,
            _ => 0,
        };
        if (status > 0)
        {
            (reply.Verdict, reply.Facts, reply.MessageId, reply.Failure.Status).Should().Be((Verdict.Rejected, null!, "", status));
            // The platform sends it again, and then it counts.
            await simulator.Wallet.ResendCallbackAsync(Keys.AppId, World.AttemptNo, 1);
            reply = await simulator.World.ReadAsync(await simulator.NextCallbackAsync());
        }
        else if (kind == FaultKinds.Twice)
        {
            (await simulator.World.ReadAsync(await simulator.NextCallbackAsync())).MessageId.Should().Be(reply.MessageId);
        }
        else if (kind is FaultKinds.FinishedFirst or FaultKinds.RefundFirst)
        {
            // Each is proof of the payment; the refund is told, and is no second payment.
            var isRefund = kind == FaultKinds.RefundFirst;
            (reply.Verdict, reply.Facts.Refunded, reply.MessageId).Should().Be((isRefund ? Verdict.Refund : Verdict.Payment, isRefund, paid.Callback!.Id + "0"));
            (reply.Facts.ChannelOrderId, reply.Facts.AmountMinor).Should().Be((paid.TradeNo!, 8888));
            reply = await simulator.World.ReadAsync(await simulator.NextCallbackAsync());
        }

        (reply.Verdict, reply.State, reply.MessageId).Should().Be((Verdict.Payment, ChannelPayState.ChannelPaid, paid.Callback!.Id));
        HasWhatTheFaultSays(reply.Facts, status > 0 ? "" : kind);
        (reply.Facts.AccountIds["app_id"] == Keys.AppId).Should().Be(kind != FaultKinds.OtherAppId);
        (reply.Facts.AccountIds["seller_id"] == Keys.SellerId).Should().Be(kind != FaultKinds.OtherSellerId);
    }

    /// <summary>Makes a call into a fault. Where it hangs, the channel's own limit ends it, and not a moment before.</summary>
    private static async Task<T> CallAsync<T>(Simulator simulator, string operation, string kind, Func<Task<T>> call)
    {
        if (_kinds[kind] == Shows.Forged)
        {
            simulator.World.ExpectError("claims success, but the answer is");
        }

        // A delay longer than the limit: a shorter one is no fault to a caller.
        var fault = simulator.Faults.Add(new Fault { Operation = operation, Kind = kind, DelayMs = 10_000 });
        var answer = call();
        await simulator.Faults.WaitForFiredAsync(fault.Id, TestContext.Current.CancellationToken);
        if (_kinds[kind] == Shows.Silence)
        {
            simulator.World.Time.Advance(TimeSpan.FromMilliseconds(5_999));
            answer.IsCompleted.Should().BeFalse();
            simulator.World.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        return await answer;
    }

    private static void HasWhatTheFaultSays(PaymentFacts facts, string kind)
    {
        facts.AmountMinor.Should().Be(kind == FaultKinds.WrongAmount ? 8889 : 8888);
        facts.AttemptNo.Should().Be(kind == FaultKinds.OtherOutTradeNo ? "OTHER" + World.AttemptNo : World.AttemptNo);
    }
}
