using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using KeepState = PayCore.Contracts.V1.KeepCallbackRequest.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>Callbacks that proved nothing are removed when they are old; nothing that belongs to an order is.</summary>
public sealed class RejectedCallbacksTests
{
    private static readonly TimeSpan _old = TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1);

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Step_AMonthLater_RemovesTheRejectedOfNoOrderAndNothingElse(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var removing = db.Services.GetRequiredService<RejectedCallbacks>();
        var order = await db.OrderAsync(Attempt.Types.State.Open);
        await db.PayAsync(order.Attempts[0].Attempt.AttemptNo, db.Callback());
        await KeepAsync(db, KeepState.Conflict, "", _old);
        await KeepAsync(db, KeepState.Duplicate, "", _old);
        await KeepAsync(db, KeepState.Rejected, order.Order.Id, _old);
        await KeepAsync(db, KeepState.Rejected, "", _old - TimeSpan.FromMinutes(1));
        (await removing.StepAsync(CancellationToken.None)).Should().Be(0, "none is old enough");
        await KeepAsync(db, KeepState.Rejected, "", _old);

        (await removing.StepAsync(CancellationToken.None)).Should().Be(1);

        (await removing.StepAsync(CancellationToken.None)).Should().Be(0);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state <> 'REJECTED' OR order_id <> ''")).Should().Be(4);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM callback WHERE state = 'REJECTED' AND order_id = ''")).Should().Be(1, "it is a minute too young");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Step_OverMany_RemovesABatchTheOldestFirst(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var removing = db.Services.GetRequiredService<RejectedCallbacks>();
        for (var i = 0; i < RejectedCallbacks.AtOnce + 5; i++)
        {
            await KeepAsync(db, KeepState.Rejected, "", _old - TimeSpan.FromMilliseconds(i), $"{i}");
        }

        (await removing.StepAsync(CancellationToken.None)).Should().Be(RejectedCallbacks.AtOnce);
        (await db.ScalarAsync<string>("SELECT reason FROM callback ORDER BY received_at LIMIT 1")).Should().Be($"{RejectedCallbacks.AtOnce}");
        (await removing.StepAsync(CancellationToken.None)).Should().Be(5);
    }

    /// <summary>As if it had come long ago: the clock stands, so that the loop that removes by itself does not run beside the test.</summary>
    private static async Task KeepAsync(DatabaseFixture db, KeepState state, string orderId, TimeSpan age, string reason = "made up")
    {
        var callback = db.Callback();
        callback.ReceiveTime = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow() - age);
        await db.Client.KeepCallbackAsync(new KeepCallbackRequest { Callback = callback, State = state, Reason = reason, OrderId = orderId });
    }
}
