using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Operators and custom roles.
public sealed partial class OperatorsService
{
    /// <inheritdoc/>
    public override async Task<Operator> InviteOperator(InviteOperatorRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        DemandName(request.Name);
        Demand("display_name", request.DisplayName, 1, 64);
        Demand("token_hash", request.TokenHash, 64, 64);
        Demand("by", request.By, 1, 128);
        var expires = (request.ExpireTime ?? throw Refusals.InvalidArgument("expire_time", "is missing")).Ms();
        try
        {
            return await writes.WriteAsync(write => InviteAsync(write, request, expires));
        }
        catch (DuplicateKeyException)
        {
            // The same name at this very moment.
            throw NameTaken();
        }
    }

    private async Task<Operator> InviteAsync(WriteContext write, InviteOperatorRequest request, long expires)
    {
        var existing = await write.FirstAsync<OperatorRow>($"{OperatorRow.Select} WHERE name = @Name{write.ForUpdate}", new { request.Name });
        if (existing is { State: "INVITED" })
        {
            // Invited again: the earlier link opens nothing any more.
            var before = await ReadAsync(write, existing.OperatorId);
            await write.ExecuteAsync("DELETE FROM operator_link WHERE operator_id = @OperatorId", new { existing.OperatorId });
            await write.WriteOneAsync("UPDATE console_operator SET display_name = @DisplayName, version = version + 1 WHERE operator_id = @OperatorId", new { request.DisplayName, existing.OperatorId });
            await SetRolesAsync(write, existing.OperatorId, request.Roles);
            await InsertLinkAsync(write, request.TokenHash, OperatorLink.Types.Kind.Invitation, existing.OperatorId, expires);
            return await ChangedAsync(write, request.By, "operator.invite", existing.OperatorId, before);
        }

        var id = ids.NewOperatorId();
        await InsertOperatorAsync(write, id, request.Name, request.DisplayName, Operator.Types.State.Invited, "", request.Roles);
        await InsertLinkAsync(write, request.TokenHash, OperatorLink.Types.Kind.Invitation, id, expires);
        return await ChangedAsync(write, request.By, "operator.invite", id, null);
    }

    /// <inheritdoc/>
    public override async Task<Operator> ReadOperator(ReadOperatorRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var rows = await connection.QueryAsync<OperatorRow>($"{OperatorRow.Select} WHERE operator_id = @OperatorId", new { request.OperatorId });
        return (await OperatorRow.WithRolesAsync(connection, rows)).SingleOrDefault() ?? throw Refusals.NotFound("operator");
    }

    /// <inheritdoc/>
    public override async Task<ListOperatorsReply> ListOperators(ListOperatorsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var which = request.BeforeName.Length == 0 ? "name > @AfterName ORDER BY name" : "name < @BeforeName ORDER BY name DESC";
        var rows = await connection.QueryAsync<OperatorRow>(
            $"{OperatorRow.Select} {IndexHint.Of("console_operator_name", database.IsMySql)} WHERE {which} LIMIT @limit",
            new { request.AfterName, request.BeforeName, limit = Limit(request.Limit) });
        return new ListOperatorsReply { Operators = { await OperatorRow.WithRolesAsync(connection, rows) } };
    }

    /// <inheritdoc/>
    public override Task<Operator> ChangeOperator(ChangeOperatorRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 128);
        return writes.WriteAsync(async write =>
        {
            // Changes come one after another: each has to see who is left of those who manage.
            await AuditLog.LockAsync(write);
            var row = await LockAsync(write, request.OperatorId);
            if (row.Version != request.Version)
            {
                throw new RpcException(new Status(StatusCode.Aborted, "The operator was changed in the meantime."));
            }

            var before = await ReadAsync(write, row.OperatorId);
            var state = request.Disabled ? "DISABLED" : row.PasswordHash.Length > 0 ? "ACTIVE" : "INVITED";
            await SetRolesAsync(write, row.OperatorId, request.Roles);
            await write.WriteOneAsync(
                "UPDATE console_operator SET state = @state, version = version + 1 WHERE operator_id = @OperatorId", new { state, row.OperatorId });
            if (request.Disabled)
            {
                await EndAsync(write, row.OperatorId, "", "");
                await write.ExecuteAsync("DELETE FROM operator_link WHERE operator_id = @OperatorId", new { row.OperatorId });
            }

            await DemandOneWhoManagesAsync(write, request.ManagingRoles);
            return await ChangedAsync(write, request.By, before.State == EnumText<Operator.Types.State>.Parse(state) ? "operator.roles" : request.Disabled ? "operator.disable" : "operator.enable", row.OperatorId, before);
        });
    }

    /// <inheritdoc/>
    public override Task<Operator> ResetTotp(ResetTotpRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 128);
        return writes.WriteAsync(async write =>
        {
            var row = await LockAsync(write, request.OperatorId);
            var before = await ReadAsync(write, row.OperatorId);
            await write.WriteOneAsync(
                "UPDATE console_operator SET totp_secret = '', totp_step = 0, failures = 0, locked_until = NULL, version = version + 1 WHERE operator_id = @OperatorId", new { row.OperatorId });
            await write.ExecuteAsync("DELETE FROM recovery_code WHERE operator_id = @OperatorId", new { row.OperatorId });
            await EndAsync(write, row.OperatorId, "", "");
            return await ChangedAsync(write, request.By, "operator.reset-totp", row.OperatorId, before);
        });
    }

    /// <inheritdoc/>
    public override Task<Operator> ResetPassword(ResetPasswordRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("token_hash", request.TokenHash, 64, 64);
        Demand("by", request.By, 1, 128);
        var expires = (request.ExpireTime ?? throw Refusals.InvalidArgument("expire_time", "is missing")).Ms();
        return writes.WriteAsync(async write =>
        {
            var row = await LockAsync(write, request.OperatorId);
            var before = await ReadAsync(write, row.OperatorId);
            if (before.State != Operator.Types.State.Active)
            {
                throw Refusals.FailedPrecondition("The operator is not active.");
            }

            await write.WriteOneAsync("UPDATE console_operator SET password_hash = '', version = version + 1 WHERE operator_id = @OperatorId", new { row.OperatorId });
            await write.ExecuteAsync("DELETE FROM operator_link WHERE operator_id = @OperatorId", new { row.OperatorId });
            await InsertLinkAsync(write, request.TokenHash, OperatorLink.Types.Kind.Password, row.OperatorId, expires);
            await EndAsync(write, row.OperatorId, "", "");
            return await ChangedAsync(write, request.By, "operator.reset-password", row.OperatorId, before);
        });
    }

    /// <inheritdoc/>
    public override async Task<ListRolesReply> ListRoles(ListRolesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        return new ListRolesReply { Roles = { (await connection.QueryAsync<RoleRow>($"{RoleRow.Select} ORDER BY name LIMIT {ListMax}")).Select(r => r.ToMessage()) } };
    }

    /// <inheritdoc/>
    public override async Task<OperatorRole> SaveRole(SaveRoleRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var role = request.Role ?? throw Refusals.InvalidArgument("role", "is missing");
        Demand("role.name", role.Name, 2, 32);
        Demand("role.description", role.Description, 0, 255);
        Demand("by", request.By, 1, 128);
        var permissions = string.Join(',', role.Permissions);
        Demand("role.permissions", permissions, 0, 2000);
        try
        {
            return await writes.WriteAsync(write => SaveRoleAsync(write, role, permissions, request));
        }
        catch (DuplicateKeyException)
        {
            // Two made it at this very moment.
            throw RoleChanged();
        }
    }

    private async Task<OperatorRole> SaveRoleAsync(WriteContext write, OperatorRole role, string permissions, SaveRoleRequest request)
    {
        // After each other change of who may what: each has to see who is left of those who manage.
        await AuditLog.LockAsync(write);
        var before = await write.FirstAsync<RoleRow>($"{RoleRow.Select} WHERE name = @Name{write.ForUpdate}", new { role.Name });
        if ((before?.Version ?? 0) != role.Version)
        {
            throw RoleChanged();
        }

        await write.WriteOneAsync(
            before is null
                ? "INSERT INTO console_role (name, description, permissions, version) VALUES (@Name, @Description, @permissions, 1)"
                : "UPDATE console_role SET description = @Description, permissions = @permissions, version = version + 1 WHERE name = @Name",
            new { role.Name, role.Description, permissions });
        if (request.ManagingRoles.Count > 0)
        {
            await DemandOneWhoManagesAsync(write, request.ManagingRoles);
        }

        var after = (await write.FirstAsync<RoleRow>($"{RoleRow.Select} WHERE name = @Name", new { role.Name }))!.ToMessage();
        await AuditAsync(write, request.By, "role.save", $"roles/{role.Name}", before is null ? "" : AuditLog.Show(before.ToMessage()), AuditLog.Show(after));
        return after;
    }

    private static RpcException RoleChanged() => new(new Status(StatusCode.Aborted, "The role was changed in the meantime."));

    private static RpcException NameTaken() => new(new Status(StatusCode.AlreadyExists, "name: is taken"));

    /// <inheritdoc/>
    public override Task<DeleteRoleReply> DeleteRole(DeleteRoleRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 128);
        return writes.WriteAsync(async write =>
        {
            var before = await write.FirstAsync<RoleRow>($"{RoleRow.Select} WHERE name = @Name{write.ForUpdate}", new { request.Name }) ?? throw Refusals.NotFound("role");
            if (await write.FirstAsync<string>("SELECT operator_id FROM operator_role WHERE role = @Name LIMIT 1", new { request.Name }) is not null)
            {
                throw Refusals.FailedPrecondition("An operator has this role.");
            }

            await write.WriteOneAsync("DELETE FROM console_role WHERE name = @Name", new { request.Name });
            await AuditAsync(write, request.By, "role.delete", $"roles/{request.Name}", AuditLog.Show(before.ToMessage()), "");
            return new DeleteRoleReply();
        });
    }

    /// <summary>Nobody can lock everybody out.</summary>
    private static async Task DemandOneWhoManagesAsync(WriteContext write, IEnumerable<string> managingRoles)
    {
        var one = await write.FirstAsync<string>(
            "SELECT o.operator_id FROM operator_role r JOIN console_operator o ON o.operator_id = r.operator_id WHERE r.role IN @roles AND o.state = 'ACTIVE' LIMIT 1",
            new { roles = managingRoles.OrNone() });
        if (one is null)
        {
            throw Refusals.FailedPrecondition("One operator who may manage operators must be left.");
        }
    }
}
