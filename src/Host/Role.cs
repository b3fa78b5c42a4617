using PayCore.CallbackGateway;
using PayCore.Channels.Alipay;
using PayCore.Channels.Wechat;
using PayCore.ChannelSimulator;
using PayCore.NotifyGateway;
using PayCore.OrderMonitor;
using PayCore.PayCenter;
using PayCore.PayDatabase;
using PayCore.PayGateway;
using PayCore.PayManagerSystem;
using PayCore.QueryGateway;
using PayCore.RefundGateway;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using PayCore.TransferGateway;

namespace PayCore.Host;

/// <summary>A service that a process can run.</summary>
/// <param name="Name">As settings, logs and diagrams write it.</param>
/// <param name="InnerPort">Where it listens for the other services, unless <c>Ports:Inner:{Name}</c> says otherwise; null: it serves none of them.</param>
/// <param name="PublicPorts">Ports for the world that it needs.</param>
/// <param name="Add">Registers it.</param>
/// <param name="Map">Offers it.</param>
internal sealed record Role(string Name, int? InnerPort, PortKind[] PublicPorts, Action<IServiceCollection> Add, Action<RoleMap> Map)
{
    /// <summary>Every role. A new channel is one line.</summary>
    public static readonly IReadOnlyList<Role> All =
    [
        new(RoleNames.PayDatabase, 8100, [], s => s.AddPayDatabase(), m => m.MapPayDatabase()),
        new(RoleNames.PayGateway, 8101, [PortKind.Web, PortKind.MerchantGrpc], s => s.AddPayGateway(), m => m.MapPayGateway()),
        new(RoleNames.QueryGateway, 8102, [PortKind.Web, PortKind.MerchantGrpc], s => s.AddQueryGateway(), m => m.MapQueryGateway()),
        new(RoleNames.RefundGateway, 8104, [PortKind.Web, PortKind.MerchantGrpc], s => s.AddRefundGateway(), m => m.MapRefundGateway()),
        new(RoleNames.TransferGateway, 8105, [PortKind.Web, PortKind.MerchantGrpc], s => s.AddTransferGateway(), m => m.MapTransferGateway()),
        new(RoleNames.CallbackGateway, null, [PortKind.Web], s => s.AddCallbackGateway(), m => m.MapCallbackGateway()),
        new(RoleNames.NotifyGateway, 8103, [], s => s.AddNotifyGateway(), m => m.MapNotifyGateway()),
        new(RoleNames.OrderMonitor, null, [], s => s.AddOrderMonitor(), _ => { }),
        new(RoleNames.PayCenter, null, [PortKind.Web], s => s.AddPayCenter(), m => m.MapPayCenter()),
        new(RoleNames.PayManagerSystem, null, [PortKind.Console], s => s.AddPayManagerSystem(), m => m.MapPayManagerSystem()),
        new(RoleNames.Channel("wechat"), 8110, [], s => s.AddWechatChannel(), m => m.MapWechatChannel()),
        new(RoleNames.Channel("alipay"), 8111, [], s => s.AddAlipayChannel(), m => m.MapAlipayChannel()),
        new(RoleNames.ChannelSimulator, null, [PortKind.Simulator], s => s.AddChannelSimulator(), m => m.Endpoints.MapChannelSimulator().On(PortKind.Simulator)),
    ];

    /// <summary>The channels among them.</summary>
    public static IEnumerable<Role> Channels => All.Where(r => r.Name.StartsWith("Channel", StringComparison.Ordinal) && r.Name != RoleNames.ChannelSimulator);
}
