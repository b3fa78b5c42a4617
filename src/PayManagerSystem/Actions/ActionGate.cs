using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>Who acts: the operator of a session that is good at this moment.</summary>
/// <param name="OperatorId">The operator's id.</param>
/// <param name="Name">The name that the audit log has.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Roles">Their roles.</param>
/// <param name="Permissions">What these allow.</param>
public sealed record Actor(string OperatorId, string Name, string SessionId, IReadOnlyCollection<string> Roles, IReadOnlySet<ConsolePermission> Permissions);

/// <summary>Why something was not done, for the one who asked.</summary>
/// <param name="Text">In words.</param>
/// <param name="Field">The field that is wrong; empty: none.</param>
/// <param name="Detail">What the service said, for who asks for help.</param>
public sealed record ActionProblem(Text Text, string Field = "", string Detail = "");

/// <summary>What came of an action.</summary>
/// <param name="Value">Its result, when it was done.</param>
/// <param name="Problem">Why it was not.</param>
public sealed record ActionResult<T>(T? Value, ActionProblem? Problem)
    where T : class;

/// <summary>The one way by which the console changes anything: the session and its permissions are read anew, then the action runs, and a refusal becomes words.</summary>
public sealed class ActionGate(
    AuthenticationStateProvider who, Operators.OperatorsClient operators, IOptions<ConsoleOptions> options, TimeProvider time, ILogger<ActionGate> log)
{
    /// <summary>Runs an action, when the operator may.</summary>
    public async Task<ActionResult<T>> RunAsync<T>(ConsoleAction action, Func<Actor, Task<T>> act)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(act);
        try
        {
            var user = (await who.GetAuthenticationStateAsync()).User;
            var session = await operators.ReadSessionAsync(new ReadSessionRequest
            {
                TokenHash = user.TokenHash(), SeenAfter = Timestamp.FromDateTimeOffset(time.GetUtcNow() - options.Value.IdleTimeout),
            });
            var permissions = Principals.PermissionsOf(session);
            if (!session.Confirmed || !permissions.Contains(action.Permission))
            {
                log.LogWarning("{Operator} may not {Action}", session.Operator.Name, action.Name);
                return new ActionResult<T>(null, new ActionProblem(ActionTexts.NotAllowed, Detail: $"{action.Name}: {action.Permission}"));
            }

            return new ActionResult<T>(await act(new Actor(session.Operator.OperatorId, session.Operator.Name, session.SessionId, session.Operator.Roles, permissions)), null);
        }
        catch (ActionRefusedException e)
        {
            return new ActionResult<T>(null, e.Problem);
        }
        catch (ConfigUnavailableException e)
        {
            return new ActionResult<T>(null, new ActionProblem(ActionTexts.Away, Detail: e.Message));
        }
        catch (DocumentRefusedException e)
        {
            return new ActionResult<T>(null, new ActionProblem(ActionTexts.Failed, Detail: e.Message));
        }
        catch (RpcException e)
        {
            return new ActionResult<T>(null, new ActionProblem(ActionTexts.Of(e.StatusCode), Detail: e.Status.Detail));
        }
    }
}

/// <summary>An action finds that what was asked for cannot be.</summary>
public sealed class ActionRefusedException(ActionProblem problem) : Exception(problem?.Text.English)
{
    /// <summary>Why.</summary>
    public ActionProblem Problem { get; } = problem!;
}
