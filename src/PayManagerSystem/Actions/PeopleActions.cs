using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.People;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.PayManagerSystem.Actions;

/// <summary>What is done with operators, roles and one's own account. The records write the audit log with each change.</summary>
internal sealed partial class PeopleActions(
    ActionGate gate, Operators.OperatorsClient operators, Passwords passwords, SecondFactor factor, SetupLinks links, TimeProvider time)
{
    /// <summary>Invites an operator, or makes the link of an invited one anew.</summary>
    public Task<ActionResult<OneTimeLink>> InviteAsync(string name, string displayName, IReadOnlyCollection<string> roles) =>
        gate.RunAsync(ConsoleActions.InviteOperator, async actor =>
        {
            if (OperatorName.Problem(name, displayName) is { } problem)
            {
                throw Refused(problem, problem == PeopleTexts.NameWrong ? "name" : "display_name");
            }

            Demand(roles);
            var (token, link) = links.NewLink();
            try
            {
                var invited = await operators.InviteOperatorAsync(new InviteOperatorRequest
                {
                    Name = name,
                    DisplayName = displayName,
                    Roles = { roles },
                    TokenHash = SessionCookie.HashOf(token),
                    ExpireTime = Timestamp.FromDateTimeOffset(links.End),
                    By = actor.Name,
                });
                return new OneTimeLink(invited, link);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
            {
                throw Refused(PeopleTexts.NameTaken, "name");
            }
        });

    /// <summary>Changes an operator's roles.</summary>
    public Task<ActionResult<Operator>> ChangeRolesAsync(Operator whose, IReadOnlyCollection<string> roles) =>
        gate.RunAsync(ConsoleActions.ChangeRoles, actor =>
        {
            Demand(roles);
            return ChangeAsync(actor, whose, roles, whose.State == Operator.Types.State.Disabled);
        });

    /// <summary>Disables an operator; their sessions end.</summary>
    public Task<ActionResult<Operator>> DisableAsync(Operator whom) =>
        gate.RunAsync(ConsoleActions.DisableOperator, actor => ChangeAsync(actor, whom, whom.Roles, disabled: true));

    /// <summary>Lets an operator in again.</summary>
    public Task<ActionResult<Operator>> EnableAsync(Operator whom) =>
        gate.RunAsync(ConsoleActions.EnableOperator, actor => ChangeAsync(actor, whom, whom.Roles, disabled: false));

    /// <summary>Takes the second factor away; the next log-in enrols anew.</summary>
    public Task<ActionResult<Operator>> ResetTotpAsync(Operator whose) => gate.RunAsync(
        ConsoleActions.ResetTotp, async actor => await operators.ResetTotpAsync(new ResetTotpRequest { OperatorId = whose.OperatorId, By = actor.Name }));

    /// <summary>Takes the password away, in return for a link to choose a new one.</summary>
    public Task<ActionResult<OneTimeLink>> ResetPasswordAsync(Operator whose) => gate.RunAsync(ConsoleActions.ResetPassword, actor => links.ResetPasswordAsync(whose.OperatorId, actor.Name));

    /// <summary>Makes or changes a custom role.</summary>
    public Task<ActionResult<OperatorRole>> SaveRoleAsync(OperatorRole role) => gate.RunAsync(ConsoleActions.SaveRole, async actor =>
    {
        if (!RoleNameRule().IsMatch(role.Name) || BuiltInRoles.Table.ContainsKey(role.Name))
        {
            throw Refused(ActionTexts.RoleNameWrong, "name");
        }

        if (role.Permissions.Count == 0)
        {
            throw Refused(ActionTexts.NoPermissions, "permissions");
        }

        var custom = await CustomRolesAsync();
        var before = custom.FirstOrDefault(r => r.Name == role.Name)?.Permissions ?? [];
        if (actor.Roles.Contains(role.Name) || role.Permissions.Except(before).Except(actor.Permissions.Select(p => $"{p}")).Any())
        {
            throw Refused(ActionTexts.MoreThanOneself, "permissions");
        }

        try
        {
            return await operators.SaveRoleAsync(new SaveRoleRequest { Role = role, By = actor.Name, ManagingRoles = { Managing([.. custom.Where(r => r.Name != role.Name), role]) } });
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            throw Refused(ActionTexts.LastManager, "");
        }
    });

    /// <summary>Removes a custom role that nobody has.</summary>
    public Task<ActionResult<DeleteRoleReply>> DeleteRoleAsync(string name) => gate.RunAsync(ConsoleActions.DeleteRole, async actor =>
    {
        try
        {
            return await operators.DeleteRoleAsync(new DeleteRoleRequest { Name = name, By = actor.Name });
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            throw Refused(ActionTexts.RoleInUse, "");
        }
    });

    /// <summary>Changes one's own password; one's other sessions end.</summary>
    public Task<ActionResult<Operator>> ChangePasswordAsync(string old, string password, string again) => gate.RunAsync(ConsoleActions.ChangePassword, async actor =>
    {
        var me = await operators.ReadCredentialsAsync(new ReadCredentialsRequest { OperatorId = actor.OperatorId });
        var right = await passwords.VerifyAsync(old, me.PasswordHash, CancellationToken.None) ?? throw Refused(ActionTexts.Away, "");
        if (!right || IsLocked(me.Operator))
        {
            // Who found an open page has no more tries than at the log-in.
            await operators.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = actor.OperatorId });
            throw Refused(ActionTexts.OldPasswordWrong, "old");
        }

        var problem = Passwords.Problem(password, me.Operator.Name, me.Operator.DisplayName) ?? (password == again ? null : PeopleTexts.PasswordsDiffer);
        return problem is null
            ? await operators.ChangePasswordAsync(new ChangePasswordRequest
            {
                OperatorId = actor.OperatorId, PasswordHash = passwords.Hash(password), ButSessionId = actor.SessionId, By = actor.Name,
            })
            : throw Refused(problem, "password");
    });

    /// <summary>Makes one's own recovery codes anew, for a code of the authenticator. They are shown once.</summary>
    public Task<ActionResult<IReadOnlyList<string>>> RenewRecoveryCodesAsync(string code) => gate.RunAsync(ConsoleActions.RenewRecoveryCodes, async actor =>
    {
        var me = await operators.ReadCredentialsAsync(new ReadCredentialsRequest { OperatorId = actor.OperatorId });
        var step = me.TotpSecret.Length == 0 || IsLocked(me.Operator) ? null : factor.StepOf(factor.Open(actor.OperatorId, me.TotpSecret), code);
        var codes = factor.NewRecoveryCodes();
        try
        {
            await operators.RenewRecoveryCodesAsync(new RenewRecoveryCodesRequest
            {
                OperatorId = actor.OperatorId, TotpStep = step ?? throw Refused(ActionTexts.CodeWrong, "code"), RecoveryHashes = { codes.Select(SecondFactor.HashOf) },
            });
            return codes;
        }
        catch (Exception e) when (e is ActionRefusedException or RpcException { StatusCode: StatusCode.FailedPrecondition })
        {
            // Wrong, or used before: who found an open page has no more tries than at the log-in.
            await operators.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = actor.OperatorId });
            throw Refused(ActionTexts.CodeWrong, "code");
        }
    });

    /// <summary>Ends one of one's own sessions, or all but this one.</summary>
    public Task<ActionResult<EndSessionsReply>> EndSessionsAsync(string? sessionId) => gate.RunAsync(ConsoleActions.EndSession, async actor => await operators.EndSessionsAsync(
        new EndSessionsRequest { OperatorId = actor.OperatorId, SessionId = sessionId ?? "", ButSessionId = sessionId is null ? actor.SessionId : "", By = actor.Name }));

    private static ActionRefusedException Refused(Web.Text text, string field) => new(new ActionProblem(text, field));

    private bool IsLocked(Operator who) => who.LockedUntil is { } until && until.ToDateTimeOffset() > time.GetUtcNow();

    private static void Demand(IReadOnlyCollection<string> roles)
    {
        if (roles.Count == 0)
        {
            throw Refused(ActionTexts.NoRoles, "roles");
        }
    }

    private async Task<Operator> ChangeAsync(Actor actor, Operator whom, IEnumerable<string> roles, bool disabled)
    {
        if (actor.OperatorId == whom.OperatorId)
        {
            throw Refused(ActionTexts.NotYourself, "");
        }

        try
        {
            return await operators.ChangeOperatorAsync(new ChangeOperatorRequest
            {
                OperatorId = whom.OperatorId,
                Version = whom.Version,
                Roles = { roles },
                Disabled = disabled,
                By = actor.Name,
                ManagingRoles = { Managing(await CustomRolesAsync()) },
            });
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            throw Refused(ActionTexts.LastManager, "");
        }
    }

    private async Task<IReadOnlyList<OperatorRole>> CustomRolesAsync() => (await operators.ListRolesAsync(new ListRolesRequest())).Roles;

    /// <summary>The roles that may manage operators.</summary>
    private static IEnumerable<string> Managing(IEnumerable<OperatorRole> custom) => BuiltInRoles.Table.Where(r => r.Value.Contains(ConsolePermission.ManageOperators)).Select(r => r.Key)
        .Concat(custom.Where(r => r.Permissions.Contains(nameof(ConsolePermission.ManageOperators))).Select(r => r.Name));

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{1,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RoleNameRule();
}
