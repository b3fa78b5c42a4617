using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.EndToEnd.Tests;

/// <summary>Transfers over the whole system: one number, one transfer, ever; unknown is never failed (invariants, I5, I7, I13, I16).</summary>
public sealed class MoneyOut
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Transfer_FiftyCopiesAtOnce_AreOneAndAnswerAlike(string provider)
    {
        await using var cards = await CardWorld.StartAsync(provider);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => cards.TransferAsync(CardWorld.NewTransfer("same"))));

        answers.Select(a => a.Text).Distinct().Should().ContainSingle().Which.Should().Contain("DONE");
        cards.Issuer.TopUps.Values.Should().Equal(500);
        (await cards.TransferAsync(CardWorld.NewTransfer("same", 501))).ShouldBe(409, "ORDER_DIFFERS", "amount_minor ORDER_DIFFERS");
        (await cards.TransferAsync(CardWorld.NewTransfer("same", payee: "card-8"))).Status.Should().Be(409);
        cards.Issuer.TopUps.Values.Should().Equal(500);
        await cards.World.UntilReceivedAsync(1);
        cards.World.Receiver.All[0].Json.GetProperty("type").GetString().Should().Be("transfer.succeeded");
    }

    [Theory]
    [InlineData("sqlite", false)]
    [InlineData("mysql", false)]
    [InlineData("sqlite", true)]
    [InlineData("mysql", true)]
    public async Task Transfer_WhoseAnswerOrCallIsLost_IsPaidOnceAndFound(string provider, bool callIsLost)
    {
        await using var cards = await CardWorld.StartAsync(provider, _clock);
        _ = callIsLost ? cards.Issuer.LosesCall = call => call == 1 : cards.Issuer.LosesAnswer = call => call == 1;

        var lost = await cards.TransferAsync(CardWorld.NewTransfer("lost"));
        lost.Json["result"]!.GetValue<string>().Should().Be("PROCESSING", lost.Text);
        (await cards.TransferAsync(CardWorld.NewTransfer("lost"))).Json["result"]!.GetValue<string>().Should().Be("PROCESSING");

        var seconds = await _clock.PassAsync(1_200, async () => (await cards.ReadTransferAsync("lost"))["state"]!.GetValue<string>() == "SUCCEEDED");

        // A lost answer is found by the first query; a call that never arrived is made again after 60 s and three answers "not found".
        seconds.Should().BeInRange(callIsLost ? 60 : 5, callIsLost ? 600 : 40);
        cards.Issuer.TopUps.Values.Should().Equal(500);
        cards.Issuer.Calls.Should().Be(callIsLost ? 2 : 1);
    }

    [Fact]
    public async Task Transfer_NeverTaken_IsSentFourTimesAndThenAPersonHasIt()
    {
        await using var cards = await CardWorld.StartAsync("sqlite", _clock);
        cards.Issuer.LosesCall = _ => true;

        await cards.TransferAsync(CardWorld.NewTransfer("never"));
        await _clock.PassAsync(1_200, () => Task.FromResult(cards.Issuer.Calls >= 5));

        cards.Issuer.Calls.Should().BeLessThanOrEqualTo(4, "the first call and at most three more");
        (await cards.ReadTransferAsync("never"))["state"]!.GetValue<string>().Should().Be("SENT", "unknown never becomes no by waiting");
        var items = (await cards.World.Database.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions;
        items.Should().ContainSingle(e => e.Kind == ExceptionItem.Types.Kind.TransferOverdue);
    }

    [Fact]
    public async Task Transfer_TheChannelRefuses_IsDeclined()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");

        var answer = await cards.TransferAsync(CardWorld.NewTransfer("none", payee: "nobody"));

        answer.Json["result"]!.GetValue<string>().Should().Be("DECLINED", answer.Text);
        answer.Json["transfer"]!["state"]!.GetValue<string>().Should().Be("FAILED");
        answer.Json["transfer"]!["failure_code"]!.GetValue<string>().Should().Be("NO_CARD");
    }

    [Fact]
    public async Task Transfer_AboveTheLimit_WaitsForAPersonWhoDidNotAsk()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var inner = Inner(cards);

        var asked = await cards.TransferAsync(CardWorld.NewTransfer("large", 100_001));
        asked.Json["result"]!.GetValue<string>().Should().Be("ACCEPTED", asked.Text);
        asked.Json["transfer"]!["state"]!.GetValue<string>().Should().Be("CREATED");
        cards.Issuer.TopUps.Should().BeEmpty();
        var id = asked.Json["transfer"]!["id"]!.GetValue<string>();

        var approved = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
            await inner.ApproveTransferAsync(new ApproveTransferRequest { TransferId = id, Operator = "li" })));

        approved.Should().Contain(a => a.Result == TransferAnswer.Types.Result.Done);
        cards.Issuer.TopUps.Values.Should().Equal(100_001);
        cards.Issuer.Calls.Should().Be(1, "one approval sends");
    }

    [Fact]
    public async Task Transfer_RejectedOrTakenBack_IsNeverSent()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var rejected = (await cards.TransferAsync(CardWorld.NewTransfer("no", 200_000))).Json["transfer"]!["id"]!.GetValue<string>();
        var cancelled = (await cards.TransferAsync(CardWorld.NewTransfer("back", 200_000))).Json["transfer"]!["id"]!.GetValue<string>();

        await Inner(cards).RejectTransferAsync(new RejectTransferRequest { TransferId = rejected, Operator = "li", Reason = "unknown payee" });
        var back = await cards.World.Merchant.PostTextAsync($"/v1/transfers/{cancelled}:cancel", "{}");

        back.Json["result"]!.GetValue<string>().Should().Be("CANCELLED", back.Text);
        (await cards.ReadTransferAsync("no"))["state"]!.GetValue<string>().Should().Be("CANCELLED");
        var approve = () => Inner(cards).ApproveTransferAsync(new ApproveTransferRequest { TransferId = rejected, Operator = "li" }).ResponseAsync;
        (await approve.Should().ThrowAsync<Grpc.Core.RpcException>()).Which.StatusCode.Should().Be(Grpc.Core.StatusCode.FailedPrecondition);
        cards.Issuer.Calls.Should().Be(0);
        await cards.World.UntilReceivedAsync(2);
        (await cards.World.OtherMerchant.PostTextAsync($"/v1/transfers/{cancelled}:cancel", "{}")).ShouldBe(404, "TRANSFER_NOT_FOUND");
    }

    [Fact]
    public async Task Batch_SomeOfThemRefused_GivesEachItsOwnResultAndARepeatTheSame()
    {
        await using var cards = await CardWorld.StartAsync("sqlite");
        var batch = new JsonObject
        {
            ["out_batch_no"] = "payday",
            ["transfers"] = new JsonArray(CardWorld.NewTransfer("b1"), CardWorld.NewTransfer("b2", 0), CardWorld.NewTransfer("b3", payee: "nobody"), CardWorld.NewTransfer("b4")),
        }.ToJsonString();

        var first = await cards.World.Merchant.PostTextAsync("/v1/transfer-batches", batch);
        var repeat = await cards.World.Merchant.PostTextAsync("/v1/transfer-batches", batch);

        var items = first.Json["items"]!.AsArray();
        items.Select(i => i!["out_transfer_no"]!.GetValue<string>()).Should().Equal("b1", "b2", "b3", "b4");
        items.Select(i => i!["answer"]?["result"]?.GetValue<string>() ?? $"{i["error_field"]} {i["error_reason"]}").Should().Equal(
            "DONE", "amount_minor AMOUNT_INVALID", "DECLINED", "DONE");
        repeat.Text.Should().Be(first.Text);
        cards.Issuer.TopUps.Should().HaveCount(2);
        var listed = await cards.World.Merchant.GetAnswerAsync("/v1/transfers:list?out_batch_no=payday");
        listed.Json["transfers"]!.AsArray().Should().HaveCount(3);
    }

    /// <summary>A thousand transfers, a tenth of whose answers and calls are lost, each asked for twice at once: one payment each.</summary>
    [Theory]
    [MemberData(nameof(World.Providers), MemberType = typeof(World))]
    public async Task Transfers_AThousandWithLosses_ArePaidOnceEach(string provider)
    {
        const int Count = 1_000;
        await using var cards = await CardWorld.StartAsync(provider, _clock, World.OfThousands);
        cards.Issuer.LosesAnswer = call => call % 10 == 3;
        cards.Issuer.LosesCall = call => call % 10 == 7;

        foreach (var chunk in Enumerable.Range(0, Count).Chunk(20))
        {
            await _clock.WhileAsync(Task.WhenAll(chunk.SelectMany(n => new[] { n, n }).Select(n => cards.TransferAsync(CardWorld.NewTransfer($"t{n}", n + 1)))));
        }
        var settled = await _clock.PassAsync(7_200, async () =>
            ((await cards.World.Merchant.GetAnswerAsync("/v1/transfers:list?states=SENT&page_size=1")).Json["transfers"]?.AsArray().Count ?? 0) == 0);

        settled.Should().BeLessThan(7_200, "everything ends by itself");
        cards.Issuer.TopUps.Should().HaveCount(Count);
        cards.Issuer.TopUps.Values.Sum().Should().Be(Count * (Count + 1) / 2);
    }

    private static TransferGatewayInner.TransferGatewayInnerClient Inner(CardWorld cards) =>
        new(cards.World.App.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.TransferGateway));
}
