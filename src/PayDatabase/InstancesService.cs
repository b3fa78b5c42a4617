using Dapper;
using Google.Protobuf;
using Grpc.Core;
using PayCore.Contracts.V1;

namespace PayCore.PayDatabase;

/// <summary>The rpcs of <c>instances.proto</c>. What is kept here is for people to look at; nothing is decided by it.</summary>
public sealed class InstancesService(SqlDatabase database, WriteLoops writes, TimeProvider time) : Contracts.V1.Instances.InstancesBase
{
    private const int ListMax = 200;
    private const int ReportCharactersMax = 1_000_000;

    /// <summary>Who told nothing for so long is forgotten.</summary>
    private static readonly TimeSpan _kept = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public override Task<ReportInstanceReply> ReportInstance(ReportInstanceRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var instance = request.Instance ?? throw Refusals.InvalidArgument("instance", "is missing");
        Demand("instance.instance_id", instance.InstanceId, 64);
        var report = JsonFormatter.Default.Format(instance);
        Demand("instance", report, ReportCharactersMax);
        return writes.WriteAsync(async write =>
        {
            var now = time.GetUtcNow();
            if (await write.ExecuteAsync("UPDATE instance SET seen_at = @now, report = @report WHERE instance_id = @InstanceId", new { now = now.Ms(), report, instance.InstanceId }) == 0)
            {
                await write.WriteOneAsync("INSERT INTO instance (instance_id, seen_at, report) VALUES (@InstanceId, @now, @report)", new { instance.InstanceId, now = now.Ms(), report });
                // Whoever comes new sweeps after those who went.
                await write.ExecuteAsync("DELETE FROM instance WHERE seen_at < @before", new { before = (now - _kept).Ms() });
            }

            return new ReportInstanceReply();
        });
    }

    /// <inheritdoc/>
    public override async Task<ListInstancesReply> ListInstances(ListInstancesRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var rows = await connection.QueryAsync<(string Report, long SeenAt)>(
            "SELECT report, seen_at FROM instance WHERE instance_id > @AfterInstanceId AND seen_at >= @since ORDER BY instance_id LIMIT @limit",
            new { request.AfterInstanceId, since = (time.GetUtcNow() - _kept).Ms(), limit = Limit(request.Limit) });
        var reply = new ListInstancesReply();
        foreach (var (report, seenAt) in rows)
        {
            var instance = JsonParser.Default.Parse<Instance>(report);
            instance.SeenTime = Times.ToTimestamp(seenAt);
            reply.Instances.Add(instance);
        }

        return reply;
    }

    /// <inheritdoc/>
    public override Task<KeepVerdictReply> KeepVerdict(KeepVerdictRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var verdict = request.Verdict ?? throw Refusals.InvalidArgument("verdict", "is missing");
        Demand("verdict.channel", verdict.Channel, 32);
        Demand("verdict.account", verdict.Account, 128);
        Demand("verdict.by", verdict.By, 64);
        Demand("verdict.document_version", verdict.DocumentVersion, 128);
        var findings = JsonFormatter.Default.Format(new CheckAccountReply { Findings = { verdict.Findings } });
        Demand("verdict.findings", findings, ReportCharactersMax);
        return writes.WriteAsync(async write =>
        {
            var row = new { verdict.Channel, verdict.Account, now = time.GetUtcNow().Ms(), verdict.By, verdict.DocumentVersion, findings };
            var found = await write.ExecuteAsync(
                """
                UPDATE account_verdict SET checked_at = @now, by_whom = @By, document_version = @DocumentVersion, findings = @findings
                 WHERE channel = @Channel AND account = @Account
                """,
                row);
            if (found == 0)
            {
                await write.WriteOneAsync(
                    """
                    INSERT INTO account_verdict (channel, account, checked_at, by_whom, document_version, findings)
                    VALUES (@Channel, @Account, @now, @By, @DocumentVersion, @findings)
                    """,
                    row);
            }

            return new KeepVerdictReply();
        });
    }

    /// <inheritdoc/>
    public override async Task<ListVerdictsReply> ListVerdicts(ListVerdictsRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        await using var connection = await database.OpenAsync(context.CancellationToken);
        var which = request.Channel.Length > 0
            ? "channel = @Channel AND account = @Account"
            : "channel >= @AfterChannel AND (channel > @AfterChannel OR account > @AfterAccount)";
        var rows = await connection.QueryAsync<VerdictRow>(
            $"SELECT channel, account, checked_at, by_whom, document_version, findings FROM account_verdict WHERE {which} ORDER BY channel, account LIMIT @limit",
            new { request.Channel, request.Account, request.AfterChannel, request.AfterAccount, limit = Limit(request.Limit) });
        return new ListVerdictsReply { Verdicts = { rows.Select(r => r.ToMessage()) } };
    }

    private static int Limit(int asked) => asked <= 0 ? ListMax : Math.Min(asked, ListMax);

    private static void Demand(string field, string value, int max)
    {
        if (value.Length == 0 || value.Length > max)
        {
            throw Refusals.InvalidArgument(field, $"has 1 to {max} characters");
        }
    }

    private sealed class VerdictRow
    {
        public string Channel { get; init; } = "";

        public string Account { get; init; } = "";

        public long CheckedAt { get; init; }

        public string ByWhom { get; init; } = "";

        public string DocumentVersion { get; init; } = "";

        public string Findings { get; init; } = "";

        public AccountVerdict ToMessage() => new()
        {
            Channel = Channel,
            Account = Account,
            Findings = { JsonParser.Default.Parse<CheckAccountReply>(Findings).Findings },
            DocumentVersion = DocumentVersion,
            By = ByWhom,
            Time = Times.ToTimestamp(CheckedAt),
        };
    }
}
