using System.Globalization;
using System.Text;

namespace PayCore.MerchantApi;

/// <summary>The headers that make a request a signed one.</summary>
/// <param name="ContentDigest">The value of Content-Digest; nothing when the body is empty.</param>
/// <param name="SignatureInput">The value of Signature-Input.</param>
/// <param name="Signature">The value of Signature.</param>
public sealed record SignedHeaders(string? ContentDigest, string SignatureInput, string Signature);

/// <summary>The client's side of the signature: makes the headers for one request. Safe to share between threads.</summary>
/// <remarks>Each request, each repeat too, needs its own signature: a nonce counts once.</remarks>
/// <param name="key">The key that signs.</param>
/// <param name="time">The clock.</param>
/// <param name="nonces">Gives a fresh unguessable text of 16 to 64 characters of <c>[A-Za-z0-9_-]</c> at each call.</param>
public sealed class RequestSigner(SigningKey key, TimeProvider time, Func<string> nonces)
{
    /// <summary>Signs.</summary>
    /// <param name="method">The method, as it will be on the wire.</param>
    /// <param name="rawTarget">Path and query, as they will be on the wire.</param>
    /// <param name="body">The whole body as it will be on the wire.</param>
    /// <returns>The headers to add.</returns>
    /// <exception cref="ArgumentException">The target is not an absolute path in ASCII.</exception>
    public SignedHeaders Sign(string method, string rawTarget, ReadOnlySpan<byte> body)
    {
        if (!SignatureBase.TryCut(rawTarget, out var path, out var query))
        {
            throw new ArgumentException("The target must be an absolute path in ASCII.", nameof(rawTarget));
        }

        var built = new SignatureBase().Add("@method", method).Add("@path", path).Add("@query", query);
        var components = "\"@method\" \"@path\" \"@query\"";
        string? digest = null;
        if (!body.IsEmpty)
        {
            digest = ContentDigest.Create(body);
            built.Add("content-digest", digest);
            components += " \"content-digest\"";
        }

        var created = time.GetUtcNow().ToUnixTimeSeconds();
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"({components});created={created};nonce=\"{nonces()}\";keyid=\"{key}\";alg=\"{key.Algorithm.ToName()}\"");
        var signature = key.Sign(Encoding.ASCII.GetBytes(built.Finish(parameters)));
        return new SignedHeaders(digest, $"sig={parameters}", $"sig=:{Convert.ToBase64String(signature)}:");
    }
}
