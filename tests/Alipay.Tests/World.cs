using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PayCore.Channels.Alipay;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TestKit;

namespace PayCore.Alipay.Tests;

/// <summary>
/// The channel as a host makes it, called by its generated client, against <see cref="FakeAlipay"/>. The clock stands still until a test moves it. At its end
/// no secret may have been logged, and nothing above a warning that the test did not expect.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string Account = "main";
    public const string AttemptNo = "A01H3V7M0000000000000000000T1";
    public const string RefundNo = "R01H3V7M0000000000000000000R1";
    public const string TransferNo = "T01H3V7M0000000000000000000P1";
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(8));

    private readonly ServiceProvider _services;
    private readonly IDisposable _registration;
    private readonly Lines _lines = new();
    private readonly List<string> _expectedErrors = [];

    private World(FakeAlipay alipay, FakeTimeProvider time, Action<JsonObject>? change, string? gatewayUrl)
    {
        Alipay = alipay;
        Time = time;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(_lines).SetMinimumLevel(LogLevel.Trace));
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<RandomSource>(new SeededRandom(seed));
        services.AddAlipayChannel();
        services.AddAlipayChannel();
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        GatewayUrl = gatewayUrl ?? new Uri(alipay.Address, "/gateway.do").ToString();
        Configure(change);
        var network = _services.GetRequiredService<InProcessNetwork>();
        var role = RoleNames.Channel("alipay");
        _registration = network.Register(role, binder => PayChannel.BindService(binder, _services.GetRequiredService<AlipayChannel>()), []);
        Client = new PayChannel.PayChannelClient(network.InvokerFor(role, time));
    }

    public FakeAlipay Alipay { get; }

    public FakeTimeProvider Time { get; }

    public PayChannel.PayChannelClient Client { get; }

    public string GatewayUrl { get; }

    public IReadOnlyCollection<string> Log => _lines.All;

    public static async Task<World> CreateAsync(Action<JsonObject>? change = null, string? gatewayUrl = null, FakeTimeProvider? time = null)
    {
        time ??= new FakeTimeProvider(Start);
        return new World(await FakeAlipay.StartAsync(time), time, change, gatewayUrl);
    }

    /// <summary>A good account document, which the test may change.</summary>
    public static JsonObject Document(Action<JsonObject>? change = null, string gatewayUrl = "https://openapi.alipay.com/gateway.do")
    {
        var document = new JsonObject
        {
            ["app_id"] = Keys.AppId,
            ["seller_id"] = Keys.SellerId,
            ["private_key"] = Keys.App.ExportPkcs8PrivateKeyPem(),
            ["alipay_public_key"] = Keys.Alipay.ExportSubjectPublicKeyInfoPem(),
            ["gateway_url"] = gatewayUrl,
        };
        change?.Invoke(document);
        return document;
    }

    /// <summary>Makes a document one of certificate mode.</summary>
    public static void UseCertificates(JsonObject document, Certificates? certificates = null)
    {
        certificates ??= Keys.Good;
        document.Remove("alipay_public_key");
        document["app_cert"] = certificates.AppPem;
        document["alipay_cert"] = certificates.AlipayPem;
        document["alipay_root_cert"] = certificates.RootPem;
    }

    /// <summary>Replaces the account's document.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Configure(Action<JsonObject>? change)
    {
        var folder = _services.GetServices<IConfigFolder>().Single(f => f.Name == "alipay");
        folder.Update([new ConfigDocument("alipay", Account, Encoding.UTF8.GetBytes(Document(change, GatewayUrl).ToJsonString()))], _services.GetRequiredService<DocumentSeals>(), NullLogger.Instance);
        return folder.Problems.SingleOrDefault()?.Reason;
    }

    /// <summary>The test brings about an error in the log that holds this text.</summary>
    public void ExpectError(string text) => _expectedErrors.Add(text);

    public static ChannelPayRequest PayRequest(Action<ChannelPayRequest>? change = null)
    {
        var request = new ChannelPayRequest
        {
            Account = Account,
            AttemptNo = AttemptNo,
            Scene = Scene.Qr,
            AmountMinor = 8888,
            Currency = "CNY",
            Subject = "T-shirt",
            CallbackUrl = "https://pay.example.com/callback/alipay/main",
            ExpireTime = Timestamp.FromDateTimeOffset(Start.AddMinutes(30)),
        };
        change?.Invoke(request);
        return request;
    }

    public async Task<ChannelPayReply> PayAsync(Action<ChannelPayRequest>? change = null) => await Client.PayAsync(PayRequest(change));

    public async Task<ChannelPayReply> PayByPageAsync(Action<ChannelPayRequest>? change = null) => await PayAsync(r =>
    {
        r.Scene = Scene.Page;
        change?.Invoke(r);
    });

    public async Task<ChannelQueryReply> QueryAsync(string attemptNo = AttemptNo) =>
        await Client.QueryAsync(new ChannelQueryRequest { Account = Account, AttemptNo = attemptNo });

    public async Task<ChannelCloseReply> CloseAsync(string attemptNo = AttemptNo) =>
        await Client.CloseAsync(new ChannelCloseRequest { Account = Account, AttemptNo = attemptNo });

    public async Task<ChannelReverseReply> ReverseAsync(string attemptNo = AttemptNo) =>
        await Client.ReverseAsync(new ChannelReverseRequest { Account = Account, AttemptNo = attemptNo });

    public static ChannelRefundRequest RefundRequest(Action<ChannelRefundRequest>? change = null)
    {
        var request = new ChannelRefundRequest
        {
            Account = Account,
            AttemptNo = AttemptNo,
            ChannelOrderId = "2026112222001400000000000001",
            PaidAmountMinor = 8888,
            RefundNo = RefundNo,
            AmountMinor = 1000,
            Currency = "CNY",
            Reason = "too small",
            CallbackUrl = "https://pay.example.com/callback/alipay/main",
        };
        change?.Invoke(request);
        return request;
    }

    public async Task<ChannelRefundReply> RefundAsync(Action<ChannelRefundRequest>? change = null) => await Client.RefundAsync(RefundRequest(change));

    public async Task<ChannelRefundReply> QueryRefundAsync(Action<ChannelQueryRefundRequest>? change = null)
    {
        var request = new ChannelQueryRefundRequest { Account = Account, AttemptNo = AttemptNo, RefundNo = RefundNo };
        change?.Invoke(request);
        return await Client.QueryRefundAsync(request);
    }

    public static ChannelTransferRequest TransferRequest(Action<ChannelTransferRequest>? change = null)
    {
        var request = new ChannelTransferRequest
        {
            Account = Account,
            TransferNo = TransferNo,
            AmountMinor = 1234,
            Currency = "CNY",
            Payee = new Payee { Kind = Payee.Types.Kind.UserId, Id = "2088000000000009" },
            Title = "Prize 奖金",
        };
        change?.Invoke(request);
        return request;
    }

    public async Task<ChannelTransferReply> TransferAsync(Action<ChannelTransferRequest>? change = null) => await Client.TransferAsync(TransferRequest(change));

    public async Task<ChannelTransferReply> QueryTransferAsync(Action<ChannelQueryTransferRequest>? change = null)
    {
        var request = new ChannelQueryTransferRequest { Account = Account, TransferNo = TransferNo };
        change?.Invoke(request);
        return await Client.QueryTransferAsync(request);
    }

    public async Task<CheckAccountReply> CheckAsync(Action<CheckAccountRequest>? change = null)
    {
        var request = new CheckAccountRequest { Account = Account };
        change?.Invoke(request);
        return await Client.CheckAccountAsync(request);
    }

    public async Task<ReadCallbackReply> ReadAsync(ReadCallbackRequest request) => await Client.ReadCallbackAsync(request);

    public async ValueTask DisposeAsync()
    {
        _registration.Dispose();
        await _services.DisposeAsync();
        await Alipay.DisposeAsync();
        Secrets.In(string.Join('\n', Log)).Should().BeEmpty();
        _lines.Errors.Where(l => !_expectedErrors.Any(e => l.Contains(e, StringComparison.Ordinal))).Should().BeEmpty();
        _expectedErrors.Where(e => !_lines.Errors.Any(l => l.Contains(e, StringComparison.Ordinal))).Should().BeEmpty("the test expects them");
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
        .. Keys.App.ExportPkcs8PrivateKeyPem().Split('\n').Where(l => l.Length >= 32 && l[0] != '-'),
        .. Keys.App.ExportRSAPrivateKeyPem().Split('\n').Where(l => l.Length >= 32 && l[0] != '-'),
    ];

    /// <summary>The secrets that the text holds.</summary>
    public static IEnumerable<string> In(string text) => _all.Where(s => text.Contains(s, StringComparison.Ordinal));
}

/// <summary>Response nodes of alipay.md 3 to 5.</summary>
internal static class Nodes
{
    public const string Placed =
        $$"""{"code":"10000","msg":"Success","out_trade_no":"{{World.AttemptNo}}","qr_code":"https:\/\/qr.alipay.com\/bavh4wjlxf12tper3a"}""";

    public const string Closed = $$"""{"code":"10000","msg":"Success","trade_no":"2026112222001400000000000001","out_trade_no":"{{World.AttemptNo}}"}""";

    public static string Trade(string status = "TRADE_SUCCESS", Action<JsonObject>? change = null)
    {
        var node = new JsonObject
        {
            ["code"] = "10000",
            ["msg"] = "Success",
            ["out_trade_no"] = World.AttemptNo,
            ["trade_no"] = "2026112222001400000000000001",
            ["trade_status"] = status,
            ["total_amount"] = "88.88",
            ["buyer_logon_id"] = "159****5620",
            ["member_of_tomorrow"] = new JsonObject { ["a"] = 1 },
        };
        if (status != "WAIT_BUYER_PAY" && status != "TRADE_CLOSED")
        {
            node["send_pay_date"] = "2026-11-22 10:01:02";
        }

        change?.Invoke(node);
        return node.ToJsonString();
    }

    /// <summary>The answer of create and of a payment by barcode.</summary>
    public static string Made(string code = "10000", string? amount = null, Action<JsonObject>? change = null)
    {
        var node = new JsonObject
        {
            ["code"] = code, ["msg"] = "Success", ["out_trade_no"] = World.AttemptNo, ["trade_no"] = "2026112222001400000000000001",
        };
        if (amount is not null)
        {
            node["total_amount"] = amount;
        }

        change?.Invoke(node);
        return node.ToJsonString();
    }

    public static string Refunded(Action<JsonObject>? change = null)
    {
        var node = new JsonObject
        {
            ["code"] = "10000", ["msg"] = "Success", ["out_trade_no"] = World.AttemptNo, ["trade_no"] = "2026112222001400000000000001", ["fund_change"] = "Y",
            ["refund_fee"] = "10.00", ["gmt_refund_pay"] = "2026-11-22 11:00:00", ["buyer_logon_id"] = "159****5620",
        };
        change?.Invoke(node);
        return node.ToJsonString();
    }

    public static string Refund(Action<JsonObject>? change = null)
    {
        var node = new JsonObject
        {
            ["code"] = "10000", ["msg"] = "Success", ["out_trade_no"] = World.AttemptNo, ["trade_no"] = "2026112222001400000000000001",
            ["out_request_no"] = World.RefundNo, ["total_amount"] = "88.88", ["refund_amount"] = "10.00", ["refund_status"] = "REFUND_SUCCESS",
            ["gmt_refund_pay"] = "2026-11-22 11:00:00",
        };
        change?.Invoke(node);
        return node.ToJsonString();
    }

    public static string Transfer(string? status = "SUCCESS", Action<JsonObject>? change = null)
    {
        var node = new JsonObject
        {
            ["code"] = "10000", ["msg"] = "Success", ["out_biz_no"] = World.TransferNo, ["order_id"] = "20261122110070000006000000000001",
            ["pay_fund_order_id"] = "20261122110070001506000000000002", ["trans_date"] = "2026-11-22 12:00:00",
        };
        if (status is not null)
        {
            node["status"] = status;
        }

        change?.Invoke(node);
        return node.ToJsonString();
    }

    public static string Error(string code, string subCode) =>
        new JsonObject { ["code"] = code, ["msg"] = "Business Failed", ["sub_code"] = subCode, ["sub_msg"] = "for people" }.ToJsonString();
}

/// <summary>A callback as the platform sends it (6.1, 6.2, 6.4), made step by step so that a test may change each step.</summary>
public sealed class Notify
{
    /// <summary>The parameters without <c>sign</c> and <c>sign_type</c>.</summary>
    public SortedDictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal)
    {
        ["notify_time"] = "2026-11-22 10:01:05",
        ["notify_type"] = "trade_status_sync",
        ["notify_id"] = "2026112200222100102000005000000001",
        ["charset"] = "utf-8",
        ["version"] = "1.0",
        ["app_id"] = Keys.AppId,
        ["auth_app_id"] = Keys.AppId,
        ["trade_no"] = "2026112222001400000000000001",
        ["out_trade_no"] = World.AttemptNo,
        ["buyer_id"] = "2088000000000009",
        ["seller_id"] = Keys.SellerId,
        ["trade_status"] = "TRADE_SUCCESS",
        ["total_amount"] = "88.88",
        ["receipt_amount"] = "80.00",
        ["subject"] = "测试商品 A+B 100%",
        ["gmt_create"] = "2026-11-22 10:00:50",
        ["gmt_payment"] = "2026-11-22 10:01:02",
        ["fund_bill_list"] = """[{"amount":"88.88","fundChannel":"ALIPAYACCOUNT"}]""",
    };

    public string SignType { get; set; } = "RSA2";

    public RSA Key { get; set; } = Keys.Alipay;

    public Encoding Charset { get; set; } = new UTF8Encoding(false);

    /// <summary>The parameters that the signature leaves out, by the rule that the platform follows this time.</summary>
    public Func<KeyValuePair<string, string>, bool> IsSigned { get; set; } = p => p.Key != "sign_type" && p.Value.Length > 0;

    /// <summary>Changes the encoded form after signing.</summary>
    public Func<string, string> Body { get; set; } = b => b;

    public static ReadCallbackRequest Make(Action<Notify>? change = null)
    {
        var notify = new Notify();
        change?.Invoke(notify);
        return notify.Request();
    }

    public ReadCallbackRequest Request()
    {
        var all = new SortedDictionary<string, string>(Parameters, StringComparer.Ordinal) { ["sign_type"] = SignType };
        var text = string.Join("&", all.Where(IsSigned).Select(p => p.Key + "=" + p.Value));
        all["sign"] = FakeAlipay.Sign(Key, Charset.GetBytes(text));
        var body = string.Join("&", all.OrderByDescending(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={Encode(p.Value)}"));
        var request = new ReadCallbackRequest
        {
            Account = World.Account, HttpMethod = "POST", Target = "/callback/alipay/main", Body = ByteString.CopyFrom(Encoding.Latin1.GetBytes(Body(body))),
        };
        request.Headers.Add(new RawHeader { Name = "Content-Type", Value = $"application/x-www-form-urlencoded; charset={all["charset"]}" });
        return request;
    }

    private string Encode(string value) => Encoding.ASCII.GetString(WebUtility.UrlEncodeToBytes(Charset.GetBytes(value), 0, Charset.GetByteCount(value)));
}
