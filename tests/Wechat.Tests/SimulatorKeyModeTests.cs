using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using PayCore.Channels.Wechat;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using Verdict = PayCore.Contracts.V1.ReadCallbackReply.Types.Verdict;

namespace PayCore.Wechat.Tests;

/// <summary>Channel and simulator over real HTTP in every key mode, through rotation and migration (wechat-pay-v3.md 2.4 and 2.5).</summary>
public sealed class SimulatorKeyModeTests
{
    [Theory]
    [InlineData(WechatKeyMode.PublicKey, 0, 4)]
    [InlineData(WechatKeyMode.Certificate, 0, 0)]
    [InlineData(WechatKeyMode.Migration, 0, 0)]
    [InlineData(WechatKeyMode.Migration, 50, 2)]
    [InlineData(WechatKeyMode.Migration, 100, 4)]
    public async Task Payment_FromPlacingToPaid_InEveryMode(WechatKeyMode mode, int percent, int callbacksByPublicKey)
    {
        await using var simulator = await Simulator.StartAsync(mode, DocumentOf(mode));
        simulator.ChangeKeys(new() { MchId = Keys.MchId, Percent = percent });

        var callbacks = await PayQueryCloseAsync(simulator);

        callbacks.Count(c => c.Serial == simulator.Given.PublicKeyId).Should().Be(callbacksByPublicKey);
        callbacks.Should().OnlyContain(c => c.Reply.Verdict == Verdict.Payment && c.Reply.State == ChannelPayState.ChannelPaid);
        simulator.Calls.Where(c => c.Operation == "certificates").Should().HaveCount(callbacksByPublicKey == 4 ? 0 : 1);
    }

    [Fact]
    public async Task Migration_FromItsBeginningToItsEnd_WorksWithOneDocument()
    {
        await using var simulator = await Simulator.StartAsync(WechatKeyMode.Certificate, DocumentOf(WechatKeyMode.Migration));
        WechatKeyChange[] steps =
        [
            new() { MchId = Keys.MchId },
            new() { MchId = Keys.MchId, Mode = WechatKeyMode.Migration, Percent = 0 },
            new() { MchId = Keys.MchId, Percent = 50 },
            new() { MchId = Keys.MchId, Percent = 100 },
            new() { MchId = Keys.MchId, Mode = WechatKeyMode.PublicKey },
        ];

        List<int> byPublicKey = [];
        foreach (var (step, change) in steps.Index())
        {
            simulator.ChangeKeys(change);
            var callbacks = await PayQueryCloseAsync(simulator, $"STEP{step}");
            callbacks.Should().OnlyContain(c => c.Reply.Verdict == Verdict.Payment);
            byPublicKey.Add(callbacks.Count(c => c.Serial == simulator.Given.PublicKeyId));
        }

        byPublicKey.Should().Equal(0, 0, 2, 4, 4);
    }

    /// <summary>Before the merchant has entered what a migration needs, nothing that it cannot verify is believed.</summary>
    [Theory]
    [InlineData(WechatKeyMode.PublicKey, 0)]
    [InlineData(WechatKeyMode.Certificate, 100)]
    public async Task Migration_WithADocumentThatKnowsOneKeyOnly_DoesNotBelieveTheOther(WechatKeyMode document, int percent)
    {
        await using var simulator = await Simulator.StartAsync(WechatKeyMode.Migration, DocumentOf(document));
        simulator.ChangeKeys(new() { MchId = Keys.MchId, Percent = percent });

        (await simulator.PayAsync()).Outcome.Should().Be(Outcome.Yes, "answers follow the request");
        simulator.PayInWallet();
        var told = await ReadNextAsync(simulator);

        (told.Reply.Verdict, told.Reply.Facts).Should().Be((Verdict.Rejected, null!));
        (await simulator.World.QueryAsync()).State.Should().Be(ChannelPayState.ChannelPaid, "the query finds what the callback could not say");
    }

    [Fact]
    public async Task Rotation_WhileRunning_IsFollowedByAnswersAndCallbacks()
    {
        await using var simulator = await Simulator.StartAsync(WechatKeyMode.Certificate, DocumentOf(WechatKeyMode.Certificate));
        var world = simulator.World;
        await PayQueryCloseAsync(simulator, "BEFORE");

        var (old, fresh) = simulator.ChangeKeys(new() { MchId = Keys.MchId, Rotate = true }).Certificates switch { var c => (c[0], c[1]) };
        var overlap = await PayQueryCloseAsync(simulator, "LISTED");
        overlap.Select(c => c.Serial).Should().AllBe(old);

        world.Time.Advance(TimeSpan.FromHours(24));
        var after = await PayQueryCloseAsync(simulator, "SIGNS");
        after.Select(c => c.Serial).Should().AllBe(fresh);
        Trusted(world).Should().Equal(new[] { old, fresh }.Order(StringComparer.Ordinal), "both count during the overlap");

        simulator.ChangeKeys(new() { MchId = Keys.MchId, Retire = true });
        world.Time.Advance(PlatformCertificates.RefreshEvery);
        await world.Get<PlatformCertificates>().RefreshAsync(AccountOf(world), TestContext.Current.CancellationToken);
        await PayQueryCloseAsync(simulator, "GONE");
        Trusted(world).Should().Equal(fresh);
        overlap.Concat(after).Should().OnlyContain(c => c.Reply.Verdict == Verdict.Payment);
    }

    [Fact]
    public async Task Callback_ByACertificateNotYetKnown_IsVerifiedAfterADownload()
    {
        await using var simulator = await Simulator.StartAsync(WechatKeyMode.Certificate, DocumentOf(WechatKeyMode.Certificate));
        await simulator.PayAsync();
        simulator.World.Time.Advance(PlatformCertificates.PauseAfterSuccess);

        var fresh = simulator.ChangeKeys(new() { MchId = Keys.MchId, Rotate = true, Retire = true, SignsAfterSeconds = 0 }).Certificates.Single();
        simulator.PayInWallet();
        var told = await ReadNextAsync(simulator);

        (told.Serial, told.Reply.Verdict).Should().Be((fresh, Verdict.Payment));
        await simulator.LoggedAsync(c => c.Operation == "certificates" && c.At > World.Start);
        simulator.Calls.Count(c => c.Operation == "certificates").Should().Be(2);
        Trusted(simulator.World).Should().Equal(fresh);
    }

    [Fact]
    public async Task Answer_ByAnUnknownCertificateDuringThePause_IsNotBelieved()
    {
        await using var simulator = await Simulator.StartAsync(WechatKeyMode.Certificate, DocumentOf(WechatKeyMode.Certificate));
        await simulator.PayAsync();
        simulator.PayInWallet();
        simulator.ChangeKeys(new() { MchId = Keys.MchId, Rotate = true, Retire = true, SignsAfterSeconds = 0 });

        var unknown = await simulator.World.QueryAsync();
        simulator.World.Time.Advance(PlatformCertificates.PauseAfterSuccess);
        var known = await simulator.World.QueryAsync();

        (unknown.State, unknown.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
        known.State.Should().Be(ChannelPayState.ChannelPaid);
    }

    [Fact]
    public async Task Certificate_ThatHasEnded_IsNotBelieved()
    {
        await using var simulator = await Simulator.StartAsync(WechatKeyMode.Certificate, DocumentOf(WechatKeyMode.Certificate));
        await simulator.PayAsync();
        simulator.World.Time.Advance(PlatformCertificates.PauseAfterSuccess);
        simulator.ChangeKeys(new() { MchId = Keys.MchId, Rotate = true, Retire = true, SignsAfterSeconds = 0, CertificateDays = -1 });
        simulator.PayInWallet();

        var told = await ReadNextAsync(simulator);
        var queried = await simulator.World.QueryAsync();

        (told.Reply.Verdict, told.Reply.Facts).Should().Be((Verdict.Rejected, null!));
        (queried.State, queried.Facts).Should().Be((ChannelPayState.ChannelUnknown, null!));
    }

    [Fact]
    public async Task Pay_WithNothingButAnEndedCertificate_SendsNothing()
    {
        await using var simulator = await Simulator.StartAsync(WechatKeyMode.Certificate, DocumentOf(WechatKeyMode.Certificate));
        simulator.ChangeKeys(new() { MchId = Keys.MchId, Rotate = true, Retire = true, SignsAfterSeconds = 0, CertificateDays = 0 });

        var reply = await simulator.PayAsync();

        (reply.Outcome, reply.NothingSent).Should().Be((Outcome.Unknown, true));
        simulator.Order.Should().BeNull();
    }

    /// <summary>What the merchant enters in each mode.</summary>
    private static Action<JsonObject> DocumentOf(WechatKeyMode mode) => document =>
    {
        switch (mode)
        {
            case WechatKeyMode.Certificate:
                document.Remove("public_key_id");
                document.Remove("public_key");
                break;
            case WechatKeyMode.Migration:
                document["platform_certificates"] = true;
                break;
            default:
                break;
        }
    };

    /// <summary>Pays one order, closes another, and has the callback sent four times. Answers how each copy was read.</summary>
    private static async Task<IReadOnlyList<(string Serial, ReadCallbackReply Reply)>> PayQueryCloseAsync(Simulator simulator, string story = "STORY")
    {
        var world = simulator.World;
        var (attempt, other) = ($"{story}_PAID", $"{story}_CLOSED");
        (await PayAsync(attempt)).Outcome.Should().Be(Outcome.Yes);
        (await world.QueryAsync(attempt)).State.Should().Be(ChannelPayState.ChannelNotPaid);
        simulator.Wallet.Pay(Keys.MchId, attempt);
        List<(string, ReadCallbackReply)> callbacks = [await ReadNextAsync(simulator)];
        await simulator.Wallet.ResendCallbackAsync(Keys.MchId, attempt, 3);
        for (var copy = 0; copy < 3; copy++)
        {
            callbacks.Add(await ReadNextAsync(simulator));
        }

        var queried = await world.QueryAsync(attempt);
        queried.State.Should().Be(ChannelPayState.ChannelPaid);
        callbacks.Should().OnlyContain(c => c.Item2.Facts == null || c.Item2.Facts.Equals(queried.Facts));

        await PayAsync(other);
        (await world.CloseAsync(other)).Outcome.Should().Be(Outcome.Yes);
        (await world.QueryAsync(other)).State.Should().Be(ChannelPayState.ChannelClosed);
        return callbacks;

        Task<ChannelPayReply> PayAsync(string attemptNo) => world.PayAsync(r =>
        {
            (r.AttemptNo, r.CallbackUrl) = (attemptNo, simulator.CallbackUrl);
            r.ExpireTime = Timestamp.FromDateTimeOffset(world.Time.GetUtcNow().AddMinutes(30));
        });
    }

    private static async Task<(string Serial, ReadCallbackReply Reply)> ReadNextAsync(Simulator simulator)
    {
        var callback = await simulator.NextCallbackAsync();
        return (callback.Headers.Single(h => h.Name == "Wechatpay-Serial").Value, await simulator.World.Client.ReadCallbackAsync(callback));
    }

    private static WechatAccount AccountOf(World world) => world.Get<Configuration.IConfigDocuments<WechatAccount>>().Find(World.Account)!;

    private static IEnumerable<string> Trusted(World world) => AccountOf(world).Keys.Serials;
}
