using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;
using GrpcStatusCode = Grpc.Core.StatusCode;
using Merchants = PayCore.Contracts.V1.PayGateway.PayGatewayClient;

namespace PayCore.EndToEnd.Tests;

/// <summary>The same refusals on merchants' gRPC port, where no strict JSON stands before the rules.</summary>
public sealed class GrpcRefusals(SharedWorld shared) : IClassFixture<SharedWorld>, IDisposable
{
    private readonly World _world = shared.World;
    private readonly GrpcChannel _signed = Channel(shared.World, signed: true);
    private readonly GrpcChannel _unsigned = Channel(shared.World, signed: false);
    private int _number;

    /// <summary>Field, reason, and what makes the request wrong.</summary>
    public static TheoryData<string, string, string> WrongFields => new()
    {
        { "amount_minor", ErrorReason.AmountInvalid, "amount 0" },
        { "amount_minor", ErrorReason.AmountInvalid, "amount -1" },
        { "amount_minor", ErrorReason.AmountInvalid, "amount min" },
        { "amount_minor", ErrorReason.AmountTooLarge, "amount max" },
        { "scene", ErrorReason.SceneInvalid, "scene 0" },
        { "scene", ErrorReason.SceneInvalid, "scene 99" },
        { "out_trade_no", ErrorReason.NumberInvalid, "no number" },
        { "subject", ErrorReason.SubjectInvalid, "emoji" },
        { "expire_time", ErrorReason.ExpireTimeInvalid, "expiry past" },
        { "expire_time", ErrorReason.ExpireTimeInvalid, "expiry max" },
        { "expire_time", ErrorReason.ExpireTimeInvalid, "expiry min" },
        { "expire_time", ErrorReason.ExpireTimeInvalid, "expiry nanos" },
        { "app_id", ErrorReason.AppMismatch, "other app" },
        { "notify_url", ErrorReason.NotifyUrlInvalid, "private address" },
    };

    [Fact]
    public async Task Create_Signed_IsMade()
    {
        var answer = await new Merchants(_signed).CreatePayOrderAsync(NewOrder());

        answer.Result.Should().Be(PayAnswer.Types.Result.Action);
        answer.Order.AppId.Should().Be(World.AppId);
        var found = await new Contracts.V1.QueryGateway.QueryGatewayClient(_signed).GetPayOrderAsync(new GetPayOrderRequest { Id = answer.Order.Id });
        found.Order.AmountMinor.Should().Be(1299);
    }

    [Fact]
    public async Task Create_Unsigned_IsRefused()
    {
        var order = NewOrder();

        var refused = await _world.WithoutEffectAsync(order.OutTradeNo, () => RefusedAsync(_unsigned, order));

        refused.StatusCode.Should().Be(GrpcStatusCode.Unauthenticated);
        Info(refused).Reason.Should().Be(ErrorReason.SignatureMissing);
    }

    [Theory]
    [MemberData(nameof(WrongFields))]
    public async Task Create_WrongField_IsRefusedByItsName(string field, string reason, string wrong)
    {
        var order = Change(NewOrder(), wrong);

        var refused = await _world.WithoutEffectAsync(order.OutTradeNo.Length == 0 ? null : order.OutTradeNo, () => RefusedAsync(_signed, order));

        refused.StatusCode.Should().Be(GrpcStatusCode.InvalidArgument, refused.Status.Detail);
        Info(refused).Reason.Should().Be(ErrorReason.RequestInvalid);
        var violation = refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Should().ContainSingle().Subject;
        violation.Field.Should().Be(field);
        violation.Reason.Should().Be(reason);
    }

    [Fact]
    public async Task Query_OfAnotherMerchantsOrder_LooksLikeAMissingOne()
    {
        var mine = await new Merchants(_signed).CreatePayOrderAsync(NewOrder());
        using var other = GrpcChannel.ForAddress(_world.MerchantGrpc, new GrpcChannelOptions
        {
            HttpHandler = _world.SigningHandlerOf(World.OtherAppId),
            DisposeHttpClient = true,
        });
        var queries = new Contracts.V1.QueryGateway.QueryGatewayClient(other);

        var foreign = await Assert.ThrowsAsync<RpcException>(() => queries.GetPayOrderAsync(new GetPayOrderRequest { Id = mine.Order.Id }).ResponseAsync);
        var missing = await Assert.ThrowsAsync<RpcException>(() => queries.GetPayOrderAsync(new GetPayOrderRequest { Id = "no-such-order" }).ResponseAsync);

        foreign.StatusCode.Should().Be(GrpcStatusCode.NotFound);
        foreign.GetRpcStatus().Should().Be(missing.GetRpcStatus());
    }

    public void Dispose()
    {
        _signed.Dispose();
        _unsigned.Dispose();
    }

    private static CreatePayOrderRequest Change(CreatePayOrderRequest order, string wrong)
    {
        switch (wrong)
        {
            case "amount 0": order.AmountMinor = 0; break;
            case "amount -1": order.AmountMinor = -1; break;
            case "amount min": order.AmountMinor = long.MinValue; break;
            case "amount max": order.AmountMinor = long.MaxValue; break;
            case "scene 0": order.Scene = Scene.Unspecified; break;
            case "scene 99": order.Scene = (Scene)99; break;
            case "no number": order.OutTradeNo = ""; break;
            case "emoji": order.Subject = "tea 😀"; break;
            case "expiry past": order.ExpireTime = new Timestamp { Seconds = 1 }; break;
            case "expiry max": order.ExpireTime = new Timestamp { Seconds = long.MaxValue }; break;
            case "expiry min": order.ExpireTime = new Timestamp { Seconds = long.MinValue }; break;
            case "expiry nanos": order.ExpireTime = new Timestamp { Seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600, Nanos = -1 }; break;
            case "other app": order.AppId = World.OtherAppId; break;
            case "private address": order.NotifyUrl = "https://169.254.169.254/latest"; break;
            default: throw new ArgumentOutOfRangeException(nameof(wrong), wrong, null);
        }

        return order;
    }

    private static Task<RpcException> RefusedAsync(GrpcChannel channel, CreatePayOrderRequest order) =>
        Assert.ThrowsAsync<RpcException>(() => new Merchants(channel).CreatePayOrderAsync(order).ResponseAsync);

    private static ErrorInfo Info(RpcException e)
    {
        var info = e.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
        info.Domain.Should().Be("paycore");
        return info;
    }

    private static GrpcChannel Channel(World world, bool signed) => GrpcChannel.ForAddress(world.MerchantGrpc, new GrpcChannelOptions
    {
        HttpHandler = signed ? world.SigningHandlerOf(World.AppId) : new SocketsHttpHandler(),
        DisposeHttpClient = true,
    });

    private CreatePayOrderRequest NewOrder() => new()
    {
        OutTradeNo = $"G{Guid.NewGuid():N}{Interlocked.Increment(ref _number)}",
        AmountMinor = 1299,
        Subject = "龙井茶 Longjing tea",
        Method = "wechat",
        Scene = Scene.Qr,
    };
}
