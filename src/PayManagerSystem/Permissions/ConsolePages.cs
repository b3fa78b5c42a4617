using System.Security.Claims;
using MudBlazor;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Permissions;

/// <summary>A page of the console.</summary>
/// <param name="Route">Its address, as the component's <c>@page</c> writes it.</param>
/// <param name="Permission">What it demands.</param>
/// <param name="Group">The menu's heading; null: it is not in the menu.</param>
/// <param name="Title">What the menu and the browser call it.</param>
/// <param name="Icon">Its picture in the menu.</param>
public sealed record ConsolePage(string Route, ConsolePermission Permission, Text? Group, Text Title, string Icon);

/// <summary>Every page behind the log-in. The menu, the policies of the pages and the matrix of tests come from here; a page that is built is one line.</summary>
public static class ConsolePages
{
    private static readonly Text _first = new("", "");
    private static readonly Text _money = new("Money", "资金");
    private static readonly Text _messages = new("Messages", "消息");
    private static readonly Text _configuration = new("Configuration", "配置");
    private static readonly Text _people = new("People", "人员");

    /// <summary>The state of the money at a glance.</summary>
    public static ConsolePage Home { get; } = new("/", ConsolePermission.ViewHome, _first, new("Home", "首页"), Icons.Material.Outlined.SpaceDashboard);

    /// <summary>Payments of all apps.</summary>
    public static ConsolePage Payments { get; } = new("/payments", ConsolePermission.ViewMoney, _money, new("Payments", "支付"), Icons.Material.Outlined.Payments);

    /// <summary>One payment with its story.</summary>
    public static ConsolePage Payment { get; } = new("/payments/{Id}", ConsolePermission.ViewMoney, null, new("Payment", "支付单"), Icons.Material.Outlined.Payments);

    /// <summary>Money back.</summary>
    public static ConsolePage Refunds { get; } = new("/refunds", ConsolePermission.ViewMoney, _money, new("Refunds", "退款"), Icons.Material.Outlined.Undo);

    /// <summary>One refund.</summary>
    public static ConsolePage Refund { get; } = new("/refunds/{Id}", ConsolePermission.ViewMoney, null, new("Refund", "退款单"), Icons.Material.Outlined.Undo);

    /// <summary>Money out.</summary>
    public static ConsolePage Transfers { get; } = new("/transfers", ConsolePermission.ViewMoney, _money, new("Transfers", "转账"), Icons.Material.Outlined.Outbound);

    /// <summary>One transfer.</summary>
    public static ConsolePage Transfer { get; } = new("/transfers/{Id}", ConsolePermission.ViewMoney, null, new("Transfer", "转账单"), Icons.Material.Outlined.Outbound);

    /// <summary>What a person must look at.</summary>
    public static ConsolePage Exceptions { get; } = new("/exceptions", ConsolePermission.ViewExceptions, _money, new("Exceptions", "异常"), Icons.Material.Outlined.ReportProblem);

    /// <summary>One exception with its evidence.</summary>
    public static ConsolePage Exception { get; } = new("/exceptions/{Id}", ConsolePermission.ViewExceptions, null, new("Exception", "异常项"), Icons.Material.Outlined.ReportProblem);

    /// <summary>What providers say of each day.</summary>
    public static ConsolePage Statements { get; } = new("/statements", ConsolePermission.ViewExceptions, _money, new("Statements", "对账单"), Icons.Material.Outlined.Balance);

    /// <summary>One day of an account, and where it differs from ours.</summary>
    public static ConsolePage Statement { get; } = new("/statements/{Id}", ConsolePermission.ViewExceptions, null, new("Statement", "对账单"), Icons.Material.Outlined.Balance);

    /// <summary>What merchants are told.</summary>
    public static ConsolePage Deliveries { get; } = new("/deliveries", ConsolePermission.ViewDeliveries, _messages, new("Notify deliveries", "通知投递"), Icons.Material.Outlined.Campaign);

    /// <summary>One notification with its tries.</summary>
    public static ConsolePage Delivery { get; } = new("/deliveries/{Id}", ConsolePermission.ViewDeliveries, null, new("Notification", "通知"), Icons.Material.Outlined.Campaign);

    /// <summary>What channels told.</summary>
    public static ConsolePage Callbacks { get; } = new("/callbacks", ConsolePermission.ViewCallbacks, _messages, new("Callbacks", "渠道回调"), Icons.Material.Outlined.CallReceived);

    /// <summary>One callback as it came.</summary>
    public static ConsolePage Callback { get; } = new("/callbacks/{Id}", ConsolePermission.ViewCallbacks, null, new("Callback", "回调"), Icons.Material.Outlined.CallReceived);

    /// <summary>Lists as files.</summary>
    public static ConsolePage Exports { get; } = new("/exports", ConsolePermission.Export, _messages, new("Exports", "导出"), Icons.Material.Outlined.FileDownload);

    /// <summary>Whatever has a number.</summary>
    public static ConsolePage Search { get; } = new("/search", ConsolePermission.ViewMoney, null, new("Search", "搜索"), Icons.Material.Outlined.Search);

    /// <summary>One's own password, second factor and sessions.</summary>
    public static ConsolePage Account { get; } = new("/account", ConsolePermission.ViewHome, null, new("My account", "我的账户"), Icons.Material.Outlined.AccountCircle);

    /// <summary>The accounts at the providers.</summary>
    public static ConsolePage Accounts { get; } =
        new("/accounts", ConsolePermission.ViewConfiguration, _configuration, new("Channel accounts", "渠道账户"), Icons.Material.Outlined.AccountBalance);

    /// <summary>A new account of a channel.</summary>
    public static ConsolePage NewAccount { get; } = new("/accounts/{Channel}", ConsolePermission.ViewConfiguration, null, new("Channel account", "渠道账户"), "");

    /// <summary>One account: its form, doctor and history.</summary>
    public static ConsolePage ChannelAccount { get; } =
        new("/accounts/{Channel}/{Name}", ConsolePermission.ViewConfiguration, null, new("Channel account", "渠道账户"), "");

    /// <summary>Merchants' applications.</summary>
    public static ConsolePage Apps { get; } = new("/apps", ConsolePermission.ViewConfiguration, _configuration, new("Merchants and apps", "商户与应用"), Icons.Material.Outlined.Apps);

    /// <summary>One app.</summary>
    public static ConsolePage App { get; } = new("/apps/{AppId}", ConsolePermission.ViewConfiguration, null, new("App", "应用"), "");

    /// <summary>Processes, channels, configuration, queues and the database.</summary>
    public static ConsolePage System { get; } = new("/system", ConsolePermission.ViewSystem, _configuration, new("System", "系统"), Icons.Material.Outlined.MonitorHeart);

    /// <summary>Who may log in.</summary>
    public static ConsolePage Operators { get; } = new("/operators", ConsolePermission.ViewPeople, _people, new("Operators", "操作员"), Icons.Material.Outlined.Group);

    /// <summary>What they may.</summary>
    public static ConsolePage Roles { get; } = new("/roles", ConsolePermission.ViewPeople, _people, new("Roles", "角色"), Icons.Material.Outlined.Badge);

    /// <summary>What needs two people.</summary>
    public static ConsolePage Approvals { get; } = new("/approvals", ConsolePermission.ViewApprovals, _people, new("Approvals", "审批"), Icons.Material.Outlined.FactCheck);

    /// <summary>What people changed.</summary>
    public static ConsolePage Audit { get; } = new("/audit", ConsolePermission.ViewAudit, _people, new("Audit log", "审计日志"), Icons.Material.Outlined.History);

    /// <summary>In the menu's order.</summary>
    public static IReadOnlyList<ConsolePage> All { get; } =
    [
        Home, Payments, Payment, Refunds, Refund, Transfers, Transfer, Exceptions, Exception, Statements, Statement, Deliveries, Delivery, Callbacks, Callback, Exports, Search, Accounts, NewAccount, ChannelAccount, Apps, App,
        Operators, Roles, Approvals, Audit, System, Account,
    ];

    /// <summary>What an operator finds in the menu, under its headings.</summary>
    public static IEnumerable<IGrouping<Text, ConsolePage>> Menu(ClaimsPrincipal user) =>
        All.Where(p => p.Group is not null && user.May(p.Permission)).GroupBy(p => p.Group!);
}
