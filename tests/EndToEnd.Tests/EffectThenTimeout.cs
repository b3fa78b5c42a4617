using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.EndToEnd.Tests.Support;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// Refunds and transfers at the providers, of which a fifth of the answers is lost after the effect and a tenth of the calls before it: nothing is doubled, and
/// everything ends by itself (invariants, I4, I5, I7).
/// </summary>
public abstract class EffectThenTimeout(string database, string method)
{
    private const int Payments = 100;
    private const int RefundsEach = 5;
    private const int Transfers = 500;
    private const int AtOnce = 16;

    private static readonly string[] _losses = [FaultKinds.EffectThenDrop, FaultKinds.Error500After, FaultKinds.DropBefore];

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    /// <summary>New on each run; the test's name prints it.</summary>
    public static TheoryData<int> Seeds => [Random.Shared.Next()];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Refunds_FiveHundredWithLosses_AreGivenBackOnceEach(int seed)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock, World.OfThousands);
        var random = new Random(seed);
        var paid = new List<string>();
        foreach (var chunk in Enumerable.Range(0, Payments).Chunk(AtOnce))
        {
            paid.AddRange((await Task.WhenAll(chunk.Select(_ => provider.PaidAsync(100_000)))).Select(p => p.OrderId));
        }

        // Refunds of one payment wait for one another; those of several go side by side. Each is asked for twice at once.
        var wishes = Enumerable.Range(0, RefundsEach).SelectMany(n => paid.Select(id => (OrderId: id, Number: $"{id}-{n}", Amount: random.NextInt64(1, 20_000)))).ToList();
        provider.Fail("refund_callback", FaultKinds.Lost, count: -1);
        foreach (var chunk in wishes.Chunk(AtOnce))
        {
            Lose(provider, "refund", random);
            var asking = chunk.SelectMany(w => new[] { w, w }).Select(w => provider.RefundAsync(w.OrderId, w.Number, w.Amount));
            await _clock.WhileAsync(Task.WhenAll(asking));
        }

        (await EndedAsync(provider, "refunds", "states=CREATED&states=SENT")).Should().BeTrue("everything ends by itself");

        Lost(provider).Should().BeGreaterThan(100, "the run is no empty one");
        provider.Accounts.Entries.Count(e => e.Kind == "refund").Should().Be(wishes.Count);
        foreach (var wish in wishes)
        {
            var refund = (await provider.ReadRefundAsync(wish.Number)).Refund;
            refund.State.Should().Be(Contracts.V1.Refund.Types.State.Succeeded, wish.Number);
            provider.Accounts.EffectsOf("refund", refund.Id).Should().Be(1, wish.Number);
        }

        provider.Accounts.Sum(provider.Merchant, "refund").Should().Be(-wishes.Sum(w => w.Amount));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Transfers_FiveHundredWithLosses_ArePaidOnceEach(int seed)
    {
        await using var provider = await Provider.StartAsync(database, method, _clock, World.OfThousands);
        var random = new Random(seed);
        var wishes = Enumerable.Range(0, Transfers).Select(n => provider.NewTransfer($"t{n}", n + 100)).ToList();
        provider.Fail("transfer_callback", FaultKinds.Lost, count: -1);
        foreach (var chunk in wishes.Chunk(AtOnce))
        {
            Lose(provider, "transfer", random);
            await _clock.WhileAsync(Task.WhenAll(chunk.SelectMany(w => new[] { w, w }).Select(provider.TransferAsync)));
        }

        (await EndedAsync(provider, "transfers", "states=SENT")).Should().BeTrue("everything ends by itself, or waits for its payee");

        Lost(provider).Should().BeGreaterThan(100, "the run is no empty one");
        if (method == "wechat")
        {
            (await CanBeConfirmedAsync(provider)).Should().BeTrue("what opens the page is asked for until it is known");
        }

        provider.Accounts.Entries.Count(e => e.Kind == "transfer").Should().Be(Transfers);
        foreach (var wish in wishes)
        {
            var transfer = (await provider.ReadTransferAsync(wish["out_transfer_no"]!.GetValue<string>())).Transfer;
            transfer.State.Should().Be(
                method == "wechat" ? Contracts.V1.Transfer.Types.State.WaitPayee : Contracts.V1.Transfer.Types.State.Succeeded, transfer.OutTransferNo);
            provider.Accounts.EffectsOf("transfer", transfer.Id).Should().Be(1, transfer.OutTransferNo);
        }
    }

    /// <summary>About a third of the next calls: more often the answer than the call.</summary>
    private static void Lose(Provider provider, string operation, Random random)
    {
        for (var n = 0; n < AtOnce / 3; n++)
        {
            provider.Fail(operation, _losses[random.Next(_losses.Length)]);
        }

        // Rare: whoever waits for such an answer waits out the whole limit of the call.
        if (random.Next(8) == 0)
        {
            provider.Fail(operation, FaultKinds.EffectThenTimeout);
        }
    }

    private static int Lost(Provider provider) => provider.World.Faults.All.Where(f => f.Count > 0).Sum(f => f.Fired);

    /// <summary>Whether every transfer that waits for its payee comes to have what the payee needs.</summary>
    private async Task<bool> CanBeConfirmedAsync(Provider provider)
    {
        var left = Enumerable.Range(0, Transfers).Select(n => $"t{n}").ToList();
        for (var minute = 0; minute < 120; minute++)
        {
            var without = new List<string>();
            foreach (var number in left)
            {
                if ((await provider.ReadTransferAsync(number)).Transfer.Action is null)
                {
                    without.Add(number);
                }
            }

            if ((left = without).Count == 0)
            {
                return true;
            }

            await _clock.PassAsync(TimeSpan.FromSeconds(60));
        }

        return false;
    }

    private async Task<bool> EndedAsync(Provider provider, string what, string open)
    {
        // The ladders' later looks are an hour apart: nobody has to look each second whether they have come.
        for (var minute = 0; minute < 26 * 60; minute++)
        {
            var left = (await provider.World.Merchant.GetAnswerAsync($"/v1/{what}:list?{open}&page_size=1")).Json[what]?.AsArray().Count ?? 0;
            if (left == 0)
            {
                return true;
            }

            await _clock.PassAsync(TimeSpan.FromSeconds(20));
        }

        return false;
    }
}

/// <summary>One provider on one of the databases; with the other it is a thousand refunds and a thousand transfers.</summary>
public sealed class EffectThenTimeoutAtWechat() : EffectThenTimeout("sqlite", "wechat");

/// <summary>The other provider on the other database.</summary>
public sealed class EffectThenTimeoutAtAlipay() : EffectThenTimeout("mysql", "alipay");
