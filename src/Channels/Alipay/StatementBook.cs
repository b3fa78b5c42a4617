using System.IO.Compression;
using System.Text;
using PayCore.Contracts.V1;

namespace PayCore.Channels.Alipay;

/// <summary>
/// A day's files. Their rows are read twice, once to compare them with the files' own totals and once to give them, so that a large day is never in memory but packed.
/// </summary>
internal sealed class StatementBook(string sellerId, DateOnly day) : IDisposable
{
    private const int EntriesMax = 16;
    private const long EntryBytesMax = 1L << 30;

    private static readonly Encoding _names = CodePagesEncodingProvider.Instance.GetEncoding("GBK")!;
    private static readonly Encoding _text = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    private readonly List<(ZipArchive Zip, Func<StatementTable, StatementTable, int, IEnumerable<StatementRow>> Read, string First, string SummaryFirst)> _bills = [];

    /// <summary>How many rows <see cref="Check"/> found.</summary>
    public int RowCount { get; private set; }

    /// <summary>Adds a file as it was downloaded.</summary>
    /// <exception cref="StatementException">It is no such file.</exception>
    public void Add(byte[] zip, bool isLedger)
    {
        ZipArchive archive;
        try
        {
            archive = new ZipArchive(new MemoryStream(zip), ZipArchiveMode.Read, leaveOpen: false, _names);
        }
        catch (InvalidDataException)
        {
            throw new StatementException("The file is no whole zip.");
        }

        _bills.Add(isLedger
            ? (archive, LedgerStatement.Read, LedgerStatement.FirstColumn, LedgerStatement.SummaryFirstColumn)
            : (archive, TradeStatement.Read, TradeStatement.FirstColumn, TradeStatement.SummaryFirstColumn));
        if (archive.Entries.Count > EntriesMax || archive.Entries.Any(e => e.Length > EntryBytesMax))
        {
            throw new StatementException("The zip holds more than a statement.");
        }
    }

    /// <summary>Reads everything and compares it with the totals.</summary>
    /// <exception cref="StatementException">Something is missing or does not agree.</exception>
    public void Check() => RowCount = Rows().Count();

    /// <summary>The rows. The lines of a second file go on where those of the first end, so that each has a number of its own.</summary>
    public IEnumerable<StatementRow> Rows()
    {
        var linesBefore = 0;
        foreach (var (zip, read, first, summaryFirst) in _bills)
        {
            using var detail = Open(zip, first);
            using var summary = Open(zip, summaryFirst);
            detail.Demand(sellerId, day);
            foreach (var row in read(detail, summary, linesBefore))
            {
                yield return row;
            }

            linesBefore += detail.LineNumber;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var bill in _bills)
        {
            bill.Zip.Dispose();
        }
    }

    /// <summary>The one file with that first column: the names in the zip are garbage to most readers, so files are told by what is in them.</summary>
    private static StatementTable Open(ZipArchive zip, string firstColumn)
    {
        StatementTable? found = null;
        foreach (var entry in zip.Entries.Where(e => e.Length > 0))
        {
            var table = StatementTable.Begin(new StreamReader(entry.Open(), _text));
            if (table?.FirstColumn != firstColumn)
            {
                table?.Dispose();
                continue;
            }

            if (found is not null)
            {
                table.Dispose();
                found.Dispose();
                throw new StatementException("The zip holds the same kind of file twice.");
            }

            found = table;
        }

        return found ?? throw new StatementException("The zip holds no statement of the kind that was asked for, with its summary.");
    }
}
