using System.Collections.Frozen;
using OperatorRole = PayCore.Contracts.V1.OperatorRole;
using static PayCore.PayManagerSystem.Permissions.ConsolePermission;

namespace PayCore.PayManagerSystem.Permissions;

/// <summary>The roles that are always there. Custom ones are kept with the operators.</summary>
public static class BuiltInRoles
{
    private static readonly ConsolePermission[] _view =
        [ViewHome, ViewMoney, ViewDeliveries, ViewCallbacks, ViewExceptions, ViewConfiguration, ViewPeople, ViewApprovals, ViewAudit, ViewSystem];

    /// <summary>Name → what it may.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<ConsolePermission>> Table { get; } = new Dictionary<string, IReadOnlySet<ConsolePermission>>
    {
        ["viewer"] = Set(_view),
        ["operator"] = Set([.. _view, Export, QueryPayment, ClosePayment, ResendDelivery, ResolveException]),
        ["finance"] = Set([.. _view, Export, QueryPayment, Refund, Transfer, ResolveException, DecideApproval]),
        ["admin"] = Set(Enum.GetValues<ConsolePermission>()),
    }.ToFrozenDictionary();

    /// <summary>What an operator may by all roles together. Words that are no permission any more give nothing.</summary>
    public static IReadOnlySet<ConsolePermission> Of(IEnumerable<string> roles, IEnumerable<OperatorRole> custom)
    {
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(custom);
        var builtIn = roles.Where(Table.ContainsKey).SelectMany(role => Table[role]);
        return Set([.. builtIn, .. custom.Where(r => !Table.ContainsKey(r.Name)).SelectMany(r => r.Permissions).Select(Parse).OfType<ConsolePermission>()]);
    }

    private static ConsolePermission? Parse(string name) => Enum.TryParse<ConsolePermission>(name, out var permission) && Enum.IsDefined(permission) ? permission : null;

    private static FrozenSet<ConsolePermission> Set(IEnumerable<ConsolePermission> permissions) => permissions.ToFrozenSet();
}
