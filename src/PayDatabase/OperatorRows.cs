using System.Data.Common;
using Dapper;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>A row of <c>console_operator</c>, with what a list needs besides.</summary>
internal sealed class OperatorRow
{
    public const string Select =
        """
        SELECT operator_id, name, display_name, state, password_hash, totp_secret, totp_step, failures, locked_until, created_at, logged_in_at, version,
               (SELECT COUNT(*) FROM recovery_code c WHERE c.operator_id = o.operator_id) AS recovery_codes
          FROM console_operator o
        """;

    public string OperatorId { get; init; } = "";

    public string Name { get; init; } = "";

    public string DisplayName { get; init; } = "";

    public string State { get; init; } = "";

    public string PasswordHash { get; init; } = "";

    public string TotpSecret { get; init; } = "";

    public long TotpStep { get; init; }

    public int Failures { get; init; }

    public long? LockedUntil { get; init; }

    public long CreatedAt { get; init; }

    public long? LoggedInAt { get; init; }

    public int Version { get; init; }

    public int RecoveryCodes { get; init; }

    public Operator ToMessage(IEnumerable<string> roles) => new()
    {
        OperatorId = OperatorId,
        Name = Name,
        DisplayName = DisplayName,
        State = EnumText<Operator.Types.State>.Parse(State),
        Roles = { roles.Order(StringComparer.Ordinal) },
        HasTotp = TotpSecret.Length > 0,
        CreateTime = Times.ToTimestamp(CreatedAt),
        LoginTime = Times.ToTimestamp(LoggedInAt),
        LockedUntil = Times.ToTimestamp(LockedUntil),
        RecoveryCodesLeft = RecoveryCodes,
        Version = Version,
    };

    /// <summary>Rows with their roles, in two reads.</summary>
    public static async Task<IReadOnlyList<Operator>> WithRolesAsync(DbConnection connection, IEnumerable<OperatorRow> rows)
    {
        var list = rows.ToList();
        var roles = (await connection.QueryAsync<(string OperatorId, string Role)>(
            "SELECT operator_id, role FROM operator_role WHERE operator_id IN @ids", new { ids = list.Select(r => r.OperatorId).OrNone() })).ToLookup(r => r.OperatorId, r => r.Role);
        return [.. list.Select(r => r.ToMessage(roles[r.OperatorId]))];
    }
}

/// <summary>A row of <c>operator_session</c>.</summary>
internal sealed class SessionRow
{
    public const string Columns = "session_id, operator_id, confirmed, created_at, seen_at, expire_at, client_ip, user_agent";

    public string SessionId { get; init; } = "";

    public string OperatorId { get; init; } = "";

    public int Confirmed { get; init; }

    public long CreatedAt { get; init; }

    public long SeenAt { get; init; }

    public long ExpireAt { get; init; }

    public string ClientIp { get; init; } = "";

    public string UserAgent { get; init; } = "";

    public OperatorSession ToMessage() => new()
    {
        SessionId = SessionId,
        Confirmed = Confirmed == 1,
        CreateTime = Times.ToTimestamp(CreatedAt),
        SeenTime = Times.ToTimestamp(SeenAt),
        ExpireTime = Times.ToTimestamp(ExpireAt),
        ClientIp = ClientIp,
        UserAgent = UserAgent,
    };
}

/// <summary>A row of <c>console_role</c>.</summary>
internal sealed class RoleRow
{
    public const string Select = "SELECT name, description, permissions, version FROM console_role";

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public string Permissions { get; init; } = "";

    public int Version { get; init; }

    public OperatorRole ToMessage() => new()
    {
        Name = Name,
        Description = Description,
        Permissions = { Permissions.Split(',', StringSplitOptions.RemoveEmptyEntries) },
        Version = Version,
    };
}

/// <summary>A row of <c>operator_link</c>.</summary>
internal sealed class LinkRow
{
    public string Kind { get; init; } = "";

    public string OperatorId { get; init; } = "";

    public long ExpireAt { get; init; }
}

/// <summary>A row of <c>approval</c>.</summary>
internal sealed class ApprovalRow
{
    public const string Select =
        """
        SELECT approval_id, kind, state, subject, summary, action, amount_minor, currency, requested_by, request_reason, requested_at, decided_by, decide_reason,
               decided_at, lease_until, outcome
          FROM approval
        """;

    public string ApprovalId { get; init; } = "";

    public string Kind { get; init; } = "";

    public string State { get; init; } = "";

    public string Subject { get; init; } = "";

    public string Summary { get; init; } = "";

    public string Action { get; init; } = "";

    public long AmountMinor { get; init; }

    public string Currency { get; init; } = "";

    public string RequestedBy { get; init; } = "";

    public string RequestReason { get; init; } = "";

    public long RequestedAt { get; init; }

    public string DecidedBy { get; init; } = "";

    public string DecideReason { get; init; } = "";

    public long? DecidedAt { get; init; }

    public long? LeaseUntil { get; init; }

    public string Outcome { get; init; } = "";

    public Approval ToMessage() => new()
    {
        ApprovalId = ApprovalId,
        Kind = EnumText<Approval.Types.Kind>.Parse(Kind),
        State = EnumText<Approval.Types.State>.Parse(State),
        Subject = Subject,
        Summary = Summary,
        Action = Action,
        AmountMinor = AmountMinor,
        Currency = Currency,
        RequestedBy = RequestedBy,
        RequestReason = RequestReason,
        RequestTime = Times.ToTimestamp(RequestedAt),
        DecidedBy = DecidedBy,
        DecideReason = DecideReason,
        DecideTime = Times.ToTimestamp(DecidedAt),
        Outcome = Outcome,
        LeaseTime = Times.ToTimestamp(LeaseUntil),
    };
}
