using System.Globalization;
using System.Text;

namespace PayCore.PayDatabase.Seeding;

/// <summary>Rows of several tables that are written in one transaction, many of them in one statement.</summary>
internal sealed class SeedBatch
{
    // A statement stays far below a server's packet and the limit of its time.
    private const int StatementMax = 120_000;

    private readonly Dictionary<string, Rows> _tables = [];

    /// <summary>Rows in it.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a row, its values in the order of the columns.</summary>
    public void Add(string table, string columns, params ReadOnlySpan<object?> values)
    {
        if (!_tables.TryGetValue(table, out var rows))
        {
            _tables.Add(table, rows = new Rows($"INSERT INTO {table} ({columns}) VALUES "));
        }

        rows.Add(values);
        Count++;
    }

    /// <summary>Writes them.</summary>
    public async Task WriteAsync(WriteContext write)
    {
        foreach (var statement in _tables.Values.SelectMany(r => r.Statements()))
        {
            await write.ExecuteAsync(statement);
        }
    }

    private sealed class Rows(string head)
    {
        private readonly List<string> _full = [];
        private readonly StringBuilder _text = new();

        public void Add(ReadOnlySpan<object?> values)
        {
            _text.Append(_text.Length == 0 ? head : ",").Append('(');
            for (var i = 0; i < values.Length; i++)
            {
                if (i > 0)
                {
                    _text.Append(',');
                }

                Literal(values[i]);
            }

            _text.Append(')');
            if (_text.Length > StatementMax)
            {
                _full.Add(_text.ToString());
                _text.Clear();
            }
        }

        public IEnumerable<string> Statements() => _text.Length == 0 ? _full : _full.Append(_text.ToString());

        private void Literal(object? value)
        {
            switch (value)
            {
                case null:
                    _text.Append("NULL");
                    break;
                case string text:
                    // The two databases do not agree on what a backslash means.
                    if (text.AsSpan().ContainsAny('\'', '\\'))
                    {
                        throw new ArgumentException($"Made-up text has no quotes and backslashes: {text}");
                    }

                    _text.Append('\'').Append(text).Append('\'');
                    break;
                case byte[] bytes:
                    _text.Append("X'").Append(Convert.ToHexString(bytes)).Append('\'');
                    break;
                case IFormattable number:
                    _text.Append(number.ToString(null, CultureInfo.InvariantCulture));
                    break;
                default:
                    throw new ArgumentException($"No column takes a {value.GetType().Name}.");
            }
        }
    }
}
