using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PayCore.Channels.Wechat;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;

namespace PayCore.Wechat.Tests;

/// <summary>
/// The channel as a host makes it, called by its generated client, against <see cref="FakeWechat"/>. The clock stands still until a test moves it. At its end
/// no secret may have been logged, and nothing above a warning.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string Account = "main";
    public const string AttemptNo = "A01H3V7M0000000000000000000T1";
    public const string RefundNo = "R01H3V7M0000000000000000000T1";
    public const string TransferNo = "T01H3V7M0000000000000000000T1";
    public const string OpenId = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(8));

    private readonly ServiceProvider _services;
    private readonly IDisposable _registration;
    private readonly Lines _lines = new();

    private World(FakeWechat wechat, FakeTimeProvider time, Action<JsonObject>? change, string? baseUrl)
    {
        Wechat = wechat;
        Time = time;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(_lines).SetMinimumLevel(LogLevel.Trace));
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<RandomSource>(new SeededRandom(seed));
        services.AddWechatChannel();
        services.AddWechatChannel();
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        BaseUrl = baseUrl ?? wechat.Address.ToString();
        Configure(change);
        var network = _services.GetRequiredService<InProcessNetwork>();
        var role = RoleNames.Channel("wechat");
        _registration = network.Register(role, binder => PayChannel.BindService(binder, _services.GetRequiredService<WechatChannel>()), []);
        Client = new PayChannel.PayChannelClient(network.InvokerFor(role, time));
    }

    public FakeWechat Wechat { get; }

    public FakeTimeProvider Time { get; }

    public PayChannel.PayChannelClient Client { get; }

    public string BaseUrl { get; }

    public IReadOnlyCollection<string> Log => _lines.All;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<World> CreateAsync(Action<JsonObject>? change = null, string? baseUrl = null, FakeTimeProvider? time = null)
    {
        time ??= new FakeTimeProvider(Start);
        return new World(await FakeWechat.StartAsync(time), time, change, baseUrl);
    }

    /// <summary>A good account document, which the test may change.</summary>
    public static JsonObject Document(Action<JsonObject>? change = null, string baseUrl = "https://api.mch.weixin.qq.com")
    {
        var document = new JsonObject
        {
            ["mch_id"] = Keys.MchId,
            ["app_id"] = Keys.AppId,
            ["merchant_serial_no"] = Keys.MerchantSerial,
            ["private_key"] = Keys.Merchant.ExportPkcs8PrivateKeyPem(),
            ["api_v3_key"] = Keys.ApiV3Key,
            ["public_key_id"] = Keys.PublicKeyId,
            ["public_key"] = Keys.Platform.ExportSubjectPublicKeyInfoPem(),
            ["base_url"] = baseUrl,
        };
        change?.Invoke(document);
        return document;
    }

    /// <summary>Replaces the account's document.</summary>
    public void Configure(Action<JsonObject>? change)
    {
        var folder = _services.GetServices<IConfigFolder>().Single(f => f.Name == "wechat");
        folder.Update([new ConfigDocument("wechat", Account, Encoding.UTF8.GetBytes(Document(change, BaseUrl).ToJsonString()))], _services.GetRequiredService<DocumentSeals>(), NullLogger.Instance);
        folder.Problems.Should().BeEmpty();
    }

    public static ChannelPayRequest PayRequest(Action<ChannelPayRequest>? change = null)
    {
        var request = new ChannelPayRequest
        {
            Account = Account,
            AttemptNo = AttemptNo,
            Scene = Scene.Qr,
            AmountMinor = 100,
            Currency = "CNY",
            Subject = "T-shirt",
            CallbackUrl = "https://pay.example.com/callback/wechat/main",
            ExpireTime = Timestamp.FromDateTimeOffset(Start.AddMinutes(30)),
        };
        change?.Invoke(request);
        return request;
    }

    public async Task<ChannelPayReply> PayAsync(Action<ChannelPayRequest>? change = null) => await Client.PayAsync(PayRequest(change));

    public async Task<ChannelQueryReply> QueryAsync(string attemptNo = AttemptNo) =>
        await Client.QueryAsync(new ChannelQueryRequest { Account = Account, AttemptNo = attemptNo });

    public async Task<ChannelCloseReply> CloseAsync(string attemptNo = AttemptNo) =>
        await Client.CloseAsync(new ChannelCloseRequest { Account = Account, AttemptNo = attemptNo });

    public async Task<ChannelReverseReply> ReverseAsync(string attemptNo = AttemptNo) =>
        await Client.ReverseAsync(new ChannelReverseRequest { Account = Account, AttemptNo = attemptNo });

    public async Task<ChannelRefundReply> RefundAsync(Action<ChannelRefundRequest>? change = null)
    {
        var request = new ChannelRefundRequest
        {
            Account = Account,
            AttemptNo = AttemptNo,
            ChannelOrderId = "4200001234202611225678901234",
            PaidAmountMinor = 100,
            RefundNo = RefundNo,
            AmountMinor = 30,
            Currency = "CNY",
            Reason = "too small",
            CallbackUrl = "https://pay.example.com/callback/wechat/main",
        };
        change?.Invoke(request);
        return await Client.RefundAsync(request);
    }

    public async Task<ChannelRefundReply> QueryRefundAsync(string refundNo = RefundNo, string account = Account) =>
        await Client.QueryRefundAsync(new ChannelQueryRefundRequest { Account = account, AttemptNo = AttemptNo, RefundNo = refundNo });

    public async Task<ChannelTransferReply> TransferAsync(Action<ChannelTransferRequest>? change = null)
    {
        var request = new ChannelTransferRequest
        {
            Account = Account,
            TransferNo = TransferNo,
            AmountMinor = 1000,
            Currency = "CNY",
            Payee = new Payee { Kind = Payee.Types.Kind.OpenId, Id = OpenId },
            Title = "佣金 November",
            Remark = "not sent",
            CallbackUrl = "https://pay.example.com/callback/wechat/main",
        };
        change?.Invoke(request);
        return await Client.TransferAsync(request);
    }

    public async Task<ChannelTransferReply> QueryTransferAsync(string transferNo = TransferNo, string account = Account) =>
        await Client.QueryTransferAsync(new ChannelQueryTransferRequest { Account = account, TransferNo = transferNo });

    public async Task<ChannelTransferReply> CancelTransferAsync(string transferNo = TransferNo, string account = Account) =>
        await Client.CancelTransferAsync(new ChannelQueryTransferRequest { Account = account, TransferNo = transferNo });

    /// <summary>A callback as the platform sends it; the test may change the parts before sealing, before signing, and after.</summary>
    public ReadCallbackRequest Callback(
        Action<JsonObject>? transaction = null,
        Action<JsonObject>? envelope = null,
        Action<ReadCallbackRequest>? request = null,
        FakeAnswer? how = null,
        string apiV3Key = Keys.ApiV3Key)
    {
        var plain = Transactions.Paid();
        transaction?.Invoke(plain);
        return Callback("TRANSACTION.SUCCESS", "transaction", plain, envelope, request, how, apiV3Key);
    }

    /// <summary>The same of any event.</summary>
    public ReadCallbackRequest Callback(
        string eventType,
        string originalType,
        JsonObject plain,
        Action<JsonObject>? envelope = null,
        Action<ReadCallbackRequest>? request = null,
        FakeAnswer? how = null,
        string apiV3Key = Keys.ApiV3Key)
    {
        how ??= new FakeAnswer(0);
        var resource = FakeWechat.Seal(plain.ToJsonString(), originalType, apiV3Key);
        resource["original_type"] = originalType;
        var message = new JsonObject
        {
            ["id"] = "EV-2018022511223320873",
            ["create_time"] = "2026-11-22T10:00:00+08:00",
            ["resource_type"] = "encrypt-resource",
            ["event_type"] = eventType,
            ["summary"] = "支付成功",
            ["resource"] = resource,
        };
        envelope?.Invoke(message);
        var body = Encoding.UTF8.GetBytes(message.ToJsonString());
        var made = new ReadCallbackRequest { Account = Account, HttpMethod = "POST", Target = "/callback/wechat/main", Body = ByteString.CopyFrom(body) };
        Sign(made, how);
        request?.Invoke(made);
        return made;
    }

    /// <summary>Signs the body as it is.</summary>
    public void Sign(ReadCallbackRequest request, FakeAnswer how)
    {
        var timestamp = $"{Time.GetUtcNow().ToUnixTimeSeconds() + how.ClockOff}";
        const string nonce = "EcF8kSs9zv0fWbXIjXqE3tZyC6n2qIlK";
        var signature = FakeWechat.Sign(how.Key, timestamp, nonce, request.Body.ToByteArray());
        request.Headers.Clear();
        Add("Content-Type", "application/json");
        Add("Wechatpay-Timestamp", timestamp);
        Add("Wechatpay-Nonce", nonce);
        Add("Wechatpay-Signature", how.Probe ? "WECHATPAY/SIGNTEST/" + signature[19..] : signature);
        Add("Wechatpay-Serial", how.Serial);
        Add("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048");

        void Add(string name, string value) => request.Headers.Add(new RawHeader { Name = name, Value = value });
    }

    public async ValueTask DisposeAsync()
    {
        _registration.Dispose();
        await _services.DisposeAsync();
        await Wechat.DisposeAsync();
        Secrets.In(string.Join('\n', Log)).Should().BeEmpty();
        _lines.Errors.Should().BeEmpty();
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

        public IReadOnlyCollection<string> All => [.. _lines.Select(l => l.Text)];

        public IReadOnlyCollection<string> Errors => [.. _lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Text)];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));

        public void Dispose()
        {
        }
    }
}

/// <summary>What must be seen nowhere.</summary>
internal static class Secrets
{
    private static readonly string[] _all =
    [
        Keys.ApiV3Key,
        .. Keys.Merchant.ExportPkcs8PrivateKeyPem().Split('\n').Where(l => l.Length >= 32 && l[0] != '-'),
        .. Keys.Merchant.ExportRSAPrivateKeyPem().Split('\n').Where(l => l.Length >= 32 && l[0] != '-'),
    ];

    /// <summary>The secrets that the text holds.</summary>
    public static IEnumerable<string> In(string text) => _all.Where(s => text.Contains(s, StringComparison.Ordinal));
}

/// <summary>Transaction objects of wechat-pay-v3.md 4.2.</summary>
internal static class Transactions
{
    public static JsonObject Paid(string state = "SUCCESS") => new()
    {
        ["appid"] = Keys.AppId,
        ["mchid"] = Keys.MchId,
        ["out_trade_no"] = World.AttemptNo,
        ["transaction_id"] = "4200001234202611225678901234",
        ["trade_type"] = "NATIVE",
        ["trade_state"] = state,
        ["trade_state_desc"] = "支付成功",
        ["bank_type"] = "OTHERS",
        ["attach"] = "",
        ["success_time"] = "2026-11-22T10:01:02+08:00",
        ["payer"] = new JsonObject { ["openid"] = World.OpenId },
        ["amount"] = new JsonObject { ["total"] = 100, ["payer_total"] = 90, ["currency"] = "CNY", ["payer_currency"] = "CNY" },
        ["new_member_of_tomorrow"] = new JsonObject { ["a"] = 1 },
    };

    public static JsonObject Unpaid(string state = "NOTPAY") => new()
    {
        ["appid"] = Keys.AppId,
        ["mchid"] = Keys.MchId,
        ["out_trade_no"] = World.AttemptNo,
        ["trade_state"] = state,
        ["trade_state_desc"] = "订单未支付",
        ["amount"] = new JsonObject { ["total"] = 100, ["currency"] = "CNY" },
    };
}

/// <summary>Refunds of wechat-pay-v3.md 6.2 and 6.5.</summary>
internal static class Refunds
{
    /// <summary>As answers tell of it.</summary>
    public static JsonObject Of(string status = "SUCCESS") => new()
    {
        ["refund_id"] = "50000000382019052709732678859",
        ["out_refund_no"] = World.RefundNo,
        ["transaction_id"] = "4200001234202611225678901234",
        ["out_trade_no"] = World.AttemptNo,
        ["channel"] = "ORIGINAL",
        ["user_received_account"] = "支付用户零钱",
        ["success_time"] = "2026-11-22T11:00:00+08:00",
        ["create_time"] = "2026-11-22T10:59:00+08:00",
        ["status"] = status,
        ["funds_account"] = "AVAILABLE",
        ["amount"] = new JsonObject
        {
            ["total"] = 100, ["refund"] = 30, ["payer_total"] = 90, ["payer_refund"] = 27, ["currency"] = "CNY", ["settlement_refund"] = 27,
        },
    };

    /// <summary>As a callback tells of it.</summary>
    public static JsonObject Told(string status = "SUCCESS") => new()
    {
        ["mchid"] = Keys.MchId,
        ["transaction_id"] = "4200001234202611225678901234",
        ["out_trade_no"] = World.AttemptNo,
        ["refund_id"] = "50000000382019052709732678859",
        ["out_refund_no"] = World.RefundNo,
        ["refund_status"] = status,
        ["success_time"] = "2026-11-22T11:00:00+08:00",
        ["user_received_account"] = "支付用户零钱",
        ["amount"] = new JsonObject { ["total"] = 100, ["refund"] = 30, ["payer_total"] = 90, ["payer_refund"] = 27 },
    };
}

/// <summary>Transfers of wechat-pay-v3.md 7.1, 7.4 and 7.7.</summary>
internal static class Transfers
{
    /// <summary>As the answer to a new one tells of it.</summary>
    public static JsonObject Created(string state = "WAIT_USER_CONFIRM") => new()
    {
        ["out_bill_no"] = World.TransferNo,
        ["transfer_bill_no"] = "1330000071100999991182020050700019480001",
        ["create_time"] = "2026-11-22T10:00:00+08:00",
        ["state"] = state,
        ["package_info"] = "affffddafdfafddffda==",
    };

    /// <summary>As a query tells of it.</summary>
    public static JsonObject Of(string state = "SUCCESS") => new()
    {
        ["mch_id"] = Keys.MchId,
        ["out_bill_no"] = World.TransferNo,
        ["transfer_bill_no"] = "1330000071100999991182020050700019480001",
        ["appid"] = Keys.AppId,
        ["state"] = state,
        ["transfer_amount"] = 1000,
        ["transfer_remark"] = "佣金 November",
        ["openid"] = World.OpenId,
        ["create_time"] = "2026-11-22T10:00:00+08:00",
        ["update_time"] = "2026-11-22T11:00:00+08:00",
    };
}
