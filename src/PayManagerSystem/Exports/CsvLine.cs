using System.Text;

namespace PayCore.PayManagerSystem.Exports;

/// <summary>A line of a CSV file (RFC 4180). What merchants and users wrote is text in every spreadsheet: nothing in it is taken for a formula.</summary>
internal static class CsvLine
{
    /// <summary>What a spreadsheet takes for the beginning of a formula.</summary>
    private const string FormulaStarts = "=+-@\t\r\n＝＋－＠";

    /// <summary>The line with its end.</summary>
    public static string Of(IEnumerable<string> fields)
    {
        var line = new StringBuilder();
        foreach (var field in fields)
        {
            if (line.Length > 0)
            {
                line.Append(',');
            }

            var guarded = field.Length > 0 && FormulaStarts.Contains(field[0], StringComparison.Ordinal) ? "'" + field : field;
            line.Append('"').Append(guarded.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        return line.Append("\r\n").ToString();
    }
}
