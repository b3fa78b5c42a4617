using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Clock;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;
using Client = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.PayDatabase.Tests;

/// <summary>PayDatabase with a real database of its own, reached through its rpcs, with a clock that the test moves.</summary>
internal sealed partial class DatabaseFixture : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder? _folder;
    private readonly IHost _host;
    private int _number;

    private DatabaseFixture(IHost host, TemporaryFolder? folder, FakeTimeProvider clock, string connection)
    {
        _host = host;
        _folder = folder;
        Clock = clock;
        Connection = connection;
        var network = host.Services.GetRequiredService<InProcessNetwork>();
        network.Register(
            RoleNames.PayDatabase,
            binder => Contracts.V1.PayDatabase.BindService(binder, host.Services.GetRequiredService<PayDatabaseService>()),
            [host.Services.GetRequiredService<ErrorInterceptor>()]);
        network.Register(
            RoleNames.PayDatabase,
            binder => ConsoleRecords.BindService(binder, host.Services.GetRequiredService<ConsoleRecordsService>()),
            [host.Services.GetRequiredService<ErrorInterceptor>()]);
        network.Register(
            RoleNames.PayDatabase,
            binder => Operators.BindService(binder, host.Services.GetRequiredService<OperatorsService>()),
            [host.Services.GetRequiredService<ErrorInterceptor>()]);
        network.Register(
            RoleNames.PayDatabase,
            binder => Contracts.V1.Instances.BindService(binder, host.Services.GetRequiredService<InstancesService>()),
            [host.Services.GetRequiredService<ErrorInterceptor>()]);
        People = new Operators.OperatorsClient(host.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));
        Instances = new Instances.InstancesClient(host.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));
        Records = new ConsoleRecords.ConsoleRecordsClient(host.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));
        Client = new Client(host.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));
    }

    /// <summary>The databases that every test runs on.</summary>
    public static TheoryData<string> Providers => ["sqlite", "mysql"];

    public FakeTimeProvider Clock { get; }

    public Client Client { get; }

    public ConsoleRecords.ConsoleRecordsClient Records { get; }

    public Operators.OperatorsClient People { get; }

    public Instances.InstancesClient Instances { get; }

    public IServiceProvider Services => _host.Services;

    public string Connection { get; }

    public SqlDatabase Sql => _host.Services.GetRequiredService<SqlDatabase>();

    public WriteLoops Writes => _host.Services.GetRequiredService<WriteLoops>();

    public static async Task<DatabaseFixture> StartAsync(string provider)
    {
        var folder = provider == "sqlite" ? new TemporaryFolder() : null;
        var connection = await MigratedDatabase.CreateAsync(provider, folder?.File("test.db") ?? "");
        return await StartAsync(provider, connection, folder, new FakeTimeProvider(Start));
    }

    public static async Task<DatabaseFixture> StartAsync(
        string provider, string connection, TemporaryFolder? folder, FakeTimeProvider clock, Dictionary<string, string?>? settings = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = provider,
            ["Database:ConnectionString"] = connection,
            ["Logging:LogLevel:Default"] = "Warning",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton<TimeProvider>(clock);
        // The test's clock is not that of the database server.
        builder.Services.Configure<ClockOptions>(o => o.Tolerance = TimeSpan.MaxValue);
        builder.Services.AddPayDatabase();
        var host = builder.Build();
        await host.StartAsync();
        return new DatabaseFixture(host, folder, clock, connection);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        _folder?.Dispose();
    }

    /// <summary>A create request with an attempt, of a merchant number that was not used before.</summary>
    public CreateOrderRequest NewOrder(string? outTradeNo = null, bool withAttempt = true)
    {
        var number = Interlocked.Increment(ref _number);
        return new CreateOrderRequest
        {
            Order = new PayOrder
            {
                Id = $"P01{number:D26}",
                AppId = "app1",
                OutTradeNo = outTradeNo ?? $"T{number:D8}",
                AmountMinor = 1299,
                Currency = "CNY",
                Subject = "茶 Tea",
                Method = withAttempt ? "wechat" : "",
                Scene = withAttempt ? Scene.Qr : Scene.Cashier,
                Attach = "a",
                ExpireTime = Timestamp.FromDateTimeOffset(Clock.GetUtcNow().AddMinutes(30)),
            },
            MerchantId = "m1",
            NotifyUrl = "https://shop.example/notify",
            DeliverUrl = "https://shop.example/notify",
            PageToken = $"token{number}",
            Attempt = withAttempt ? NewAttempt("") : null,
        };
    }

    public NewAttempt NewAttempt(string outAttemptNo) => new()
    {
        AttemptNo = $"A01{Interlocked.Increment(ref _number):D26}",
        OutAttemptNo = outAttemptNo,
        Method = "wechat",
        Scene = Scene.Qr,
        Channel = "wechat",
        Account = "1900000001",
        ExpireTime = Timestamp.FromDateTimeOffset(Clock.GetUtcNow().AddMinutes(30)),
        CallLeaseTime = Timestamp.FromDateTimeOffset(Clock.GetUtcNow().AddSeconds(20)),
    };

    /// <summary>An order whose attempt is in the state asked for.</summary>
    public async Task<StoredOrder> OrderAsync(Attempt.Types.State state)
    {
        var stored = (await Client.CreateOrderAsync(NewOrder())).Order;
        var attemptNo = stored.Attempts[0].Attempt.AttemptNo;
        if (state == Attempt.Types.State.Sent)
        {
            return stored;
        }

        if (state == Attempt.Types.State.Refused)
        {
            return (await Client.RecordAnswerAsync(new RecordAnswerRequest
            {
                AttemptNo = attemptNo,
                Refusal = new Refusal { Code = "NO_AUTH", Message = "no" },
            })).Order;
        }

        stored = (await OpenAsync(attemptNo)).Order;
        switch (state)
        {
            case Attempt.Types.State.Closed:
                await Client.RequestCloseAsync(new RequestCloseRequest { OrderId = stored.Order.Id, Cause = "merchant" });
                return (await Client.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attemptNo, Cause = "close" })).Order;
            case Attempt.Types.State.Won:
                return (await PayAsync(attemptNo)).Order;
            case Attempt.Types.State.ExtraPaid:
                var second = NewAttempt("2");
                await Client.BeginAttemptAsync(new BeginAttemptRequest { OrderId = stored.Order.Id, Attempt = second });
                await PayAsync(attemptNo);
                return (await PayAsync(second.AttemptNo)).Order;
            default:
                return stored;
        }
    }

    public async Task<MoveReply> OpenAsync(string attemptNo) => await Client.RecordAnswerAsync(new RecordAnswerRequest
    {
        AttemptNo = attemptNo,
        Action = new Contracts.V1.Action { QrCodeText = "weixin://wxpay/bizpayurl?pr=x" },
    });

    public async Task<MoveReply> PayAsync(string attemptNo, NewCallback? callback = null, long amount = 1299, string currency = "CNY") =>
        await Client.RecordPaidAsync(new RecordPaidRequest
        {
            AttemptNo = attemptNo,
            Cause = callback is null ? "query" : "callback",
            Callback = callback,
            Facts = new PaymentFacts
            {
                AttemptNo = attemptNo,
                AmountMinor = amount,
                Currency = currency,
                ChannelOrderId = "4200001234",
                PaidTime = Timestamp.FromDateTimeOffset(Clock.GetUtcNow()),
            },
        });

    public NewCallback Callback() => new()
    {
        CallbackId = $"C01{Interlocked.Increment(ref _number):D26}",
        Channel = "wechat",
        Account = "1900000001",
        ReceiveTime = Timestamp.FromDateTimeOffset(Clock.GetUtcNow()),
        HttpMethod = "POST",
        Target = "/callback/wechat/1900000001",
        Body = Google.Protobuf.ByteString.CopyFromUtf8("{}"),
        MessageId = "EV-1",
    };

    public async Task<StoredOrder> ReadAsync(string orderId) =>
        await Client.ReadOrderAsync(new ReadOrderRequest { OrderId = orderId, WithHistory = true });

    public async Task<T> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Sql.OpenAsync(CancellationToken.None);
        return (await Dapper.SqlMapper.ExecuteScalarAsync<T>(connection, sql, parameters))!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await Sql.OpenAsync(CancellationToken.None);
        await Dapper.SqlMapper.ExecuteAsync(connection, sql, commandTimeout: 60);
    }
}
