using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PayCore.ChannelSimulator;

/// <summary>The body of a call, before anything is known of it.</summary>
internal static class RequestBody
{
    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>All of it, as it was sent.</summary>
    public static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var length)
        {
            body.Write(buffer, 0, length);
            if (body.Length > MostBytes)
            {
                throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
            }
        }

        return body.ToArray();
    }

    /// <summary>The order number in JSON that has not been checked yet, for faults and the log.</summary>
    public static string? OutTradeNo(ReadOnlySpan<byte> json) => Text(json, "out_trade_no");

    /// <summary>A text in JSON that has not been checked yet.</summary>
    public static string? Text(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject body && body[name] is JsonValue value && value.TryGetValue(out string? number)
                ? number
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
