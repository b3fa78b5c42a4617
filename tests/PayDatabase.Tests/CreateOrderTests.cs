using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.TestKit;
using Result = PayCore.Contracts.V1.CreateOrderReply.Types.Result;

namespace PayCore.PayDatabase.Tests;

public sealed class CreateOrderTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_WithinAMillisecond_AnswersWhatIsReadLater(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var request = db.NewOrder(withAttempt: false);
        db.Clock.Advance(TimeSpan.FromTicks(1_234_567));

        var reply = await db.Client.CreateOrderAsync(request);

        (await db.ReadAsync(reply.Order.Order.Id)).Order.Should().Be(reply.Order.Order);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_WithAttempt_IsOneDurableWriteOfOrderAttemptAndHistory(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var reply = await db.Client.CreateOrderAsync(db.NewOrder());

        reply.Result.Should().Be(Result.Created);
        var read = await db.ReadAsync(reply.Order.Order.Id);
        read.Order.State.Should().Be(PayOrder.Types.State.Paying);
        read.Order.Version.Should().Be(2);
        read.Attempts.Should().ContainSingle().Which.Attempt.State.Should().Be(Attempt.Types.State.Sent);
        read.History.Select(h => (h.AttemptNo.Length > 0, h.FromState, h.ToState)).Should().BeEquivalentTo(
            [(false, "", "CREATED"), (false, "CREATED", "PAYING"), (true, "", "SENT")]);
        read.Order.Subject.Should().Be("茶 Tea");
        read.DueTime.ToDateTimeOffset().Should().Be(DatabaseFixture.Start.AddSeconds(1));
    }

    /// <summary>What was not acknowledged is wholly done or not at all (invariants, I15).</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_ThatFailsHalfway_LeavesNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var first = await db.Client.CreateOrderAsync(db.NewOrder());
        var second = db.NewOrder();
        // The order's own row is written before that of the attempt, whose number is taken.
        second.Attempt.AttemptNo = first.Order.Attempts.Single().Attempt.AttemptNo;

        var create = () => db.Client.CreateOrderAsync(second).ResponseAsync;

        await create.Should().ThrowAsync<RpcException>();
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order")).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order_history")).Should().Be(2);
        (await db.ReadAsync(first.Order.Order.Id)).Attempts.Should().ContainSingle();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Create_OfNoMoney_IsRefused(long amount)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var order = db.NewOrder();
        order.Order.AmountMinor = amount;

        var create = () => db.Client.CreateOrderAsync(order).ResponseAsync;

        (await create.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.InvalidArgument);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order")).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_FiftyEqualAtOnce_MakesOneOrder(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var requests = Enumerable.Range(0, 50).Select(_ => db.NewOrder("same")).ToList();

        var replies = await Task.WhenAll(requests.Select(r => db.Client.CreateOrderAsync(r).ResponseAsync));

        replies.Count(r => r.Result == Result.Created).Should().Be(1);
        replies.Count(r => r.Result == Result.Exists).Should().Be(49);
        replies.Select(r => r.Order.Order.Id).Distinct().Should().ContainSingle();
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_attempt")).Should().Be(1);
        (await db.ScalarAsync<long>("SELECT COUNT(*) FROM pay_order_history")).Should().Be(2);
    }

    public static TheoryData<string, string> Differences
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var provider in (string[])["sqlite", "mysql"])
            {
                foreach (var name in (string[])
                         ["amount_minor", "currency", "subject", "method", "scene", "buyer", "notify_url", "return_url", "client_ip", "expire_time", "attach"])
                {
                    data.Add(provider, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task Create_SameNumberOtherContent_NamesTheFieldAndChangesNothing(string provider, string field)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var first = (await db.Client.CreateOrderAsync(db.NewOrder("same"))).Order;
        var other = db.NewOrder("same");
        switch (field)
        {
            case "amount_minor": other.Order.AmountMinor++; break;
            case "currency": other.Order.Currency = "USD"; break;
            case "subject": other.Order.Subject = "Coffee"; break;
            case "method": other.Order.Method = "alipay"; break;
            case "scene": other.Order.Scene = Scene.Page; break;
            case "buyer": other.Buyer = "o-1"; break;
            case "notify_url": other.NotifyUrl = "https://shop.example/other"; break;
            case "return_url": other.ReturnUrl = "https://shop.example/back"; break;
            case "client_ip": other.ClientIp = "203.0.113.9"; break;
            case "expire_time": other.ExpireTimeGiven = true; break;
            case "attach": other.Order.Attach = "b"; break;
        }

        var reply = await db.Client.CreateOrderAsync(other);

        reply.Result.Should().Be(Result.Different);
        reply.DifferingField.Should().Be(field);
        (await db.ReadAsync(first.Order.Id)).Order.Should().Be(first.Order);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_NumberThatDiffersInCaseOnly_IsAnotherOrder(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var lower = await db.Client.CreateOrderAsync(db.NewOrder("order-a"));
        var upper = await db.Client.CreateOrderAsync(db.NewOrder("ORDER-A"));

        upper.Result.Should().Be(Result.Created);
        upper.Order.Order.Id.Should().NotBe(lower.Order.Order.Id);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_RepeatWithoutExpiryLater_IsEqual(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.Client.CreateOrderAsync(db.NewOrder("same"));
        db.Clock.Advance(TimeSpan.FromMinutes(1));

        var repeat = await db.Client.CreateOrderAsync(db.NewOrder("same"));

        repeat.Result.Should().Be(Result.Exists);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Create_ForCashier_IsCreatedWithoutAttempt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var stored = (await db.Client.CreateOrderAsync(db.NewOrder(withAttempt: false))).Order;

        stored.Order.State.Should().Be(PayOrder.Types.State.Created);
        stored.Attempts.Should().BeEmpty();
        stored.DueTime.Should().Be(stored.Order.ExpireTime);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Read_ByEveryKey_FindsTheOrder(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var stored = (await db.Client.CreateOrderAsync(db.NewOrder("by-key"))).Order;

        ReadOrderRequest[] keys =
        [
            new() { OrderId = stored.Order.Id },
            new() { MerchantOrder = new MerchantOrderKey { AppId = "app1", OutTradeNo = "by-key" } },
            new() { PageToken = stored.PageToken },
            new() { AttemptNo = stored.Attempts[0].Attempt.AttemptNo },
        ];
        foreach (var key in keys)
        {
            (await db.Client.ReadOrderAsync(key)).Should().Be(stored);
        }

        var other = () => db.Client.ReadOrderAsync(
            new ReadOrderRequest { MerchantOrder = new MerchantOrderKey { AppId = "app2", OutTradeNo = "by-key" } }).ResponseAsync;
        (await other.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.NotFound);
    }

    /// <summary>A caller may ask again: nothing is known to be wrong with what it asked.</summary>
    [Fact]
    public async Task Read_WhileTheServerIsAway_IsUnavailable()
    {
        var server = await MariaDbServer.StartAsync();
        await using var db = await DatabaseFixture.StartAsync("mysql", await server.CreateDatabaseAsync(), null, new(DatabaseFixture.Start));
        var order = (await db.Client.CreateOrderAsync(db.NewOrder())).Order.Order;
        await server.DisposeAsync();

        var read = () => db.Client.ReadOrderAsync(new ReadOrderRequest { OrderId = order.Id }).ResponseAsync;

        (await read.Should().ThrowAsync<RpcException>()).Which.Status.Should().Be(new Status(StatusCode.Unavailable, "The database does not answer."));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Schema_Unknown_StopsTheStart(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await using (var connection = await db.Sql.OpenAsync(CancellationToken.None))
        {
            await Dapper.SqlMapper.ExecuteAsync(connection, "INSERT INTO schema_version (Version, Description) VALUES (299901010000, 'of the future')");
        }

        var again = () => DatabaseFixture.StartAsync(provider, db.Connection, null, db.Clock);

        (await again.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*299901010000*");
    }
}
