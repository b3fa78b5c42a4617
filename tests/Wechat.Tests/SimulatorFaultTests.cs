using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>
/// Every fault on the simulator's menu against every operation. A kind that is added to the menu fails these tests until somebody says here what it must
/// come out as.
/// </summary>
public sealed class SimulatorFaultTests
{
    /// <summary>How a kind shows itself in the answer to a call.</summary>
    private enum Shows
    {
        /// <summary>No answer that can be used: broken, failed, not signed, not from the platform.</summary>
        NoAnswer,

        /// <summary>The call hangs until our own limit.</summary>
        Silence,

        /// <summary>A good answer, whose content may be about something else.</summary>
        Content,
    }

    private static readonly Dictionary<string, Shows> _kinds = new()
    {
        [FaultKinds.Late] = Shows.Silence,
        [FaultKinds.Lost] = Shows.Silence,
        [FaultKinds.EffectThenTimeout] = Shows.Silence,
        [FaultKinds.DropBefore] = Shows.NoAnswer,
        [FaultKinds.EffectThenDrop] = Shows.NoAnswer,
        [FaultKinds.Error500Before] = Shows.NoAnswer,
        [FaultKinds.Error500After] = Shows.NoAnswer,
        [FaultKinds.Error429] = Shows.NoAnswer,
        [FaultKinds.Error503] = Shows.NoAnswer,
        [FaultKinds.Garbage] = Shows.NoAnswer,
        [FaultKinds.NotSigned] = Shows.NoAnswer,
        [FaultKinds.BadSignature] = Shows.NoAnswer,
        [FaultKinds.OldTimestamp] = Shows.NoAnswer,
        [FaultKinds.ProbeSignature] = Shows.NoAnswer,
        [FaultKinds.BodyChanged] = Shows.NoAnswer,
        [FaultKinds.Hold] = Shows.Silence,
        [FaultKinds.HoldAfterEffect] = Shows.Silence,
        [FaultKinds.WrongAmount] = Shows.Content,
        [FaultKinds.OtherMchId] = Shows.Content,
        [FaultKinds.OtherOutTradeNo] = Shows.Content,
        // Of callbacks only.
        [FaultKinds.Twice] = Shows.Content,
        [FaultKinds.OtherKey] = Shows.Content,
    };

    private static readonly string[] _operations = ["place", "query", "close", "callback", "certificates"];

    // With clock_skew the answer is as it should be: only its Date is off, which says nothing about the order. And business_error is no fault of an answer: what each
    // code means stands in the table of errors.
    public static TheoryData<string> KindsOf(string operation) =>
        [.. FaultKinds.All.Where(k => k is not (FaultKinds.ClockSkew or FaultKinds.BusinessError) && FaultKinds.Fits(k, operation))];

    [Fact]
    public void Kinds_OnTheMenu_AreAllSpokenOfHere() =>
        _kinds.Keys.Should().BeEquivalentTo(_operations.SelectMany(o => KindsOf(o).Select(k => k.Data)).Distinct());

    [Theory]
    [MemberData(nameof(KindsOf), "place")]
    public async Task Pay_WithAFault_IsUnknownUntilTheSameNumberIsRepeated(string kind)
    {
        await using var simulator = await Simulator.StartAsync();

        var reply = await CallAsync(simulator, "place", kind, simulator.PayAsync);

        // Never NO: also where the simulator did nothing, nobody here can know it. And never "nothing was sent".
        (reply.Outcome, reply.Action, reply.NothingSent, reply.QueryNow).Should().Be((Outcome.Unknown, null!, false, false));
        reply.Code.Should().NotBeEmpty();
        var again = await simulator.PayAsync();
        again.Outcome.Should().Be(Outcome.Yes, "repeating under the same number is always safe");
        again.Action.QrCodeText.Should().Be(simulator.Order!.CodeUrl);
    }

    [Theory]
    [InlineData(FaultKinds.Error500Before, false)]
    [InlineData(FaultKinds.Error429, false)]
    [InlineData(FaultKinds.Error503, false)]
    [InlineData(FaultKinds.Lost, false)]
    [InlineData(FaultKinds.Error500After, true)]
    [InlineData(FaultKinds.EffectThenDrop, true)]
    [InlineData(FaultKinds.EffectThenTimeout, true)]
    [InlineData(FaultKinds.HoldAfterEffect, true)]
    [InlineData(FaultKinds.NotSigned, true)]
    [InlineData(FaultKinds.ProbeSignature, true)]
    public async Task Pay_WithOrWithoutEffect_LooksTheSameAndTheQueryTells(string kind, bool isThere)
    {
        await using var simulator = await Simulator.StartAsync();

        var reply = await CallAsync(simulator, "place", kind, simulator.PayAsync);

        reply.Outcome.Should().Be(Outcome.Unknown);
        (await simulator.World.QueryAsync()).State.Should().Be(isThere ? ChannelPayState.ChannelNotPaid : ChannelPayState.ChannelNotFound);
    }

    [Fact]
    public async Task Pay_LateButWithinTheLimit_IsAnsweredAsAlways()
    {
        await using var simulator = await Simulator.StartAsync();
        var fault = simulator.Faults.Add(new Fault { Operation = "place", Kind = FaultKinds.Late, DelayMs = 5_999 });

        var call = simulator.PayAsync();
        await simulator.Faults.WaitForFiredAsync(fault.Id, TestContext.Current.CancellationToken);
        simulator.World.Time.Advance(TimeSpan.FromMilliseconds(5_999));

        (await call).Outcome.Should().Be(Outcome.Yes);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "query")]
    public async Task QueryOfPaid_WithAFault_IsUnknownOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();
        simulator.PayInWallet();

        var reply = await CallAsync(simulator, "query", kind, () => simulator.World.QueryAsync());

        if (_kinds[kind] != Shows.Content)
        {
            (reply.State, reply.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
            (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid);
            return;
        }

        // Signed, so it is passed on as it was said: the caller compares, and a difference is kept as a conflict.
        reply.State.Should().Be(ChannelPayState.ChannelPaid);
        HasWhatTheFaultSays(reply.Facts, kind);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "query")]
    public async Task QueryOfUnpaid_WithAFault_IsNeverPaidOrClosed(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();

        var reply = await CallAsync(simulator, "query", kind, () => simulator.World.QueryAsync());

        // What is said of another number or merchant says nothing of this one.
        reply.State.Should().Be(kind == FaultKinds.WrongAmount ? ChannelPayState.ChannelNotPaid : ChannelPayState.ChannelUnknown);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "close")]
    public async Task Close_WithAFault_IsUnknownUntilItIsRepeated(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();

        var reply = await CallAsync(simulator, "close", kind, () => simulator.World.CloseAsync());

        (reply.Outcome, reply.State).Should().Be((Outcome.Unknown, ChannelPayState.ChannelUnknown));
        (await simulator.World.CloseAsync()).Outcome.Should().Be(Outcome.Yes);
        simulator.Order!.State.Should().Be("CLOSED");
    }

    [Fact]
    public async Task Close_AnsweredWithGarbage_IsAnAnswerOfTheSimulatorAndNotItsFailure()
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();

        var reply = await CallAsync(simulator, "close", FaultKinds.Garbage, () => simulator.World.CloseAsync());

        reply.Code.Should().Be("NO_USABLE_ANSWER", "a status of failure would be another fault than the one asked for");
        await simulator.LoggedAsync(c => c.Operation == "close");
        simulator.Calls.Should().ContainSingle(c => c.Operation == "close" && c.Fault == FaultKinds.Garbage);
    }

    [Theory]
    [InlineData("SHORT6")]
    [InlineData("SEVEN_7")]
    [InlineData("A0123456789012345678901234567890")]
    public async Task Query_OtherNumberInTheAnswer_IsPossibleForNumbersOfEveryLength(string number)
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.World.PayAsync(r => r.AttemptNo = number);
        simulator.Wallet.Pay(Keys.MchId, number);

        var reply = await CallAsync(simulator, "query", FaultKinds.OtherOutTradeNo, () => simulator.World.QueryAsync(number));

        reply.State.Should().Be(ChannelPayState.ChannelPaid);
        reply.Facts.AttemptNo.Should().StartWith("OTHER").And.NotBe(number);
        reply.Facts.AttemptNo.Length.Should().BeInRange(6, 32);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "callback")]
    public async Task Callback_WithAFault_IsRefusedOrCarriesWhatWasSaid(string kind)
    {
        await using var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();
        var fault = simulator.Faults.Add(new Fault { Operation = "callback", Kind = kind });
        var paid = simulator.PayInWallet();
        await simulator.Faults.WaitForFiredAsync(fault.Id, TestContext.Current.CancellationToken);
        simulator.Faults.Release(fault.Id);
        if (kind == FaultKinds.Lost)
        {
            await simulator.Callbacks.WaitForSendAsync(s => s.Fault == FaultKinds.Lost, TestContext.Current.CancellationToken);
            await simulator.Wallet.ResendCallbackAsync(Keys.MchId, World.AttemptNo, 1);
        }

        var reply = await simulator.World.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());

        var status = kind switch
        {
            FaultKinds.Garbage or FaultKinds.NotSigned or FaultKinds.BadSignature or FaultKinds.OldTimestamp or FaultKinds.ProbeSignature
                or FaultKinds.BodyChanged => 401,
            FaultKinds.OtherKey => 500,
            _ => 0,
        };
        if (status > 0)
        {
            (reply.Verdict, reply.Facts, reply.MessageId, reply.Failure.Status).Should().Be((Verdict.Rejected, null!, "", status));
            reply.Success.Status.Should().Be(status, "what is not proven is never acknowledged");
            // The platform sends it again, and then it counts.
            await simulator.Wallet.ResendCallbackAsync(Keys.MchId, World.AttemptNo, 1);
            reply = await simulator.World.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());
        }
        else if (kind == FaultKinds.Twice)
        {
            var second = await simulator.World.Client.ReadCallbackAsync(await simulator.NextCallbackAsync());
            second.Should().Be(reply, "a copy says the same under the same id");
        }

        (reply.Verdict, reply.State, reply.MessageId).Should().Be((Verdict.Payment, ChannelPayState.ChannelPaid, paid.Callback!.Id));
        HasWhatTheFaultSays(reply.Facts, status > 0 ? "" : kind);
    }

    /// <summary>Makes a call into a fault. Where it hangs, the channel's own limit ends it, and not a moment before.</summary>
    internal static async Task<T> CallAsync<T>(Simulator simulator, string operation, string kind, Func<Task<T>> call)
    {
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

    /// <summary>Whether the fault is in what a good answer says.</summary>
    internal static bool IsContent(string kind) => _kinds[kind] == Shows.Content;

    private static void HasWhatTheFaultSays(PaymentFacts facts, string kind)
    {
        facts.AmountMinor.Should().Be(kind == FaultKinds.WrongAmount ? 101 : 100);
        facts.AccountIds["mch_id"].Should().Be(kind == FaultKinds.OtherMchId ? "1999999999" : Keys.MchId);
        facts.AttemptNo.Should().Be(kind == FaultKinds.OtherOutTradeNo ? "OTHER" + World.AttemptNo[5..] : World.AttemptNo);
    }
}
