using PayCore.PayCenter.Shop;

namespace PayCore.PayCenter.Tests;

public sealed class ShopOrderFileTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("shop-").FullName;

    private string OrdersFile => Path.Combine(_folder, "orders.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Orders_Restart_ForgetNothing()
    {
        using (var orders = new ShopOrderFile(_folder))
        {
            await orders.AddAsync(Order("S1"));
            await orders.AddAsync(Order("S2"));
            await orders.OpenAsync("S1", "https://pay.example/1");
            await orders.TellAsync(Told("e1", "S1"));
        }

        using var again = new ShopOrderFile(_folder);
        again.Newest(10).Select(o => (o.OutTradeNo, o.State, o.CashierUrl)).Should().Equal(
            ("S2", ShopOrderState.NotStarted, ""), ("S1", ShopOrderState.Paid, "https://pay.example/1"));
        again.Find("S1").Should().BeEquivalentTo(new { ToldTime = _now, GatewayOrderId = "P1", Version = 3, Subject = "茶" });
        (await again.TellAsync(Told("e1", "S1"))).Should().Be(EventResult.Duplicate);
    }

    [Fact]
    public async Task Orders_CrashInTheMiddleOfALine_KeepWhatWasAcknowledged()
    {
        using (var orders = new ShopOrderFile(_folder))
        {
            await orders.AddAsync(Order("S1"));
        }

        await File.AppendAllTextAsync(OrdersFile, "{\"Order\":{\"OutTradeNo\":\"S2\",\"Sub", TestContext.Current.CancellationToken);
        using (var orders = new ShopOrderFile(_folder))
        {
            orders.Newest(10).Should().ContainSingle();
            await orders.AddAsync(Order("S3"));
        }

        using var again = new ShopOrderFile(_folder);
        again.Newest(10).Select(o => o.OutTradeNo).Should().Equal("S3", "S1");
    }

    [Fact]
    public async Task Orders_SameNumber_KeepTheFirst()
    {
        using var orders = new ShopOrderFile(_folder);
        await orders.AddAsync(Order("S1"));
        var second = await orders.AddAsync(Order("S1") with { AmountMinor = 9 });
        second.AmountMinor.Should().Be(3800);
        orders.Newest(10).Should().ContainSingle();
    }

    [Fact]
    public async Task Orders_ManyAtOnce_AreAllThere()
    {
        using (var orders = new ShopOrderFile(_folder))
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(i => orders.AddAsync(Order($"S{i % 20}"))));
        }

        using var again = new ShopOrderFile(_folder);
        again.Newest(100).Should().HaveCount(20);
    }

    [Theory]
    [InlineData(3800, "CNY", 3, "Applied")]
    [InlineData(3801, "CNY", 3, "Ignored")]
    [InlineData(3800, "USD", 3, "Ignored")]
    [InlineData(3800, "CNY", 0, "Ignored")]
    public async Task Events_OfAnotherAmountOrOlder_ChangeNothing(long amount, string currency, int version, string expected)
    {
        using var orders = new ShopOrderFile(_folder);
        await orders.AddAsync(Order("S1"));
        var result = await orders.TellAsync(Told("e1", "S1") with { AmountMinor = amount, Currency = currency, Version = version });
        result.ToString().Should().Be(expected);
        orders.Find("S1")!.State.Should().Be(expected == "Applied" ? ShopOrderState.Paid : ShopOrderState.NotStarted);
    }

    [Fact]
    public async Task Events_OutOfOrder_TheNewestVersionStays()
    {
        using var orders = new ShopOrderFile(_folder);
        await orders.AddAsync(Order("S1"));
        await orders.TellAsync(Told("e2", "S1") with { Version = 4 });
        (await orders.TellAsync(Told("e1", "S1") with { Version = 3, State = ShopOrderState.Closed })).Should().Be(EventResult.Ignored);
        orders.Find("S1")!.State.Should().Be(ShopOrderState.Paid);
    }

    [Fact]
    public async Task Event_BeforeTheGatewaysAnswer_IsNotUndoneByIt()
    {
        using var orders = new ShopOrderFile(_folder);
        await orders.AddAsync(Order("S1"));
        await orders.TellAsync(Told("e1", "S1"));
        await orders.OpenAsync("S1", "https://pay.example/1");
        orders.Find("S1")!.State.Should().Be(ShopOrderState.Paid);
    }

    [Fact]
    public async Task Event_OfAnUnknownOrder_IsRememberedOnly()
    {
        using var orders = new ShopOrderFile(_folder);
        (await orders.TellAsync(Told("e1", "S9"))).Should().Be(EventResult.Ignored);
        (await orders.TellAsync(Told("e1", "S9"))).Should().Be(EventResult.Duplicate);
        orders.Newest(10).Should().BeEmpty();
    }

    [Fact]
    public void File_IsForItsOwnerOnly()
    {
        using var orders = new ShopOrderFile(_folder);
        File.GetUnixFileMode(OrdersFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static ShopOrder Order(string number) => new()
    {
        OutTradeNo = number,
        Subject = "茶",
        AmountMinor = 3800,
        Currency = "CNY",
        Method = "wechat",
        CreateTime = _now,
    };

    private static ShopEvent Told(string id, string number) => new()
    {
        WebhookId = id,
        OutTradeNo = number,
        GatewayOrderId = "P1",
        State = ShopOrderState.Paid,
        Version = 3,
        AmountMinor = 3800,
        Currency = "CNY",
        Time = _now,
    };
}
