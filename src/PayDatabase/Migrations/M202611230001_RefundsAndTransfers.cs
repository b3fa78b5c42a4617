using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>
/// Refunds, transfers, the feed of events, channel calls for the timeline, and statements. An event belongs to an order, a refund or a transfer, its subject;
/// <c>order_id</c> of deliveries and callbacks is the order, also for its refunds, and of a transfer its own id.
/// </summary>
[Migration(202611230001)]
public sealed class RefundsAndTransfers : ResumableMigration
{
    /// <inheritdoc/>
    public override void Up()
    {
        Refunds();
        Transfers();
        EventFeed();
        ExceptionItems();
        ChannelCalls();
        Statements();
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");

    private void Refunds()
    {
        Once("""
            CREATE TABLE refund (
                id                 VARCHAR(32)  NOT NULL PRIMARY KEY,
                merchant_id        VARCHAR(32)  NOT NULL,
                app_id             VARCHAR(32)  NOT NULL,
                out_refund_no      VARCHAR(64)  NOT NULL,
                order_id           VARCHAR(32)  NOT NULL,
                out_trade_no       VARCHAR(64)  NOT NULL,
                attempt_no         VARCHAR(32)  NOT NULL,
                channel            VARCHAR(32)  NOT NULL,
                account            VARCHAR(128) NOT NULL,
                channel_order_id   VARCHAR(64)  NOT NULL,
                paid_amount        BIGINT       NOT NULL,
                state              VARCHAR(16)  NOT NULL,
                version            INT          NOT NULL,
                amount_minor       BIGINT       NOT NULL,
                currency           VARCHAR(3)   NOT NULL,
                reason             VARCHAR(255) NOT NULL,
                by_policy          INT          NOT NULL,
                notify_url         VARCHAR(255) NOT NULL,
                deliver_url        VARCHAR(255) NOT NULL,
                create_answer      LONGBLOB     NULL,
                open_calls         INT          NOT NULL,
                call_lease_at      BIGINT       NULL,
                first_sent_at      BIGINT       NULL,
                last_sent_at       BIGINT       NULL,
                channel_refund_id  VARCHAR(64)  NOT NULL,
                failure_code       VARCHAR(64)  NOT NULL,
                failure_message    VARCHAR(255) NOT NULL,
                succeeded_at       BIGINT       NULL,
                created_at         BIGINT       NOT NULL,
                ended_at           BIGINT       NULL,
                due_at             BIGINT       NULL
            )
            """);
        Once("CREATE UNIQUE INDEX refund_merchant_no ON refund (app_id, out_refund_no)");
        Once("CREATE INDEX refund_attempt ON refund (attempt_no, id)");
        Once("CREATE INDEX refund_due ON refund (due_at, id)");
        Once("CREATE INDEX refund_created ON refund (app_id, created_at, id)");
        Once("CREATE INDEX refund_order ON refund (order_id, created_at, id)");
        Once("CREATE INDEX refund_day ON refund (channel, account, last_sent_at, id)");
        History("refund", "refund_id");
        Once("CREATE INDEX pay_attempt_day ON pay_attempt (channel, account, paid_at, attempt_no)");
    }

    private void Transfers()
    {
        Once("""
            CREATE TABLE transfer (
                id                   VARCHAR(32)  NOT NULL PRIMARY KEY,
                merchant_id          VARCHAR(32)  NOT NULL,
                app_id               VARCHAR(32)  NOT NULL,
                out_transfer_no      VARCHAR(64)  NOT NULL,
                out_batch_no         VARCHAR(64)  NOT NULL,
                channel              VARCHAR(32)  NOT NULL,
                account              VARCHAR(128) NOT NULL,
                state                VARCHAR(16)  NOT NULL,
                version              INT          NOT NULL,
                amount_minor         BIGINT       NOT NULL,
                currency             VARCHAR(3)   NOT NULL,
                method               VARCHAR(32)  NOT NULL,
                payee                LONGBLOB     NOT NULL,
                title                VARCHAR(128) NOT NULL,
                remark               VARCHAR(128) NOT NULL,
                notify_url           VARCHAR(255) NOT NULL,
                deliver_url          VARCHAR(255) NOT NULL,
                create_answer        LONGBLOB     NULL,
                needs_approval       INT          NOT NULL,
                approved_by          VARCHAR(64)  NOT NULL,
                open_calls           INT          NOT NULL,
                call_lease_at        BIGINT       NULL,
                first_sent_at        BIGINT       NULL,
                last_sent_at         BIGINT       NULL,
                not_founds           INT          NOT NULL,
                resends              INT          NOT NULL,
                cancel_requested     INT          NOT NULL,
                action               LONGBLOB     NULL,
                channel_transfer_id  VARCHAR(64)  NOT NULL,
                failure_code         VARCHAR(64)  NOT NULL,
                failure_message      VARCHAR(255) NOT NULL,
                succeeded_at         BIGINT       NULL,
                created_at           BIGINT       NOT NULL,
                ended_at             BIGINT       NULL,
                due_at               BIGINT       NULL
            )
            """);
        Once("CREATE UNIQUE INDEX transfer_merchant_no ON transfer (app_id, out_transfer_no)");
        Once("CREATE INDEX transfer_due ON transfer (due_at, id)");
        Once("CREATE INDEX transfer_created ON transfer (app_id, created_at, id)");
        Once("CREATE INDEX transfer_batch ON transfer (app_id, out_batch_no, created_at, id)");
        Once("CREATE INDEX transfer_day ON transfer (channel, account, succeeded_at, id)");
        History("transfer", "transfer_id");
    }

    private void History(string table, string key) => Once($"""
        CREATE TABLE {table}_history (
            {key}              VARCHAR(32)  NOT NULL,
            version            INT          NOT NULL,
            from_state         VARCHAR(16)  NOT NULL,
            to_state           VARCHAR(16)  NOT NULL,
            cause              VARCHAR(16)  NOT NULL,
            evidence_id        VARCHAR(64)  NOT NULL,
            at                 BIGINT       NOT NULL,
            PRIMARY KEY ({key}, version)
        )
        """);

    private void EventFeed()
    {
        Once("ALTER TABLE event RENAME COLUMN order_id TO subject_id");
        Once("ALTER TABLE event RENAME COLUMN order_version TO subject_version");
        // The index of the first schema and the one in its place have the same name: the latter is made after event_subject.
        var isFirst = !HasIndex("event", "event_subject");
        foreach (var index in (string[])["event_order", "event_feed"])
        {
            if (isFirst && HasIndex("event", index))
            {
                DropIndex("event", index);
            }
        }

        Once("CREATE UNIQUE INDEX event_subject ON event (subject_id, subject_version)");
        if (isFirst || !HasIndex("event", "event_feed"))
        {
            // One event for each number; those without a number, oldest first.
            Execute.Sql("CREATE UNIQUE INDEX event_feed ON event (app_id, feed_seq)");
        }

        Once("CREATE INDEX event_unnumbered ON event (feed_seq, event_id)");
        Once("CREATE TABLE app_feed (app_id VARCHAR(32) NOT NULL PRIMARY KEY, last_number BIGINT NOT NULL)");
        // A payment by code that is being taken back.
        Once("ALTER TABLE pay_attempt ADD COLUMN reverse_at BIGINT NULL");
        Once("CREATE TABLE lease (name VARCHAR(32) NOT NULL PRIMARY KEY, holder VARCHAR(128) NOT NULL, lease_at BIGINT NOT NULL)");
        Execute.Sql("INSERT INTO lease (name, holder, lease_at) SELECT 'event_feed', '', 0 FROM (SELECT 1 AS one) AS one WHERE NOT EXISTS (SELECT 1 FROM lease)");
    }

    private void ExceptionItems()
    {
        foreach (var column in (string[])["resolved_by VARCHAR(64)", "resolution VARCHAR(32)", "note VARCHAR(512)", "refund_id VARCHAR(32)", "transfer_id VARCHAR(32)"])
        {
            Once($"ALTER TABLE exception_item ADD COLUMN {column} NOT NULL DEFAULT ''");
        }
    }

    private void ChannelCalls()
    {
        Once("""
            CREATE TABLE channel_call (
                call_id            VARCHAR(32)  NOT NULL PRIMARY KEY,
                order_id           VARCHAR(32)  NOT NULL,
                attempt_no         VARCHAR(32)  NOT NULL,
                refund_id          VARCHAR(32)  NOT NULL,
                transfer_id        VARCHAR(32)  NOT NULL,
                operation          VARCHAR(32)  NOT NULL,
                channel            VARCHAR(32)  NOT NULL,
                account            VARCHAR(128) NOT NULL,
                started_at         BIGINT       NOT NULL,
                duration_ms        BIGINT       NOT NULL,
                outcome            VARCHAR(32)  NOT NULL,
                code               VARCHAR(64)  NOT NULL,
                trace_id           VARCHAR(128) NOT NULL
            )
            """);
        Once("CREATE INDEX channel_call_order ON channel_call (order_id, started_at, call_id)");
    }

    private void Statements()
    {
        Once("""
            CREATE TABLE channel_statement (
                statement_id       VARCHAR(32)  NOT NULL PRIMARY KEY,
                channel            VARCHAR(32)  NOT NULL,
                account            VARCHAR(128) NOT NULL,
                day                VARCHAR(10)  NOT NULL,
                state              VARCHAR(16)  NOT NULL,
                rows_added         INT          NOT NULL,
                matched_rows       INT          NOT NULL,
                differences        INT          NOT NULL,
                message            VARCHAR(255) NOT NULL,
                lease_at           BIGINT       NULL,
                created_at         BIGINT       NOT NULL,
                updated_at         BIGINT       NOT NULL
            )
            """);
        Once("CREATE UNIQUE INDEX channel_statement_day ON channel_statement (channel, account, day)");
        Once("""
            CREATE TABLE channel_statement_row (
                statement_id         VARCHAR(32)  NOT NULL,
                line                 INT          NOT NULL,
                kind                 VARCHAR(16)  NOT NULL,
                attempt_no           VARCHAR(64)  NOT NULL,
                channel_order_id     VARCHAR(64)  NOT NULL,
                refund_no            VARCHAR(64)  NOT NULL,
                channel_refund_id    VARCHAR(64)  NOT NULL,
                transfer_no          VARCHAR(64)  NOT NULL,
                channel_transfer_id  VARCHAR(64)  NOT NULL,
                amount_minor         BIGINT       NOT NULL,
                currency             VARCHAR(3)   NOT NULL,
                fee_minor            BIGINT       NOT NULL,
                at                   BIGINT       NULL,
                provider_state       VARCHAR(64)  NOT NULL,
                verdict              VARCHAR(32)  NOT NULL,
                exception_id         VARCHAR(32)  NOT NULL,
                PRIMARY KEY (statement_id, line)
            )
            """);
        Once("CREATE INDEX channel_statement_row_kind ON channel_statement_row (statement_id, kind)");
        Once("CREATE INDEX channel_statement_row_attempt ON channel_statement_row (attempt_no, kind)");
        Once("CREATE INDEX channel_statement_row_refund ON channel_statement_row (refund_no)");
        Once("CREATE INDEX channel_statement_row_transfer ON channel_statement_row (transfer_no)");
    }
}
