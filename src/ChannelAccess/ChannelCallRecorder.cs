using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using PayCore.Contracts.V1;

namespace PayCore.ChannelAccess;

/// <summary>Notes each call to a channel that is about a payment, refund or transfer, and what it came to. It changes nothing of the call.</summary>
internal sealed class ChannelCallRecorder(string channel, ChannelCallLog log, TimeProvider time) : Interceptor
{
    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        if (Operation(context.Method.Name) is not { } operation)
        {
            return call;
        }

        var noted = Note(operation, (IMessage)request);
        return new AsyncUnaryCall<TResponse>(
            AnswerAsync(call.ResponseAsync, noted, time.GetTimestamp()), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private async Task<TResponse> AnswerAsync<TResponse>(Task<TResponse> answer, ChannelCall noted, long began)
    {
        try
        {
            var said = await answer;
            var message = (IMessage)said!;
            noted.Outcome = Text(message, "outcome") ?? Text(message, "state") ?? "";
            noted.Code = Text(message, "code") ?? "";
            noted.TraceId = Text(message, "trace_id") ?? "";
            return said;
        }
        catch (RpcException e)
        {
            noted.Outcome = nameof(Outcome.Unknown).ToUpperInvariant();
            noted.Code = $"{e.StatusCode}";
            throw;
        }
        finally
        {
            log.Keep(noted, began);
        }
    }

    private ChannelCall Note(string operation, IMessage request) => new()
    {
        Operation = operation,
        Channel = channel,
        Account = Text(request, "account") ?? "",
        AttemptNo = Text(request, "attempt_no") ?? "",
        RefundId = Text(request, "refund_no") ?? "",
        TransferId = Text(request, "transfer_no") ?? "",
    };

    /// <summary>The word of the records, or null for calls that are about no money of somebody's.</summary>
    private static string? Operation(string method) => method switch
    {
        "Pay" => "pay",
        "Query" => "query",
        "Close" => "close",
        "Reverse" => "reverse",
        "Refund" => "refund",
        "QueryRefund" => "query_refund",
        "Transfer" => "transfer",
        "QueryTransfer" => "query_transfer",
        "CancelTransfer" => "cancel_transfer",
        _ => null,
    };

    private static string? Text(IMessage message, string name)
    {
        var field = message.Descriptor.FindFieldByName(name);
        var value = field?.Accessor.GetValue(message);
        return field?.FieldType == FieldType.Enum ? field.EnumType.FindValueByNumber((int)value!)?.Name : value?.ToString();
    }
}
