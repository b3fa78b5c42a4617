using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayCenter.Tests;

/// <summary>Plays PayGateway and QueryGateway for the cashier: orders by page token, and a record of what was asked.</summary>
public sealed class FakeGateways(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, CashierOrder> _orders = new(StringComparer.Ordinal);

    /// <summary>Every CreateCashierAttempt call.</summary>
    public ConcurrentQueue<CreateCashierAttemptRequest> Asked { get; } = new();

    /// <summary>Every GetCashierOrder call.</summary>
    public ConcurrentQueue<GetCashierOrderRequest> Looked { get; } = new();

    /// <summary>Tokens that were looked at with `refresh`.</summary>
    public ConcurrentQueue<string> Refreshed { get; } = new();

    /// <summary>The one store; null when there is none.</summary>
    public Store? Store { get; set; }

    /// <summary>Every CreateStoreOrder call.</summary>
    public ConcurrentQueue<CreateStoreOrderRequest> StoreOrders { get; } = new();

    /// <summary>What happens at a refresh.</summary>
    public Action<CashierOrder>? OnRefresh { get; set; }

    /// <summary>When set, every call fails with it.</summary>
    public StatusCode? Failure { get; set; }

    public QueryGatewayInner.QueryGatewayInnerBase Query => new QueryFake(this);

    public PayGatewayInner.PayGatewayInnerBase Pay => new PayFake(this);

    /// <summary>Adds an open order with a WeChat code.</summary>
    public string Add(Action<CashierOrder>? change = null)
    {
        var token = $"token-{Guid.NewGuid():N}";
        var now = time.GetUtcNow();
        var order = new CashierOrder
        {
            Order = new PayOrder
            {
                Id = "PCN0000000000000000000000000001",
                AppId = "teashop",
                OutTradeNo = "S20261122-7K3QM9",
                State = PayOrder.Types.State.Paying,
                Version = 2,
                AmountMinor = 1234,
                Currency = "CNY",
                Subject = "Longjing tea, 50 g",
                Method = "wechat",
                Scene = Scene.Qr,
                CreateTime = Timestamp.FromDateTimeOffset(now),
                ExpireTime = Timestamp.FromDateTimeOffset(now.AddMinutes(30)),
            },
            Attempt = Attempt("A1", "wechat", $"weixin://wxpay/bizpayurl?pr={token}"),
            ReturnUrl = "https://tea.example/orders/1",
            MerchantName = "West Lake Tea",
            Ways = { Way("wechat", Scene.Qr), Way("alipay", Scene.Qr) },
            Brand = new CashierBrand(),
        };
        change?.Invoke(order);
        _orders[token] = order;
        return token;
    }

    /// <summary>Adds an order whose user chooses the wallet.</summary>
    public string AddChoice(Action<CashierOrder>? change = null) => Add(o =>
    {
        o.Order.Scene = Scene.Cashier;
        o.Order.Method = "";
        o.Order.State = PayOrder.Types.State.Created;
        o.Attempt = null;
        change?.Invoke(o);
    });

    /// <summary>Changes an order.</summary>
    public void Change(string token, Action<CashierOrder> change) => _orders.AddOrUpdate(token, _ => throw new KeyNotFoundException(token), (_, old) =>
    {
        var changed = old.Clone();
        change(changed);
        return changed;
    });

    /// <summary>A wallet with scenes, as an app's routes name them.</summary>
    public static CashierWay Way(string method, params Scene[] scenes) => new() { Method = method, Scenes = { scenes } };

    /// <summary>An open attempt with a code.</summary>
    public Attempt Attempt(string number, string method, string code) => new()
    {
        AttemptNo = number,
        State = Contracts.V1.Attempt.Types.State.Open,
        Method = method,
        Scene = Scene.Qr,
        AmountMinor = 1234,
        Currency = "CNY",
        Action = new Contracts.V1.Action { QrCodeText = code },
        CreateTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
        ExpireTime = Timestamp.FromDateTimeOffset(time.GetUtcNow().AddMinutes(10)),
    };

    private CashierOrder Find(string token)
    {
        if (Failure is { } failure)
        {
            throw new RpcException(new Status(failure, "on request"));
        }

        return _orders.TryGetValue(token, out var order) ? order : throw new RpcException(new Status(StatusCode.NotFound, "no such page"));
    }

    private sealed class QueryFake(FakeGateways gateways) : QueryGatewayInner.QueryGatewayInnerBase
    {
        public override Task<CashierOrder> GetCashierOrder(GetCashierOrderRequest request, ServerCallContext context)
        {
            gateways.Looked.Enqueue(request);
            gateways.Find(request.PageToken);
            if (request.Refresh)
            {
                gateways.Refreshed.Enqueue(request.PageToken);
                gateways.Change(request.PageToken, o => gateways.OnRefresh?.Invoke(o));
            }

            return Task.FromResult(gateways.Find(request.PageToken).Clone());
        }

        public override Task<Store> GetStore(GetStoreRequest request, ServerCallContext context) =>
            Task.FromResult((request.AppId, request.Store) == ("teashop", "till-1") && gateways.Store is { } store
                ? store.Clone()
                : throw new RpcException(new Status(StatusCode.NotFound, "no such store")));
    }

    private sealed class PayFake(FakeGateways gateways) : PayGatewayInner.PayGatewayInnerBase
    {
        public override Task<PayAnswer> CreateStoreOrder(CreateStoreOrderRequest request, ServerCallContext context)
        {
            if (gateways.Failure is { } failure)
            {
                throw new RpcException(new Status(failure, "on request"));
            }

            gateways.StoreOrders.Enqueue(request);
            return Task.FromResult(new PayAnswer { CashierUrl = $"http://127.0.0.1:8080/pay/token-of-{request.FormNo}" });
        }

        public override Task<PayAnswer> CreateCashierAttempt(CreateCashierAttemptRequest request, ServerCallContext context)
        {
            gateways.Asked.Enqueue(request);
            gateways.Find(request.PageToken);
            gateways.Change(request.PageToken, o =>
            {
                if (o.Attempt?.OutAttemptNo != request.OutAttemptNo)
                {
                    o.Attempt = gateways.Attempt($"A{gateways.Asked.Count + 1}", request.Method, $"{request.Method}://new/{request.OutAttemptNo}");
                    o.Attempt.Scene = request.Scene;
                    if (request.Scene != Scene.Qr)
                    {
                        o.Attempt.Action = new Contracts.V1.Action { RedirectUrl = $"https://{request.Method}.example/pay" };
                    }

                    o.Attempt.OutAttemptNo = request.OutAttemptNo;
                    o.Order.State = PayOrder.Types.State.Paying;
                }
            });
            return Task.FromResult(new PayAnswer { Result = PayAnswer.Types.Result.Action, Order = gateways.Find(request.PageToken).Order.Clone() });
        }
    }
}
