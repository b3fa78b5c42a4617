using System.Globalization;
using System.Text.RegularExpressions;

namespace PayCore.Channels.Alipay;

/// <summary>One row of a statement's table.</summary>
/// <param name="Number">Its line in the file, from 1.</param>
/// <param name="Cell">The text of a column by its name, trimmed.</param>
internal sealed record StatementLine(int Number, Func<string, string> Cell)
{
    /// <summary>A number of entries, or null.</summary>
    public int? Count(string column) => ReadCount(Cell(column));

    /// <summary>An amount of fen with its sign, 0 when the cell is empty, or null.</summary>
    public long? Money(string column) => ReadMoney(Cell(column));

    /// <inheritdoc cref="Count"/>
    public static int? ReadCount(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    /// <inheritdoc cref="Money"/>
    public static long? ReadMoney(string text) => text.Length > 0 ? Yuan.ReadSigned(text) : 0;
}

/// <summary>
/// A text of the platform's statements (alipay.md 9.2): comments, a header, rows, comments with totals. Columns are found by their names. Nothing is quoted, so a comma
/// in a name shifts the cells behind it; the columns of free text take what is too much (<see cref="RowReading"/>).
/// </summary>
internal sealed partial class StatementTable : IDisposable
{
    private readonly TextReader _text;
    private readonly List<string> _preamble = [];
    private readonly List<string> _footer = [];
    private Dictionary<string, int> _columns = [];

    private StatementTable(TextReader text) => _text = text;

    /// <summary>The line that was read last, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>The name of the first column.</summary>
    public string FirstColumn { get; private set; } = "";

    /// <summary>Reads to the header, or answers null when there is none.</summary>
    public static StatementTable? Begin(TextReader text)
    {
        var table = new StatementTable(text);
        while (table.Next() is { } line)
        {
            if (line.StartsWith('#'))
            {
                table._preamble.Add(line);
                continue;
            }

            var names = line.Split(',').Select(NameOf).ToArray();
            table.FirstColumn = names[0];
            // The first column is always one; a file may pad its lines, and only a name that is there once can be asked for.
            table._columns = names.Index().Where(n => n.Index == 0 || n.Item.Length > 0).GroupBy(n => n.Item).Where(g => g.Count() == 1)
                .ToDictionary(g => g.Key, g => g.Single().Index, StringComparer.Ordinal);
            return table;
        }

        table.Dispose();
        return null;
    }

    /// <summary>Refuses a file of another account or another day.</summary>
    /// <exception cref="StatementException">It is one.</exception>
    public void Demand(string sellerId, DateOnly day)
    {
        var account = Found(_preamble, AccountRule()) ?? throw new StatementException("The file names no account.");
        if (account.Groups[1].Value is var name && !name.StartsWith(sellerId, StringComparison.Ordinal))
        {
            throw new StatementException("The file is of another account.");
        }

        var begin = Found(_preamble, BeginRule()) ?? throw new StatementException("The file names no day.");
        if (begin.Groups[1].Value != day.ToString("yyyy年MM月dd日", CultureInfo.InvariantCulture))
        {
            throw new StatementException("The file is of another day.");
        }
    }

    /// <summary>The rows up to the comments at the end. Read them once.</summary>
    /// <param name="freeText">The columns whose text may hold commas.</param>
    /// <param name="rules">Whether a column can be such a text: as it usually is, then as it may be. A row that can be read by an earlier rule is not read by a later one.</param>
    /// <exception cref="StatementException">A row is none, or, when it is asked for, a cell may be one or another.</exception>
    public IEnumerable<StatementLine> Rows(string[] freeText, params Func<string, string, bool>[] rules)
    {
        var names = new string[_columns.Values.Max() + 1];
        foreach (var (name, index) in _columns)
        {
            names[index] = name;
        }

        var isFree = names.Select(name => freeText.Contains(name)).ToArray();
        while (Next() is { } text)
        {
            if (text.StartsWith('#'))
            {
                _footer.Add(text);
                continue;
            }

            if (_footer.Count > 0)
            {
                throw new StatementException($"Line {LineNumber} stands behind the end of the rows.");
            }

            var reading = rules.SelectMany(rule => Cells(text).Select(cells => RowReading.Of(cells, isFree, (column, cell) => names[column] is not { } name || rule(name, cell))))
                .FirstOrDefault(r => r is not null) ?? throw new StatementException($"Line {LineNumber} cannot be read.");
            var number = LineNumber;
            yield return new StatementLine(number, name => reading.Text(IndexOf(name)) ?? throw new StatementException($"Line {number} can be read in more ways than one."));
        }
    }

    /// <summary>A comment behind the rows.</summary>
    /// <exception cref="StatementException">It is missing.</exception>
    public Match Footer(Regex rule) => Found(_footer, rule) ?? throw new StatementException("The file has no totals at its end: it is not whole.");

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    /// <summary>A row's cells: without padding at its end, and with what looks like it.</summary>
    private IEnumerable<string[]> Cells(string text)
    {
        var cells = text.Split(',', StringSplitOptions.TrimEntries);
        var padding = cells.Reverse().TakeWhile(c => c.Length == 0).Count();
        var kept = Math.Max(cells.Length - padding, Math.Min(cells.Length, _columns.Values.Max() + 1));
        return kept == cells.Length ? [cells] : [cells[..kept], cells];
    }

    private int IndexOf(string name) => _columns.TryGetValue(name, out var index) ? index : throw new StatementException($"The file has no column {name}.");

    private string? Next()
    {
        while (_text.ReadLine() is { } line)
        {
            LineNumber++;
            if (line.Trim() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }

    private static Match? Found(List<string> lines, Regex rule) => lines.Select(l => rule.Match(l)).FirstOrDefault(m => m.Success);

    /// <summary>Without the unit: 订单金额（元） is 订单金额.</summary>
    private static string NameOf(string cell) => cell.Split('（', '(')[0].Trim();

    [GeneratedRegex(@"^#账号[：:]\[([0-9]+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex AccountRule();

    [GeneratedRegex(@"^#起始日期[：:]\[(\d{4}年\d{2}月\d{2}日)", RegexOptions.CultureInvariant)]
    private static partial Regex BeginRule();
}
