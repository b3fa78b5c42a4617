namespace PayCore.MerchantApi;

/// <summary>
/// Why a request's signature was not accepted. A closed list; <see cref="SignatureRefusals.ToReason"/> gives the text on the wire.
/// </summary>
public enum SignatureRefusal
{
    /// <summary>The request has no Signature-Input or no Signature header.</summary>
    SignatureMissing,

    /// <summary>A signature header cannot be read, or the two do not belong together.</summary>
    SignatureMalformed,

    /// <summary>There is more than one signature; exactly one is accepted.</summary>
    SignatureMultiple,

    /// <summary>A required parameter is missing or badly written, or there is one that we do not know.</summary>
    SignatureParameters,

    /// <summary>The covered components are not the ones demanded, or one of them cannot be covered here.</summary>
    SignatureComponents,

    /// <summary><c>created</c> is too far from our clock.</summary>
    SignatureStale,

    /// <summary><c>expires</c> has passed.</summary>
    SignatureExpired,

    /// <summary>No enabled app has the key.</summary>
    SignatureKeyUnknown,

    /// <summary>The signature is good, but the key does not count at this moment.</summary>
    SignatureKeyInactive,

    /// <summary><c>alg</c> is not the algorithm of the key.</summary>
    SignatureAlgorithm,

    /// <summary>The signature does not fit what was received.</summary>
    SignatureInvalid,

    /// <summary>The signature is good, but its nonce was used before.</summary>
    SignatureNonceReused,

    /// <summary>The body has bytes, but no usable Content-Digest.</summary>
    ContentDigestMissing,

    /// <summary>The Content-Digest cannot be read.</summary>
    ContentDigestMalformed,

    /// <summary>The Content-Digest is not the digest of the body received.</summary>
    ContentDigestMismatch,
}

/// <summary>The wire text of each refusal.</summary>
public static class SignatureRefusals
{
    /// <summary>The reason as it stands in <c>google.rpc.ErrorInfo.reason</c>.</summary>
    /// <param name="refusal">The refusal.</param>
    /// <returns>One of the constants of <see cref="ErrorReason"/>.</returns>
    public static string ToReason(this SignatureRefusal refusal) => refusal switch
    {
        SignatureRefusal.SignatureMissing => ErrorReason.SignatureMissing,
        SignatureRefusal.SignatureMalformed => ErrorReason.SignatureMalformed,
        SignatureRefusal.SignatureMultiple => ErrorReason.SignatureMultiple,
        SignatureRefusal.SignatureParameters => ErrorReason.SignatureParameters,
        SignatureRefusal.SignatureComponents => ErrorReason.SignatureComponents,
        SignatureRefusal.SignatureStale => ErrorReason.SignatureStale,
        SignatureRefusal.SignatureExpired => ErrorReason.SignatureExpired,
        SignatureRefusal.SignatureKeyUnknown => ErrorReason.SignatureKeyUnknown,
        SignatureRefusal.SignatureKeyInactive => ErrorReason.SignatureKeyInactive,
        SignatureRefusal.SignatureAlgorithm => ErrorReason.SignatureAlgorithm,
        SignatureRefusal.SignatureInvalid => ErrorReason.SignatureInvalid,
        SignatureRefusal.SignatureNonceReused => ErrorReason.SignatureNonceReused,
        SignatureRefusal.ContentDigestMissing => ErrorReason.ContentDigestMissing,
        SignatureRefusal.ContentDigestMalformed => ErrorReason.ContentDigestMalformed,
        SignatureRefusal.ContentDigestMismatch => ErrorReason.ContentDigestMismatch,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}
