using System.Text.Json.Nodes;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;

namespace PayCore.Wechat.Tests;

/// <summary>Channel and simulator over real HTTP in each scene but Native.</summary>
public sealed class SimulatorSceneTests
{
    [Theory]
    [InlineData(Scene.Jsapi)]
    [InlineData(Scene.MiniProgram)]
    [InlineData(Scene.App)]
    public async Task Pay_ClientsParameters_OpenThePaymentInTheWallet(Scene scene)
    {
        await using var simulator = await Simulator.StartAsync();

        var reply = await simulator.World.PayAsync(r => (r.Scene, r.Buyer) = (scene, World.OpenId));

        reply.Outcome.Should().Be(Outcome.Yes, reply.Message);
        simulator.Wallet.Open(AsClientSends(scene, reply)).OutTradeNo.Should().Be(World.AttemptNo);
        var forged = AsClientSends(scene, reply);
        forged[scene == Scene.App ? "noncestr" : "nonceStr"] = "593BEC0C930BF1AFEB40B4A08C8FB242";
        simulator.Invoking(s => s.Wallet.Open(forged)).Should().Throw<InvalidOperationException>().WithMessage("*signature*");
    }

    [Fact]
    public async Task Pay_H5_LeadsToAPageOfThePlatform()
    {
        await using var simulator = await Simulator.StartAsync();

        var reply = await simulator.World.PayAsync(r => (r.Scene, r.ClientIp, r.ReturnUrl) = (Scene.H5, "203.0.113.7", "https://shop.example.com/paid?order=1"));

        reply.Outcome.Should().Be(Outcome.Yes, reply.Message);
        var address = new Uri(reply.Action.RedirectUrl);
        address.Query.Should().Contain("prepay_id=").And.EndWith("&redirect_url=https%3A%2F%2Fshop.example.com%2Fpaid%3Forder%3D1");
    }

    [Fact]
    public async Task Barcode_PaidAtOnce_IsProvenByTheQuery()
    {
        await using var simulator = await Simulator.StartAsync(document: WithStore);

        var reply = await ChargeAsync(simulator, simulator.Wallet.ShowCode());

        (reply.Outcome, reply.QueryNow, reply.Action).Should().Be((Outcome.Yes, true, null!), reply.Message);
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid);
    }

    [Fact]
    public async Task Barcode_PasswordAsked_WaitsAndCanBeTakenBack()
    {
        await using var simulator = await Simulator.StartAsync(document: WithStore);

        var reply = await ChargeAsync(simulator, simulator.Wallet.ShowCode(asksPassword: true));
        var waiting = await simulator.World.QueryAsync();
        var reversed = await simulator.World.ReverseAsync();
        var again = await simulator.World.ReverseAsync();

        (reply.Outcome, reply.Code, waiting.State).Should().Be((Outcome.Yes, "USERPAYING", ChannelPayState.ChannelNotPaid), reply.Message);
        (reversed.Outcome, again.Outcome).Should().Be((Outcome.Yes, Outcome.Yes), reversed.Message);
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelClosed);
    }

    [Fact]
    public async Task Barcode_RefusedByTheWalletOrStale_IsNotPaid()
    {
        await using var simulator = await Simulator.StartAsync(document: WithStore);

        var poor = await ChargeAsync(simulator, simulator.Wallet.ShowCode(refusal: "NOT_ENOUGH"));
        var blocked = await ChargeAsync(simulator, simulator.Wallet.ShowCode(refusal: "ACCOUNT_ERROR"), "OTHER1");
        var nobodys = await ChargeAsync(simulator, "130000000000000000", "OTHER2");

        (poor.Outcome, poor.Code).Should().Be((Outcome.Unknown, "NOT_ENOUGH"), "a balance is never a refusal");
        (blocked.Outcome, blocked.Code).Should().Be((Outcome.No, "ACCOUNT_ERROR"));
        nobodys.Outcome.Should().NotBe(Outcome.Yes);
        foreach (var number in new[] { World.AttemptNo, "OTHER1", "OTHER2" })
        {
            (await simulator.World.QueryAsync(number)).State.Should().NotBe(ChannelPayState.ChannelPaid);
        }
    }

    // The rest of the menu is that of an answer that is as it should be.
    public static TheoryData<string> KindsOf(string operation) =>
        [.. FaultKinds.All.Where(k => k is not (FaultKinds.ClockSkew or FaultKinds.BusinessError) && FaultKinds.Fits(k, operation))];

    [Theory]
    [MemberData(nameof(KindsOf), "codepay")]
    public async Task Barcode_WithAFault_IsNeverRefusedAndTheReversalEndsIt(string kind)
    {
        await using var simulator = await Simulator.StartAsync(document: WithStore);
        var code = simulator.Wallet.ShowCode();

        var reply = await SimulatorFaultTests.CallAsync(simulator, "codepay", kind, () => ChargeAsync(simulator, code));

        // Another amount under our number is taken as asked: the query compares it.
        reply.Outcome.Should().Be(kind == FaultKinds.WrongAmount ? Outcome.Yes : Outcome.Unknown);
        reply.NothingSent.Should().BeFalse();
        var isThere = (await simulator.World.QueryAsync()).State == ChannelPayState.ChannelPaid;
        var reversed = await simulator.World.ReverseAsync();
        reversed.Outcome.Should().Be(isThere ? Outcome.Yes : reversed.Outcome, "what was taken goes back");
        (await simulator.World.QueryAsync()).State.Should().NotBe(ChannelPayState.ChannelNotPaid);
    }

    [Theory]
    [MemberData(nameof(KindsOf), "reverse")]
    public async Task Reverse_WithAFault_IsUnknownUntilItIsRepeated(string kind)
    {
        await using var simulator = await Simulator.StartAsync(document: WithStore);
        await ChargeAsync(simulator, simulator.Wallet.ShowCode(asksPassword: true));

        var reply = await SimulatorFaultTests.CallAsync(simulator, "reverse", kind, () => simulator.World.ReverseAsync());

        reply.Outcome.Should().Be(Outcome.Unknown);
        (await simulator.World.ReverseAsync()).Outcome.Should().Be(Outcome.Yes);
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelClosed);
    }

    private static Task<ChannelPayReply> ChargeAsync(Simulator simulator, string code, string attemptNo = World.AttemptNo) =>
        simulator.World.PayAsync(r => (r.Scene, r.Buyer, r.AttemptNo) = (Scene.Barcode, code, attemptNo));

    private static void WithStore(JsonObject document) => document["barcode_store_id"] = "S-1";

    /// <summary>The simulated wallet takes the App's parameters as the wire names them, which its SDK writes in other letters.</summary>
    private static Dictionary<string, string> AsClientSends(Scene scene, ChannelPayReply reply) => reply.Action.ClientParameters.Values.ToDictionary(
        v => scene != Scene.App ? v.Key : v.Key == "packageValue" ? "package" : v.Key.ToLowerInvariant(), v => v.Value);
}
