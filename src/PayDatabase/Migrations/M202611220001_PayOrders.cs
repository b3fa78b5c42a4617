using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>
/// The first schema. Written as SQL that SQLite and MySQL both read as it is; times are milliseconds since 1970 in UTC, states are
/// the words of the contract, money is whole minor units.
/// </summary>
[Migration(202611220001)]
public sealed class PayOrders : ResumableMigration
{
    /// <inheritdoc/>
    public override void Up()
    {
        // Numbers of merchants that differ in case only are different numbers, as on SQLite.
        IfDatabase("mysql", "mariadb").Execute.Sql("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");

        Once("""
            CREATE TABLE pay_order (
                id                 VARCHAR(32)  NOT NULL PRIMARY KEY,
                merchant_id        VARCHAR(32)  NOT NULL,
                app_id             VARCHAR(32)  NOT NULL,
                out_trade_no       VARCHAR(64)  NOT NULL,
                state              VARCHAR(16)  NOT NULL,
                version            INT          NOT NULL,
                amount_minor       BIGINT       NOT NULL,
                currency           VARCHAR(3)   NOT NULL,
                subject            VARCHAR(255) NOT NULL,
                method             VARCHAR(32)  NOT NULL,
                scene              VARCHAR(16)  NOT NULL,
                buyer              VARCHAR(128) NOT NULL,
                client_ip          VARCHAR(45)  NOT NULL,
                notify_url         VARCHAR(255) NOT NULL,
                deliver_url        VARCHAR(255) NOT NULL,
                return_url         VARCHAR(255) NOT NULL,
                attach             VARCHAR(255) NOT NULL,
                expire_at          BIGINT       NOT NULL,
                expire_given       INT          NOT NULL,
                page_token         VARCHAR(64)  NOT NULL,
                create_answer      LONGBLOB     NULL,
                attempt_count      INT          NOT NULL,
                won_attempt_no     VARCHAR(32)  NULL,
                paid_at            BIGINT       NULL,
                late               INT          NOT NULL,
                close_requested    INT          NOT NULL,
                close_cause        VARCHAR(16)  NOT NULL,
                failure_code       VARCHAR(64)  NOT NULL,
                failure_message    VARCHAR(255) NOT NULL,
                created_at         BIGINT       NOT NULL,
                ended_at           BIGINT       NULL,
                due_at             BIGINT       NULL
            )
            """);
        Once("CREATE UNIQUE INDEX pay_order_merchant_no ON pay_order (app_id, out_trade_no)");
        Once("CREATE UNIQUE INDEX pay_order_page_token ON pay_order (page_token)");
        Once("CREATE INDEX pay_order_due ON pay_order (due_at, id)");
        Once("CREATE INDEX pay_order_created ON pay_order (app_id, created_at, id)");

        Once("""
            CREATE TABLE pay_attempt (
                attempt_no         VARCHAR(32)  NOT NULL PRIMARY KEY,
                order_id           VARCHAR(32)  NOT NULL,
                seq                INT          NOT NULL,
                app_id             VARCHAR(32)  NOT NULL,
                out_attempt_no     VARCHAR(64)  NOT NULL,
                channel            VARCHAR(32)  NOT NULL,
                account            VARCHAR(128) NOT NULL,
                method             VARCHAR(32)  NOT NULL,
                scene              VARCHAR(16)  NOT NULL,
                state              VARCHAR(16)  NOT NULL,
                version            INT          NOT NULL,
                amount_minor       BIGINT       NOT NULL,
                currency           VARCHAR(3)   NOT NULL,
                buyer              VARCHAR(128) NOT NULL,
                client_ip          VARCHAR(45)  NOT NULL,
                expire_at          BIGINT       NOT NULL,
                action             LONGBLOB     NULL,
                open_calls         INT          NOT NULL,
                call_lease_at      BIGINT       NULL,
                channel_order_id   VARCHAR(64)  NOT NULL,
                paid_amount        BIGINT       NOT NULL,
                refund_reserved    BIGINT       NOT NULL,
                refunded           BIGINT       NOT NULL,
                paid_at            BIGINT       NULL,
                refusal_code       VARCHAR(64)  NOT NULL,
                refusal_message    VARCHAR(255) NOT NULL,
                created_at         BIGINT       NOT NULL
            )
            """);
        Once("CREATE UNIQUE INDEX pay_attempt_seq ON pay_attempt (order_id, seq)");
        Once("CREATE UNIQUE INDEX pay_attempt_out_no ON pay_attempt (order_id, out_attempt_no)");

        Once("""
            CREATE TABLE pay_order_history (
                order_id           VARCHAR(32)  NOT NULL,
                version            INT          NOT NULL,
                from_state         VARCHAR(16)  NOT NULL,
                to_state           VARCHAR(16)  NOT NULL,
                cause              VARCHAR(16)  NOT NULL,
                evidence_id        VARCHAR(32)  NOT NULL,
                at                 BIGINT       NOT NULL,
                PRIMARY KEY (order_id, version)
            )
            """);
        Once("""
            CREATE TABLE pay_attempt_history (
                attempt_no         VARCHAR(32)  NOT NULL,
                version            INT          NOT NULL,
                from_state         VARCHAR(16)  NOT NULL,
                to_state           VARCHAR(16)  NOT NULL,
                cause              VARCHAR(16)  NOT NULL,
                evidence_id        VARCHAR(32)  NOT NULL,
                at                 BIGINT       NOT NULL,
                PRIMARY KEY (attempt_no, version)
            )
            """);

        Once("""
            CREATE TABLE callback (
                callback_id        VARCHAR(32)  NOT NULL PRIMARY KEY,
                channel            VARCHAR(32)  NOT NULL,
                account            VARCHAR(128) NOT NULL,
                received_at        BIGINT       NOT NULL,
                http_method        VARCHAR(8)   NOT NULL,
                target             VARCHAR(512) NOT NULL,
                headers            LONGTEXT     NOT NULL,
                body               LONGBLOB     NOT NULL,
                state              VARCHAR(16)  NOT NULL,
                reason             VARCHAR(255) NOT NULL,
                order_id           VARCHAR(32)  NOT NULL,
                attempt_no         VARCHAR(32)  NOT NULL,
                message_id         VARCHAR(64)  NOT NULL
            )
            """);
        Once("CREATE INDEX callback_order ON callback (order_id, callback_id)");

        Once("""
            CREATE TABLE event (
                event_id           VARCHAR(32)  NOT NULL PRIMARY KEY,
                app_id             VARCHAR(32)  NOT NULL,
                order_id           VARCHAR(32)  NOT NULL,
                order_version      INT          NOT NULL,
                event_type         VARCHAR(32)  NOT NULL,
                body               LONGBLOB     NOT NULL,
                created_at         BIGINT       NOT NULL,
                feed_seq           BIGINT       NULL
            )
            """);
        Once("CREATE UNIQUE INDEX event_order ON event (order_id, order_version)");
        Once("CREATE INDEX event_feed ON event (app_id, feed_seq)");

        Once("""
            CREATE TABLE notify_delivery (
                delivery_id        VARCHAR(32)  NOT NULL PRIMARY KEY,
                event_id           VARCHAR(32)  NOT NULL,
                app_id             VARCHAR(32)  NOT NULL,
                order_id           VARCHAR(32)  NOT NULL,
                url                VARCHAR(255) NOT NULL,
                state              VARCHAR(16)  NOT NULL,
                version            INT          NOT NULL,
                cycle              INT          NOT NULL,
                tries              INT          NOT NULL,
                due_at             BIGINT       NULL,
                created_at         BIGINT       NOT NULL,
                delivered_at       BIGINT       NULL
            )
            """);
        Once("CREATE INDEX notify_delivery_due ON notify_delivery (due_at, delivery_id)");
        Once("CREATE INDEX notify_delivery_order ON notify_delivery (order_id, delivery_id)");
        Once("CREATE INDEX notify_delivery_state ON notify_delivery (state, delivery_id)");

        Once("""
            CREATE TABLE notify_try (
                delivery_id        VARCHAR(32)  NOT NULL,
                cycle              INT          NOT NULL,
                number             INT          NOT NULL,
                started_at         BIGINT       NOT NULL,
                duration_ms        BIGINT       NOT NULL,
                http_status        INT          NOT NULL,
                result             VARCHAR(32)  NOT NULL,
                answer             VARCHAR(255) NOT NULL,
                PRIMARY KEY (delivery_id, cycle, number)
            )
            """);

        Once("""
            CREATE TABLE exception_item (
                exception_id       VARCHAR(32)  NOT NULL PRIMARY KEY,
                same_item          VARCHAR(64)  NOT NULL,
                kind               VARCHAR(32)  NOT NULL,
                app_id             VARCHAR(32)  NOT NULL,
                order_id           VARCHAR(32)  NOT NULL,
                attempt_no         VARCHAR(32)  NOT NULL,
                callback_id        VARCHAR(32)  NOT NULL,
                detail             VARCHAR(512) NOT NULL,
                created_at         BIGINT       NOT NULL,
                resolved_at        BIGINT       NULL
            )
            """);
        Once("CREATE UNIQUE INDEX exception_item_same ON exception_item (same_item)");
        Once("CREATE INDEX exception_item_order ON exception_item (order_id, exception_id)");
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Orders are never dropped by a migration.");
}
