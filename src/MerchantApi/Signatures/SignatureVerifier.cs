using System.Text;
using Microsoft.AspNetCore.Http;

namespace PayCore.MerchantApi;

/// <summary>
/// Verifies the signature of a merchant's request by RFC 9421 and RFC 9530, as narrowed for PayCore: one signature, covering
/// <c>@method</c>, <c>@path</c>, <c>@query</c> and, when the body has a byte, <c>content-digest</c>. Works on the raw target and the raw
/// body; nothing is parsed before. Safe to share between threads.
/// </summary>
/// <param name="keys">The merchants' keys.</param>
/// <param name="time">The clock.</param>
/// <param name="nonces">What was seen already.</param>
public sealed class SignatureVerifier(IMerchantKeys keys, TimeProvider time, NonceMemory nonces)
{
    /// <summary>How far <c>created</c> may be from our clock, either way, in seconds.</summary>
    public const int ClockToleranceSeconds = 300;

    private const int ShownBaseCharsMax = 2048;

    /// <summary>Verifies a request. The checks run in a fixed order and the first that fails is the answer.</summary>
    /// <param name="method">The method as on the wire.</param>
    /// <param name="rawTarget">The request target as on the wire, undecoded (<c>IHttpRequestFeature.RawTarget</c>).</param>
    /// <param name="headers">The request's headers.</param>
    /// <param name="body">The whole body; for gRPC the framed message.</param>
    /// <returns>Who signed, or why the request is refused. A verified request has used up its nonce.</returns>
    public SignatureResult Verify(string method, string rawTarget, IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(rawTarget);
        ArgumentNullException.ThrowIfNull(headers);

        if (SignatureInput.Read(headers, out var input) is { } unreadable)
        {
            return unreadable;
        }

        if (BuildBase(input, method, rawTarget, headers, bodyIsEmpty: body.IsEmpty, out var signatureBase) is { } wrongComponents)
        {
            return wrongComponents;
        }

        var now = time.GetUtcNow();
        if (CheckClock(input, now) is { } wrongTime)
        {
            return wrongTime;
        }

        var key = keys.Find(input.AppId, input.KeyId);
        if (key is null || key.AppId != input.AppId || key.KeyId != input.KeyId)
        {
            return SignatureResult.Refused(SignatureRefusal.SignatureKeyUnknown, "No enabled app has the key that keyid names.");
        }

        if (input.Algorithm is { } named && named != key.Algorithm.ToName())
        {
            return SignatureResult.Refused(
                SignatureRefusal.SignatureAlgorithm, "alg is not the algorithm of this key; leave alg out or correct it.");
        }

        if (headers.TryGetValue("Content-Digest", out var digest) && ContentDigest.Check(digest.Join(), body) is { } wrongDigest)
        {
            return wrongDigest;
        }

        if (!key.Verifies(Encoding.ASCII.GetBytes(signatureBase), input.Signature))
        {
            return SignatureResult.Refused(
                SignatureRefusal.SignatureInvalid,
                "The signature does not fit the request as it arrived.",
                signatureBase.Length <= ShownBaseCharsMax ? signatureBase : null);
        }

        if (!key.IsActive(now))
        {
            return SignatureResult.Refused(SignatureRefusal.SignatureKeyInactive, "The key is not valid yet, or not any more.");
        }

        return nonces.Remember(key.AppId, key.KeyId, input.Nonce)
            ? SignatureResult.Verified(key)
            : SignatureResult.Refused(
                SignatureRefusal.SignatureNonceReused, "This nonce was used before; a repeated request needs a new nonce and signature.");
    }

    private static SignatureResult? CheckClock(SignatureInput input, DateTimeOffset now)
    {
        // created has at most 15 digits, so milliseconds fit.
        var age = now.ToUnixTimeMilliseconds() - (input.Created * 1000);
        if (Math.Abs(age) > ClockToleranceSeconds * 1000)
        {
            var where = $"{Math.Abs(age) / 1000} s {(age > 0 ? "behind" : "ahead of")} our clock ({now.ToUnixTimeSeconds()})";
            return SignatureResult.Refused(SignatureRefusal.SignatureStale, $"created is {where}; {ClockToleranceSeconds} s are allowed.");
        }

        return input.Expires is { } expires && (now.ToUnixTimeMilliseconds() > expires * 1000 || expires < input.Created)
            ? SignatureResult.Refused(SignatureRefusal.SignatureExpired, "expires has passed.")
            : null;
    }

    private static SignatureResult? BuildBase(
        SignatureInput input, string method, string rawTarget, IHeaderDictionary headers, bool bodyIsEmpty, out string signatureBase)
    {
        signatureBase = "";
        if (!SignatureBase.TryCut(rawTarget, out var path, out var query))
        {
            return Components("The request target must be an absolute path in ASCII (origin form).");
        }

        foreach (var required in (ReadOnlySpan<string>)["@method", "@path", "@query"])
        {
            if (!input.Components.Contains(required))
            {
                return Components($"\"{required}\" must be covered.");
            }
        }

        if (!bodyIsEmpty && headers["Content-Digest"].Count == 0)
        {
            return SignatureResult.Refused(
                SignatureRefusal.ContentDigestMissing, "A request with a body needs a Content-Digest header (RFC 9530).");
        }

        if (!bodyIsEmpty && !input.Components.Contains("content-digest"))
        {
            return Components("\"content-digest\" must be covered, since the request has a body.");
        }

        var built = new SignatureBase();
        foreach (var component in input.Components)
        {
            switch (component)
            {
                case "@method":
                    built.Add(component, method);
                    break;
                case "@path":
                    built.Add(component, path);
                    break;
                case "@query":
                    built.Add(component, query);
                    break;
                default:
                    if (AddField(built, component, headers) is { } wrongField)
                    {
                        return wrongField;
                    }

                    break;
            }
        }

        signatureBase = built.Finish(input.ParametersText);
        return null;
    }

    private static SignatureResult? AddField(SignatureBase built, string component, IHeaderDictionary headers)
    {
        if (component.StartsWith('@'))
        {
            return Components($"\"{component}\" cannot be covered here; of the derived components only @method, @path and @query can.");
        }

        if (component is "signature" or "signature-input" || !IsFieldName(component))
        {
            return Components($"\"{component}\" is not the lower case name of a header that can be covered.");
        }

        var lines = headers[component];
        if (lines.Count == 0)
        {
            return component == "content-digest"
                ? SignatureResult.Refused(SignatureRefusal.ContentDigestMissing, "content-digest is covered, but there is no such header.")
                : Components($"\"{component}\" is covered, but there is no such header.");
        }

        var value = lines.Join();
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return Components($"\"{component}\" has characters that are not printable ASCII and cannot be covered.");
        }

        built.Add(component, value);
        return null;
    }

    private static bool IsFieldName(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return name.Length > 0;
    }

    private static SignatureResult Components(string message) => SignatureResult.Refused(SignatureRefusal.SignatureComponents, message);
}
