using Dapper;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using AttemptState = PayCore.Contracts.V1.Attempt.Types.State;
using Decision = PayCore.Contracts.V1.DecideTransferRequest.Types.Decision;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using TransferState = PayCore.Contracts.V1.Transfer.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>Every change by a person stands in the audit log, and the log shows when it was touched (I27).</summary>
public sealed class AuditTests
{
    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    public static TheoryData<string, string, string> Changes
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var provider in (string[])["sqlite", "mysql"])
            {
                data.Add(provider, "by_whom = 'mallory'", "it is not as it was written");
                data.Add(provider, "action = 'nothing'", "it is not as it was written");
                data.Add(provider, "subject = 'x'", "it is not as it was written");
                data.Add(provider, "before_text = ''", "it is not as it was written");
                data.Add(provider, "after_text = ''", "it is not as it was written");
                data.Add(provider, "created_at = created_at + 1", "it is not as it was written");
                data.Add(provider, $"hash = '{new string('a', 64)}'", "it is not as it was written");
                data.Add(provider, $"previous_hash = '{new string('b', 64)}'", "it does not follow the entry before it");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Decision_OfATransfer_IsLoggedOnceWithBeforeAndAfter(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var approved = (await db.TransferAsync(TransferState.Created)).Transfer.Id;
        var rejected = (await db.TransferAsync(TransferState.Created)).Transfer.Id;

        await DecideAsync(db, approved, Decision.Approve, "alice");
        await DecideAsync(db, approved, Decision.Approve, "alice");
        await DecideAsync(db, approved, Decision.Reject, "bob");
        await DecideAsync(db, rejected, Decision.Reject, "bob");

        var entries = await ListAsync(db);
        entries.Select(e => (e.Number, e.By, e.Action, e.Subject)).Should().Equal(
            (1, "alice", "transfer.approve", approved), (2, "bob", "transfer.reject", rejected));
        entries.Should().OnlyContain(e => e.Time.ToDateTimeOffset() == db.Clock.GetUtcNow());
        entries.Should().OnlyContain(e => Transfer.Parser.ParseJson(e.Before).State == TransferState.Created);
        Transfer.Parser.ParseJson(entries[1].After).Should().Be((await db.ReadTransferAsync(rejected)).Transfer);
        (await VerifyAsync(db)).Should().Be(new VerifyAuditReply { Entries = 2, LastHash = entries[1].Hash });
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Resolution_OfAnException_IsLoggedOnceWithBeforeAndAfter(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.ExtraPaid);
        var item = (await db.Client.ListExceptionsAsync(new ListExceptionsRequest())).Exceptions.Single();

        foreach (var by in (string[])["alice", "bob"])
        {
            await db.Client.ResolveExceptionAsync(new ResolveExceptionRequest { ExceptionId = item.ExceptionId, By = by, Resolution = "refunded", Note = "by hand" });
        }

        var entry = (await ListAsync(db, item.ExceptionId)).Should().ContainSingle().Which;
        (entry.By, entry.Action).Should().Be(("alice", "exception.resolve"));
        ExceptionItem.Parser.ParseJson(entry.Before).Should().Be(item);
        ExceptionItem.Parser.ParseJson(entry.After).Resolution.Should().Be("refunded");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Resend_OfADelivery_IsLoggedOnceWithBeforeAndAfter(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.OrderAsync(AttemptState.Won);
        var delivery = (await db.Client.ClaimDueDeliveriesAsync(new ClaimDueDeliveriesRequest { Limit = 1, LeaseSeconds = 30 })).Deliveries.Single();
        await ResendAsync("early");
        await db.Client.RecordTryAsync(new RecordTryRequest
        {
            DeliveryId = delivery.DeliveryId,
            Version = delivery.Version,
            NextState = DeliveryState.Dead,
            Try = new DeliveryTry { StartTime = Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow()), Result = "test" },
        });

        await ResendAsync("alice");
        await ResendAsync("bob");

        var entry = (await ListAsync(db)).Should().ContainSingle("a delivery under way is not changed").Which;
        (entry.By, entry.Action, entry.Subject).Should().Be(("alice", "delivery.resend", delivery.DeliveryId));
        Delivery.Parser.ParseJson(entry.Before).State.Should().Be(DeliveryState.Dead);
        Delivery.Parser.ParseJson(entry.After).State.Should().Be(DeliveryState.Pending);
        entry.After.Should().NotContain("body");

        async Task ResendAsync(string by) => await db.Client.ReopenDeliveryAsync(new ReopenDeliveryRequest { DeliveryId = delivery.DeliveryId, By = by });
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Entries_AddedAtOnce_FollowOneAnother(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AppendAsync(db, $"apps/{i}")));

        var entries = await ListAsync(db);
        entries.Select(e => e.Number).Should().Equal(Enumerable.Range(1, 200).Select(i => (long)i));
        entries.Select(e => e.Subject).Should().OnlyHaveUniqueItems();
        entries.Skip(1).Select(e => e.PreviousHash).Should().Equal(entries.SkipLast(1).Select(e => e.Hash));
        (await VerifyAsync(db)).BrokenNumber.Should().Be(0);
    }

    /// <summary>More entries than one page of the walk, with words of every script.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Verify_OfALongLog_WalksAllOfIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await Task.WhenAll(Enumerable.Range(0, 501).Select(i => AppendAsync(db, "茶馆/🍵", "{\"name\": \"龙井\"}")));

        (await VerifyAsync(db)).Should().Match<VerifyAuditReply>(r => r.Entries == 501 && r.BrokenNumber == 0);
        await TamperAsync(db, "UPDATE audit_entry SET by_whom = 'mallory' WHERE number = 501");
        (await VerifyAsync(db)).BrokenNumber.Should().Be(501);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Verify_OfAChangedEntry_NamesIt(string provider, string change, string reason)
    {
        await using var db = await FiveEntriesAsync(provider);

        await TamperAsync(db, $"UPDATE audit_entry SET {change} WHERE number = 3");

        var found = await VerifyAsync(db);
        (found.Entries, found.BrokenNumber, found.Reason).Should().Be((2, 3, reason));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Verify_OfARemovedEntry_NamesIt(string provider)
    {
        await using var db = await FiveEntriesAsync(provider);

        await TamperAsync(db, "DELETE FROM audit_entry WHERE number = 3");

        (await VerifyAsync(db)).Should().Match<VerifyAuditReply>(r => r.BrokenNumber == 3 && r.Reason == "it is missing");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Verify_OfACutEnd_NamesTheFirstThatIsMissing(string provider)
    {
        await using var db = await FiveEntriesAsync(provider);
        var kept = (await VerifyAsync(db)).LastHash;

        await TamperAsync(db, "DELETE FROM audit_entry WHERE number > 3");

        (await VerifyAsync(db)).Should().Match<VerifyAuditReply>(r => r.BrokenNumber == 4 && r.Reason == "it is missing");
        await TamperAsync(db, "UPDATE audit_end SET number = 3, hash = (SELECT hash FROM audit_entry WHERE number = 3)");
        (await VerifyAsync(db)).Should().Match<VerifyAuditReply>(r => r.BrokenNumber == 0 && r.LastHash != kept, "then the hash that was kept elsewhere shows it");
    }

    [Theory]
    [InlineData("by")]
    [InlineData("action")]
    [InlineData("subject")]
    public async Task Append_WithoutAField_IsRefusedAndNamesIt(string field)
    {
        await using var db = await DatabaseFixture.StartAsync("sqlite");
        var entry = new AuditEntry { By = "li", Action = "config.write", Subject = "apps/a" };
        AuditEntry.Descriptor.FindFieldByName(field).Accessor.SetValue(entry, "");

        var append = async () => await db.Client.AppendAuditAsync(new AppendAuditRequest { Entry = entry });

        (await append.Should().ThrowAsync<RpcException>()).Which.Should().Match<RpcException>(
            e => e.StatusCode == StatusCode.InvalidArgument && e.Status.Detail.Contains(field));
        (await ListAsync(db)).Should().BeEmpty();
    }

    private static async Task<DatabaseFixture> FiveEntriesAsync(string provider)
    {
        var db = await DatabaseFixture.StartAsync(provider);
        for (var i = 1; i <= 5; i++)
        {
            await AppendAsync(db, $"apps/{i}");
        }

        return db;
    }

    private static async Task AppendAsync(DatabaseFixture db, string subject, string after = "{}") => await db.Client.AppendAuditAsync(new AppendAuditRequest
    {
        Entry = new AuditEntry { By = "李", Action = "config.write", Subject = subject, Before = "{ }", After = after },
    });

    private static async Task DecideAsync(DatabaseFixture db, string id, Decision decision, string by) => await db.Client.DecideTransferAsync(new DecideTransferRequest
    {
        TransferId = id, Decision = decision, By = by, Reason = "why", CallLeaseTime = decision == Decision.Approve ? db.Lease() : null,
    });

    private static async Task<IReadOnlyList<AuditEntry>> ListAsync(DatabaseFixture db, string subject = "") =>
        (await db.Client.ListAuditAsync(new ListAuditRequest { Subject = subject, Limit = 200 })).Entries;

    private static async Task<VerifyAuditReply> VerifyAsync(DatabaseFixture db) => await db.Client.VerifyAuditAsync(new VerifyAuditRequest());

    private static async Task TamperAsync(DatabaseFixture db, string sql)
    {
        await using var connection = await db.Sql.OpenAsync(TestContext.Current.CancellationToken);
        (await connection.ExecuteAsync(sql)).Should().BePositive();
    }
}
