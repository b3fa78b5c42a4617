using System.Text;

namespace PayCore.MerchantApi;

/// <summary>Builds the text that is signed (RFC 9421, 2.5), line by line.</summary>
internal sealed class SignatureBase
{
    private readonly StringBuilder text = new(512);

    public SignatureBase Add(string component, ReadOnlySpan<char> value)
    {
        text.Append('"').Append(component).Append("\": ").Append(value).Append('\n');
        return this;
    }

    /// <summary>The last line. The parameters go in exactly as they are sent.</summary>
    public string Finish(string parametersText) => text.Append("\"@signature-params\": ").Append(parametersText).ToString();

    /// <summary>
    /// The raw target cut into path and query; the query is "?" when there is none. Only an absolute path (origin form) can be cut.
    /// </summary>
    public static bool TryCut(string rawTarget, out string path, out string query)
    {
        path = query = "";
        if (!rawTarget.StartsWith('/') || rawTarget.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return false;
        }

        var mark = rawTarget.IndexOf('?', StringComparison.Ordinal);
        (path, query) = mark < 0 ? (rawTarget, "?") : (rawTarget[..mark], rawTarget[mark..]);
        return true;
    }
}
