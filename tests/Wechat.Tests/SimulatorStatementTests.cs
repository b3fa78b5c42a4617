using Grpc.Core;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using Availability = PayCore.Contracts.V1.StatementPart.Types.Availability;
using Kind = PayCore.Contracts.V1.StatementRow.Types.Kind;
using SettlementPlan = PayCore.ChannelSimulator.SettlementPlan;

namespace PayCore.Wechat.Tests;

/// <summary>Channel and simulator over real HTTP where a day's statement is asked for.</summary>
public sealed class SimulatorStatementTests
{
    private const string Day = "2026-11-22";

    [Fact]
    public async Task Statement_OfADay_HoldsWhatHappenedAndIsWhole()
    {
        await using var simulator = await AfterADayAsync();

        var part = (await DownloadAsync(simulator, Day)).Should().ContainSingle().Subject;

        (part.Availability, part.Message, part.Complete).Should().Be((Availability.Ready, "", true));
        var order = simulator.Order!;
        var refund = simulator.Ledger.Refunds.Find(Keys.MchId, World.RefundNo)!;
        part.Rows.Select(r => (r.Kind, r.AttemptNo, r.ChannelOrderId, r.RefundNo, r.ChannelRefundId, r.AmountMinor)).Should().BeEquivalentTo([
            (Kind.Payment, World.AttemptNo, order.TransactionId!, "", "", 100L),
            (Kind.Refund, World.AttemptNo, order.TransactionId!, World.RefundNo, refund.RefundId, 30L),
        ]);
        part.Rows.Should().OnlyContain(r => r.Currency == "CNY" && r.Time.ToDateTimeOffset() == World.Start);
    }

    [Fact]
    public async Task Statement_NotMadeYetOrOfADayWithoutEntries_SaysSo()
    {
        await using var simulator = await AfterADayAsync(TimeSpan.FromHours(23));

        (await DownloadAsync(simulator, Day)).Single().Availability.Should().Be(Availability.NotReady);
        (await DownloadAsync(simulator, "2026-11-20")).Single().Availability.Should().Be(Availability.Empty);
        (await DownloadAsync(simulator, "2026-11-25")).Single().Availability.Should().Be(Availability.Failed);
    }

    // The rest of the menu is that of an answer that is as it should be.
    public static TheoryData<string> KindsOf(string operation) =>
        [.. FaultKinds.All.Where(k => k is not (FaultKinds.ClockSkew or FaultKinds.BusinessError) && FaultKinds.Fits(k, operation))];

    [Theory]
    [MemberData(nameof(KindsOf), "bill")]
    public async Task Statement_AskedForIntoAFault_IsFailedUntilItIsRepeated(string kind)
    {
        await using var simulator = await AfterADayAsync();

        var parts = await SimulatorFaultTests.CallAsync(simulator, "bill", kind, () => DownloadAsync(simulator, Day));

        parts.Select(p => (p.Availability, p.Rows.Count, p.Complete)).Should().Equal((Availability.Failed, 0, false));
        (await DownloadAsync(simulator, Day)).Single().Availability.Should().Be(Availability.Ready);
    }

    [Theory]
    [InlineData(FaultKinds.Garbage)]
    [InlineData(FaultKinds.DropBefore)]
    [InlineData(FaultKinds.EffectThenDrop)]
    [InlineData(FaultKinds.Error500Before)]
    [InlineData(FaultKinds.Error503)]
    public async Task Statement_DownloadedIntoAFault_IsFailedUntilItIsRepeated(string kind)
    {
        await using var simulator = await AfterADayAsync();
        simulator.Faults.Add(new Fault { Operation = "download", Kind = kind });

        var parts = await DownloadAsync(simulator, Day);

        parts.Select(p => (p.Availability, p.Rows.Count, p.Complete)).Should().Equal((Availability.Failed, 0, false));
        (await DownloadAsync(simulator, Day)).Single().Availability.Should().Be(Availability.Ready);
    }

    private static async Task<Simulator> AfterADayAsync(TimeSpan? later = null)
    {
        var simulator = await Simulator.StartAsync();
        await simulator.PayAsync();
        simulator.PayInWallet();
        simulator.Ledger.Refunds.Plan(new SettlementPlan { DelayMs = -1 });
        (await simulator.World.RefundAsync(r => r.CallbackUrl = simulator.CallbackUrl)).State.Should().Be(ChannelRefundState.RefundPending);
        simulator.World.Time.Advance(later ?? TimeSpan.FromHours(24));
        return simulator;
    }

    private static async Task<List<StatementPart>> DownloadAsync(Simulator simulator, string day)
    {
        using var call = simulator.World.Client.DownloadStatement(new DownloadStatementRequest { Account = World.Account, Day = day });
        return await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }
}
