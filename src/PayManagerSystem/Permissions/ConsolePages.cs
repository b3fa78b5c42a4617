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
    private static readonly Text _configuration = new("Configuration", "配置");
    private static readonly Text _people = new("People", "人员");

    /// <summary>The state of the money at a glance.</summary>
    public static ConsolePage Home { get; } = new("/", ConsolePermission.ViewHome, _first, new("Home", "首页"), Icons.Material.Outlined.SpaceDashboard);

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
    public static IReadOnlyList<ConsolePage> All { get; } = [Home, Accounts, NewAccount, ChannelAccount, Apps, App, System, Operators, Roles, Approvals, Audit, Account];

    /// <summary>What an operator finds in the menu, under its headings.</summary>
    public static IEnumerable<IGrouping<Text, ConsolePage>> Menu(ClaimsPrincipal user) =>
        All.Where(p => p.Group is not null && user.May(p.Permission)).GroupBy(p => p.Group!);
}
