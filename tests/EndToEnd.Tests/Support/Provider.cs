using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.Host;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>One of the two simulated providers of a world, for stories that are told of both in the same words.</summary>
internal sealed class Provider(World world, string method) : IAsyncDisposable
{
    private const string AlipayCertificateAccount = "2021000000000002";

    /// <summary>Each provider on each database.</summary>
    public static TheoryData<string, string> Everywhere => new() { { "sqlite", "wechat" }, { "mysql", "wechat" }, { "sqlite", "alipay" }, { "mysql", "alipay" } };

    public World World => world;

    public string Method => method;

    /// <summary>The account that routes name: the mchid or the app_id.</summary>
    public string Account => IsWechat ? World.Account : World.AlipayAccount;

    /// <summary>Whose money it is in the provider's books: the mchid or the pid.</summary>
    public string Merchant => IsWechat ? World.Account : "2088000000000001";

    /// <summary>The account that pays out: Alipay does so in certificate mode only.</summary>
    public string TransferAccount => IsWechat ? World.Account : AlipayCertificateAccount;

    /// <summary>Whose money that is in the provider's books.</summary>
    public string TransferMerchant => IsWechat ? World.Account : "2088000000000002";

    /// <summary>The provider's book of what really moved.</summary>
    public AccountBook Accounts => IsWechat ? world.Ledger.Accounts : world.AlipayLedger.Accounts;

    private bool IsWechat => method == "wechat";

    /// <summary>A world in which both providers also take transfers. The app's document may be another than usual.</summary>
    public static Task<Provider> StartAsync(string database, string method, TimeProvider? clock = null, params string[] settings) =>
        StartAsync(database, method, clock, app => app, settings);

    /// <summary>As the other, with members of the app's document that are the story's own.</summary>
    public static async Task<Provider> StartAsync(
        string database, string method, TimeProvider? clock, Func<JsonObject, JsonObject> app, params string[] settings)
    {
        var world = await World.StartAsync(
            database, Role.All, new() { ["wechat.TRANSFER"] = World.Account, ["alipay.TRANSFER"] = AlipayCertificateAccount },
            async documents =>
            {
                await ChangeAsync(documents, "wechat", World.Account, WithTransfers);
                await ChangeAsync(documents, "apps", World.AppId, app);
            },
            clock, null, ["--Demo:Ways=all", .. settings]);
        await NameGatewayAsync(world);
        return new Provider(world, method);
    }

    /// <summary>Adds a fault of one of this provider's operations, named without the provider.</summary>
    public void Fail(string operation, string kind, int count = 1) =>
        world.Faults.Add(new Fault { Operation = IsWechat ? operation : $"alipay.{operation}", Kind = kind, Count = count });

    /// <summary>A new order of this wallet.</summary>
    public async Task<(string OrderId, string AttemptNo)> CreateAsync(long amount = 10_000)
    {
        var answer = await world.CreateAsync(world.NewOrder(method: method).With("amount_minor", amount));
        return (answer["order"]!["id"]!.GetValue<string>(), answer["attempt_no"]!.GetValue<string>());
    }

    /// <summary>The user pays.</summary>
    /// <exception cref="InvalidOperationException">The provider does not take the money.</exception>
    public void Pay(string attemptNo)
    {
        if (IsWechat)
        {
            world.Wallet.Pay(Account, attemptNo);
        }
        else
        {
            world.AlipayWallet.Pay(Account, attemptNo);
        }
    }

    /// <summary>An order that is paid, by its callback.</summary>
    public async Task<(string OrderId, string AttemptNo)> PaidAsync(long amount = 10_000)
    {
        var order = await CreateAsync(amount);
        Pay(order.AttemptNo);
        await world.UntilAsync(order.OrderId, o => o.Order.State == OrderState.Paid);
        return order;
    }

    /// <summary>Says what becomes of refunds.</summary>
    public void PlanRefunds(SettlementPlan plan)
    {
        if (IsWechat)
        {
            world.Ledger.Refunds.Plan(plan);
        }
        else
        {
            world.AlipayLedger.Refunds.Plan(plan);
        }
    }

    /// <summary>Says what becomes of transfers.</summary>
    public void PlanTransfers(SettlementPlan plan)
    {
        if (IsWechat)
        {
            world.Ledger.Transfers.Plan(plan);
        }
        else
        {
            world.AlipayLedger.Transfers.Plan(plan);
        }
    }

    /// <summary>Asks for a refund.</summary>
    public Task<RestAnswer> RefundAsync(string orderId, string number, long amount) => world.Merchant.PostTextAsync(
        "/v1/refunds", new JsonObject { ["out_refund_no"] = number, ["order_id"] = orderId, ["amount_minor"] = amount }.ToJsonString());

    /// <summary>The refund in the records, with its history.</summary>
    public async Task<StoredRefund> ReadRefundAsync(string number) => await world.Database.ReadRefundAsync(new ReadRefundRequest
    {
        MerchantRefund = new MerchantRefundKey { AppId = World.AppId, OutRefundNo = number },
        WithHistory = true,
    });

    /// <summary>A request for a transfer.</summary>
    public JsonObject NewTransfer(string number, long amount = 500, string payee = "oPayee7", string? name = null)
    {
        var who = new JsonObject { ["kind"] = IsWechat ? "OPEN_ID" : "USER_ID", ["id"] = IsWechat ? payee : $"2088{payee.Length:D12}" };
        return new JsonObject
        {
            ["out_transfer_no"] = number,
            ["amount_minor"] = amount,
            ["method"] = method,
            ["payee"] = name is null ? who : who.With("name", name),
            ["title"] = "退还押金",
        };
    }

    /// <summary>Asks for a transfer.</summary>
    public Task<RestAnswer> TransferAsync(JsonObject request) => world.Merchant.PostTextAsync("/v1/transfers", request.ToJsonString());

    /// <summary>The transfer in the records, with its history.</summary>
    public async Task<StoredTransfer> ReadTransferAsync(string number) => await world.Database.ReadTransferAsync(new ReadTransferRequest
    {
        MerchantTransfer = new MerchantTransferKey { AppId = World.AppId, OutTransferNo = number },
        WithHistory = true,
    });

    /// <summary>What a person must look at, of one order or of all.</summary>
    public async Task<IReadOnlyList<ExceptionItem>> ExceptionsAsync(string orderId = "") =>
        (await world.Database.ListExceptionsAsync(new ListExceptionsRequest { OrderId = orderId, Limit = 200 })).Exceptions;

    /// <summary>The types of the notifications that the merchant has, in the order of their coming.</summary>
    public IReadOnlyList<string?> EventsReceived => [.. world.Receiver.All.Select(r => r.Json.GetProperty("type").GetString())];

    /// <summary>Lets the clock run until the merchant was told so many times, for at most 20 seconds of real time.</summary>
    public async Task ToldAsync(FakeTimeProvider clock, int times)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (EventsReceived.Count < times)
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(20), $"{EventsReceived.Count} of {times} notifications came");
            await clock.StepAsync(TimeSpan.FromSeconds(1));
        }
    }

    public ValueTask DisposeAsync() => world.DisposeAsync();

    /// <summary>The scene that an account has once the provider granted it transfers (wechat-pay-v3.md 7.2).</summary>
    private static JsonObject WithTransfers(JsonObject account) => account
        .With("transfer_scene_id", "1005")
        .With("transfer_report_infos", new JsonObject { ["岗位类型"] = "导购", ["报酬说明"] = "佣金" });

    private static async Task ChangeAsync(IConfigBackend documents, string folder, string name, Func<JsonObject, JsonObject> change) => await documents.WriteAsync(
        folder, name, JsonSerializer.SerializeToUtf8Bytes(change(await ReadAsync(documents, folder, name))), CancellationToken.None);

    private static async Task<JsonObject> ReadAsync(IConfigBackend documents, string folder, string name) =>
        JsonNode.Parse((await documents.ReadAllAsync(CancellationToken.None)).Single(d => (d.Folder, d.Name) == (folder, name)).Content.Span)!.AsObject();

    /// <summary>The address in Alipay's console to which messages of transfers go (alipay.md 6.10).</summary>
    private static async Task NameGatewayAsync(World world)
    {
        var account = await ReadAsync(world.App.Services.GetRequiredService<IConfigBackend>(), "alipay", AlipayCertificateAccount);
        using var key = RSA.Create();
        key.ImportFromPem(account["private_key"]!.GetValue<string>());
        world.App.Services.GetRequiredService<AlipayMerchants>().Register(new AlipayMerchantRegistration
        {
            AppId = AlipayCertificateAccount,
            Pid = account["seller_id"]!.GetValue<string>(),
            Name = "test",
            AppPublicKey = key.ExportSubjectPublicKeyInfoPem(),
            Mode = "certificate",
            GatewayUrl = new Uri(world.Web, $"/callback/alipay/{AlipayCertificateAccount}").ToString(),
        });
    }
}
