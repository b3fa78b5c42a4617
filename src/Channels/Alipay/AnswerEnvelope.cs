using System.Text.Json;

namespace PayCore.Channels.Alipay;

/// <summary>
/// An answer cut into its parts (alipay.md 3.1, 3.2). The node is the very bytes that the platform signed: found by reading the received bytes token by token,
/// so that no subject, however hostile, can move its ends.
/// </summary>
/// <param name="Node">From <c>{</c> to its <c>}</c>, as received.</param>
/// <param name="Sign">The signature in base64; null when there is none.</param>
/// <param name="CertificateSerial">Which certificate signed; null in key mode.</param>
internal sealed record AnswerEnvelope(byte[] Node, string? Sign, string? CertificateSerial)
{
    private const string ErrorNode = "error_response";

    /// <summary>Cuts an answer to that method, or answers null when it is none: no JSON object, no node, or a member twice.</summary>
    public static AnswerEnvelope? Cut(ReadOnlySpan<byte> body, string method)
    {
        try
        {
            return CutObject(body, $"{method.Replace('.', '_')}_response");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is no UTF-8.
            return null;
        }
    }

    private static AnswerEnvelope? CutObject(ReadOnlySpan<byte> body, string nodeName)
    {
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        byte[]? node = null;
        string? sign = null;
        string? serial = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isNode = reader.ValueTextEquals(nodeName) || reader.ValueTextEquals(ErrorNode);
            var isSign = reader.ValueTextEquals("sign");
            var isSerial = reader.ValueTextEquals("alipay_cert_sn");
            reader.Read();
            if ((isNode && node is not null) || (isSign && sign is not null) || (isSerial && serial is not null))
            {
                return null;
            }

            if (isNode)
            {
                var start = (int)reader.TokenStartIndex;
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    return null;
                }

                reader.Skip();
                node = body[start..(int)reader.BytesConsumed].ToArray();
            }
            else if (isSign)
            {
                sign = reader.GetString();
            }
            else if (isSerial)
            {
                serial = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }

        // To the end: nothing but white space may follow.
        return !reader.Read() && node is not null ? new AnswerEnvelope(node, sign, serial) : null;
    }
}
