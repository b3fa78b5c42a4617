using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>An operator's own saved filters.</summary>
internal sealed class ViewActions(ActionGate gate, Operators.OperatorsClient operators)
{
    /// <summary>Those of a list.</summary>
    public async Task<IReadOnlyList<SavedView>> ListAsync(string operatorId, string page) =>
        (await operators.ListViewsAsync(new ListViewsRequest { OperatorId = operatorId, Page = page })).Views;

    /// <summary>Keeps filters under a name; one of the same name is replaced.</summary>
    public Task<ActionResult<SavedView>> SaveAsync(string page, string name, string query) => gate.RunAsync(ConsoleActions.KeepView, async actor =>
        await operators.SaveViewAsync(new SaveViewRequest { View = new SavedView { OperatorId = actor.OperatorId, Page = page, Name = name.Trim(), Query = query } }));

    /// <summary>Forgets them.</summary>
    public Task<ActionResult<DeleteViewReply>> DeleteAsync(string viewId) => gate.RunAsync(ConsoleActions.KeepView, async actor =>
        await operators.DeleteViewAsync(new DeleteViewRequest { OperatorId = actor.OperatorId, ViewId = viewId }));
}
