using System.Text;
using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>Parameters of a call or of a notify, and the text that is signed of them.</summary>
internal sealed class AlipayParameters
{
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    public string? this[string name]
    {
        get => _values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
        set => _values[name] = value ?? "";
    }

    /// <summary>The parameters of a form.</summary>
    public static AlipayParameters Parse(string form)
    {
        var parameters = new AlipayParameters();
        parameters.Add(form);
        return parameters;
    }

    /// <summary>Query and body together: how a client splits its parameters over the two is its own affair (alipay.md 1.2).</summary>
    public static async Task<AlipayParameters> ReadAsync(HttpContext context)
    {
        var parameters = new AlipayParameters();
        parameters.Add(context.Request.QueryString.Value is { Length: > 0 } query ? query[1..] : "");
        if (context.Request.HasFormContentType)
        {
            parameters.Add(Encoding.UTF8.GetString(await RequestBody.ReadAsync(context)));
        }

        return parameters;
    }

    /// <summary>
    /// The text of alipay.md 1.4: sorted by name, raw values, empty ones left out. A call keeps <c>sign_type</c> in it, a notify does not (6.4).
    /// </summary>
    public string SignedText(bool withSignType) => string.Join('&', _values
        .Where(p => p.Value.Length > 0 && p.Key != "sign" && (withSignType || p.Key != "sign_type"))
        .Select(p => $"{p.Key}={p.Value}"));

    /// <summary>All of them as they are sent, names and values encoded by the charset. What is empty is not sent.</summary>
    public string Encoded(Encoding charset) => string.Join('&', _values.Where(p => p.Value.Length > 0).Select(p => $"{Escape(p.Key, charset)}={Escape(p.Value, charset)}"));

    private static string Escape(string text, Encoding charset)
    {
        var escaped = new StringBuilder();
        foreach (var one in charset.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~')
            {
                escaped.Append((char)one);
            }
            else
            {
                escaped.Append('%').Append(Convert.ToHexString([one]));
            }
        }

        return escaped.ToString();
    }

    /// <summary>Of a name that comes twice the first counts; whoever signed something else then fails by the signature.</summary>
    private void Add(string form)
    {
        foreach (var pair in form.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var middle = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = middle < 0 ? (pair, "") : (pair[..middle], pair[(middle + 1)..]);
            _values.TryAdd(Decode(name), Decode(value));
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
