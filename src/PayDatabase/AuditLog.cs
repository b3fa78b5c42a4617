using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Google.Protobuf;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>
/// Every change by a person (invariants, I27). An entry holds the hash of the one before it and its own hash over everything in it; nothing here changes or removes
/// one.
/// </summary>
internal static class AuditLog
{
    private const string Columns = "number, created_at, by_whom, action, subject, before_text, after_text, previous_hash, hash";
    private const int PageSize = 500;

    // Entries are data; who shows them encodes them.
    private static readonly JsonSerializerOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed class Row
    {
        public long Number { get; init; }

        public long CreatedAt { get; init; }

        public string ByWhom { get; init; } = "";

        public string Action { get; init; } = "";

        public string Subject { get; init; } = "";

        public string BeforeText { get; init; } = "";

        public string AfterText { get; init; } = "";

        public string PreviousHash { get; init; } = "";

        public string Hash { get; init; } = "";

        public AuditEntry ToEntry() => new()
        {
            Number = Number,
            Time = Times.ToTimestamp(CreatedAt),
            By = ByWhom,
            Action = Action,
            Subject = Subject,
            Before = BeforeText,
            After = AfterText,
            PreviousHash = PreviousHash,
            Hash = Hash,
        };
    }

    private sealed class End
    {
        public long Number { get; init; }

        public string Hash { get; init; } = "";
    }

    /// <summary>A message as it stands in an entry.</summary>
    public static string Show(IMessage message) => JsonFormatter.Default.Format(message);

    /// <summary>Has the transactions of other changes wait for this one from here on, as they do from its entry on.</summary>
    public static Task LockAsync(WriteContext write) => write.FirstAsync<End>($"SELECT number, hash FROM audit_end WHERE id = 1{write.ForUpdate}");

    /// <summary>A message as it stands in an entry, with what a person says of the change.</summary>
    public static string Show(IMessage message, string because)
    {
        var shown = JsonNode.Parse(Show(message))!.AsObject();
        if (because.Length > 0)
        {
            shown["because"] = because;
        }

        return shown.ToJsonString(_plain);
    }

    /// <summary>Adds an entry in the transaction of the change; entries of transactions that run side by side wait for one another.</summary>
    public static async Task<AuditEntry> AppendAsync(WriteContext write, DateTimeOffset now, AuditEntry entry)
    {
        var end = (await write.FirstAsync<End>($"SELECT number, hash FROM audit_end WHERE id = 1{write.ForUpdate}"))!;
        entry.Number = end.Number + 1;
        entry.Time = Times.ToTimestamp(now.Ms());
        entry.PreviousHash = end.Hash;
        entry.Hash = HashOf(entry);
        await write.WriteOneAsync(
            $"INSERT INTO audit_entry ({Columns}) VALUES (@Number, @createdAt, @By, @Action, @Subject, @Before, @After, @PreviousHash, @Hash)",
            new { entry.Number, createdAt = now.Ms(), entry.By, entry.Action, entry.Subject, entry.Before, entry.After, entry.PreviousHash, entry.Hash });
        await write.WriteOneAsync(
            "UPDATE audit_end SET number = @Number, hash = @Hash WHERE id = 1 AND number = @before", new { entry.Number, entry.Hash, before = end.Number });
        return entry;
    }

    /// <summary>Entries behind a number, in the order that is asked for.</summary>
    public static async Task<IEnumerable<AuditEntry>> ReadAsync(DbConnection connection, ListAuditRequest request, int limit)
    {
        var which = (request.Subject.Length == 0 ? "" : " AND subject = @Subject") + (request.By.Length == 0 ? "" : " AND by_whom = @By");
        var (behind, order) = request.NewestFirst ? ("<", " DESC") : (">", "");
        var after = request is { NewestFirst: true, AfterNumber: 0 } ? long.MaxValue : request.AfterNumber;
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM audit_entry WHERE number {behind} @after{which} ORDER BY number{order} LIMIT @limit", new { after, request.Subject, request.By, limit });
        return rows.Select(r => r.ToEntry());
    }

    /// <summary>Walks the chain from its beginning.</summary>
    public static async Task<VerifyAuditReply> VerifyAsync(DbConnection connection)
    {
        // The end first: what is added meanwhile lies behind it.
        var end = (await connection.QueryFirstOrDefaultAsync<End>("SELECT number, hash FROM audit_end WHERE id = 1"))!;
        var held = new VerifyAuditReply { LastHash = new string('0', 64) };
        while (held.Entries < end.Number)
        {
            var page = (await ReadAsync(connection, new ListAuditRequest { AfterNumber = held.Entries }, PageSize)).TakeWhile(e => e.Number <= end.Number).ToList();
            foreach (var entry in page)
            {
                if (ProblemOf(entry, held) is { } problem)
                {
                    return Broken(held, problem);
                }

                (held.Entries, held.LastHash) = (entry.Number, entry.Hash);
            }

            if (page.Count == 0)
            {
                return Broken(held, "it is missing");
            }
        }

        return held.LastHash == end.Hash ? held : Broken(held, "the log's end is not that of its last entry");
    }

    private static string? ProblemOf(AuditEntry entry, VerifyAuditReply held) =>
        entry.Number != held.Entries + 1 ? "it is missing"
        : entry.PreviousHash != held.LastHash ? "it does not follow the entry before it"
        : entry.Hash != HashOf(entry) ? "it is not as it was written"
        : null;

    private static VerifyAuditReply Broken(VerifyAuditReply held, string reason) =>
        new() { Entries = held.Entries, LastHash = held.LastHash, BrokenNumber = held.Entries + 1, Reason = reason };

    /// <summary>Each field with its length before it, so that no two entries read the same.</summary>
    private static string HashOf(AuditEntry entry)
    {
        string[] fields =
        [
            entry.Number.ToString(CultureInfo.InvariantCulture), entry.Time.ToDateTimeOffset().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), entry.By,
            entry.Action, entry.Subject, entry.Before, entry.After, entry.PreviousHash,
        ];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var field in fields)
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            hash.AppendData(BitConverter.GetBytes((long)bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
