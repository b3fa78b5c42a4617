using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Saved filters. They are an operator's own and change nothing, so they are in no audit log.
public sealed partial class OperatorsService
{
    private const int ViewsMax = 50;

    /// <inheritdoc/>
    public override async Task<ListViewsReply> ListViews(ListViewsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var views = await connection.QueryAsync<SavedView>(
            $"SELECT view_id, operator_id, page, name, query FROM saved_view WHERE operator_id = @OperatorId AND page = @Page ORDER BY name LIMIT {ViewsMax}",
            new { request.OperatorId, request.Page });
        return new ListViewsReply { Views = { views } };
    }

    /// <inheritdoc/>
    public override Task<SavedView> SaveView(SaveViewRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var view = (request.View ?? throw Refusals.InvalidArgument("view", "is missing")).Clone();
        Demand("view.page", view.Page, 1, 32);
        Demand("view.name", view.Name, 1, 64);
        Demand("view.query", view.Query, 0, 2000);
        return writes.WriteAsync(async write =>
        {
            await LockAsync(write, view.OperatorId);
            view.ViewId = await write.FirstAsync<string>(
                "SELECT view_id FROM saved_view WHERE operator_id = @OperatorId AND page = @Page AND name = @Name", new { view.OperatorId, view.Page, view.Name }) ?? "";
            if (view.ViewId.Length > 0)
            {
                await write.ExecuteAsync("UPDATE saved_view SET query = @Query WHERE view_id = @ViewId", new { view.Query, view.ViewId });
                return view;
            }

            if (await write.FirstAsync<int>("SELECT COUNT(*) FROM saved_view WHERE operator_id = @OperatorId AND page = @Page", new { view.OperatorId, view.Page }) >= ViewsMax)
            {
                throw Refusals.FailedPrecondition($"There are {ViewsMax} views of this page already.");
            }

            view.ViewId = ids.NewViewId();
            await write.WriteOneAsync(
                "INSERT INTO saved_view (view_id, operator_id, page, name, query) VALUES (@ViewId, @OperatorId, @Page, @Name, @Query)",
                new { view.ViewId, view.OperatorId, view.Page, view.Name, view.Query });
            return view;
        });
    }

    /// <inheritdoc/>
    public override Task<DeleteViewReply> DeleteView(DeleteViewRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return writes.WriteAsync(async write =>
        {
            await write.ExecuteAsync("DELETE FROM saved_view WHERE view_id = @ViewId AND operator_id = @OperatorId", new { request.ViewId, request.OperatorId });
            return new DeleteViewReply();
        });
    }
}
