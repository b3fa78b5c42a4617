using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

// Who is logged in.
public sealed partial class OperatorsService
{
    // What is over is shown to nobody; it goes when somebody logs in.
    private static readonly TimeSpan _keepEnded = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public override Task<OperatorSession> BeginSession(BeginSessionRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("token_hash", request.TokenHash, 64, 64);
        var expires = (request.ExpireTime ?? throw Refusals.InvalidArgument("expire_time", "is missing")).Ms();
        return writes.WriteAsync(async write =>
        {
            var now = time.GetUtcNow();
            var row = await LockAsync(write, request.OperatorId);
            if (row.State != "ACTIVE" || row.LockedUntil > now.Ms())
            {
                throw Refusals.FailedPrecondition("The operator may not log in.");
            }

            await write.ExecuteAsync("DELETE FROM operator_session WHERE expire_at < @old", new { old = (now - _keepEnded).Ms() });
            var sessionId = ids.NewSessionId();
            await write.WriteOneAsync(
                $"INSERT INTO operator_session (token_hash, {SessionRow.Columns}) VALUES (@TokenHash, @sessionId, @OperatorId, 0, @now, @now, @expires, @ip, @agent)",
                new
                {
                    request.TokenHash,
                    sessionId,
                    request.OperatorId,
                    now = now.Ms(),
                    expires,
                    ip = Moves.Clip(request.ClientIp, 64),
                    agent = Moves.Clip(request.UserAgent, 255),
                });
            return await SessionAsync(write, request.TokenHash);
        });
    }

    /// <inheritdoc/>
    public override Task<OperatorSession> ConfirmSession(ConfirmSessionRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("new_token_hash", request.NewTokenHash, 64, 64);
        var expires = (request.ExpireTime ?? throw Refusals.InvalidArgument("expire_time", "is missing")).Ms();
        return writes.WriteAsync(async write =>
        {
            var now = time.GetUtcNow().Ms();
            var session = await write.FirstAsync<SessionRow>(
                $"SELECT {SessionRow.Columns} FROM operator_session WHERE token_hash = @TokenHash AND expire_at > @now AND confirmed = 0{write.ForUpdate}",
                new { request.TokenHash, now }) ?? throw Refusals.NotFound("session");
            var row = await LockAsync(write, session.OperatorId);
            if (row.State != "ACTIVE" || row.LockedUntil > now)
            {
                throw Refusals.FailedPrecondition("The operator may not log in.");
            }

            await UseSecondFactorAsync(write, row, request);
            await write.WriteOneAsync(
                "UPDATE console_operator SET failures = 0, locked_until = NULL, logged_in_at = @now WHERE operator_id = @OperatorId", new { now, row.OperatorId });
            await write.WriteOneAsync(
                "UPDATE operator_session SET token_hash = @NewTokenHash, confirmed = 1, seen_at = @now, expire_at = @expires WHERE session_id = @SessionId",
                new { request.NewTokenHash, now, expires, session.SessionId });
            await AuditAsync(write, row.Name, "operator.login", row.OperatorId, "", $$"""{"session":"{{session.SessionId}}","second_factor":"{{(request.TotpStep > 0 ? "code" : "recovery code")}}"}""");
            return await SessionAsync(write, request.NewTokenHash);
        });
    }

    /// <inheritdoc/>
    public override async Task<OperatorSession> ReadSession(ReadSessionRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var now = time.GetUtcNow().Ms();
        await using (var connection = await database.OpenAsync(context.CancellationToken))
        {
            var session = await connection.QueryFirstOrDefaultAsync<SessionRow>(
                $"SELECT {SessionRow.Columns} FROM operator_session WHERE token_hash = @TokenHash AND expire_at > @now AND seen_at > @seen",
                new { request.TokenHash, now, seen = request.SeenAfter.MsOrNull() ?? 0 }) ?? throw Refusals.NotFound("session");
            var row = await connection.QueryFirstOrDefaultAsync<OperatorRow>($"{OperatorRow.Select} WHERE operator_id = @OperatorId", new { session.OperatorId });
            if (row is not { State: "ACTIVE" })
            {
                throw Refusals.NotFound("session");
            }

            var reply = session.ToMessage();
            reply.Operator = (await OperatorRow.WithRolesAsync(connection, [row]))[0];
            reply.CustomRoles.AddRange((await connection.QueryAsync<RoleRow>($"{RoleRow.Select} WHERE name IN @names", new { names = reply.Operator.Roles.OrNone() })).Select(r => r.ToMessage()));
            if (!request.Touch)
            {
                return reply;
            }
        }

        return await writes.WriteAsync(async write =>
        {
            await write.ExecuteAsync("UPDATE operator_session SET seen_at = @now WHERE token_hash = @TokenHash AND seen_at < @now", new { now, request.TokenHash });
            return await SessionAsync(write, request.TokenHash);
        });
    }

    /// <inheritdoc/>
    public override async Task<ListSessionsReply> ListSessions(ListSessionsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var rows = await connection.QueryAsync<SessionRow>(
            $"""
            SELECT {SessionRow.Columns} FROM operator_session
             WHERE operator_id = @OperatorId AND confirmed = 1 AND expire_at > @now AND seen_at > @seen ORDER BY session_id DESC LIMIT {ListMax}
            """,
            new { request.OperatorId, now = time.GetUtcNow().Ms(), seen = request.SeenAfter.MsOrNull() ?? 0 });
        return new ListSessionsReply { Sessions = { rows.Select(r => r.ToMessage()) } };
    }

    /// <inheritdoc/>
    public override Task<EndSessionsReply> EndSessions(EndSessionsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("by", request.By, 1, 128);
        return writes.WriteAsync(async write =>
        {
            var ended = await EndAsync(write, request.OperatorId, request.SessionId, request.ButSessionId);
            if (ended > 0)
            {
                await AuditAsync(write, request.By, "session.end", request.OperatorId, "", $$"""{"sessions":{{ended}}}""");
            }

            return new EndSessionsReply { Ended = ended };
        });
    }

    /// <inheritdoc/>
    public override Task<Operator> ChangePassword(ChangePasswordRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("password_hash", request.PasswordHash, 1, 255);
        Demand("by", request.By, 1, 128);
        return writes.WriteAsync(async write =>
        {
            var row = await LockAsync(write, request.OperatorId);
            await write.WriteOneAsync(
                "UPDATE console_operator SET password_hash = @PasswordHash, version = version + 1 WHERE operator_id = @OperatorId", new { request.PasswordHash, row.OperatorId });
            await EndAsync(write, row.OperatorId, "", request.ButSessionId);
            await AuditAsync(write, request.By, "operator.password", row.OperatorId, "", "");
            return await ReadAsync(write, row.OperatorId);
        });
    }

    private static async Task UseSecondFactorAsync(WriteContext write, OperatorRow row, ConfirmSessionRequest request)
    {
        if (request.TotpStep > 0)
        {
            await UseTotpStepAsync(write, row, request.TotpStep);
        }
        else if (await write.ExecuteAsync(
                     "DELETE FROM recovery_code WHERE operator_id = @OperatorId AND code_hash = @RecoveryHash", new { row.OperatorId, request.RecoveryHash }) == 0)
        {
            throw UsedBefore();
        }
    }

    /// <summary>Takes a time step of an authenticator, once. The operator's row is locked.</summary>
    private static Task UseTotpStepAsync(WriteContext write, OperatorRow row, long step) => row.TotpSecret.Length > 0 && step > row.TotpStep
        ? write.WriteOneAsync("UPDATE console_operator SET totp_step = @step WHERE operator_id = @OperatorId", new { step, row.OperatorId })
        : throw UsedBefore();

    private static RpcException UsedBefore() => Refusals.FailedPrecondition("The code was used before.");

    private static Task<int> EndAsync(WriteContext write, string operatorId, string sessionId, string butSessionId)
    {
        var which = (sessionId.Length == 0 ? "" : " AND session_id = @sessionId") + (butSessionId.Length == 0 ? "" : " AND session_id <> @butSessionId");
        return write.ExecuteAsync($"DELETE FROM operator_session WHERE operator_id = @operatorId{which}", new { operatorId, sessionId, butSessionId });
    }

    private static async Task<OperatorSession> SessionAsync(WriteContext write, string tokenHash)
    {
        var row = await write.FirstAsync<SessionRow>($"SELECT {SessionRow.Columns} FROM operator_session WHERE token_hash = @tokenHash", new { tokenHash })
            ?? throw Refusals.NotFound("session");
        var reply = row.ToMessage();
        reply.Operator = await ReadAsync(write, row.OperatorId);
        reply.CustomRoles.AddRange((await write.QueryAsync<RoleRow>($"{RoleRow.Select} WHERE name IN @names", new { names = reply.Operator.Roles.OrNone() })).Select(r => r.ToMessage()));
        return reply;
    }
}
