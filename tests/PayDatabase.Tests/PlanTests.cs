using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using PayCore.Contracts.V1;
using PayCore.TestKit;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using RefundState = PayCore.Contracts.V1.Refund.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>
/// Every statement that PayDatabase really sends, as the server's own log has it, over tables with some thousand rows: it finds its rows by an index. Tried on MariaDB.
/// </summary>
public sealed class PlanTests
{
    /// <summary>Tables that have one row, or one for each app.</summary>
    private static readonly string[] _small = ["lease", "app_feed", "audit_end", "schema_version"];

    [Fact]
    public async Task EveryStatement_OverFullTables_FindsItsRowsByAnIndex()
    {
        // One of its own: its log has nobody else's statements.
        await using var server = await MariaDbServer.StartAsync(options: ["--log-output=TABLE"]);
        var connectionString = await server.CreateDatabaseAsync();
        await using var db = await DatabaseFixture.StartAsync("mysql", connectionString, null, new(DatabaseFixture.Start));
        await db.FillAsync(2000);
        await FillTheRestAsync(db, 2000);
        await server.ExecuteAsync("SET GLOBAL general_log = 1");

        await CallEverythingAsync(db);

        await server.ExecuteAsync("SET GLOBAL general_log = 0");
        await using var connection = new MySqlConnection(connectionString);
        await connection.OpenAsync();
        var statements = (await Dapper.SqlMapper.QueryAsync<string>(
                connection, "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type = 'Query' ORDER BY event_time"))
            .SelectMany(SplitStatements)
            .Where(s => s.StartsWith("SELECT", StringComparison.Ordinal) || s.StartsWith("UPDATE", StringComparison.Ordinal) || s.StartsWith("DELETE", StringComparison.Ordinal))
            .Where(s => s.Contains(" FROM ", StringComparison.Ordinal) || s.StartsWith("UPDATE", StringComparison.Ordinal))
            .DistinctBy(Shape)
            .ToList();
        statements.Should().HaveCountGreaterThan(100);
        statements.Should().NotContain(s => s.Contains("OFFSET", StringComparison.OrdinalIgnoreCase), "pages are by key");
        var found = new List<string>();
        foreach (var statement in statements)
        {
            var plan = JsonNode.Parse((await Dapper.SqlMapper.ExecuteScalarAsync<string>(connection, $"EXPLAIN FORMAT=JSON {statement}"))!)!;
            found.AddRange(TablesIn(plan)
                .Where(t => t.Access == "ALL" && !t.Table.StartsWith('<') && !_small.Contains(t.Table))
                .Select(t => $"{t.Table}: {statement}"));
        }

        found.Should().BeEmpty();
    }

    /// <summary>MySqlConnector sends several at once, and asks for a single row by a setting around the statement.</summary>
    private static IEnumerable<string> SplitStatements(string sent) =>
        System.Text.RegularExpressions.Regex.Split(sent, @";\s*(?=(?:INSERT|UPDATE|DELETE|SELECT|SET)\b)").SelectMany(s => s.Split("sql_select_limit=1;")).Select(s => s.Trim().TrimEnd(';')).Where(s => s.Length > 0);

    private static string Shape(string statement) =>
        System.Text.RegularExpressions.Regex.Replace(statement, @"'[^']*'|\b\d+\b|_binary\S*", "?").Replace("?,", "", StringComparison.Ordinal);

    /// <summary>Every table of a plan with how it is read, however deep.</summary>
    private static IEnumerable<(string Table, string Access)> TablesIn(JsonNode? node) => node switch
    {
        JsonObject o => (o["table_name"] is { } name && o["access_type"] is { } access ? [(Alias(name.GetValue<string>()), access.GetValue<string>())] : Array.Empty<(string, string)>())
            .Concat(o.SelectMany(p => TablesIn(p.Value))),
        JsonArray a => a.SelectMany(TablesIn),
        _ => [],
    };

    private static string Alias(string table) => table switch
    {
        // Derived tables hold a page.
        "page" => "<page>",
        _ => table,
    };

    private static async Task FillTheRestAsync(DatabaseFixture db, int rows)
    {
        await db.ExecuteAsync($"INSERT INTO pay_attempt SELECT CONCAT('A', id), id, 1, app_id, '', 'wechat', CONCAT('acc', MOD(CRC32(id), 7)), 'wechat', 'QR', 'WON', 3, 1, 'CNY', '', '', 5, NULL, 0, NULL, '', 1, 0, 0, created_at, '', '', created_at, NULL, '' FROM pay_order WHERE id LIKE 'ZZ%'");
        foreach (var (table, values) in ((string, string)[])
                 [
                     ("pay_order_history (order_id, version, from_state, to_state, cause, evidence_id, at)", "CONCAT('ZZ', seq), 1, '', 'CREATED', 'x', '', 5"),
                     ("pay_attempt_history (attempt_no, version, from_state, to_state, cause, evidence_id, at)", "CONCAT('AZZ', seq), 1, '', 'SENT', 'x', '', 5"),
                     ("refund_history (refund_id, version, from_state, to_state, cause, evidence_id, at)", "CONCAT('ZZ', seq), 1, '', 'CREATED', 'x', '', 5"),
                     ("transfer_history (transfer_id, version, from_state, to_state, cause, evidence_id, at)", "CONCAT('ZZ', seq), 1, '', 'CREATED', 'x', '', 5"),
                     ("event (event_id, app_id, subject_id, subject_version, event_type, body, created_at, feed_seq)",
                         "CONCAT('EZZ', seq), CONCAT('app', 1 + seq % 2), CONCAT('ZZ', seq), 3, 'payment.paid', '{}', 5, 1000000 + seq"),
                     ("notify_delivery (delivery_id, event_id, app_id, order_id, url, state, version, cycle, tries, due_at, created_at, delivered_at)",
                         "CONCAT('DZZ', seq), CONCAT('EZZ', seq), 'app1', CONCAT('ZZ', seq), 'https://shop.example', IF(seq % 10 = 0, 'DEAD', 'DELIVERED'), 3, 1, 1, NULL, 5, 6"),
                     ("notify_try (delivery_id, cycle, number, started_at, duration_ms, http_status, result, answer)", "CONCAT('DZZ', seq), 1, 1, 5, 5, 200, 'delivered', ''"),
                     ("callback (callback_id, channel, account, received_at, http_method, target, headers, body, state, reason, order_id, attempt_no, message_id)",
                         "CONCAT('CZZ', seq), 'wechat', 'acc1', 5, 'POST', '/', '[]', '', 'APPLIED', '', CONCAT('ZZ', seq), '', ''"),
                     ("channel_call (call_id, order_id, attempt_no, refund_id, transfer_id, operation, channel, account, started_at, duration_ms, outcome, code, trace_id)",
                         "CONCAT('LZZ', seq), CONCAT('ZZ', seq), '', '', '', 'pay', 'wechat', 'acc1', 5, 5, 'action', '', ''"),
                     ("exception_item (exception_id, same_item, kind, app_id, order_id, attempt_no, callback_id, detail, created_at, resolved_at, statement_id, statement_line)",
                         "CONCAT('XZZ', seq), CONCAT('s', seq), 'OVERDUE', 'app1', CONCAT('ZZ', seq), '', '', '', 5, 6, IF(seq % 10 = 0, CONCAT('SZZ', seq % 300), ''), seq"),
                     ("channel_statement (statement_id, channel, account, day, state, rows_added, matched_rows, differences, message, created_at, updated_at)",
                         "CONCAT('SZZ', seq), 'wechat', CONCAT('acc', seq % 7), CONCAT('d', seq), 'MATCHED', 0, 0, 0, '', 5, 5"),
                     ("channel_statement_row (statement_id, line, kind, attempt_no, channel_order_id, refund_no, channel_refund_id, transfer_no, channel_transfer_id, amount_minor, currency, fee_minor, at, provider_state, verdict, exception_id)",
                         "CONCAT('SZZ', seq % 30), seq, 'PAYMENT', CONCAT('AZZ', seq), '', '', '', '', '', 1, 'CNY', 0, 5, '', 'MATCHED', ''"),
                     ("console_operator (operator_id, name, display_name, state, password_hash, totp_secret, totp_step, failures, created_at, version)",
                         "CONCAT('OZZ', seq), CONCAT('name', seq), 'n', IF(seq % 10 = 0, 'INVITED', 'ACTIVE'), 'h', '', 0, 0, 5, 1"),
                     ("operator_role (operator_id, role)", "CONCAT('OZZ', seq), CONCAT('role', seq % 7)"),
                     ("console_role (name, description, permissions, version)", "CONCAT('role', seq), '', 'ViewHome', 1"),
                     ("operator_link (token_hash, kind, operator_id, created_at, expire_at)", "SHA2(seq, 256), 'INVITATION', CONCAT('OZZ', seq), 5, 6"),
                     ("recovery_code (operator_id, code_hash)", "CONCAT('OZZ', seq), SHA2(seq, 256)"),
                     ("operator_session (session_id, token_hash, operator_id, confirmed, created_at, seen_at, expire_at, client_ip, user_agent)",
                         "CONCAT('BZZ', seq), SHA2(seq, 256), CONCAT('OZZ', seq % 100), 1, 5, 6, 4000000000000, '', ''"),
                     ("approval (approval_id, kind, state, subject, open_subject, summary, action, amount_minor, currency, requested_by, request_reason, requested_at, decided_by, decide_reason, outcome)",
                         "CONCAT('VZZ', seq), 'REFUND', IF(seq % 10 = 0, 'OPEN', 'EXECUTED'), CONCAT('R', seq), IF(seq % 10 = 0, CONCAT('REFUND RZZ', seq), NULL), '', '{}', 1, 'CNY', 'li', '', 5, '', '', ''"),
                     ("instance (instance_id, seen_at, report)", "CONCAT('i', seq), 4000000000000, '{}'"),
                     ("account_verdict (channel, account, checked_at, by_whom, document_version, findings)", "'wechat', CONCAT('acc', seq), 5, 'li', '1', '{}'"),
                     ("saved_view (view_id, operator_id, page, name, query)", "CONCAT('WZZ', seq), CONCAT('OZZ', seq % 50), 'payments', CONCAT('v', seq), ''"),
                     ("audit_entry (number, created_at, by_whom, action, subject, before_text, after_text, previous_hash, hash)",
                         "1000000 + seq, 5, 'li', 'config.write', CONCAT('apps/', seq), '', '', '', ''"),
                 ])
        {
            await db.ExecuteAsync($"INSERT INTO {table} SELECT {values} FROM seq_1_to_{rows}");
            await db.ExecuteAsync($"ANALYZE TABLE {table.Split(' ')[0]}");
        }

        await db.ExecuteAsync("UPDATE pay_order SET due_at = 5 WHERE id LIKE 'ZZ1%'");
        await db.ExecuteAsync("ANALYZE TABLE pay_order, pay_attempt");
        foreach (var table in (string[])
                 [
                     "pay_order", "pay_order_history", "pay_attempt", "pay_attempt_history", "refund", "refund_history", "event", "notify_delivery", "notify_try", "callback",
                     "channel_call",
                 ])
        {
            // What is archived has other keys, and as many rows.
            var key = table switch { "pay_order" or "refund" => "id", "event" => "event_id", "notify_delivery" => "delivery_id", "callback" => "callback_id", "channel_call" => "call_id", _ => null };
            await db.ExecuteAsync($"INSERT IGNORE INTO {table}_archive SELECT * FROM {table}{(key is null ? "" : $" WHERE {key} LIKE '%ZZ%'")}");
            await db.ExecuteAsync($"ANALYZE TABLE {table}_archive");
        }

        await db.ExecuteAsync("DELETE FROM pay_order_archive WHERE id NOT LIKE 'ZZ%'");
        await db.ExecuteAsync("DELETE FROM pay_attempt_archive WHERE order_id NOT LIKE 'ZZ%'");
    }

    /// <summary>Each rpc with a database behind it, most of them in several ways.</summary>
    private static async Task CallEverythingAsync(DatabaseFixture db)
    {
        var client = db.Client;
        var won = (await db.OrderAsync(AttemptState.Won)).Order.Id;
        foreach (var state in System.Enum.GetValues<AttemptState>().Where(s => s != AttemptState.Unspecified))
        {
            await db.OrderAsync(state);
        }

        foreach (var state in System.Enum.GetValues<RefundState>().Where(s => s != RefundState.Unspecified))
        {
            await db.RefundAsync(state);
        }

        foreach (var state in System.Enum.GetValues<TransferState>().Where(s => s != TransferState.Unspecified))
        {
            await db.TransferAsync(state);
        }

        var order = (await client.CreateOrderAsync(db.NewOrder("twice"))).Order;
        await client.CreateOrderAsync(db.NewOrder("twice"));
        var attempt = order.Attempts[0];
        await client.ClaimCallAsync(new ClaimCallRequest { AttemptNo = attempt.Attempt.AttemptNo, LeaseTime = db.Lease() });
        await client.ReleaseCallAsync(new ReleaseCallRequest { AttemptNo = attempt.Attempt.AttemptNo, LeaseTime = db.Lease() });
        await client.RequestReverseAsync(new RequestReverseRequest { AttemptNo = attempt.Attempt.AttemptNo });
        var paid = await db.PaidAsync();
        var refund = (await client.CreateRefundAsync(db.NewRefund(paid, call: false))).Refund.Refund.Id;
        await db.ClaimRefundAsync(refund);
        var transfer = (await client.CreateTransferAsync(db.NewTransfer("t-twice", needsApproval: true))).Transfer.Transfer;
        await client.CreateTransferAsync(db.NewTransfer("t-twice", needsApproval: true));
        await client.DecideTransferAsync(new DecideTransferRequest { TransferId = transfer.Id, Decision = DecideTransferRequest.Types.Decision.Approve, By = "li" });
        await db.ClaimTransferAsync(transfer.Id);
        await db.ReadTransferAsync(transfer.Id);
        await db.ReadRefundAsync(refund);
        await db.ReadRefundAsync("ZZ7");
        foreach (var id in (string[])[order.Order.Id, "ZZ7"])
        {
            await db.ReadAsync(id);
            await client.ReadTimelineAsync(new ReadTimelineRequest { OrderId = id });
            await client.ReadDeliveriesAsync(new ListDeliveriesRequest { OrderId = id });
        }

        await client.ReadOrderAsync(new ReadOrderRequest { PageToken = order.PageToken });
        await client.ReadOrderAsync(new ReadOrderRequest { AttemptNo = attempt.Attempt.AttemptNo });
        await client.ReadOrderAsync(new ReadOrderRequest { MerchantOrder = new MerchantOrderKey { AppId = "app1", OutTradeNo = "twice" } });
        await client.ReadRefundAsync(new ReadRefundRequest { MerchantRefund = new MerchantRefundKey { AppId = "app1", OutRefundNo = "RT00000002" } }).ResponseAsync.ContinueWith(_ => { }, TaskScheduler.Default);

        await client.ClaimDueOrdersAsync(new ClaimDueOrdersRequest { Limit = 3, LeaseSeconds = 30 });
        await client.ScheduleOrderAsync(new ScheduleOrderRequest { OrderId = order.Order.Id, ClaimedDueTime = db.Lease(), NextDueTime = db.Lease() });
        await client.ClaimDueRefundsAsync(new ClaimDueRequest { Limit = 3, LeaseSeconds = 30 });
        await client.ClaimDueTransfersAsync(new ClaimDueRequest { Limit = 3, LeaseSeconds = 30 });
        await client.ScheduleLookAsync(new ScheduleLookRequest { RefundId = refund, ClaimedDueTime = db.Lease(), NextDueTime = db.Lease() });
        var deliveries = await client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = 3, LeaseSeconds = 30 });
        var delivery = deliveries.Deliveries[0];
        await client.RenewDeliveryAsync(new RenewDeliveryRequest { DeliveryId = delivery.DeliveryId, Version = delivery.Version, LeaseSeconds = 30 });
        await client.RecordTryAsync(new RecordTryRequest
        {
            DeliveryId = delivery.DeliveryId, Version = delivery.Version, NextState = Delivery.Types.State.Delivered, Try = new DeliveryTry { StartTime = db.Lease(0) },
        });
        await client.ReopenDeliveryAsync(new ReopenDeliveryRequest { DeliveryId = delivery.DeliveryId, By = "li" });
        var noPlace = deliveries.Deliveries[1];
        await client.LineUpDeliveriesAsync(new LineUpDeliveriesRequest
        {
            Endpoint = "https://shop.example:443", FirstTime = db.Lease(), EveryMs = 1000,
            Deliveries = { new LineUpDeliveriesRequest.Types.Taken { DeliveryId = noPlace.DeliveryId, Version = noPlace.Version } },
        });
        await client.PullDeliveriesAsync(new PullDeliveriesRequest { Endpoint = "https://shop.example:443", Limit = 3 });
        await client.ReadDeliveriesAsync(new ListDeliveriesRequest { State = Delivery.Types.State.Dead, AfterDeliveryId = "D", Limit = 10 });

        foreach (var request in (ListRequest[])
                 [
                     new() { AppId = "app1", Limit = 50 }, new() { AppId = "app1", Limit = 50, States = { "PAID", "FAILED" } }, new() { AppId = "app1", Limit = 50, Method = "wechat" },
                     new() { AppId = "app1", Limit = 50, AfterCreateTime = db.Lease(-100), AfterId = "ZZ5" }, new() { AppId = "app1", Limit = 50, OrderId = "P7", OutBatchNo = "b7" },
                 ])
        {
            await client.ListPayOrdersAsync(request);
            await client.ListRefundsAsync(request);
            await client.ListTransfersAsync(request);
        }

        await client.NumberEventsAsync(new NumberEventsRequest { Holder = "h", LeaseSeconds = 30, Limit = 500 });
        await client.NumberEventsAsync(new NumberEventsRequest { Holder = "h", LeaseSeconds = 30, Limit = 500 });
        await client.ReadEventsAsync(new ReadEventsRequest { AppId = "app1", After = 7, Limit = 50 });
        await client.KeepChannelCallsAsync(new KeepChannelCallsRequest { Calls = { new ChannelCall { CallId = "L1", AttemptNo = attempt.Attempt.AttemptNo, StartTime = db.Lease(0) } } });

        await client.RaiseExceptionAsync(new RaiseExceptionRequest { Exception = new ExceptionItem { Kind = ExceptionItem.Types.Kind.Overdue, OrderId = order.Order.Id } });
        var alerts = await client.ClaimAlertsAsync(new ClaimAlertsRequest { Limit = 10, LeaseSeconds = 30 });
        await client.SettleAlertsAsync(new SettleAlertsRequest { ExceptionIds = { alerts.Exceptions[0].ExceptionId } });
        await client.ResolveExceptionAsync(new ResolveExceptionRequest { ExceptionId = alerts.Exceptions[0].ExceptionId, By = "li", Resolution = "accepted" });
        await client.ListExceptionsAsync(new ListExceptionsRequest { Limit = 10 });
        await client.ListExceptionsAsync(new ListExceptionsRequest { Limit = 10, OpenOnly = true, AfterExceptionId = "X" });
        await client.ListExceptionsAsync(new ListExceptionsRequest { Limit = 10, OrderId = order.Order.Id });
        await client.SummarizeExceptionsAsync(new SummarizeExceptionsRequest());

        var claim = new ClaimStatementRequest { Channel = "wechat", Account = "1900000001", Day = "2026-11-22", LeaseTime = db.Lease() };
        var statement = (await client.ClaimStatementAsync(claim)).StatementId;
        await client.AddStatementRowsAsync(new AddStatementRowsRequest
        {
            StatementId = statement,
            Rows =
            {
                new StatementRow { Line = 1, Kind = StatementRow.Types.Kind.Payment, AttemptNo = paid.Attempt.AttemptNo, AmountMinor = 1299, Currency = "CNY" },
                new StatementRow { Line = 2, Kind = StatementRow.Types.Kind.Refund, AttemptNo = paid.Attempt.AttemptNo, RefundNo = refund, AmountMinor = 1, Currency = "CNY" },
                new StatementRow { Line = 3, Kind = StatementRow.Types.Kind.Transfer, TransferNo = transfer.Id, AmountMinor = 1, Currency = "CNY" },
            },
        });
        await client.MoveStatementAsync(new MoveStatementRequest { StatementId = statement, To = StatementRecord.Types.State.Fetched });
        await client.MatchStatementRowsAsync(new MatchStatementRowsRequest { StatementId = statement, Limit = 100 });
        for (var missing = new FindMissingInStatementRequest { StatementId = statement, Limit = 2 }; ;)
        {
            var reply = await client.FindMissingInStatementAsync(missing);
            missing.AfterId = reply.LastId;
            if (reply.Done)
            {
                break;
            }
        }

        await client.MoveStatementAsync(new MoveStatementRequest { StatementId = statement, To = StatementRecord.Types.State.Matched });
        claim.Again = true;
        await client.ClaimStatementAsync(claim);
        await client.ListAccountsAsync(new ListAccountsRequest());
        await client.ListStatementsAsync(new ListStatementsRequest { Limit = 10 });
        await client.ListStatementsAsync(new ListStatementsRequest { Limit = 10, Channel = "wechat", Account = "acc1", AfterStatementId = "SZZ9" });

        await client.RecordRefundAsync(new RecordRefundRequest
        {
            RefundId = (await db.RefundAsync(RefundState.Abnormal)).Refund.Id,
            State = ChannelRefundState.RefundDone,
            Cause = "person",
            Decision = new RefundDecision { AskedBy = "ada", DecidedBy = "ben", Evidence = "the bank's letter" },
        });
        await client.AppendAuditAsync(new AppendAuditRequest { Entry = new AuditEntry { By = "li", Action = "test", Subject = "apps/7" } });
        await client.ListAuditAsync(new ListAuditRequest { Limit = 10, AfterNumber = 5 });
        await client.ListAuditAsync(new ListAuditRequest { Limit = 10, Subject = "apps/7" });

        await ShowTheConsoleAsync(db, won);
        await CallPeopleAsync(db);
        await ArchiveAndBringBackAsync(db, won);
    }

    /// <summary>What the console's lists and figures ask for, page by page and filter by filter.</summary>
    private static async Task ShowTheConsoleAsync(DatabaseFixture db, string orderId)
    {
        var records = db.Records;
        var place = new ListPlace { Time = db.Lease(-100), Id = "ZZ5" };
        foreach (var page in (ListPage[])[new() { Limit = 50 }, new() { Limit = 50, OlderThan = place }, new() { Limit = 50, NewerThan = place }])
        {
            foreach (var request in (ListPaymentRecordsRequest[])
                     [
                         new(), new() { States = { PayOrder.Types.State.Failed } }, new() { AppId = "app1" }, new() { MerchantId = "m1", Method = "wechat", Currency = "CNY", AmountMinorMin = 1, AmountMinorMax = 5 },
                         new() { Channel = "wechat", Account = "acc1" }, new() { PaidFrom = db.Lease(-1000) }, new() { LateOnly = true }, new() { StuckOnly = true }, new() { CreatedFrom = db.Lease(-1000), CreatedBefore = db.Lease(1000) },
                     ])
            {
                request.Page = page;
                await records.ListPaymentRecordsAsync(request);
            }

            foreach (var request in (ListRefundRecordsRequest[])
                     [new(), new() { States = { RefundState.Abnormal } }, new() { AppId = "app1", Channel = "wechat", Account = "acc1" }, new() { OrderId = orderId }, new() { MerchantId = "m1", ByPolicyOnly = true, Currency = "CNY" }])
            {
                request.Page = page;
                await records.ListRefundRecordsAsync(request);
            }

            foreach (var request in (ListTransferRecordsRequest[])
                     [new(), new() { States = { TransferState.Sent } }, new() { AppId = "app1", Channel = "wechat", Account = "acc1" }, new() { Method = "wechat", MerchantId = "m1" }, new() { NeedsApprovalOnly = true }])
            {
                request.Page = page;
                await records.ListTransferRecordsAsync(request);
            }

            foreach (var request in (ListDeliveryRecordsRequest[])
                     [new(), new() { States = { Delivery.Types.State.Dead } }, new() { AppId = "app1", EventType = "payment.paid" }, new() { OrderId = orderId }, new() { DueOnly = true }, new() { TriesMin = 3 }])
            {
                request.Page = page;
                await records.ListDeliveryRecordsAsync(request);
            }

            foreach (var request in (ListCallbackRecordsRequest[])
                     [new(), new() { Verdicts = { CallbackVerdict.CallbackRejected } }, new() { Channel = "wechat", Account = "acc1", Reason = "x" }, new() { OrderId = orderId }])
            {
                request.Page = page;
                await records.ListCallbackRecordsAsync(request);
            }

            foreach (var request in (ListExceptionRecordsRequest[])
                     [
                         new(), new() { Kinds = { ExceptionItem.Types.Kind.Overdue } }, new() { Standing = ListExceptionRecordsRequest.Types.Standing.Open }, new() { AppId = "app1" },
                         new() { Standing = ListExceptionRecordsRequest.Types.Standing.Settled, Kinds = { ExceptionItem.Types.Kind.Overdue } },
                     ])
            {
                request.Page = page;
                await records.ListExceptionRecordsAsync(request);
            }
        }

        foreach (var number in (string[])["ZZ7", "AZZ7", "CZZ7", "DZZ7", "EZZ7", orderId, "twice"])
        {
            await records.SearchAsync(new SearchRequest { Number = number });
        }

        await records.ReadCallbackAsync(new ReadCallbackRecordRequest { CallbackId = "CZZ7" });
        await records.ReadDeliveryAsync(new ReadDeliveryRecordRequest { DeliveryId = "DZZ7" });
        // Before the clock moves, so that the job that does so by itself does not yet.
        var figures = db.Services.GetRequiredService<FigureKeeper>();
        await figures.StepAsync(TestContext.Current.CancellationToken);
        await db.Client.KeepCallbackAsync(new KeepCallbackRequest
        {
            Callback = new NewCallback { CallbackId = "old", ReceiveTime = Timestamp.FromDateTimeOffset(DatabaseFixture.Start.AddDays(-100)) }, State = KeepCallbackRequest.Types.State.Rejected,
        });
        (await db.Services.GetRequiredService<RejectedCallbacks>().StepAsync(TestContext.Current.CancellationToken)).Should().Be(1);
        await records.SummarizePaymentsAsync(new SummarizePaymentsRequest { From = db.Lease(-86_400), Before = db.Lease(0), UtcOffsetMinutes = 480 });
        await records.SummarizeNotificationsAsync(new SummarizeNotificationsRequest());
        await records.SummarizeDatabaseAsync(new SummarizeDatabaseRequest());
        await db.Client.SummarizeWaitingAsync(new SummarizeWaitingRequest());
        for (var i = 0; i < 2; i++)
        {
            // First it is new, then it is there.
            await db.Instances.ReportInstanceAsync(new ReportInstanceRequest { Instance = new Instance { InstanceId = "one" } });
            await db.Instances.KeepVerdictAsync(new KeepVerdictRequest { Verdict = new AccountVerdict { Channel = "wechat", Account = "new", By = "li", DocumentVersion = "1" } });
        }

        await db.Records.ListStatementRecordsAsync(new ListStatementRecordsRequest { Channel = "wechat", DifferentOnly = true });
        await db.Records.ListStatementRecordsAsync(new ListStatementRecordsRequest { States = { StatementRecord.Types.State.Matched } });
        foreach (var page in new[] { new ReadStatementRecordRequest(), new ReadStatementRecordRequest { AfterExceptionId = "X" }, new ReadStatementRecordRequest { BeforeExceptionId = "XZZZ" } })
        {
            page.StatementId = "SZZ10";
            await db.Records.ReadStatementAsync(page);
        }

        await db.Instances.ListInstancesAsync(new ListInstancesRequest { AfterInstanceId = "a", Limit = 50 });
        await db.Instances.ListVerdictsAsync(new ListVerdictsRequest { AfterChannel = "wechat", AfterAccount = "acc7", Limit = 50 });
        await db.Instances.ListVerdictsAsync(new ListVerdictsRequest { Channel = "wechat", Account = "acc7" });
    }

    /// <summary>Each rpc of the console's people.</summary>
    private static async Task CallPeopleAsync(DatabaseFixture db)
    {
        var (people, hash) = (db.People, OperatorsTests.Hash("token"));
        await people.CreateSetupLinkAsync(new CreateSetupLinkRequest { TokenHash = hash, ExpireTime = db.Lease() }).ResponseAsync.ContinueWith(_ => { }, TaskScheduler.Default);
        var ada = await OperatorsTests.HireAsync(db, "ada", "admin");
        var ben = await OperatorsTests.HireAsync(db, "ben", "viewer");
        await people.ReadLinkAsync(new ReadLinkRequest { TokenHash = hash }).ResponseAsync.ContinueWith(_ => { }, TaskScheduler.Default);
        await people.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = ada.OperatorId });
        await people.BeginSessionAsync(new BeginSessionRequest { OperatorId = ada.OperatorId, TokenHash = hash, ExpireTime = db.Lease() });
        var session = await people.ConfirmSessionAsync(new ConfirmSessionRequest { TokenHash = hash, NewTokenHash = OperatorsTests.Hash("new"), ExpireTime = db.Lease(), TotpStep = 1 });
        await people.ReadSessionAsync(new ReadSessionRequest { TokenHash = OperatorsTests.Hash("new"), Touch = true, SeenAfter = db.Lease(-100) });
        await people.BeginSessionAsync(new BeginSessionRequest { OperatorId = ada.OperatorId, TokenHash = hash, ExpireTime = db.Lease() });
        await people.ConfirmSessionAsync(
            new ConfirmSessionRequest { TokenHash = hash, NewTokenHash = OperatorsTests.Hash("newer"), ExpireTime = db.Lease(), RecoveryHash = OperatorsTests.Hash("r1") });
        await people.ListSessionsAsync(new ListSessionsRequest { OperatorId = ada.OperatorId });
        await people.RenewRecoveryCodesAsync(new RenewRecoveryCodesRequest { OperatorId = ada.OperatorId, TotpStep = 2, RecoveryHashes = { hash } });
        await people.ChangePasswordAsync(new ChangePasswordRequest { OperatorId = ada.OperatorId, PasswordHash = "h", ButSessionId = session.SessionId, By = "ada" });
        await people.EndSessionsAsync(new EndSessionsRequest { OperatorId = ada.OperatorId, SessionId = session.SessionId, By = "ada" });
        await people.EndSessionsAsync(new EndSessionsRequest { OperatorId = ada.OperatorId, By = "ada" });
        await people.ReadOperatorAsync(new ReadOperatorRequest { OperatorId = ada.OperatorId });
        await people.ListOperatorsAsync(new ListOperatorsRequest { AfterName = "a" });
        await people.ListOperatorsAsync(new ListOperatorsRequest { BeforeName = "name7" });
        await people.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "support", Permissions = { "ViewHome" } }, By = "ada" });
        await people.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "support", Permissions = { "ViewMoney" }, Version = 1 }, By = "ada" });
        await people.ListRolesAsync(new ListRolesRequest());
        await people.DeleteRoleAsync(new DeleteRoleRequest { Name = "support", By = "ada" });
        await OperatorsTests.ResetPasswordAsync(db, ben, "reset");
        ben = await people.ReadOperatorAsync(new ReadOperatorRequest { OperatorId = ben.OperatorId });
        await people.ChangeOperatorAsync(new ChangeOperatorRequest { OperatorId = ben.OperatorId, Version = ben.Version, Roles = { "finance" }, Disabled = true, By = "ada", ManagingRoles = { "admin" } });
        await people.ResetTotpAsync(new ResetTotpRequest { OperatorId = ben.OperatorId, By = "ada" });
        var approval = (await OperatorsTests.AskAsync(db, "R1", "ada")).ApprovalId;
        await people.ReadApprovalAsync(new ReadApprovalRequest { ApprovalId = approval });
        await people.ListApprovalsAsync(new ListApprovalsRequest { Limit = 10 });
        await people.ListApprovalsAsync(new ListApprovalsRequest { Limit = 10, OpenOnly = true, BeforeApprovalId = "VZZ9" });
        await people.ListApprovalsAsync(new ListApprovalsRequest { Limit = 10, AfterApprovalId = "VZZ1" });
        await OperatorsTests.DecideAsync(db, approval, "ben", approve: true);
        await people.ClaimApprovalAsync(new ClaimApprovalRequest { ApprovalId = approval, LeaseTime = db.Lease() });
        await people.RecordExecutionAsync(new RecordExecutionRequest { ApprovalId = approval, Succeeded = true, Outcome = "done", By = "ben" });
        var view = await people.SaveViewAsync(new SaveViewRequest { View = new SavedView { OperatorId = ada.OperatorId, Page = "payments", Name = "late" } });
        await people.SaveViewAsync(new SaveViewRequest { View = new SavedView { OperatorId = ada.OperatorId, Page = "payments", Name = "late", Query = "?late=1" } });
        await people.ListViewsAsync(new ListViewsRequest { OperatorId = ada.OperatorId, Page = "payments" });
        await people.DeleteViewAsync(new DeleteViewRequest { OperatorId = ada.OperatorId, ViewId = view.ViewId });
    }

    private static async Task ArchiveAndBringBackAsync(DatabaseFixture db, string orderId)
    {
        db.Clock.Advance(TimeSpan.FromDays(500));
        var request = new ArchiveOrdersRequest { Before = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow().AddDays(-400)), Limit = 100 };
        await db.ExecuteAsync("UPDATE notify_delivery SET due_at = NULL WHERE delivery_id NOT LIKE 'DZZ%'; UPDATE channel_statement SET state = 'MATCHED'; UPDATE exception_item SET resolved_at = 6");
        await db.Client.NumberEventsAsync(new NumberEventsRequest { Holder = "h", LeaseSeconds = 30, Limit = 500 });
        for (var moved = 0; moved == 0;)
        {
            var reply = await db.Client.ArchiveOrdersAsync(request);
            moved += reply.Moved;
            reply.Done.Should().BeFalse();
            (request.AfterAppId, request.AfterCreateTime, request.AfterOrderId) = (reply.AfterAppId, reply.AfterCreateTime, reply.AfterOrderId);
        }

        await db.Client.RequestCloseAsync(new RequestCloseRequest { OrderId = orderId, Cause = "merchant" });
    }
}
