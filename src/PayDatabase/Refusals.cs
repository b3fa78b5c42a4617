using Grpc.Core;

namespace PayCore.PayDatabase;

/// <summary>What PayDatabase refuses besides moves. Its callers are our own services, so a refusal here is a bug or a race there.</summary>
internal static class Refusals
{
    public static RpcException InvalidArgument(string field, string reason) =>
        new(new Status(StatusCode.InvalidArgument, $"{field}: {reason}"));

    public static RpcException NotFound(string what) => new(new Status(StatusCode.NotFound, $"There is no such {what}."));

    public static RpcException FailedPrecondition(string reason) => new(new Status(StatusCode.FailedPrecondition, reason));
}
