namespace PayCore.Channels.Wechat;

/// <summary>One line of a bill.</summary>
/// <param name="Number">Its place in the file, from 1.</param>
/// <param name="Cell">The text of a column by its name.</param>
internal sealed record BillLine(int Number, Func<string, string> Cell)
{
    /// <summary>What a column says, read.</summary>
    /// <exception cref="StatementException">It says nothing of the kind.</exception>
    public T Demand<T>(string column, Func<string, T?> read)
        where T : struct => read(Cell(column)) ?? throw Unreadable();

    /// <summary>That this line cannot be read.</summary>
    public StatementException Unreadable() => new($"Line {Number} cannot be read.");
}

/// <summary>
/// A bill's text (wechat-pay-v3.md 8.5): a header, lines whose values each begin with a backtick, a header of totals, one line of totals. Columns are found by their
/// names. Commas within values are harmless; what looks like the border of two values is taken for text in the one column that holds such.
/// </summary>
/// <param name="text">The file, which the table closes.</param>
/// <param name="freeText">The column that holds what people wrote.</param>
internal sealed class BillTable(TextReader text, string freeText) : IDisposable
{
    private const char Mark = '`';

    private Dictionary<string, int> _columns = [];
    private Dictionary<string, int> _totalColumns = [];
    private int _number;

    /// <summary>The line of totals, once the lines were read.</summary>
    public BillLine? Totals { get; private set; }

    /// <summary>Whether the lines have such a column, once the first was read.</summary>
    public bool HasColumn(string name) => _columns.ContainsKey(name);

    /// <summary>Whether the totals have such a column.</summary>
    public bool HasTotal(string name) => _totalColumns.ContainsKey(name);

    /// <summary>The lines up to the totals. Read them once.</summary>
    /// <exception cref="StatementException">The text is no bill, or not whole.</exception>
    public IEnumerable<BillLine> Lines()
    {
        _columns = Columns(Next());
        while (Next() is { } line)
        {
            if (line.StartsWith(Mark))
            {
                yield return Line(_columns, line);
                continue;
            }

            _totalColumns = Columns(line);
            Totals = Line(_totalColumns, Next() ?? throw NotWhole());
            if (Next() is not null)
            {
                throw new StatementException($"Line {_number} stands behind the totals.");
            }

            yield break;
        }

        throw NotWhole();
    }

    /// <inheritdoc/>
    public void Dispose() => text.Dispose();

    private BillLine Line(Dictionary<string, int> columns, string line)
    {
        var number = _number;
        var cells = line[1..].Split(",`");
        var surplus = cells.Length - columns.Count;
        if (!line.StartsWith(Mark) || surplus < 0 || (surplus > 0 && !columns.ContainsKey(freeText)))
        {
            throw new StatementException($"Line {number} cannot be read.");
        }

        var free = columns.GetValueOrDefault(freeText, columns.Count);
        return new BillLine(number, name =>
        {
            var index = columns.TryGetValue(name, out var found) ? found : throw new StatementException($"The file has no column {name}.");
            // Nothing asks for the free text itself.
            return cells[index > free ? index + surplus : index];
        });
    }

    private Dictionary<string, int> Columns(string? header)
    {
        var names = header?.Split(',') ?? throw NotWhole();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? names.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal)
            : throw new StatementException($"Line {_number} names a column twice.");
    }

    private string? Next()
    {
        while (text.ReadLine() is { } line)
        {
            _number++;
            if (line.Length > 0)
            {
                return line;
            }
        }

        return null;
    }

    private static StatementException NotWhole() => new("The file ends before its totals: it is not whole.");
}
