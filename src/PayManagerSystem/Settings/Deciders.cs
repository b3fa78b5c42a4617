using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.PayManagerSystem.Settings;

/// <summary>Who could decide what one operator asks for.</summary>
internal sealed class Deciders(Operators.OperatorsClient operators)
{
    private const int PageSize = 200;

    /// <summary>Whether an active operator other than this one may decide approvals.</summary>
    public async Task<bool> IsAnotherAsync(string operatorId)
    {
        var custom = (await operators.ListRolesAsync(new ListRolesRequest())).Roles;
        var after = "";
        while (true)
        {
            var page = (await operators.ListOperatorsAsync(new ListOperatorsRequest { AfterName = after, Limit = PageSize })).Operators;
            if (page.Any(o => o.OperatorId != operatorId && o.State == Operator.Types.State.Active && BuiltInRoles.Of(o.Roles, custom).Contains(ConsolePermission.DecideApproval)))
            {
                return true;
            }

            if (page.Count < PageSize)
            {
                return false;
            }

            after = page[^1].Name;
        }
    }

    /// <summary>The open approval for a subject, among the newest; null: none.</summary>
    public async Task<Approval?> OpenAsync(Approval.Types.Kind kind, string subject) =>
        (await operators.ListApprovalsAsync(new ListApprovalsRequest { OpenOnly = true, Limit = PageSize })).Approvals.FirstOrDefault(a => a.Kind == kind && a.Subject == subject);
}
