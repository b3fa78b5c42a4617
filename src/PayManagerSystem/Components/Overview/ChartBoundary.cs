using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.JSInterop;

namespace PayCore.PayManagerSystem.Components.Overview;

/// <summary>
/// Around a chart, which measures itself in the browser each time it was drawn. That the browser has left by then is no error; whatever else happens goes where it would have
/// gone without this.
/// </summary>
public sealed class ChartBoundary : ErrorBoundaryBase
{
    /// <inheritdoc/>
    protected override Task OnErrorAsync(Exception exception)
    {
        if (exception is not JSDisconnectedException)
        {
            ExceptionDispatchInfo.Throw(exception);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
        }
    }
}
