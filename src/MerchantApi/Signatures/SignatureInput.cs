using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace PayCore.MerchantApi;

/// <summary>The one signature of a request as its two headers give it, read but not yet believed.</summary>
internal sealed class SignatureInput
{
    private const int HeaderCharsMax = 4096;
    private const int ComponentsMax = 32;
    private const int NonceCharsMin = 16;
    private const int NonceCharsMax = 64;

    private static readonly SearchValues<char> NonceCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private SignatureInput(string label)
    {
        Label = label;
    }

    public string Label { get; }

    /// <summary>The covered components in the order sent.</summary>
    public List<string> Components { get; } = [];

    /// <summary>From the opening bracket to the last parameter, exactly as sent: it ends the signature base (RFC 9421, 2.3).</summary>
    public string ParametersText { get; private set; } = "";

    public byte[] Signature { get; private set; } = [];

    public long Created { get; private set; }

    public long? Expires { get; private set; }

    public string Nonce { get; private set; } = "";

    public string? Algorithm { get; private set; }

    public string AppId { get; private set; } = "";

    public string KeyId { get; private set; } = "";

    /// <summary>Reads the headers. The answer is nothing when they are as they must be.</summary>
    public static SignatureResult? Read(IHeaderDictionary headers, out SignatureInput input)
    {
        input = null!;
        string inputText = headers["Signature-Input"].Join(), signatureText = headers["Signature"].Join();
        if (inputText.Length == 0 || signatureText.Length == 0)
        {
            var missing = inputText.Length == 0 ? "Signature-Input" : "Signature";
            return SignatureResult.Refused(SignatureRefusal.SignatureMissing, $"The request has no {missing} header; sign it by RFC 9421.");
        }

        if (inputText.Length > HeaderCharsMax || signatureText.Length > HeaderCharsMax)
        {
            return Malformed($"A signature header is longer than {HeaderCharsMax} characters.");
        }

        return ReadInput(inputText, out input) ?? input.ReadSignature(signatureText);
    }

    private static SignatureResult? ReadInput(string text, out SignatureInput input)
    {
        input = null!;
        var parser = new FieldParser(text);
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal);
        var members = 0;
        do
        {
            if (!parser.Key(out var label) || !parser.Eat('='))
            {
                return Malformed("Signature-Input is not a dictionary of labels, each with an inner list.");
            }

            var start = parser.Position;
            input = new SignatureInput(label);
            parameters.Clear();
            if (input.ReadComponents(ref parser) is { } wrongComponents)
            {
                return wrongComponents;
            }

            if (ReadParameters(ref parser, parameters) is { } wrongParameters)
            {
                return wrongParameters;
            }

            input.ParametersText = parser.Since(start).ToString();
            members++;
        }
        while (parser.EatComma());

        if (!parser.AtEnd)
        {
            return Malformed($"Signature-Input cannot be read from its character {parser.Position} on.");
        }

        return members > 1 ? Multiple() : input.TakeParameters(parameters);
    }

    private SignatureResult? ReadComponents(ref FieldParser parser)
    {
        if (!parser.Eat('('))
        {
            return Malformed("Signature-Input has no inner list of components.");
        }

        while (true)
        {
            var spaces = parser.SkipSpaces();
            if (parser.Eat(')'))
            {
                return null;
            }

            if ((Components.Count > 0 && spaces == 0) || !parser.String(out var name))
            {
                return Malformed($"The list of components cannot be read from character {parser.Position} of Signature-Input on.");
            }

            if (parser.Eat(';'))
            {
                return SignatureResult.Refused(
                    SignatureRefusal.SignatureComponents,
                    $"\"{name}\" has a component parameter; none (sf, key, bs, req, tr) is supported.");
            }

            if (Components.Contains(name) || Components.Count == ComponentsMax)
            {
                return SignatureResult.Refused(
                    SignatureRefusal.SignatureComponents, $"\"{name}\" is covered twice, or too many components are.");
            }

            Components.Add(name);
        }
    }

    private static SignatureResult? ReadParameters(ref FieldParser parser, Dictionary<string, object> parameters)
    {
        while (parser.Eat(';'))
        {
            parser.SkipSpaces();
            if (!parser.Key(out var name) || !parser.Eat('='))
            {
                return Malformed($"A signature parameter cannot be read near character {parser.Position} of Signature-Input.");
            }

            object value;
            if (name is "created" or "expires")
            {
                if (!parser.Integer(out var seconds))
                {
                    return Parameters($"{name} must be a whole number of seconds since 1970.");
                }

                value = seconds;
            }
            else if (name is "nonce" or "alg" or "keyid" or "tag")
            {
                if (!parser.String(out var words))
                {
                    return Parameters($"{name} must be a string in double quotes.");
                }

                value = words;
            }
            else
            {
                return Parameters($"The parameter {name} is not known; RFC 9421 registers created, expires, nonce, alg, keyid and tag.");
            }

            if (!parameters.TryAdd(name, value))
            {
                return Parameters($"The parameter {name} is given twice.");
            }
        }

        return null;
    }

    private SignatureResult? TakeParameters(Dictionary<string, object> parameters)
    {
        foreach (var required in (ReadOnlySpan<string>)["created", "keyid", "nonce"])
        {
            if (!parameters.ContainsKey(required))
            {
                return Parameters($"The parameter {required} is missing.");
            }
        }

        Created = (long)parameters["created"];
        Expires = parameters.TryGetValue("expires", out var expires) ? (long)expires : null;
        Nonce = (string)parameters["nonce"];
        Algorithm = (string?)parameters.GetValueOrDefault("alg");

        if (Nonce.Length is < NonceCharsMin or > NonceCharsMax || Nonce.AsSpan().ContainsAnyExcept(NonceCharacters))
        {
            return Parameters($"nonce must have {NonceCharsMin} to {NonceCharsMax} characters of A-Z, a-z, 0-9, - and _.");
        }

        var keyId = (string)parameters["keyid"];
        var slash = keyId.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == keyId.Length - 1 || keyId.LastIndexOf('/') != slash)
        {
            return Parameters("keyid must be app_id/key_id.");
        }

        AppId = keyId[..slash];
        KeyId = keyId[(slash + 1)..];
        return null;
    }

    private SignatureResult? ReadSignature(string text)
    {
        var parser = new FieldParser(text);
        var members = 0;
        do
        {
            if (!parser.Key(out var label) || !parser.Eat('=') || !parser.Bytes(out var value))
            {
                return Malformed("Signature is not a dictionary of labels, each with a padded base64 byte sequence between colons.");
            }

            if (label != Label && members == 0)
            {
                return Malformed("The label in Signature is not the one in Signature-Input.");
            }

            Signature = value;
            members++;
        }
        while (parser.EatComma());

        if (!parser.AtEnd)
        {
            return Malformed($"Signature cannot be read from its character {parser.Position} on.");
        }

        return members > 1 ? Multiple() : null;
    }

    private static SignatureResult Malformed(string message) => SignatureResult.Refused(SignatureRefusal.SignatureMalformed, message);

    private static SignatureResult Parameters(string message) => SignatureResult.Refused(SignatureRefusal.SignatureParameters, message);

    private static SignatureResult Multiple() =>
        SignatureResult.Refused(SignatureRefusal.SignatureMultiple, "There is more than one signature; send exactly one.");
}
