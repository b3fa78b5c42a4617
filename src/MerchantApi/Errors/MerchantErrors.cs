using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using GrpcStatusCode = Grpc.Core.StatusCode;
using RpcStatus = Google.Rpc.Status;

namespace PayCore.MerchantApi;

/// <summary>
/// Builds the errors that merchants see: a <c>google.rpc.Status</c> with an <c>ErrorInfo</c> (closed list of reasons) and, for fields, a
/// <c>BadRequest</c>. A service throws what <see cref="Create"/> returns; the same content goes out over gRPC and over REST.
/// </summary>
/// <remarks>Messages and metadata go to the merchant: no secret, no address of ours, nothing of another app.</remarks>
public static class MerchantErrors
{
    /// <summary>Knows the detail types, so that an <c>Any</c> of them can be written as JSON.</summary>
    public static TypeRegistry DetailTypes { get; } =
        TypeRegistry.FromFiles(ErrorDetailsReflection.Descriptor, Google.Rpc.StatusReflection.Descriptor);

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(DetailTypes));

    /// <summary>Builds the exception that a service throws.</summary>
    /// <param name="code">The gRPC status code.</param>
    /// <param name="reason">One of the constants of <see cref="ErrorReason"/>.</param>
    /// <param name="message">One sentence in English for the merchant's developer.</param>
    /// <param name="metadata">Facts that a program may read, for instance the number that was refused.</param>
    /// <param name="violations">What is wrong with which field.</param>
    /// <returns>The exception with its details in the trailers.</returns>
    public static RpcException Create(
        GrpcStatusCode code,
        string reason,
        string message,
        IReadOnlyDictionary<string, string>? metadata = null,
        IEnumerable<FieldViolation>? violations = null) =>
        ToStatus(code, reason, message, metadata, violations).ToRpcException();

    /// <summary>
    /// The answer for a request whose fields are wrong: INVALID_ARGUMENT, <see cref="ErrorReason.RequestInvalid"/>, one violation each.
    /// </summary>
    /// <param name="violations">At least one.</param>
    /// <returns>The exception to throw.</returns>
    public static RpcException InvalidFields(params IReadOnlyList<FieldViolation> violations) =>
        InvalidFieldsStatus(violations).ToRpcException();

    /// <summary>Builds the same as <see cref="Create"/>, as a message.</summary>
    /// <param name="code">The gRPC status code.</param>
    /// <param name="reason">One of the constants of <see cref="ErrorReason"/>.</param>
    /// <param name="message">One sentence in English.</param>
    /// <param name="metadata">Facts that a program may read.</param>
    /// <param name="violations">What is wrong with which field.</param>
    /// <returns>The status.</returns>
    public static RpcStatus ToStatus(
        GrpcStatusCode code,
        string reason,
        string message,
        IReadOnlyDictionary<string, string>? metadata = null,
        IEnumerable<FieldViolation>? violations = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentNullException.ThrowIfNull(message);
        var info = new ErrorInfo { Reason = reason, Domain = ErrorReason.Domain };
        if (metadata is not null)
        {
            info.Metadata.Add(metadata.ToDictionary());
        }

        var status = new RpcStatus { Code = (int)code, Message = message, Details = { Any.Pack(info) } };
        var badRequest = new BadRequest();
        foreach (var violation in violations ?? [])
        {
            badRequest.FieldViolations.Add(new BadRequest.Types.FieldViolation
            {
                Field = violation.Field,
                Reason = violation.Reason,
                Description = violation.Message,
            });
        }

        if (badRequest.FieldViolations.Count > 0)
        {
            status.Details.Add(Any.Pack(badRequest));
        }

        return status;
    }

    /// <summary>The HTTP status that goes with an error over REST.</summary>
    /// <param name="status">The error.</param>
    /// <returns>
    /// By the standard mapping of gRPC codes; a few reasons say more in HTTP than their code does (413 for a body that is too large, 415
    /// for its type, 405 for the verb, 503 where we and not the caller have too much).
    /// </returns>
    public static int HttpStatus(RpcStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return Info(status)?.Reason switch
        {
            ErrorReason.BodyTooLarge => 413,
            ErrorReason.ContentTypeUnsupported => 415,
            ErrorReason.VerbNotAllowed => 405,
            ErrorReason.Overloaded => 503,
            _ => HttpStatus((GrpcStatusCode)status.Code),
        };
    }

    /// <summary>The standard mapping of a gRPC code to an HTTP status.</summary>
    /// <param name="code">The gRPC code.</param>
    /// <returns>The HTTP status.</returns>
    public static int HttpStatus(GrpcStatusCode code) => code switch
    {
        GrpcStatusCode.OK => 200,
        GrpcStatusCode.InvalidArgument or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.OutOfRange => 400,
        GrpcStatusCode.Unauthenticated => 401,
        GrpcStatusCode.PermissionDenied => 403,
        GrpcStatusCode.NotFound => 404,
        GrpcStatusCode.AlreadyExists or GrpcStatusCode.Aborted => 409,
        GrpcStatusCode.ResourceExhausted => 429,
        GrpcStatusCode.Cancelled => 499,
        GrpcStatusCode.Unimplemented => 501,
        GrpcStatusCode.Unavailable => 503,
        GrpcStatusCode.DeadlineExceeded => 504,
        _ => 500,
    };

    /// <summary>Our <c>ErrorInfo</c> in a status.</summary>
    /// <param name="status">A status, for instance of a caught exception (<c>GetRpcStatus</c>).</param>
    /// <returns>The first with our domain, or nothing.</returns>
    public static ErrorInfo? Info(RpcStatus? status)
    {
        foreach (var detail in status?.Details ?? [])
        {
            if (detail.TryUnpack<ErrorInfo>(out var info) && info.Domain == ErrorReason.Domain)
            {
                return info;
            }
        }

        return null;
    }

    /// <summary>What a merchant would be told of a failure, in parts: for answers that hold several results.</summary>
    /// <param name="exception">The failure of one of them.</param>
    /// <returns>Reason and message, and the fields at fault.</returns>
    public static (string Reason, string Message, IReadOnlyList<FieldViolation> Violations) Public(RpcException exception)
    {
        var status = Public(exception, callerIsGone: false);
        var fields = status.Details.Select(d => d.TryUnpack<BadRequest>(out var bad) ? bad : null).OfType<BadRequest>().SelectMany(b => b.FieldViolations);
        return (Info(status)?.Reason ?? "", status.Message, [.. fields.Select(f => new FieldViolation(f.Field, f.Reason, f.Description))]);
    }

    internal static RpcStatus InvalidFieldsStatus(IReadOnlyList<FieldViolation> violations)
    {
        ArgumentOutOfRangeException.ThrowIfZero(violations.Count, nameof(violations));
        var first = violations[0];
        var where = first.Field.Length == 0 ? "" : $"{first.Field}: ";
        var more = violations.Count == 1 ? "" : $" (and {violations.Count - 1} more)";
        var message = $"{where}{first.Message}{more}";
        return ToStatus(GrpcStatusCode.InvalidArgument, ErrorReason.RequestInvalid, message, violations: violations);
    }

    internal static string ToJson(RpcStatus status) => Formatter.Format(status);

    /// <summary>
    /// What a merchant is told of an exception. Only errors that were built here, or carry our ErrorInfo, are told as they are. Anything
    /// else may hold words that are not for outsiders, and keeps at most its kind.
    /// </summary>
    internal static RpcStatus Public(Exception exception, bool callerIsGone) => exception switch
    {
        RpcException rpc when rpc.GetRpcStatus() is { } rich && Info(rich) is not null => rich,
        RpcException { StatusCode: GrpcStatusCode.Unavailable } =>
            ToStatus(GrpcStatusCode.Unavailable, ErrorReason.ServiceUnavailable, "A part of the system is away; repeat the same number."),
        RpcException { StatusCode: GrpcStatusCode.DeadlineExceeded } =>
            ToStatus(GrpcStatusCode.DeadlineExceeded, ErrorReason.DeadlineExceeded, "No answer in time; repeat with the same number."),
        RpcException { StatusCode: GrpcStatusCode.Unimplemented } =>
            ToStatus(GrpcStatusCode.Unimplemented, ErrorReason.MethodUnimplemented, "The method is not served here."),
        OperationCanceledException or RpcException { StatusCode: GrpcStatusCode.Cancelled } when callerIsGone =>
            ToStatus(GrpcStatusCode.Cancelled, ErrorReason.CallCancelled, "The call was cancelled."),
        _ => Internal(),
    };

    internal static RpcStatus Internal() =>
        ToStatus(GrpcStatusCode.Internal, ErrorReason.InternalError, "An error on our side; repeat with the same number, or query.");
}
