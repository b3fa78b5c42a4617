using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.MerchantApi.Tests;

public class SignatureVerifierTests
{
    private static readonly TestKeys Keys = new();

    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly NonceMemory nonces;
    private readonly SignatureVerifier verifier;

    public SignatureVerifierTests()
    {
        nonces = new NonceMemory(time);
        verifier = new SignatureVerifier(Keys, time, nonces);
    }

    public static TheoryData<MerchantKeyAlgorithm> Algorithms => new(Enum.GetValues<MerchantKeyAlgorithm>());

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Request_SignedByOurSigner_Verifies(MerchantKeyAlgorithm algorithm)
    {
        var request = Signed(algorithm, "POST", "/v1/pay-orders?x=%20a&b", "{\"a\":1}");
        var result = Verify(request);
        result.IsVerified.Should().BeTrue(result.Message);
        result.Caller.Should().Be(new VerifiedCaller("app1", $"k-{algorithm.ToName()}"));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Request_WithoutBodyOrQuery_Verifies(MerchantKeyAlgorithm algorithm)
    {
        var request = Signed(algorithm, "GET", "/v1/pay-orders/P1", "");
        request.Headers.ContainsKey("Content-Digest").Should().BeFalse();
        Verify(request).IsVerified.Should().BeTrue();
    }

    [Fact]
    public void Key_UsedByManyThreads_AlwaysVerifies()
    {
        foreach (var algorithm in Enum.GetValues<MerchantKeyAlgorithm>())
        {
            Parallel.For(0, 200, i => Verify(Signed(algorithm, "POST", $"/v1/x?{i}", "{}")).IsVerified.Should().BeTrue());
        }
    }

    // The signature is made of the text given here, so each case fails for the reason it names and no other.
    [Theory]
    [InlineData("no Signature-Input", SignatureRefusal.SignatureMissing)]
    [InlineData("no Signature", SignatureRefusal.SignatureMissing)]
    [InlineData("input is a token", SignatureRefusal.SignatureMalformed)]
    [InlineData("other label", SignatureRefusal.SignatureMalformed)]
    [InlineData("signature not bytes", SignatureRefusal.SignatureMalformed)]
    [InlineData("signature without padding", SignatureRefusal.SignatureMalformed)]
    [InlineData("trailing comma", SignatureRefusal.SignatureMalformed)]
    [InlineData("components not strings", SignatureRefusal.SignatureMalformed)]
    [InlineData("headers too long", SignatureRefusal.SignatureMalformed)]
    [InlineData("two signatures", SignatureRefusal.SignatureMultiple)]
    [InlineData("two signature lines", SignatureRefusal.SignatureMultiple)]
    [InlineData("same label twice", SignatureRefusal.SignatureMultiple)]
    [InlineData("no created", SignatureRefusal.SignatureParameters)]
    [InlineData("no nonce", SignatureRefusal.SignatureParameters)]
    [InlineData("no keyid", SignatureRefusal.SignatureParameters)]
    [InlineData("created is text", SignatureRefusal.SignatureParameters)]
    [InlineData("short nonce", SignatureRefusal.SignatureParameters)]
    [InlineData("nonce with a dot", SignatureRefusal.SignatureParameters)]
    [InlineData("keyid without slash", SignatureRefusal.SignatureParameters)]
    [InlineData("keyid with two slashes", SignatureRefusal.SignatureParameters)]
    [InlineData("unknown parameter", SignatureRefusal.SignatureParameters)]
    [InlineData("parameter twice", SignatureRefusal.SignatureParameters)]
    [InlineData("method not covered", SignatureRefusal.SignatureComponents)]
    [InlineData("path not covered", SignatureRefusal.SignatureComponents)]
    [InlineData("query not covered", SignatureRefusal.SignatureComponents)]
    [InlineData("digest not covered", SignatureRefusal.SignatureComponents)]
    [InlineData("authority covered", SignatureRefusal.SignatureComponents)]
    [InlineData("component parameter", SignatureRefusal.SignatureComponents)]
    [InlineData("component twice", SignatureRefusal.SignatureComponents)]
    [InlineData("absent header covered", SignatureRefusal.SignatureComponents)]
    [InlineData("signature covered", SignatureRefusal.SignatureComponents)]
    [InlineData("upper case component", SignatureRefusal.SignatureComponents)]
    [InlineData("header not ASCII", SignatureRefusal.SignatureComponents)]
    [InlineData("absolute target", SignatureRefusal.SignatureComponents)]
    [InlineData("301 s behind", SignatureRefusal.SignatureStale)]
    [InlineData("301 s ahead", SignatureRefusal.SignatureStale)]
    [InlineData("expired", SignatureRefusal.SignatureExpired)]
    [InlineData("expires before created", SignatureRefusal.SignatureExpired)]
    [InlineData("unknown key", SignatureRefusal.SignatureKeyUnknown)]
    [InlineData("unknown app", SignatureRefusal.SignatureKeyUnknown)]
    [InlineData("key not yet", SignatureRefusal.SignatureKeyInactive)]
    [InlineData("key no more", SignatureRefusal.SignatureKeyInactive)]
    [InlineData("other alg", SignatureRefusal.SignatureAlgorithm)]
    [InlineData("unregistered alg", SignatureRefusal.SignatureAlgorithm)]
    [InlineData("other key's signature", SignatureRefusal.SignatureInvalid)]
    [InlineData("empty signature", SignatureRefusal.SignatureInvalid)]
    [InlineData("no digest", SignatureRefusal.ContentDigestMissing)]
    [InlineData("digest unknown only", SignatureRefusal.ContentDigestMissing)]
    [InlineData("digest covered but absent", SignatureRefusal.ContentDigestMissing)]
    [InlineData("digest malformed", SignatureRefusal.ContentDigestMalformed)]
    [InlineData("digest twice", SignatureRefusal.ContentDigestMalformed)]
    [InlineData("digest of other body", SignatureRefusal.ContentDigestMismatch)]
    [InlineData("one of two digests wrong", SignatureRefusal.ContentDigestMismatch)]
    [InlineData("uncovered digest of an empty body wrong", SignatureRefusal.ContentDigestMismatch)]
    public void Request_WithOneThingWrong_IsRefusedForIt(string wrong, SignatureRefusal expected)
    {
        var request = Break(wrong);
        var result = Verify(request);
        result.Refusal.Should().Be(expected, result.Message);
        result.Message.Should().NotBeEmpty();
        nonces.Count.Should().Be(0, "a refused request uses no nonce");
    }

    [Fact]
    public void Refusals_EachOne_IsInTheTableOrHasItsOwnTest()
    {
        var inTable = typeof(SignatureVerifierTests)
            .GetMethod(nameof(Request_WithOneThingWrong_IsRefusedForIt))!
            .GetCustomAttributesData()
            .Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data => (SignatureRefusal)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)[1].Value!);
        Enum.GetValues<SignatureRefusal>().Except(inTable).Should().Equal(SignatureRefusal.SignatureNonceReused);
        Enum.GetValues<SignatureRefusal>().Select(refusal => refusal.ToReason()).Should().OnlyHaveUniqueItems().And.BeSubsetOf(ErrorReason.All);
    }

    [Theory]
    [InlineData(-300)]
    [InlineData(300)]
    public void Created_AtTheEdgeOfTheWindow_IsAccepted(int secondsFromNow) => Verify(new Draft(time) { CreatedShift = secondsFromNow }.Build()).IsVerified.Should().BeTrue();

    [Fact]
    public void Signature_WithExtraHeadersTagAndOddSpacing_Verifies()
    {
        var draft = new Draft(time) { Components = "( \"content-type\"   \"@query\" \"@path\" \"x-list\" \"@method\" \"content-digest\" )", Extra = "; tag=\"shop\";expires=1800000060" };
        draft.Headers["Content-Type"] = " application/json ";
        draft.Headers["X-List"] = new(["a", " b "]);
        draft.Values["content-type"] = "application/json";
        draft.Values["x-list"] = "a, b";
        var result = Verify(draft.Build());
        result.IsVerified.Should().BeTrue(result.Message);
    }

    [Fact]
    public void ContentDigest_SeveralAlgorithms_KnownOnesCount()
    {
        var draft = new Draft(time);
        var body = Encoding.UTF8.GetBytes(draft.Body);
        draft.Digest = $"md5=:AAAA:, sha-512=:{Convert.ToBase64String(System.Security.Cryptography.SHA512.HashData(body))}:, {ContentDigest.Create(body)}";
        var result = Verify(draft.Build());
        result.IsVerified.Should().BeTrue(result.Message);
    }

    [Fact]
    public void Nonce_UsedTwice_IsRefusedUntilItCannotBeFresh()
    {
        var request = new Draft(time) { CreatedShift = 300 }.Build();
        Verify(request).IsVerified.Should().BeTrue();
        Verify(request).Refusal.Should().Be(SignatureRefusal.SignatureNonceReused);
        time.Advance(TimeSpan.FromSeconds(600));
        Verify(request).Refusal.Should().Be(SignatureRefusal.SignatureNonceReused);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Verify(request).Refusal.Should().Be(SignatureRefusal.SignatureStale);
    }

    [Fact]
    public void Nonce_InAForgedRequest_IsNotUsedUp()
    {
        var good = new Draft(time).Build();
        var forged = good.With("Signature", _ => $"sig=:{Convert.ToBase64String(new byte[32])}:");
        Verify(forged).Refusal.Should().Be(SignatureRefusal.SignatureInvalid);
        Verify(good).IsVerified.Should().BeTrue();
    }

    [Fact]
    public void Nonce_OfAnotherKey_IsAnotherNonce()
    {
        var signer = new RequestSigner(Keys.Signing(MerchantKeyAlgorithm.HmacSha256), time, () => "0123456789abcdef");
        var other = new RequestSigner(Keys.Signing(MerchantKeyAlgorithm.Ed25519), time, () => "0123456789abcdef");
        Verify(Request.From(signer.Sign("GET", "/", []), "GET", "/", "")).IsVerified.Should().BeTrue();
        Verify(Request.From(other.Sign("GET", "/", []), "GET", "/", "")).IsVerified.Should().BeTrue();
        Verify(Request.From(signer.Sign("GET", "/", []), "GET", "/", "")).Refusal.Should().Be(SignatureRefusal.SignatureNonceReused);
    }

    [Fact]
    public void NonceMemory_WhenFull_ForgetsTheOldest()
    {
        var memory = new NonceMemory(time, capacity: 3);
        foreach (var nonce in (string[])["a", "b", "c", "d"])
        {
            memory.Remember("app", "k", nonce).Should().BeTrue();
        }

        memory.Count.Should().Be(3);
        memory.Remember("app", "k", "b").Should().BeFalse();
        memory.Remember("app", "k", "a").Should().BeTrue("it was forgotten");
    }

    [Fact]
    public void NonceMemory_SameNonceFromManyThreads_IsTakenOnce()
    {
        var taken = 0;
        Parallel.For(0, 100, _ =>
        {
            if (nonces.Remember("app", "k", "one"))
            {
                Interlocked.Increment(ref taken);
            }
        });
        taken.Should().Be(1);
    }

    [Fact]
    public void SignatureInvalid_ShowsTheBaseThatWasChecked()
    {
        var result = Verify(Break("other key's signature"));
        result.SignatureBase.Should().StartWith("\"@method\": POST\n\"@path\": /v1/pay-orders\n\"@query\": ?a=1\n\"content-digest\": sha-256=:").And.Contain("\"@signature-params\": (");
    }

    [Fact]
    public void Request_WithAnyByteAltered_IsRefused()
    {
        // One altered character anywhere: method, target, body, digest, parameters or signature. CsCheck prints the seed of a failure.
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Int[0, 10_000], Gen.Int[1, 94]).Sample(
            (algorithm, part, where, by) =>
            {
                var request = Signed((MerchantKeyAlgorithm)algorithm, "POST", "/v1/pay-orders/P1:close?a=1&b=%20", "{\"amount_minor\":1200,\"subject\":\"tea\"}");
                var altered = part switch
                {
                    0 => request with { Method = Alter(request.Method, where, by) },
                    1 => request with { Target = Alter(request.Target, where, by) },
                    2 => request with { Body = Alter(request.Body, where, by) },
                    3 => request.With("Content-Digest", text => Alter(text, where, by)),
                    4 => request.With("Signature-Input", text => Alter(text, where, by)),
                    _ => request.With("Signature", text => Alter(text, where, by)),
                };
                return !Verify(altered).IsVerified && Verify(request).IsVerified;
            },
            iter: 1500);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"amount_minor\":120}")]
    [InlineData("{\"amount_minor\":1200} ")]
    public void Body_CutLongerOrEmpty_IsRefused(string other)
    {
        var request = Signed(MerchantKeyAlgorithm.HmacSha256, "POST", "/v1/x", "{\"amount_minor\":1200}");
        Verify(request with { Body = other }).IsVerified.Should().BeFalse();
    }

    [Fact]
    public void Signature_EcdsaInDer_IsRefused()
    {
        using var ecdsa = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var key = MerchantKey.FromPublicKeyPem("a", "k", MerchantKeyAlgorithm.EcdsaP256Sha256, ecdsa.ExportSubjectPublicKeyInfoPem());
        var data = "data"u8.ToArray();
        key.Verifies(data, ecdsa.SignData(data, System.Security.Cryptography.HashAlgorithmName.SHA256)).Should().BeTrue();
        key.Verifies(
            data,
            ecdsa.SignData(data, System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.DSASignatureFormat.Rfc3279DerSequence)).Should().BeFalse();
    }

    private static string Alter(string text, int where, int by)
    {
        var at = where % text.Length;
        var c = (char)('!' + ((text[at] - '!' + by) % 94));
        return text[..at] + (c == text[at] ? '~' : c) + text[(at + 1)..];
    }

    private SignatureResult Verify(Request request) =>
        verifier.Verify(request.Method, request.Target, request.Headers, Encoding.UTF8.GetBytes(request.Body));

    private Request Signed(MerchantKeyAlgorithm algorithm, string method, string target, string body)
    {
        var signer = new RequestSigner(Keys.Signing(algorithm), time, TestKeys.Nonce);
        return Request.From(signer.Sign(method, target, Encoding.UTF8.GetBytes(body)), method, target, body);
    }

    private Request Break(string wrong)
    {
        var draft = new Draft(time);
        switch (wrong)
        {
            case "no Signature-Input": return draft.Build().Without("Signature-Input");
            case "no Signature": return draft.Build().Without("Signature");
            case "input is a token": return draft.Build().With("Signature-Input", _ => "sig=token");
            case "other label": return draft.Build().With("Signature", text => "x" + text);
            case "signature not bytes": return draft.Build().With("Signature", _ => "sig=\"abc\"");
            case "signature without padding": return draft.Build().With("Signature", text => text.Replace("=:", ":", StringComparison.Ordinal));
            case "trailing comma": return draft.Build().With("Signature-Input", text => text + ",");
            case "components not strings": draft.Components = "(@method @path @query)"; break;
            case "headers too long": return draft.Build().With("Signature-Input", text => text + new string(' ', 5000) + ", a=()");
            case "two signatures": return draft.Build().With("Signature-Input", text => $"{text}, b={text[4..]}").With("Signature", text => $"{text}, b={text[4..]}");
            case "two signature lines":
                var two = draft.Build();
                two.Headers["Signature-Input"] = new([two.Headers["Signature-Input"], "b" + two.Headers["Signature-Input"]]);
                return two;
            case "same label twice": return draft.Build().With("Signature", text => $"{text}, {text}");
            case "no created": draft.Created = null; break;
            case "no nonce": draft.Nonce = null; break;
            case "no keyid": draft.KeyId = null; break;
            case "created is text": draft.Created = "\"1800000000\""; break;
            case "short nonce": draft.Nonce = "0123456789abcde"; break;
            case "nonce with a dot": draft.Nonce = "0123456789abcde."; break;
            case "keyid without slash": draft.KeyId = "app1"; break;
            case "keyid with two slashes": draft.KeyId = "app1/k/h"; break;
            case "unknown parameter": draft.Extra = ";scope=\"all\""; break;
            case "parameter twice": draft.Extra = ";created=1800000000"; break;
            case "method not covered": draft.Components = "(\"@path\" \"@query\" \"content-digest\")"; break;
            case "path not covered": draft.Components = "(\"@method\" \"@query\" \"content-digest\")"; break;
            case "query not covered": draft.Components = "(\"@method\" \"@path\" \"content-digest\")"; break;
            case "digest not covered": draft.Components = "(\"@method\" \"@path\" \"@query\")"; break;
            case "authority covered": draft.Components = "(\"@method\" \"@path\" \"@query\" \"content-digest\" \"@authority\")"; break;
            case "component parameter": draft.Components = "(\"@method\" \"@path\" \"@query\" \"content-digest\";sf)"; break;
            case "component twice": draft.Components = "(\"@method\" \"@path\" \"@query\" \"content-digest\" \"@path\")"; break;
            case "absent header covered": draft.Components = "(\"@method\" \"@path\" \"@query\" \"content-digest\" \"x-absent\")"; break;
            case "signature covered": draft.Components = "(\"@method\" \"@path\" \"@query\" \"content-digest\" \"signature\")"; break;
            case "upper case component": draft.Components = "(\"@method\" \"@path\" \"@query\" \"content-digest\" \"X-Name\")"; draft.Headers["X-Name"] = "a"; break;
            case "header not ASCII": draft.Components = "(\"@method\" \"@path\" \"@query\" \"content-digest\" \"x-name\")"; draft.Headers["X-Name"] = "Käse"; break;
            case "absolute target": draft.Target = "http://example.com/v1/pay-orders"; break;
            case "301 s behind": draft.CreatedShift = -301; break;
            case "301 s ahead": draft.CreatedShift = 301; break;
            case "expired": draft.CreatedShift = -10; draft.Extra = ";expires=1799999999"; break;
            case "expires before created": draft.CreatedShift = 100; draft.Extra = ";expires=1800000050"; break;
            case "unknown key": draft.KeyId = "app1/nobody"; break;
            case "unknown app": draft.KeyId = "app2/hmac"; break;
            case "key not yet": draft.Key = MerchantKey.FromSecret("app1", "hmac", Draft.Secret, notBefore: time.GetUtcNow().AddSeconds(1)); break;
            case "key no more": draft.Key = MerchantKey.FromSecret("app1", "hmac", Draft.Secret, notAfter: time.GetUtcNow().AddSeconds(-1)); break;
            case "other alg": draft.Extra = ";alg=\"ed25519\""; break;
            case "unregistered alg": draft.Extra = ";alg=\"none\""; break;
            case "other key's signature": draft.SignWith = [.. Draft.Secret.Reverse()]; break;
            case "empty signature": return draft.Build().With("Signature", _ => "sig=::");
            case "no digest": draft.Digest = null; draft.Components = "(\"@method\" \"@path\" \"@query\")"; break;
            case "digest unknown only": draft.Digest = "md5=:AAAA:"; break;
            case "digest covered but absent": draft.Body = ""; draft.Digest = null; break;
            case "digest malformed": draft.Digest = "sha-256=abc"; break;
            case "digest twice": draft.Digest += ", " + draft.Digest; break;
            case "digest of other body": draft.Digest = ContentDigest.Create("other"u8); break;
            case "one of two digests wrong": draft.Digest += $", sha-512=:{Convert.ToBase64String(new byte[64])}:"; break;
            case "uncovered digest of an empty body wrong": draft.Body = ""; draft.Components = "(\"@method\" \"@path\" \"@query\")"; break;
            default: throw new ArgumentException(wrong);
        }

        return draft.Build();
    }

    private sealed record Request(string Method, string Target, HeaderDictionary Headers, string Body)
    {
        public static Request From(SignedHeaders signed, string method, string target, string body)
        {
            var headers = new HeaderDictionary { ["Signature-Input"] = signed.SignatureInput, ["Signature"] = signed.Signature };
            if (signed.ContentDigest is not null)
            {
                headers["Content-Digest"] = signed.ContentDigest;
            }

            return new Request(method, target, headers, body);
        }

        public Request With(string header, Func<string, string> change)
        {
            var headers = new HeaderDictionary(Headers.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase));
            headers[header] = change(headers[header].ToString());
            return this with { Headers = headers };
        }

        public Request Without(string header)
        {
            Headers.Remove(header);
            return this;
        }
    }

    /// <summary>A request signed by hand with HMAC, every part of which can be set wrong before it is signed.</summary>
    private sealed class Draft(TimeProvider time)
    {
        public static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)((i * 37) + 11))];

        public string Target { get; set; } = "/v1/pay-orders?a=1";

        public string Body { get; set; } = "{\"amount_minor\":1}";

        public string Components { get; set; } = "(\"@method\" \"@path\" \"@query\" \"content-digest\")";

        public int CreatedShift { get; set; }

        public string? Created { get; set; } = "";

        public string? Nonce { get; set; } = TestKeys.Nonce();

        public string? KeyId { get; set; } = "app1/hmac";

        public string Extra { get; set; } = "";

        public string? Digest { get; set; } = ContentDigest.Create("{\"amount_minor\":1}"u8);

        public MerchantKey Key { get; set; } = MerchantKey.FromSecret("app1", "hmac", Secret);

        public byte[] SignWith { get; set; } = Secret;

        public HeaderDictionary Headers { get; } = [];

        public Dictionary<string, string> Values { get; } = [];

        public Request Build()
        {
            Keys.Add(Key);
            var mark = Target.IndexOf('?', StringComparison.Ordinal);
            Values["@method"] = "POST";
            Values["@path"] = mark < 0 ? Target : Target[..mark];
            Values["@query"] = mark < 0 ? "?" : Target[mark..];
            Values["content-digest"] = Digest ?? "";
            Created = Created == "" ? (time.GetUtcNow().ToUnixTimeSeconds() + CreatedShift).ToString(System.Globalization.CultureInfo.InvariantCulture) : Created;
            var parameters = Components
                + (Created is null ? "" : $";created={Created}")
                + (Nonce is null ? "" : $";nonce=\"{Nonce}\"")
                + (KeyId is null ? "" : $";keyid=\"{KeyId}\"")
                + Extra;
            var names = Components.Trim('(', ')').Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim('"'));
            var signatureBase = string.Concat(names.Select(name => $"\"{name}\": {Values.GetValueOrDefault(name)}\n")) + $"\"@signature-params\": {parameters}";
            if (Digest is not null)
            {
                Headers["Content-Digest"] = Digest;
            }

            Headers["Signature-Input"] = $"sig={parameters}";
            Headers["Signature"] = $"sig=:{Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(SignWith, Encoding.UTF8.GetBytes(signatureBase)))}:";
            return new Request("POST", Target, Headers, Body);
        }
    }
}
