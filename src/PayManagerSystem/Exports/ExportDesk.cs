using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Records;
using PayCore.PayManagerSystem.Web;
using PayCore.ServiceDefaults;

namespace PayCore.PayManagerSystem.Exports;

/// <summary>
/// Writes lists into files, one after the other, page by page: a list of any length takes the memory of a page. Jobs and files live as long as the process, and a day at most.
/// </summary>
internal sealed class ExportDesk(IOptions<ConsoleOptions> options, RandomSource random, TimeProvider time, ILogger<ExportDesk> log) : BackgroundService
{
    /// <summary>An operator has no more under way at a time.</summary>
    public const int AtOnceMax = 3;

    private const int PageSize = 200;
    private static readonly TimeSpan _kept = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, ExportJob> _jobs = new(StringComparer.Ordinal);
    private readonly ExportFolder _folder = new(options.Value.ExportFolder, random.NextToken());
    private readonly Channel<ExportJob> _waiting = Channel.CreateUnbounded<ExportJob>();

    /// <summary>An operator's exports, newest first.</summary>
    public IReadOnlyList<ExportJob> Of(string operatorId) => [.. _jobs.Values.Where(j => j.OperatorId == operatorId).OrderByDescending(j => j.AskTime)];

    /// <summary>An export of an operator; another's looks like none.</summary>
    public ExportJob? Find(string id, string operatorId) => _jobs.TryGetValue(id, out var job) && job.OperatorId == operatorId ? job : null;

    /// <summary>Begins one.</summary>
    /// <exception cref="ActionRefusedException">The operator has enough under way.</exception>
    public ExportJob Begin(string operatorId, RecordSource source, string query, Preferences preferences)
    {
        ForgetOld();
        if (Of(operatorId).Count(j => j.IsUnderWay) >= AtOnceMax)
        {
            throw new ActionRefusedException(new ActionProblem(ExportTexts.Enough));
        }

        var id = random.NextToken();
        var job = new ExportJob(id, operatorId, source, query, preferences, _folder.FileOf(id), time.GetUtcNow());
        _jobs[id] = job;
        _waiting.Writer.TryWrite(job);
        return job;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _folder.RemoveLeftBehind();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning(e, "Exports that an earlier process left behind in {Folder} cannot be removed", options.Value.ExportFolder);
        }

        await foreach (var job in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                job.State = ExportState.Writing;
                await WriteAsync(job, stoppingToken);
                job.State = ExportState.Done;
            }
#pragma warning disable CA1031 // Whatever it is, one export must not end the others, nor the process, which may be the whole of PayCore.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(e, "Export of {List} failed after {Rows} rows", job.Source.Name, job.Rows);
                job.State = ExportState.Failed;
                Remove(job);
            }
#pragma warning restore CA1031
        }
    }

    private async Task WriteAsync(ExportJob job, CancellationToken cancellation)
    {
        _folder.Open();
        await using var file = new FileStream(job.Path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        // The mark tells spreadsheets that it is UTF-8.
        await using var writer = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await writer.WriteAsync(CsvLine.Of(job.Source.Columns.SelectMany(c => Headings(c, job.Preferences))).AsMemory(), cancellation);
        var filters = new FilterValues(job.Query, job.Preferences.TimeZone);
        ListPlace? place = null;
        do
        {
            var page = await job.Source.ReadAsync(filters, new ListPage { OlderThan = place, Limit = PageSize }, cancellation);
            foreach (var row in page.Rows.Take((int)Math.Min(PageSize, options.Value.ExportRowsMax - job.Rows)))
            {
                await writer.WriteAsync(CsvLine.Of(row.Cells.Zip(job.Source.Columns).SelectMany(c => Fields(c.First, c.Second, job.Preferences))).AsMemory(), cancellation);
                job.Rows++;
            }

            place = page.Places.Older;
            job.IsCut = place is not null && job.Rows >= options.Value.ExportRowsMax;
        }
        while (place is not null && !job.IsCut);
    }

    private static IEnumerable<string> Headings(RecordColumn column, Preferences preferences) =>
        column.IsMoney ? [preferences[column.Title], $"{preferences[column.Title]} ({preferences[RecordTexts.Currency]})"] : [preferences[column.Title]];

    private static IEnumerable<string> Fields(Cell cell, RecordColumn column, Preferences preferences) => cell switch
    {
        MoneyCell { Currency.Length: > 0 } money => [AmountTexts.Typed(money.Minor, money.Currency), money.Currency],
        _ when column.IsMoney => ["", ""],
        _ => [cell.Plain(preferences)],
    };

    private void ForgetOld()
    {
        foreach (var job in _jobs.Values.Where(j => !j.IsUnderWay && j.AskTime < time.GetUtcNow() - _kept))
        {
            _jobs.TryRemove(job.Id, out _);
            Remove(job);
        }
    }

    private void Remove(ExportJob job)
    {
        try
        {
            // The folder may never have come into being.
            if (File.Exists(job.Path))
            {
                File.Delete(job.Path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that takes no writes any more takes this one neither; whoever starts next removes what is left behind.
            log.LogWarning(e, "An export of {List} cannot be removed", job.Source.Name);
        }
    }
}
