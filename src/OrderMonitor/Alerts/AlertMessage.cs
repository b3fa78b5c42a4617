using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using PayCore.Contracts.V1;

namespace PayCore.OrderMonitor.Alerts;

/// <summary>One alert as its receiver wants it: address and body. Pure. It holds numbers of ours and words for a person, no secret and no payee.</summary>
internal static class AlertMessage
{
    // WeCom's robots take 2048 bytes of text, DingTalk's more.
    private const int RobotBytesMax = 2_000;

    private static readonly JsonFormatter _json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));
    private static readonly JsonSerializerOptions _plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body.</summary>
    public static byte[] Body(AlertFormat format, IReadOnlyList<ExceptionItem> items)
    {
        var text = Text(items, format == AlertFormat.Json ? int.MaxValue : RobotBytesMax);
        JsonObject message = format == AlertFormat.Json
            ? new() { ["type"] = "paycore.alert", ["text"] = text, ["items"] = new JsonArray([.. items.Select(i => JsonNode.Parse(_json.Format(i)))]) }
            : new() { ["msgtype"] = "text", ["text"] = new JsonObject { ["content"] = text } };
        return Encoding.UTF8.GetBytes(message.ToJsonString(_plain));
    }

    /// <summary>The address; DingTalk's has the time and its signature with the robot's secret.</summary>
    public static Uri Address(AlertOptions options, DateTimeOffset now)
    {
        if (options.Format != AlertFormat.DingTalk || options.Secret.Length == 0)
        {
            return new Uri(options.Url);
        }

        var timestamp = now.ToUnixTimeMilliseconds();
        var sign = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Secret), Encoding.UTF8.GetBytes($"{timestamp}\n{options.Secret}"));
        var separator = options.Url.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return new Uri($"{options.Url}{separator}timestamp={timestamp}&sign={Uri.EscapeDataString(Convert.ToBase64String(sign))}");
    }

    /// <summary>Whether the answer acknowledges it. Robots answer 200 to what they refuse, and say so in the body.</summary>
    public static bool IsAcknowledged(AlertFormat format, bool isSuccess, string answer)
    {
        if (!isSuccess || format == AlertFormat.Json)
        {
            return isSuccess;
        }

        try
        {
            return JsonNode.Parse(answer)?["errcode"]?.GetValue<int>() == 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>The items in words, as many as the receiver takes; of the others how many there are. All of them stand in the list.</summary>
    private static string Text(IReadOnlyList<ExceptionItem> items, int bytesMax)
    {
        var text = new StringBuilder(items.Count == 1 ? "PayCore: something to look at 有待处理事项" : $"PayCore: {items.Count} things to look at 有 {items.Count} 项待处理");
        var left = bytesMax - Encoding.UTF8.GetByteCount(text.ToString()) - Encoding.UTF8.GetByteCount(Rest(items.Count));
        for (var i = 0; i < items.Count; i++)
        {
            var line = Line(items[i]);
            left -= Encoding.UTF8.GetByteCount(line);
            if (left < 0)
            {
                return text.Append(Rest(items.Count - i)).ToString();
            }

            text.Append(line);
        }

        return text.ToString();
    }

    private static string Line(ExceptionItem item)
    {
        string[] about = [item.AppId, item.OrderId, item.AttemptNo, item.RefundId, item.TransferId];
        return $"\n{KindOf(item)} {string.Join(' ', about.Where(a => a.Length > 0))}: {item.Detail}";
    }

    private static string Rest(int count) => $"\n… and {count} more 另有 {count} 项";

    private static string KindOf(ExceptionItem item) =>
        ExceptionItem.Descriptor.EnumTypes.Single(e => e.Name == nameof(ExceptionItem.Kind)).FindValueByNumber((int)item.Kind)?.Name ?? "";
}
