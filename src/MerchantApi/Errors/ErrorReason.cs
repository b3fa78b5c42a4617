using System.Collections.Frozen;

namespace PayCore.MerchantApi;

/// <summary>
/// The closed list of reasons that a merchant can meet, as they stand in <c>google.rpc.ErrorInfo.reason</c> and in the reason of a field
/// violation. A program may switch on them: a text is never changed and never used for something else. <c>docs/errors.md</c> has a heading
/// for each.
/// </summary>
/// <remarks>To add one: a constant here, a heading there.</remarks>
public static partial class ErrorReason
{
    /// <summary>The domain of every <c>google.rpc.ErrorInfo</c> of ours.</summary>
    public const string Domain = "paycore";

    /// <summary>No Signature-Input or no Signature header. Sign the request.</summary>
    public const string SignatureMissing = "SIGNATURE_MISSING";

    /// <summary>A signature header is not the structured field that RFC 9421 asks for, or the labels differ.</summary>
    public const string SignatureMalformed = "SIGNATURE_MALFORMED";

    /// <summary>More than one signature. Send one.</summary>
    public const string SignatureMultiple = "SIGNATURE_MULTIPLE";

    /// <summary>A signature parameter is missing, unknown or badly written.</summary>
    public const string SignatureParameters = "SIGNATURE_PARAMETERS";

    /// <summary>The covered components are not those demanded.</summary>
    public const string SignatureComponents = "SIGNATURE_COMPONENTS";

    /// <summary><c>created</c> is more than 300 seconds from our clock. Correct the clock, sign anew.</summary>
    public const string SignatureStale = "SIGNATURE_STALE";

    /// <summary><c>expires</c> has passed. Sign anew.</summary>
    public const string SignatureExpired = "SIGNATURE_EXPIRED";

    /// <summary>The key is not known, or its app is disabled.</summary>
    public const string SignatureKeyUnknown = "SIGNATURE_KEY_UNKNOWN";

    /// <summary>The key is known and the signature good, but the key is outside its dates.</summary>
    public const string SignatureKeyInactive = "SIGNATURE_KEY_INACTIVE";

    /// <summary><c>alg</c> contradicts the stored key.</summary>
    public const string SignatureAlgorithm = "SIGNATURE_ALGORITHM";

    /// <summary>The signature does not fit. The metadata <c>signature_base</c> shows what it was checked against.</summary>
    public const string SignatureInvalid = "SIGNATURE_INVALID";

    /// <summary>
    /// The nonce was used before. A repeat needs a new nonce and signature; the merchant's number keeps it from acting twice.
    /// </summary>
    public const string SignatureNonceReused = "SIGNATURE_NONCE_REUSED";

    /// <summary>A body without a Content-Digest that we can check.</summary>
    public const string ContentDigestMissing = "CONTENT_DIGEST_MISSING";

    /// <summary>Content-Digest cannot be read.</summary>
    public const string ContentDigestMalformed = "CONTENT_DIGEST_MALFORMED";

    /// <summary>Content-Digest is not the digest of the body.</summary>
    public const string ContentDigestMismatch = "CONTENT_DIGEST_MISMATCH";

    /// <summary>The body is larger than a request may be.</summary>
    public const string BodyTooLarge = "BODY_TOO_LARGE";

    /// <summary>The body broke off or did not arrive in time.</summary>
    public const string BodyUnreadable = "BODY_UNREADABLE";

    /// <summary>A REST body must be <c>application/json</c> in UTF-8.</summary>
    public const string ContentTypeUnsupported = "CONTENT_TYPE_UNSUPPORTED";

    /// <summary>Only unary gRPC calls can be signed.</summary>
    public const string StreamingUnsupported = "STREAMING_UNSUPPORTED";

    /// <summary>The request does not fit the method; the field violations say where and why.</summary>
    public const string RequestInvalid = "REQUEST_INVALID";

    /// <summary>Field violation: the body is not JSON.</summary>
    public const string JsonMalformed = "JSON_MALFORMED";

    /// <summary>Field violation: nested deeper than a request may be.</summary>
    public const string JsonTooDeep = "JSON_TOO_DEEP";

    /// <summary>Field violation: the method takes no body.</summary>
    public const string BodyUnexpected = "BODY_UNEXPECTED";

    /// <summary>Field violation: no such member or query parameter. Case counts.</summary>
    public const string FieldUnknown = "FIELD_UNKNOWN";

    /// <summary>
    /// Field violation: given twice, or given here and in the path, or a second member of a group of which one may be set.
    /// </summary>
    public const string FieldDuplicate = "FIELD_DUPLICATE";

    /// <summary>Field violation: <c>null</c>. Leave the member out instead.</summary>
    public const string FieldNull = "FIELD_NULL";

    /// <summary>Field violation: another JSON type is expected.</summary>
    public const string FieldType = "FIELD_TYPE";

    /// <summary>Field violation: the right type, badly written.</summary>
    public const string FieldFormat = "FIELD_FORMAT";

    /// <summary>Field violation: a number outside its range.</summary>
    public const string FieldRange = "FIELD_RANGE";

    /// <summary>Field violation: not one of the names of the enumeration.</summary>
    public const string FieldEnum = "FIELD_ENUM";

    /// <summary>There is nothing at this address.</summary>
    public const string RouteUnknown = "ROUTE_UNKNOWN";

    /// <summary>The address exists, but not with this verb.</summary>
    public const string VerbNotAllowed = "VERB_NOT_ALLOWED";

    /// <summary>The method is described but not served here.</summary>
    public const string MethodUnimplemented = "METHOD_UNIMPLEMENTED";

    /// <summary>A part of the system cannot be reached. Repeat with the same merchant number.</summary>
    public const string ServiceUnavailable = "SERVICE_UNAVAILABLE";

    /// <summary>More requests at once than we take. Nothing was done. Repeat the same request after a pause.</summary>
    public const string Overloaded = "OVERLOADED";

    /// <summary>No answer in time; what was asked may have happened. Repeat with the same merchant number, or query.</summary>
    public const string DeadlineExceeded = "DEADLINE_EXCEEDED";

    /// <summary>The caller went away.</summary>
    public const string CallCancelled = "CALL_CANCELLED";

    /// <summary>An error of ours, logged; what was asked may have happened. Repeat with the same merchant number, or query.</summary>
    public const string InternalError = "INTERNAL_ERROR";

    /// <summary>Every reason.</summary>
    public static FrozenSet<string> All { get; } = typeof(ErrorReason)
        .GetFields()
        .Where(field => field.IsLiteral && field.Name != nameof(Domain))
        .Select(field => (string)field.GetRawConstantValue()!)
        .ToFrozenSet(StringComparer.Ordinal);
}
