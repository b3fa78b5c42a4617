using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator;

/// <summary>Writes answers and signs exactly what it wrote (alipay.md 3.1 and 3.2); wrongly or in another shape when a fault wants it.</summary>
internal sealed class AlipayAnswerWriter(AlipayForgery forgery)
{
    private static readonly JsonSerializerOptions _dense = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions _spread = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };
    private static readonly JsonSerializerOptions _escaped = new() { Encoder = JavaScriptEncoder.Default };

    /// <param name="signer">Who signs; null for nobody.</param>
    /// <param name="node">The name of the member that holds the answer.</param>
    /// <param name="content">The answer.</param>
    /// <param name="fault">The kind of the fault at work.</param>
    public byte[] Write(AlipayMerchant? signer, string node, JsonObject content, string? fault)
    {
        if (fault == FaultKinds.Garbage)
        {
            return "<html>502 Bad Gate"u8.ToArray();
        }

        var text = Text(content, fault);
        var members = new List<(string Name, string Value)> { (node, fault == FaultKinds.BodyChanged ? text[..^1] + ",\"changed\":\"1\"}" : text) };
        if (signer?.AlipayCert is { } certificate)
        {
            members.Add(("alipay_cert_sn", $"\"{certificate.Serial}\""));
        }

        if (signer is not null && fault != FaultKinds.NotSigned)
        {
            members.Add(("sign", $"\"{Sign(signer, text, fault)}\""));
        }

        if (fault == FaultKinds.Reordered)
        {
            members.Reverse();
        }

        var (around, between) = fault == FaultKinds.Blanks ? ("\n\t ", " : ") : ("", ":");
        var whole = "{" + string.Join(',', members.Select(m => $"{around}\"{m.Name}\"{between}{m.Value}{around}")) + "}";
        return Encoding.UTF8.GetBytes(fault == FaultKinds.Truncated ? whole[..(whole.Length / 2)] : whole);
    }

    private static string Text(JsonObject content, string? fault)
    {
        var shown = fault == FaultKinds.Reordered
            ? new JsonObject(content.Reverse().Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Value?.DeepClone())))
            : content;
        var text = shown.ToJsonString(fault switch { FaultKinds.Blanks => _spread, FaultKinds.UnicodeEscapes => _escaped, _ => _dense });
        // Slashes stand in texts only, so every one of them can take its escape.
        return text.Replace("/", "\\/", StringComparison.Ordinal);
    }

    private string Sign(AlipayMerchant signer, string text, string? fault) => fault switch
    {
        FaultKinds.BadSignature => signer.Sign(text + " "),
        FaultKinds.OtherKey => forgery.Sign(Encoding.UTF8.GetBytes(text)),
        _ => signer.Sign(text),
    };
}
