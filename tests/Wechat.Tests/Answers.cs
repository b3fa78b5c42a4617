namespace PayCore.Wechat.Tests;

/// <summary>Answers that more than one test gives.</summary>
internal static class Answers
{
    /// <summary>What makes a good answer one that proves nothing.</summary>
    public static IReadOnlyDictionary<string, Func<FakeAnswer, FakeAnswer>> Unusable { get; } = new Dictionary<string, Func<FakeAnswer, FakeAnswer>>
    {
        ["unsigned"] = a => a with { Signed = false },
        ["stranger's key"] = a => a with { Key = Keys.Stranger },
        ["probe"] = a => a with { Probe = true },
        ["300 s old"] = a => a with { ClockOff = -300 },
        ["unknown serial"] = a => a with { Serial = "PUB_KEY_ID_9" },
        ["changed on the way"] = a => a with { BodySent = "{}"u8.ToArray() },
        ["cut"] = a => a with { Cut = true },
        ["broken off"] = a => a with { InBody = Task.CompletedTask },
        ["no JSON"] = a => a with { Body = "<html>OK</html>" },
        ["nothing"] = a => a with { Body = "" },
        ["an empty object"] = a => a with { Body = "{}" },
        ["null"] = a => a with { Body = "null" },
        ["another status"] = a => a with { Status = 201 },
        ["redirect"] = a => a with { Status = 302 },
    };

    /// <summary>An error answer of 10.1; an empty code is no body.</summary>
    public static FakeAnswer Error(int status, string code) =>
        new(status, code.Length == 0 ? "" : $$$"""{"code":"{{{code}}}","message":"for people","detail":{"field":"/amount/total","issue":"x","location":"body"}}""");
}
