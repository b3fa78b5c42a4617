using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PayCore.PayCenter.Tests;

/// <summary>
/// Reads a QR code (ISO/IEC 18004, level M, versions 1–10) from our SVG, independently of the library that draws it. The modules
/// are exact, so no error correction is needed; a wrong module shows as wrong text.
/// </summary>
public static class QrReader
{
    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

    // Level M: number of blocks and data codewords of each, by version.
    private static readonly int[][] _blocks =
    [
        [16], [28], [44], [32, 32], [43, 43], [27, 27, 27, 27], [31, 31, 31, 31], [38, 38, 39, 39], [36, 36, 36, 37, 37], [43, 43, 43, 43, 44],
    ];

    private static readonly int[][] _alignments =
        [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

    /// <summary>The text of the one code in a page.</summary>
    public static string Read(string html)
    {
        var modules = Modules(html);
        var size = modules.GetLength(0);
        var version = (size - 17) / 4;
        (size == 17 + (4 * version) && version is >= 1 and <= 10).Should().BeTrue("the size is one of a QR code");

        var format = Format(modules) ^ 0x5412;
        (format >> 13).Should().Be(0, "the level is M");
        var mask = (format >> 10) & 7;
        var data = Data(Codewords(modules, version, mask), _blocks[version - 1]);

        var position = 0;
        int Take(int bits)
        {
            var value = 0;
            for (var i = 0; i < bits; i++, position++)
            {
                value = (value << 1) | ((data[position / 8] >> (7 - (position % 8))) & 1);
            }

            return value;
        }

        var text = new StringBuilder();
        while (position + 4 <= data.Length * 8)
        {
            switch (Take(4))
            {
                case 0:
                    return text.ToString();
                case 1:
                    for (var left = Take(version < 10 ? 10 : 12); left > 0; left -= 3)
                    {
                        var digits = Math.Min(left, 3);
                        text.Append(Take((digits * 3) + 1).ToString($"D{digits}", CultureInfo.InvariantCulture));
                    }

                    break;
                case 2:
                    for (var left = Take(version < 10 ? 9 : 11); left > 0; left -= 2)
                    {
                        var value = Take(left > 1 ? 11 : 6);
                        text.Append(left > 1 ? $"{Alphanumeric[value / 45]}{Alphanumeric[value % 45]}" : $"{Alphanumeric[value]}");
                    }

                    break;
                case 4:
                    var length = Take(version < 10 ? 8 : 16);
                    text.Append(Encoding.UTF8.GetString([.. Enumerable.Range(0, length).Select(_ => (byte)Take(8))]));
                    break;
                default:
                    throw new NotSupportedException("A segment of another kind.");
            }
        }

        return text.ToString();
    }

    /// <summary>The modules without the quiet zone of four on each side, which must be there.</summary>
    private static bool[,] Modules(string html)
    {
        var svg = Regex.Match(html, "<svg[^>]*viewBox=\"0 0 (\\d+) (\\d+)\"[^>]*>\\s*<rect x=\"0\" y=\"0\"[^>]*fill=\"#ffffff\"/>\\s*<path fill=\"#000000\" d=\"([^\"]*)\"/>");
        svg.Success.Should().BeTrue("the page has a code, dark on white");
        svg.Groups[1].Value.Should().Be(svg.Groups[2].Value);
        var size = int.Parse(svg.Groups[1].Value, CultureInfo.InvariantCulture) - 8;
        var modules = new bool[size, size];
        foreach (Match run in Regex.Matches(svg.Groups[3].Value, "M(\\d+) (\\d+)h(\\d+)v1h-\\d+z"))
        {
            var (x, y, n) = (Number(run, 1), Number(run, 2), Number(run, 3));
            for (var i = x; i < x + n; i++)
            {
                modules[y - 4, i - 4] = true;
            }
        }

        return modules;

        static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    private static int Format(bool[,] m)
    {
        (int Row, int Column)[] places =
            [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8), (5, 8), (4, 8), (3, 8), (2, 8), (1, 8), (0, 8)];
        return places.Aggregate(0, (bits, place) => (bits << 1) | (m[place.Row, place.Column] ? 1 : 0));
    }

    private static List<byte> Codewords(bool[,] m, int version, int mask)
    {
        var size = m.GetLength(0);
        var bits = new List<bool>();
        var upward = true;
        for (var right = size - 1; right > 0; right -= 2)
        {
            if (right == 6)
            {
                right--;
            }

            for (var step = 0; step < size; step++)
            {
                var row = upward ? size - 1 - step : step;
                foreach (var column in new[] { right, right - 1 })
                {
                    if (!IsFunction(row, column, size, version))
                    {
                        bits.Add(m[row, column] ^ IsMasked(mask, row, column));
                    }
                }
            }

            upward = !upward;
        }

        return [.. bits.Chunk(8).Where(c => c.Length == 8).Select(c => (byte)c.Aggregate(0, (value, bit) => (value << 1) | (bit ? 1 : 0)))];
    }

    private static bool IsFunction(int row, int column, int size, int version)
    {
        var finder = (row < 9 && column < 9) || (row < 9 && column >= size - 8) || (row >= size - 8 && column < 9);
        var timing = row == 6 || column == 6;
        var versionInfo = version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11));
        return finder || timing || versionInfo || IsAlignment(row, column, size, version);
    }

    private static bool IsAlignment(int row, int column, int size, int version) =>
        _alignments[version - 1].Any(r => _alignments[version - 1].Any(c =>
            !((r < 9 && c < 9) || (r < 9 && c >= size - 9) || (r >= size - 9 && c < 9)) && Math.Abs(row - r) <= 2 && Math.Abs(column - c) <= 2));

    private static bool IsMasked(int mask, int i, int j) => mask switch
    {
        0 => (i + j) % 2 == 0,
        1 => i % 2 == 0,
        2 => j % 3 == 0,
        3 => (i + j) % 3 == 0,
        4 => ((i / 2) + (j / 3)) % 2 == 0,
        5 => (i * j % 2) + (i * j % 3) == 0,
        6 => ((i * j % 2) + (i * j % 3)) % 2 == 0,
        _ => (((i + j) % 2) + (i * j % 3)) % 2 == 0,
    };

    private static byte[] Data(List<byte> codewords, int[] blocks)
    {
        var data = blocks.Select(n => new byte[n]).ToArray();
        var next = 0;
        for (var i = 0; i < blocks.Max(); i++)
        {
            foreach (var block in data.Where(b => i < b.Length))
            {
                block[i] = codewords[next++];
            }
        }

        return [.. data.SelectMany(b => b)];
    }
}
