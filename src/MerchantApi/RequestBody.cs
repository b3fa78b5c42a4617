using System.Buffers;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RpcStatus = Google.Rpc.Status;

namespace PayCore.MerchantApi;

/// <summary>The whole body of a request in memory, and the request as if nobody had read it.</summary>
internal sealed class RequestBody
{
    private RequestBody(byte[] bytes)
    {
        Bytes = bytes;
    }

    public byte[] Bytes { get; }

    /// <summary>Reads the body once; the next caller gets the same bytes.</summary>
    /// <returns>The body, or the error to answer with.</returns>
    public static async ValueTask<(RequestBody? Body, RpcStatus? Error)> BufferAsync(HttpContext context, int bytesMax)
    {
        if (context.Features.Get<RequestBody>() is { } known)
        {
            return (known, null);
        }

        var request = context.Request;
        if (request.ContentLength > bytesMax)
        {
            return (null, TooLarge(bytesMax));
        }

        byte[] bytes;
        try
        {
            bytes = await ReadAsync(request.Body, (int?)request.ContentLength, bytesMax, context.RequestAborted);
        }
        catch (IOException)
        {
            var broken = MerchantErrors.ToStatus(StatusCode.InvalidArgument, ErrorReason.BodyUnreadable, "The body did not arrive whole.");
            return (null, broken);
        }

        if (bytes.Length > bytesMax)
        {
            return (null, TooLarge(bytesMax));
        }

        var body = new RequestBody(bytes);
        context.Features.Set(body);

        // A new stream also gives a new BodyReader, which is what gRPC reads.
        request.Body = new MemoryStream(bytes, writable: false);
        return (body, null);
    }

    /// <summary>Reads to the end, or to one byte more than allowed.</summary>
    private static async ValueTask<byte[]> ReadAsync(Stream stream, int? length, int bytesMax, CancellationToken cancellationToken)
    {
        if (length == 0)
        {
            return [];
        }

        var buffer = ArrayPool<byte>.Shared.Rent(bytesMax + 1);
        try
        {
            var filled = 0;
            while (filled <= bytesMax)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(filled, bytesMax + 1 - filled), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                filled += read;
            }

            return buffer.AsSpan(0, filled).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static RpcStatus TooLarge(int bytesMax) =>
        MerchantErrors.ToStatus(StatusCode.InvalidArgument, ErrorReason.BodyTooLarge, $"The body is larger than {bytesMax} bytes.");
}
