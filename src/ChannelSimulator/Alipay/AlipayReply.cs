using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>What is to be answered to a call.</summary>
internal sealed record AlipayReply
{
    /// <summary>The members of the node; null when the buyer is sent to <see cref="Location"/>.</summary>
    public JsonObject? Content { get; init; }

    /// <summary>Where a page call leads the buyer.</summary>
    public string? Location { get; init; }

    /// <summary>Why it is refused; null when it is not.</summary>
    public AlipayError? Error { get; init; }

    /// <summary>Members of the call that no rule knows.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    public static AlipayReply Success(JsonObject content, AlipayFields fields) => Of("10000", "Success", content, fields);

    /// <summary>10003: the buyer has yet to confirm (alipay.md 3.3).</summary>
    public static AlipayReply InProcess(JsonObject content, AlipayFields fields) => Of("10003", "order success pay inprocess", content, fields);

    private static AlipayReply Of(string code, string message, JsonObject content, AlipayFields fields) => new()
    {
        Content = new JsonObject([new("code", code), new("msg", message), .. content.ToList().Select(m => Detached(content, m.Key))]),
        Unknown = fields.Unknown,
    };

    public static AlipayReply Of(AlipayError error) => new()
    {
        Error = error,
        Content = new JsonObject
        {
            ["code"] = error.Code,
            ["msg"] = error.CodeMessage,
            ["sub_code"] = error.SubCode,
            ["sub_msg"] = error.Message,
        },
    };

    private static KeyValuePair<string, JsonNode?> Detached(JsonObject content, string name) => new(name, content[name]?.DeepClone());
}
