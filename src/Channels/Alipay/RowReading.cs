namespace PayCore.Channels.Alipay;

/// <summary>
/// How a row can be read. Nothing is quoted, so a comma in a free text looks like the border of two cells: a free text has any number of cells that stand together, each other
/// column has one, which its rule must let pass. All ways to read the row are followed at once; a column is told when all of them agree about it.
/// </summary>
internal sealed class RowReading
{
    private readonly string[] _cells;
    private readonly bool[] _isFree;

    /// <summary>The cells at which each column begins in one of the ways; the last are those at which the row ends.</summary>
    private readonly SortedSet<int>[] _begins;

    private RowReading(string[] cells, bool[] isFree, SortedSet<int>[] begins) => (_cells, _isFree, _begins) = (cells, isFree, begins);

    /// <summary>Reads a row, or answers null when there is no way.</summary>
    /// <param name="cells">What stands between its commas, trimmed.</param>
    /// <param name="isFree">Of each column, whether it is a free text.</param>
    /// <param name="fits">Whether a column that is none can be such a cell.</param>
    public static RowReading? Of(string[] cells, bool[] isFree, Func<int, string, bool> fits)
    {
        var begins = new SortedSet<int>[isFree.Length + 1];
        begins[0] = [0];
        for (var column = 0; column < isFree.Length; column++)
        {
            var here = begins[column].Where(cell => cell < cells.Length).ToList();
            begins[column + 1] = here.Count == 0 ? []
                : isFree[column] ? [.. Enumerable.Range(here[0] + 1, cells.Length - here[0])]
                : [.. here.Where(cell => fits(column, cells[cell])).Select(cell => cell + 1)];
        }

        // Back from the end, so that what leads nowhere is gone.
        begins[^1].IntersectWith([cells.Length]);
        for (var column = isFree.Length - 1; column >= 0; column--)
        {
            var next = begins[column + 1];
            begins[column].RemoveWhere(cell => isFree[column] ? next.Count == 0 || cell >= next.Max : !next.Contains(cell + 1));
        }

        return begins[0].Count == 0 ? null : new RowReading(cells, isFree, begins);
    }

    /// <summary>The text of a column; null when there are several ways to read the row, and they do not agree about it.</summary>
    public string? Text(int column)
    {
        var texts = _isFree[column]
            ? _begins[column].SelectMany(from => _begins[column + 1].Where(to => to > from).Select(to => string.Join(',', _cells[from..to])))
            : _begins[column].Select(cell => _cells[cell]);
        return texts.Distinct().Take(2).ToList() is [var text] ? text : null;
    }
}
