using FluentMigrator;

namespace PayCore.PayDatabase.Migrations;

/// <summary>
/// What the console's lists walk and its search looks up (docs/decisions/0017-console-lists.md says what each index serves and costs).
/// </summary>
[Migration(202611290002)]
public sealed class ConsoleLists : Migration
{
    /// <inheritdoc/>
    public override void Up()
    {
        // Orders by the time of creation with their amounts, by state (what is late apart), and by the time of payment with their amounts.
        Index("pay_order", "pay_order_time", "created_at, id, currency, amount_minor");
        Index("pay_order", "pay_order_state", "state, late, created_at, id");
        Index("pay_order", "pay_order_paid", "paid_at, id, currency, amount_minor");
        Index("refund", "refund_state", "state, created_at, id");
        Index("transfer", "transfer_state", "state, created_at, id");
        Index("callback", "callback_state", "state, received_at, callback_id");
        Index("exception_item", "exception_item_time", "created_at, exception_id");
        Index("exception_item", "exception_item_waiting", "resolved_at, created_at, exception_id");
        Index("exception_item", "exception_item_kind", "kind, created_at, exception_id");

        // In place of notify_delivery_state, which did not know the time; first the new one, so that there always is one.
        Index("notify_delivery", "notify_delivery_list", "state, created_at, delivery_id");
        if (Schema.Table("notify_delivery").Index("notify_delivery_state").Exists())
        {
            IfDatabase("mysql", "mariadb").Execute.Sql("DROP INDEX notify_delivery_state ON notify_delivery");
            IfDatabase("sqlite").Execute.Sql("DROP INDEX notify_delivery_state");
        }

        // What was counted of payments in each quarter of an hour, and when it is counted again.
        if (!Schema.Table("quarter_figure").Exists())
        {
            Execute.Sql("""
                CREATE TABLE quarter_figure (
                    at                 BIGINT       NOT NULL,
                    kind               VARCHAR(16)  NOT NULL,
                    subject            VARCHAR(32)  NOT NULL,
                    word               VARCHAR(64)  NOT NULL,
                    entries            BIGINT       NOT NULL,
                    amount_minor       BIGINT       NOT NULL,
                    PRIMARY KEY (at, kind, subject, word)
                )
                """);
        }

        if (!Schema.Table("figure_quarter").Exists())
        {
            Execute.Sql("CREATE TABLE figure_quarter (at BIGINT NOT NULL PRIMARY KEY, due_at BIGINT NULL)");
        }

        Index("figure_quarter", "figure_quarter_due", "due_at, at");

        // The provider's numbers, and the event of a notification, of what is archived too.
        Index("transfer", "transfer_channel_no", "channel_transfer_id");
        foreach (var at in (string[])["", "_archive"])
        {
            Index($"pay_attempt{at}", $"pay_attempt{at}_channel_no", "channel_order_id");
            Index($"refund{at}", $"refund{at}_channel_no", "channel_refund_id");
            Index($"notify_delivery{at}", $"notify_delivery{at}_event", "event_id");
        }
    }

    /// <inheritdoc/>
    public override void Down() => throw new NotSupportedException("Money is never dropped by a migration.");

    private void Index(string table, string name, string columns)
    {
        if (!Schema.Table(table).Index(name).Exists())
        {
            Execute.Sql($"CREATE INDEX {name} ON {table} ({columns})");
        }
    }
}
