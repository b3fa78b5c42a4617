using PayCore.EndToEnd.Tests.Support;

namespace PayCore.Interop.Tests.Support;

/// <summary>A request that the library http-message-signatures is to sign and send.</summary>
public sealed record SignedRequest
{
    public required string Method { get; init; }

    public required Uri Url { get; init; }

    /// <summary>The body that is signed; null for none.</summary>
    public string? Body { get; init; }

    /// <summary>sha-256 or sha-512.</summary>
    public string Digest { get; init; } = "sha-256";

    public required SignedRequestKey Key { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The body that is sent instead of the signed one.</summary>
    public string? SentBody { get; init; }

    /// <summary>The digest of the sent body is sent too, so that only the signature shows the change.</summary>
    public bool SentDigest { get; init; }

    /// <summary>Has the library send these, one after the other.</summary>
    public static async Task<IReadOnlyList<RestAnswer>> SendAsync(params IEnumerable<SignedRequest> requests) =>
        await NodeScript.RunAsync<RestAnswer[]>("message-signatures.mjs", new { Requests = requests });
}

/// <summary>What the library signs with.</summary>
public sealed record SignedRequestKey
{
    /// <summary><c>app_id/key_id</c>.</summary>
    public required string Id { get; init; }

    public required string Algorithm { get; init; }

    public string? PrivateKey { get; init; }

    public string? Secret { get; init; }

    /// <summary>Whether the message says <c>alg</c>.</summary>
    public bool IsAlgorithmNamed { get; init; } = true;

    public static SignedRequestKey Of(InteropApp app, AppKey key)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(key);
        return new SignedRequestKey
        {
            Id = $"{app.Id}/{key.Document.KeyId}",
            Algorithm = key.Document.Alg,
            PrivateKey = key.PrivateKey,
            Secret = key.Document.Secret,
        };
    }
}
