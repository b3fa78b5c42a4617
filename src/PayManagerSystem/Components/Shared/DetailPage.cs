using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Web;
using System.Security.Claims;

namespace PayCore.PayManagerSystem.Components.Shared;

/// <summary>What pages of one record have in common: reading it, and saying that it is not there or cannot be read.</summary>
public abstract class DetailPage : ComponentBase
{
    /// <summary>The record's id.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>How the operator likes to see it.</summary>
    [CascadingParameter]
    protected Preferences Preferences { get; set; } = null!;

    /// <summary>Who looks at it.</summary>
    protected ClaimsPrincipal User { get; private set; } = new();

    /// <summary>There is no such record.</summary>
    protected bool Missing { get; private set; }

    /// <summary>Why it cannot be read; null: it can.</summary>
    protected ActionProblem? Problem { get; private set; }

    [Inject]
    private AuthenticationStateProvider Who { get; set; } = null!;

    /// <summary>Reads the record.</summary>
    /// <exception cref="RpcException">NOT_FOUND: there is none.</exception>
    protected abstract Task ReadAsync();

    /// <summary>Reads it anew.</summary>
    protected async Task LoadAsync()
    {
        try
        {
            await ReadAsync();
            (Missing, Problem) = (false, null);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            Missing = true;
        }
        catch (RpcException e)
        {
            Problem = new ActionProblem(ActionTexts.Of(e.StatusCode), Detail: e.Status.Detail);
        }
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        User = (await Who.GetAuthenticationStateAsync()).User;
        await LoadAsync();
    }
}
