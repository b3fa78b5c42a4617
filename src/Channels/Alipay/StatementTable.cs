using System.Globalization;
using System.Text.RegularExpressions;

namespace PayCore.Channels.Alipay;

/// <summary>One row of a statement's table.</summary>
/// <param name="Number">Its line in the file, from 1.</param>
/// <param name="Cell">The text of a column by its name, trimmed.</param>
internal sealed record StatementLine(int Number, Func<string, string> Cell)
{
    /// <summary>A number of entries, or null.</summary>
    public int? Count(string column) => int.TryParse(Cell(column), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    /// <summary>An amount of fen with its sign, 0 when the cell is empty, or null.</summary>
    public long? Money(string column) => Cell(column) is { Length: > 0 } text ? Yuan.ReadSigned(text) : 0;
}

/// <summary>
/// A text of the platform's statements (alipay.md 9.2): comments, a header, rows, comments with totals. Columns are found by their names. Nothing is quoted, so a comma
/// in a name shifts the cells behind it; the columns of free text take what is too much.
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
    /// <param name="freeText">The columns whose text may hold commas, in the order in which they are tried.</param>
    /// <param name="isWhole">Whether the cells of a row can be what their columns say.</param>
    /// <exception cref="StatementException">A row is none.</exception>
    public IEnumerable<StatementLine> Rows(string[] freeText, Func<StatementLine, bool> isWhole)
    {
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

            yield return Lines(text.Split(','), freeText).FirstOrDefault(isWhole) ?? throw new StatementException($"Line {LineNumber} cannot be read.");
        }
    }

    /// <summary>A comment behind the rows.</summary>
    /// <exception cref="StatementException">It is missing.</exception>
    public Match Footer(Regex rule) => Found(_footer, rule) ?? throw new StatementException("The file has no totals at its end: it is not whole.");

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    /// <summary>The ways to read a row: without padding at its end or with it, and with each free text taking what is too much.</summary>
    private IEnumerable<StatementLine> Lines(string[] cells, string[] freeText)
    {
        var count = _columns.Values.Max() + 1;
        var padding = cells.Reverse().TakeWhile(c => c.Length == 0).Count();
        foreach (var kept in (string[][])[cells[..Math.Max(Math.Min(count, cells.Length), cells.Length - padding)], cells])
        {
            var surplus = kept.Length - count;
            var takers = surplus == 0 ? [count] : surplus > 0 ? freeText.Where(_columns.ContainsKey).Select(c => _columns[c]) : [];
            foreach (var taker in takers)
            {
                yield return new StatementLine(LineNumber, name => Cell(kept, name, taker, surplus));
            }
        }
    }

    private string Cell(string[] cells, string name, int taker, int surplus)
    {
        if (!_columns.TryGetValue(name, out var index))
        {
            throw new StatementException($"The file has no column {name}.");
        }

        return (index == taker ? string.Join(',', cells[index..(index + surplus + 1)]) : cells[index > taker ? index + surplus : index]).Trim();
    }

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
