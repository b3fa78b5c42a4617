using System.Text.RegularExpressions;
using Dapper;
using Grpc.Core;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;

namespace PayCore.PayDatabase;

/// <summary>The rpcs of <c>operators.proto</c>: here links and log-in; <c>.People.cs</c>, <c>.Sessions.cs</c>, <c>.Approvals.cs</c> and <c>.Views.cs</c> have the rest.</summary>
public sealed partial class OperatorsService(SqlDatabase database, WriteLoops writes, IdFactory ids, TimeProvider time) : Operators.OperatorsBase
{
    /// <summary>Wrong passwords or codes in a row before a name is locked.</summary>
    internal const int FreeFailures = 5;

    private const string AdminRole = "admin";
    private const int ActionCharactersMax = 500_000;
    private const int ListMax = 200;
    private const int ListDefault = 50;

    private static readonly TimeSpan _firstLock = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _lastLock = TimeSpan.FromMinutes(15);

    /// <inheritdoc/>
    public override Task<CreateSetupLinkReply> CreateSetupLink(CreateSetupLinkRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("token_hash", request.TokenHash, 64, 64);
        var expires = (request.ExpireTime ?? throw Refusals.InvalidArgument("expire_time", "is missing")).Ms();
        return writes.WriteAsync(async write =>
        {
            await DemandNobodyAsync(write);
            await write.ExecuteAsync("DELETE FROM operator_link WHERE operator_id = ''");
            await InsertLinkAsync(write, request.TokenHash, OperatorLink.Types.Kind.Setup, "", expires);
            return new CreateSetupLinkReply();
        });
    }

    /// <inheritdoc/>
    public override async Task<OperatorLink> ReadLink(ReadLinkRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var link = await connection.QueryFirstOrDefaultAsync<LinkRow>(
            "SELECT kind, operator_id, expire_at FROM operator_link WHERE token_hash = @TokenHash AND expire_at > @now", new { request.TokenHash, now = time.GetUtcNow().Ms() })
            ?? throw Refusals.NotFound("link");
        var reply = new OperatorLink { Kind = EnumText<OperatorLink.Types.Kind>.Parse(link.Kind), ExpireTime = Times.ToTimestamp(link.ExpireAt) };
        if (link.OperatorId.Length > 0)
        {
            reply.Operator = (await OperatorRow.WithRolesAsync(
                connection, await connection.QueryAsync<OperatorRow>($"{OperatorRow.Select} WHERE operator_id = @OperatorId", new { link.OperatorId }))).Single();
        }

        return reply;
    }

    /// <inheritdoc/>
    public override Task<Operator> UseLink(UseLinkRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("password_hash", request.PasswordHash, 1, 255);
        return writes.WriteAsync(async write =>
        {
            var link = await write.FirstAsync<LinkRow>(
                $"SELECT kind, operator_id, expire_at FROM operator_link WHERE token_hash = @TokenHash AND expire_at > @now{write.ForUpdate}",
                new { request.TokenHash, now = time.GetUtcNow().Ms() }) ?? throw Refusals.NotFound("link");
            await write.WriteOneAsync("DELETE FROM operator_link WHERE token_hash = @TokenHash", new { request.TokenHash });
            return EnumText<OperatorLink.Types.Kind>.Parse(link.Kind) == OperatorLink.Types.Kind.Setup
                ? await SetUpAsync(write, request)
                : await AcceptAsync(write, link, request);
        });
    }

    /// <inheritdoc/>
    public override async Task<OperatorCredentials> ReadCredentials(ReadCredentialsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var by = request.OperatorId.Length > 0 ? "operator_id = @OperatorId" : "name = @Name";
        var row = await connection.QueryFirstOrDefaultAsync<OperatorRow>($"{OperatorRow.Select} WHERE {by}", new { request.OperatorId, request.Name })
            ?? throw Refusals.NotFound("operator");
        return new OperatorCredentials
        {
            Operator = (await OperatorRow.WithRolesAsync(connection, [row]))[0],
            PasswordHash = row.PasswordHash,
            TotpSecret = row.TotpSecret,
            RecoveryHashes = { await connection.QueryAsync<string>("SELECT code_hash FROM recovery_code WHERE operator_id = @OperatorId", new { row.OperatorId }) },
        };
    }

    /// <inheritdoc/>
    public override Task<RecordLoginFailureReply> RecordLoginFailure(RecordLoginFailureRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return writes.WriteAsync(async write =>
        {
            var row = await LockAsync(write, request.OperatorId);
            var now = time.GetUtcNow();
            var failures = row.Failures + 1;
            // A failure while the name is locked is none: whoever tries on does not keep its owner out.
            if (row.LockedUntil > now.Ms())
            {
                return new RecordLoginFailureReply { LockedUntil = Times.ToTimestamp(row.LockedUntil) };
            }

            var locked = failures < FreeFailures ? (DateTimeOffset?)null : now + LockOf(failures);
            await write.WriteOneAsync(
                "UPDATE console_operator SET failures = @failures, locked_until = @locked WHERE operator_id = @OperatorId",
                new { row.OperatorId, failures, locked = locked?.Ms() });
            if (locked is { } until)
            {
                await AuditAsync(write, row.Name, "operator.lock", row.OperatorId, "", $$"""{"failures":{{failures}},"locked_until":"{{until:O}}"}""");
            }

            return new RecordLoginFailureReply { LockedUntil = Times.ToTimestamp(locked?.Ms()) };
        });
    }

    /// <inheritdoc/>
    public override Task<Operator> EnrolTotp(EnrolTotpRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        Demand("totp_secret", request.TotpSecret, 16, 512);
        return writes.WriteAsync(async write =>
        {
            var row = await LockAsync(write, request.OperatorId);
            if (row.TotpSecret.Length > 0)
            {
                throw Refusals.FailedPrecondition("The operator has a second factor.");
            }

            await write.WriteOneAsync(
                "UPDATE console_operator SET totp_secret = @TotpSecret, totp_step = 0 WHERE operator_id = @OperatorId", new { request.TotpSecret, request.OperatorId });
            await SetRecoveryCodesAsync(write, row.OperatorId, request.RecoveryHashes);
            await AuditAsync(write, row.Name, "operator.enrol", row.OperatorId, "", $$"""{"recovery_codes":{{request.RecoveryHashes.Count}}}""");
            return await ReadAsync(write, request.OperatorId);
        });
    }

    /// <inheritdoc/>
    public override Task<Operator> RenewRecoveryCodes(RenewRecoveryCodesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        return writes.WriteAsync(async write =>
        {
            var row = await LockAsync(write, request.OperatorId);
            await UseTotpStepAsync(write, row, request.TotpStep);
            await SetRecoveryCodesAsync(write, row.OperatorId, request.RecoveryHashes);
            await AuditAsync(
                write, row.Name, "operator.recovery-codes", row.OperatorId, $$"""{"recovery_codes":{{row.RecoveryCodes}}}""", $$"""{"recovery_codes":{{request.RecoveryHashes.Count}}}""");
            return await ReadAsync(write, row.OperatorId);
        });
    }

    /// <summary>How long a name is locked after so many failures in a row.</summary>
    internal static TimeSpan LockOf(int failures)
    {
        var doubled = Math.Min(failures - FreeFailures, 10);
        var wait = _firstLock * (1 << doubled);
        return wait < _lastLock ? wait : _lastLock;
    }

    private async Task<Operator> SetUpAsync(WriteContext write, UseLinkRequest request)
    {
        await DemandNobodyAsync(write);
        DemandName(request.Name);
        Demand("display_name", request.DisplayName, 1, 64);
        var id = ids.NewOperatorId();
        await InsertOperatorAsync(write, id, request.Name, request.DisplayName, Operator.Types.State.Active, request.PasswordHash, [AdminRole]);
        return await ChangedAsync(write, request.Name, "operator.setup", id, null);
    }

    private async Task<Operator> AcceptAsync(WriteContext write, LinkRow link, UseLinkRequest request)
    {
        var row = await LockAsync(write, link.OperatorId);
        var before = await ReadAsync(write, row.OperatorId);
        if (row.State == EnumText<Operator.Types.State>.Of(Operator.Types.State.Disabled))
        {
            throw Refusals.NotFound("link");
        }

        await write.WriteOneAsync(
            "UPDATE console_operator SET state = 'ACTIVE', password_hash = @PasswordHash, failures = 0, locked_until = NULL, version = version + 1 WHERE operator_id = @OperatorId",
            new { request.PasswordHash, row.OperatorId });
        return await ChangedAsync(write, row.Name, "operator.accept", row.OperatorId, before);
    }

    private static async Task DemandNobodyAsync(WriteContext write)
    {
        if (await write.FirstAsync<string>("SELECT operator_id FROM console_operator WHERE state IN ('ACTIVE', 'DISABLED') LIMIT 1") is not null)
        {
            throw Refusals.FailedPrecondition("There is an operator already.");
        }
    }

    private Task InsertLinkAsync(WriteContext write, string tokenHash, OperatorLink.Types.Kind kind, string operatorId, long expireAt) => write.WriteOneAsync(
        "INSERT INTO operator_link (token_hash, kind, operator_id, created_at, expire_at) VALUES (@tokenHash, @kind, @operatorId, @now, @expireAt)",
        new { tokenHash, kind = EnumText<OperatorLink.Types.Kind>.Of(kind), operatorId, now = time.GetUtcNow().Ms(), expireAt });

    private async Task InsertOperatorAsync(
        WriteContext write, string id, string name, string displayName, Operator.Types.State state, string passwordHash, IEnumerable<string> roles)
    {
        if (await write.FirstAsync<string>("SELECT operator_id FROM console_operator WHERE name = @name", new { name }) is not null)
        {
            throw NameTaken();
        }

        await write.WriteOneAsync(
            """
            INSERT INTO console_operator (operator_id, name, display_name, state, password_hash, totp_secret, totp_step, failures, locked_until, created_at, logged_in_at, version)
            VALUES (@id, @name, @displayName, @state, @passwordHash, '', 0, 0, NULL, @now, NULL, 1)
            """,
            new { id, name, displayName, state = EnumText<Operator.Types.State>.Of(state), passwordHash, now = time.GetUtcNow().Ms() });
        await SetRolesAsync(write, id, roles);
    }

    private static async Task SetRolesAsync(WriteContext write, string operatorId, IEnumerable<string> roles)
    {
        await write.ExecuteAsync("DELETE FROM operator_role WHERE operator_id = @operatorId", new { operatorId });
        foreach (var role in roles.Distinct())
        {
            Demand("roles", role, 1, 32);
            await write.WriteOneAsync("INSERT INTO operator_role (operator_id, role) VALUES (@operatorId, @role)", new { operatorId, role });
        }
    }

    private static async Task SetRecoveryCodesAsync(WriteContext write, string operatorId, IEnumerable<string> hashes)
    {
        await write.ExecuteAsync("DELETE FROM recovery_code WHERE operator_id = @operatorId", new { operatorId });
        foreach (var hash in hashes.Distinct())
        {
            Demand("recovery_hashes", hash, 64, 64);
            await write.WriteOneAsync("INSERT INTO recovery_code (operator_id, code_hash) VALUES (@operatorId, @hash)", new { operatorId, hash });
        }
    }

    private static async Task<OperatorRow> LockAsync(WriteContext write, string operatorId) =>
        await write.FirstAsync<OperatorRow>($"{OperatorRow.Select} WHERE operator_id = @operatorId{write.ForUpdate}", new { operatorId }) ?? throw Refusals.NotFound("operator");

    private static async Task<Operator> ReadAsync(WriteContext write, string operatorId)
    {
        var row = (await write.FirstAsync<OperatorRow>($"{OperatorRow.Select} WHERE operator_id = @operatorId", new { operatorId }))!;
        return row.ToMessage(await write.QueryAsync<string>("SELECT role FROM operator_role WHERE operator_id = @operatorId", new { operatorId }));
    }

    /// <summary>The operator as it is now, which the audit log has too.</summary>
    private async Task<Operator> ChangedAsync(WriteContext write, string by, string action, string operatorId, Operator? before)
    {
        var after = await ReadAsync(write, operatorId);
        await AuditAsync(write, by, action, operatorId, before is null ? "" : AuditLog.Show(before), AuditLog.Show(after));
        return after;
    }

    private Task<AuditEntry> AuditAsync(WriteContext write, string by, string action, string subject, string before, string after) => AuditLog.AppendAsync(
        write, time.GetUtcNow(), new AuditEntry { By = by, Action = action, Subject = subject, Before = before, After = after });

    private static void Demand(string field, string value, int min, int max)
    {
        if (value.Length < min || value.Length > max)
        {
            throw Refusals.InvalidArgument(field, value.Length == 0 ? "is missing" : $"has {value.Length} characters; {min} to {max} are allowed");
        }
    }

    private static void DemandName(string name)
    {
        if (!NameRule().IsMatch(name))
        {
            throw Refusals.InvalidArgument("name", "is 2 to 64 of a-z, 0-9, '.', '_', '-' and '@'");
        }
    }

    private static int Limit(int asked) => asked <= 0 ? ListDefault : Math.Min(asked, ListMax);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._@-]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameRule();
}
