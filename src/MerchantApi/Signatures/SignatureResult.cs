using System.Diagnostics.CodeAnalysis;

namespace PayCore.MerchantApi;

/// <summary>What the verifier says of a request: who signed it, or why it is refused.</summary>
public sealed class SignatureResult
{
    private SignatureResult(VerifiedCaller? caller, SignatureRefusal? refusal, string message, string? signatureBase)
    {
        Caller = caller;
        Refusal = refusal;
        Message = message;
        SignatureBase = signatureBase;
    }

    /// <summary>Whether the request is signed as it must be.</summary>
    [MemberNotNullWhen(true, nameof(Caller))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsVerified => Caller is not null;

    /// <summary>Who signed; only when verified.</summary>
    public VerifiedCaller? Caller { get; }

    /// <summary>Why not; only when refused.</summary>
    public SignatureRefusal? Refusal { get; }

    /// <summary>What to change, in words for the merchant's developer. Holds nothing that the caller did not send.</summary>
    public string Message { get; }

    /// <summary>
    /// With <see cref="SignatureRefusal.SignatureInvalid"/>: the text that we checked the signature against, so that a client's author can
    /// compare it with the text that was signed. It is made of the request alone.
    /// </summary>
    public string? SignatureBase { get; }

    internal static SignatureResult Verified(MerchantKey key) => new(new VerifiedCaller(key.AppId, key.KeyId), null, "", null);

    internal static SignatureResult Refused(SignatureRefusal refusal, string message, string? signatureBase = null) =>
        new(null, refusal, message, signatureBase);
}
