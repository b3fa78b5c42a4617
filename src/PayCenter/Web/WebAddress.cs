using System.Diagnostics.CodeAnalysis;

namespace PayCore.PayCenter.Web;

/// <summary>Tells addresses that a browser may be sent to from those that it must not follow.</summary>
internal static class WebAddress
{
    /// <summary>An absolute http or https address: not <c>javascript:</c>, not <c>data:</c>, nothing relative.</summary>
    public static bool IsOne([NotNullWhen(true)] string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
}
