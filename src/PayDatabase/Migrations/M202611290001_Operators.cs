using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>The console's people: operators, their roles, links, recovery codes and sessions; approvals and saved views. And the audit log by who did it.</summary>
[Migration(202611290001)]
public sealed class Operators : ResumableMigration
{
    private static readonly string[] _tables =
    [
        """
        CREATE TABLE console_operator (
            operator_id         VARCHAR(32)  NOT NULL PRIMARY KEY,
            name                VARCHAR(64)  NOT NULL,
            display_name        VARCHAR(64)  NOT NULL,
            state               VARCHAR(16)  NOT NULL,
            password_hash       VARCHAR(255) NOT NULL,
            totp_secret         VARCHAR(512) NOT NULL,
            totp_step           BIGINT       NOT NULL,
            failures            INT          NOT NULL,
            locked_until        BIGINT       NULL,
            created_at          BIGINT       NOT NULL,
            logged_in_at        BIGINT       NULL,
            version             INT          NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX console_operator_name ON console_operator (name)",
        "CREATE INDEX console_operator_state ON console_operator (state, operator_id)",
        "CREATE TABLE operator_role (operator_id VARCHAR(32) NOT NULL, role VARCHAR(32) NOT NULL, PRIMARY KEY (operator_id, role))",
        "CREATE INDEX operator_role_role ON operator_role (role, operator_id)",
        """
        CREATE TABLE console_role (
            name        VARCHAR(32)   NOT NULL PRIMARY KEY,
            description VARCHAR(255)  NOT NULL,
            permissions VARCHAR(2000) NOT NULL,
            version     INT           NOT NULL
        )
        """,
        """
        CREATE TABLE operator_link (
            token_hash  CHAR(64)    NOT NULL PRIMARY KEY,
            kind        VARCHAR(16) NOT NULL,
            operator_id VARCHAR(32) NOT NULL,
            created_at  BIGINT      NOT NULL,
            expire_at   BIGINT      NOT NULL
        )
        """,
        "CREATE INDEX operator_link_operator ON operator_link (operator_id)",
        "CREATE TABLE recovery_code (operator_id VARCHAR(32) NOT NULL, code_hash CHAR(64) NOT NULL, PRIMARY KEY (operator_id, code_hash))",
        """
        CREATE TABLE operator_session (
            session_id  VARCHAR(32)  NOT NULL PRIMARY KEY,
            token_hash  CHAR(64)     NOT NULL,
            operator_id VARCHAR(32)  NOT NULL,
            confirmed   INT          NOT NULL,
            created_at  BIGINT       NOT NULL,
            seen_at     BIGINT       NOT NULL,
            expire_at   BIGINT       NOT NULL,
            client_ip   VARCHAR(64)  NOT NULL,
            user_agent  VARCHAR(255) NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX operator_session_token ON operator_session (token_hash)",
        "CREATE INDEX operator_session_operator ON operator_session (operator_id, session_id)",
        "CREATE INDEX operator_session_expire ON operator_session (expire_at)",
        """
        CREATE TABLE approval (
            approval_id    VARCHAR(32)   NOT NULL PRIMARY KEY,
            kind           VARCHAR(16)   NOT NULL,
            state          VARCHAR(16)   NOT NULL,
            subject        VARCHAR(160)  NOT NULL,
            open_subject   VARCHAR(180)  NULL,
            summary        VARCHAR(512)  NOT NULL,
            action         MEDIUMTEXT    NOT NULL,
            amount_minor   BIGINT        NOT NULL,
            currency       VARCHAR(3)    NOT NULL,
            requested_by   VARCHAR(64)   NOT NULL,
            request_reason VARCHAR(512)  NOT NULL,
            requested_at   BIGINT        NOT NULL,
            decided_by     VARCHAR(64)   NOT NULL,
            decide_reason  VARCHAR(512)  NOT NULL,
            decided_at     BIGINT        NULL,
            lease_until    BIGINT        NULL,
            outcome        VARCHAR(512)  NOT NULL
        )
        """,
        // One open approval of a kind for a subject; NULLs differ from one another.
        "CREATE UNIQUE INDEX approval_open ON approval (open_subject)",
        "CREATE INDEX approval_state ON approval (state, approval_id)",
        """
        CREATE TABLE saved_view (
            view_id     VARCHAR(32)   NOT NULL PRIMARY KEY,
            operator_id VARCHAR(32)   NOT NULL,
            page        VARCHAR(32)   NOT NULL,
            name        VARCHAR(64)   NOT NULL,
            query       VARCHAR(2000) NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX saved_view_name ON saved_view (operator_id, page, name)",
    ];

    /// <inheritdoc/>
    public override void Up()
    {
        foreach (var statement in _tables)
        {
            Once(statement);
        }

        Once("CREATE INDEX audit_entry_by ON audit_entry (by_whom, number)");
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");
}
