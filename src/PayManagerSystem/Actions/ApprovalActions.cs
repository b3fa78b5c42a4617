using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>Does what was approved, for one kind, in the name of who decided. It may run again when nobody knows how it ended: what it calls is idempotent by a number of the approval.</summary>
public interface IApprovedWork
{
    /// <summary>Which approvals it is for.</summary>
    Approval.Types.Kind Kind { get; }

    /// <summary>Does it, and says in a few words what came of it.</summary>
    /// <exception cref="RpcException">It was refused, or nobody knows.</exception>
    Task<string> ExecuteAsync(Approval approval);
}

/// <summary>Two people: one asks, another decides, and what is approved is done once.</summary>
public sealed class ApprovalActions(ActionGate gate, Operators.OperatorsClient operators, IEnumerable<IApprovedWork> works, TimeProvider time)
{
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(2);

    // These say that nothing was done and nothing will be. Any other status leaves it open.
    private static readonly StatusCode[] _refusals =
    [
        StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.PermissionDenied, StatusCode.FailedPrecondition, StatusCode.OutOfRange,
        StatusCode.Unauthenticated, StatusCode.Unimplemented,
    ];

    /// <summary>Approves, and does it.</summary>
    public Task<ActionResult<Approval>> ApproveAsync(string approvalId, string reason) => gate.RunAsync(ConsoleActions.Approve, async actor =>
    {
        var approved = await DecideAsync(approvalId, approve: true, reason, actor);
        return approved.State == Approval.Types.State.Approved ? await ExecuteAsync(approved, actor) : approved;
    });

    /// <summary>Declines.</summary>
    public Task<ActionResult<Approval>> DeclineAsync(string approvalId, string reason) =>
        gate.RunAsync(ConsoleActions.Decline, actor => DecideAsync(approvalId, approve: false, reason, actor));

    /// <summary>Does once more what was approved and ended nobody knows how.</summary>
    public Task<ActionResult<Approval>> RunAgainAsync(string approvalId) => gate.RunAsync(
        ConsoleActions.RunAgain, async actor => await ExecuteAsync(await operators.ReadApprovalAsync(new ReadApprovalRequest { ApprovalId = approvalId }), actor));

    private async Task<Approval> DecideAsync(string approvalId, bool approve, string reason, Actor actor)
    {
        try
        {
            return await operators.DecideApprovalAsync(new DecideApprovalRequest { ApprovalId = approvalId, Approve = approve, By = actor.Name, Reason = reason.Trim() });
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.PermissionDenied)
        {
            throw new ActionRefusedException(new ActionProblem(ActionTexts.OwnRequest));
        }
    }

    private async Task<Approval> ExecuteAsync(Approval approved, Actor actor)
    {
        var claimed = await operators.ClaimApprovalAsync(
            new ClaimApprovalRequest { ApprovalId = approved.ApprovalId, LeaseTime = Timestamp.FromDateTimeOffset(time.GetUtcNow() + _lease) });
        var (succeeded, outcome) = await WorkAsync(claimed);
        return await operators.RecordExecutionAsync(
            new RecordExecutionRequest { ApprovalId = claimed.ApprovalId, Succeeded = succeeded, Outcome = outcome, By = actor.Name });
    }

    private async Task<(bool Succeeded, string Outcome)> WorkAsync(Approval approval)
    {
        if (works.FirstOrDefault(w => w.Kind == approval.Kind) is not { } work)
        {
            return (false, "There is nothing that does this kind.");
        }

        try
        {
            return (true, await work.ExecuteAsync(approval));
        }
        catch (RpcException e) when (_refusals.Contains(e.StatusCode))
        {
            // Refused for certain. What nobody knows stays approved, and is done again under the same number when the lease is over.
            return (false, e.Status.Detail);
        }
    }
}
