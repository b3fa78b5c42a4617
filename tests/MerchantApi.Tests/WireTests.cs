using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using PayCore.MerchantApi.Tests.Sample;

namespace PayCore.MerchantApi.Tests;

/// <summary>The whole pipeline over real connections.</summary>
public class WireTests(SampleHost host) : IClassFixture<SampleHost>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<MerchantKeyAlgorithm> Algorithms => new(System.Enum.GetValues<MerchantKeyAlgorithm>());

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Rest_Signed_ReachesTheServiceWithItsCaller(MerchantKeyAlgorithm algorithm)
    {
        using var client = host.SignedRest(algorithm);
        using var answer = await client.PostAsync("/v1/samples", Json("{\"out_trade_no\":\"T1\",\"amount_minor\":1200,\"scene\":\"QR\"}"), Stop);
        var body = await Body(answer);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, body.ToString());
        body.GetProperty("app_id").GetString().Should().Be("app1");
        body.GetProperty("key_id").GetString().Should().Be($"k-{algorithm.ToName()}");
        body.GetProperty("seen").GetString().Should().Be("{ \"out_trade_no\": \"T1\", \"amount_minor\": \"1200\", \"scene\": \"QR\" }");
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Grpc_Signed_ReachesTheServiceWithItsCaller(MerchantKeyAlgorithm algorithm)
    {
        var reply = await host.SignedGrpc(algorithm).CreateAsync(new CreateRequest { OutTradeNo = "T1", AmountMinor = 1200 }, cancellationToken: Stop);
        reply.AppId.Should().Be("app1");
        reply.Seen.Should().Contain("\"T1\"");
    }

    [Fact]
    public async Task Grpc_SignedWithDeadlineAndMetadata_Works()
    {
        var reply = await host.SignedGrpc().GetAsync(new GetRequest(), new Metadata { { "x-trace", "1" } }, System.DateTime.UtcNow.AddSeconds(30), Stop);
        reply.AppId.Should().Be("app1", "an empty message is still a frame of five bytes, and signed");
    }

    [Fact]
    public async Task Rest_GetWithQueryAndEscapes_IsSignedAsSent()
    {
        using var client = host.SignedRest();
        using var answer = await client.GetAsync("/v1/samples/P%2D1?after=5&verbose=true&scene=PAGE&page.size=3&tags=a+b&tags=%C3%A4&since=2026-01-31T12:00:00Z", Stop);
        var body = await Body(answer);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, body.ToString());
        body.GetProperty("seen").GetString().Should().Be(
            "{ \"id\": \"P-1\", \"after\": \"5\", \"verbose\": true, \"scene\": \"PAGE\", \"page\": { \"size\": 3 }, \"tags\": [ \"a b\", \"ä\" ], \"since\": \"2026-01-31T12:00:00Z\" }");
    }

    [Fact]
    public async Task Rest_Unsigned_Is401WithItsReason()
    {
        using var client = host.UnsignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json("{\"amount_minor\":"), Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.Should().ContainSingle();
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        var body = await Body(answer);
        body.GetProperty("code").GetInt32().Should().Be((int)StatusCode.Unauthenticated);
        Reason(body).Should().Be("SIGNATURE_MISSING");
        body.GetProperty("details")[0].GetProperty("domain").GetString().Should().Be("paycore");
    }

    [Fact]
    public async Task Grpc_Unsigned_IsUnauthenticatedWithItsReason()
    {
        var error = await Refused(host.UnsignedGrpc().CreateAsync(new CreateRequest(), cancellationToken: Stop));
        error.StatusCode.Should().Be(StatusCode.Unauthenticated);
        error.Status.Detail.Should().Contain("RFC 9421");
        MerchantErrors.Info(error.GetRpcStatus())!.Reason.Should().Be("SIGNATURE_MISSING");
    }

    [Fact]
    public async Task Rest_BodyChangedOnTheWay_IsRefused()
    {
        var signer = new RequestSigner(host.Keys.Signing(MerchantKeyAlgorithm.Ed25519), TimeProvider.System, TestKeys.Nonce);
        using var client = host.UnsignedRest();
        using var request = Signed(signer.Sign("POST", "/v1/samples", "{\"amount_minor\":1}"u8), "/v1/samples", "{\"amount_minor\":2}");
        using var answer = await client.SendAsync(request, Stop);
        Reason(await Body(answer)).Should().Be("CONTENT_DIGEST_MISMATCH");
    }

    [Fact]
    public async Task Rest_OtherTarget_IsRefusedAndShowsTheBase()
    {
        var signer = new RequestSigner(host.Keys.Signing(MerchantKeyAlgorithm.Ed25519), TimeProvider.System, TestKeys.Nonce);
        using var client = host.UnsignedRest();
        using var request = Signed(signer.Sign("POST", "/v1/samples", "{}"u8), "/v1/samples?x=1", "{}");
        using var answer = await client.SendAsync(request, Stop);
        var body = await Body(answer);
        Reason(body).Should().Be("SIGNATURE_INVALID");
        body.GetProperty("details")[0].GetProperty("metadata").GetProperty("signature_base").GetString().Should().Contain("\"@query\": ?x=1\n");
    }

    [Fact]
    public async Task Rest_SameRequestTwice_IsRefusedTheSecondTime()
    {
        var signer = new RequestSigner(host.Keys.Signing(MerchantKeyAlgorithm.Ed25519), TimeProvider.System, TestKeys.Nonce);
        var signed = signer.Sign("POST", "/v1/samples", "{}"u8);
        using var client = host.UnsignedRest();
        using var first = await client.SendAsync(Signed(signed, "/v1/samples", "{}"), Stop);
        first.StatusCode.Should().Be(HttpStatusCode.OK);
        using var second = await client.SendAsync(Signed(signed, "/v1/samples", "{}"), Stop);
        Reason(await Body(second)).Should().Be("SIGNATURE_NONCE_REUSED");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rest_BodyOver64KB_Is413(bool chunked)
    {
        using var client = host.SignedRest();
        client.DefaultRequestHeaders.TransferEncodingChunked = chunked;
        using var answer = await client.PostAsync("/v1/samples", Json(new string(' ', 65537)), Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        Reason(await Body(answer)).Should().Be("BODY_TOO_LARGE");
    }

    [Fact]
    public async Task Rest_BodyOfExactly64KB_IsRead()
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json("{}" + new string(' ', 65534)), Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Grpc_MessageOver64KB_IsRefused()
    {
        var error = await Refused(host.SignedGrpc().CreateAsync(new CreateRequest { Attach = new string('x', 70000) }, cancellationToken: Stop));
        MerchantErrors.Info(error.GetRpcStatus())!.Reason.Should().Be("BODY_TOO_LARGE");
    }

    [Fact]
    public async Task Grpc_ClientStream_IsRefused()
    {
        using var call = host.UnsignedGrpc().Upload(cancellationToken: Stop);
        var error = await ((Func<Task>)(async () => await call)).Should().ThrowAsync<RpcException>();
        error.Which.StatusCode.Should().Be(StatusCode.Unimplemented);
        MerchantErrors.Info(error.Which.GetRpcStatus())!.Reason.Should().Be("STREAMING_UNSUPPORTED");
    }

    [Theory]
    [InlineData("{\"out_trade_no\":\"T1\",\"amountMinor\":1}", "amountMinor", "FIELD_UNKNOWN")]
    [InlineData("{\"items\":[{\"name\":\"a\"},{\"amount_minor\":\" 1\"}]}", "items[1].amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":1,\"amount_minor\":2}", "amount_minor", "FIELD_DUPLICATE")]
    [InlineData("{\"amount_minor\":null}", "amount_minor", "FIELD_NULL")]
    [InlineData("{\"amount_minor\":1.5}", "amount_minor", "FIELD_FORMAT")]
    [InlineData("{\"amount_minor\":9007199254740992}", "amount_minor", "FIELD_RANGE")]
    [InlineData("", "", "JSON_MALFORMED")]
    public async Task Rest_NotStrictJson_NamesTheField(string json, string field, string reason)
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json(json), Stop);
        var body = await Body(answer);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        body.GetProperty("code").GetInt32().Should().Be((int)StatusCode.InvalidArgument);
        Reason(body).Should().Be("REQUEST_INVALID");
        var violation = body.GetProperty("details")[1].GetProperty("fieldViolations")[0];
        violation.TryGetProperty("field", out var named);
        (named.ValueKind == JsonValueKind.String ? named.GetString() : "").Should().Be(field);
        violation.GetProperty("reason").GetString().Should().Be(reason);
        violation.GetProperty("description").GetString().Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(StrictJsonTests.Good), MemberType = typeof(StrictJsonTests))]
    public async Task Rest_StrictJson_MeansToTheServiceWhatItMeansToProtobuf(string json)
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json(json), Stop);
        var body = await Body(answer);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, body.ToString());
        body.GetProperty("seen").GetString().Should().Be(Google.Protobuf.JsonParser.Default.Parse<CreateRequest>(json).ToString());
    }

    [Theory]
    [InlineData("/v1/samples/P1?aftr=1", "aftr", "FIELD_UNKNOWN")]
    [InlineData("/v1/samples/P1?After=1", "After", "FIELD_UNKNOWN")]
    [InlineData("/v1/samples/P1?after=1&after=2", "after", "FIELD_DUPLICATE")]
    [InlineData("/v1/samples/P1?after=+1", "after", "FIELD_FORMAT")]
    [InlineData("/v1/samples/P1?id=P2", "id", "FIELD_DUPLICATE")]
    [InlineData("/v1/samples/P1?scene=1", "scene", "FIELD_ENUM")]
    [InlineData("/v1/numbers/12x", "number", "FIELD_FORMAT")]
    public async Task Rest_NotStrictQueryOrPath_NamesTheField(string target, string field, string reason)
    {
        using var client = host.SignedRest();
        using var answer = await client.GetAsync(target, Stop);
        var body = await Body(answer);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var violation = body.GetProperty("details")[1].GetProperty("fieldViolations")[0];
        violation.GetProperty("field").GetString().Should().Be(field);
        violation.GetProperty("reason").GetString().Should().Be(reason);
    }

    [Fact]
    public async Task Rest_BodyRepeatsAPathVariable_IsRefused()
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples/P1:close", Json("{\"id\":\"P2\"}"), Stop);
        Field(await Body(answer)).Should().Be("id");
    }

    [Fact]
    public async Task Rest_BodyOfOneField_IsCheckedAsThatField()
    {
        using var client = host.SignedRest();
        using var good = await client.PutAsync("/v1/samples/P1/item?note=n", Json("{\"name\":\"a\"}"), Stop);
        (await Body(good)).GetProperty("seen").GetString().Should().Be("{ \"id\": \"P1\", \"item\": { \"name\": \"a\" }, \"note\": \"n\" }");
        using var bad = await client.PutAsync("/v1/samples/P1/item", Json("{\"nam\":\"a\"}"), Stop);
        Field(await Body(bad)).Should().Be("item.nam");
        using var twice = await client.PutAsync("/v1/samples/P1/item?item.name=b", Json("{\"name\":\"a\"}"), Stop);
        Field(await Body(twice)).Should().Be("item.name");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/ld+json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; profile=x")]
    [InlineData(null)]
    public async Task Rest_OtherContentType_Is415(string? type)
    {
        using var client = host.SignedRest();
        var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        using var answer = await client.PostAsync("/v1/samples", content, Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        Reason(await Body(answer)).Should().Be("CONTENT_TYPE_UNSUPPORTED");
    }

    [Fact]
    public async Task Error_OfOurs_ArrivesWithItsDetailsOnBothSides()
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json("{\"fail\":\"ours\",\"out_trade_no\":\"T9\"}"), Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        text.Should().Be(
            "{ \"code\": 6, \"message\": \"The number is taken.\", \"details\": [ { \"@type\": \"type.googleapis.com/google.rpc.ErrorInfo\", " +
            "\"reason\": \"SAMPLE_EXISTS\", \"domain\": \"paycore\", \"metadata\": { \"out_trade_no\": \"T9\" } } ] }");

        var error = await Refused(host.SignedGrpc().CreateAsync(new CreateRequest { Fail = "ours", OutTradeNo = "T9" }, cancellationToken: Stop));
        error.StatusCode.Should().Be(StatusCode.AlreadyExists);
        MerchantErrors.Info(error.GetRpcStatus())!.Metadata["out_trade_no"].Should().Be("T9");
    }

    [Fact]
    public async Task Error_WithFieldViolations_ArrivesOnBothSides()
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json("{\"fail\":\"fields\"}"), Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        Field(await Body(answer)).Should().Be("items[1].name");

        var error = await Refused(host.SignedGrpc().CreateAsync(new CreateRequest { Fail = "fields" }, cancellationToken: Stop));
        error.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations[0].Field.Should().Be("items[1].name");
    }

    [Theory]
    [InlineData("exception", 500, "INTERNAL_ERROR")]
    [InlineData("foreign", 500, "INTERNAL_ERROR")]
    [InlineData("unavailable", 503, "SERVICE_UNAVAILABLE")]
    public async Task Error_NotOfOurs_IsToldWithoutItsWords(string fail, int http, string reason)
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json($"{{\"fail\":\"{fail}\"}}"), Stop);
        ((int)answer.StatusCode).Should().Be(http);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        text.Should().NotContain("tiger").And.NotContain("3306");
        Reason(JsonDocument.Parse(text).RootElement).Should().Be(reason);

        var error = await Refused(host.SignedGrpc().CreateAsync(new CreateRequest { Fail = fail }, cancellationToken: Stop));
        MerchantErrors.Info(error.GetRpcStatus())!.Reason.Should().Be(reason);
        error.ToString().Should().NotContain("tiger").And.NotContain("3306");
    }

    [Fact]
    public async Task Error_Unexpected_IsLogged()
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json("{\"fail\":\"exception\"}"), Stop);
        host.Log.Lines.Should().Contain(line => line.StartsWith("Error: /paycore.merchantapi.sample.SampleService/Create failed.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rest_MethodNotImplemented_Is501()
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples/P1:close", Json("{}"), Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.NotImplemented);
        Reason(await Body(answer)).Should().Be("METHOD_UNIMPLEMENTED");
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "ROUTE_UNKNOWN")]
    [InlineData("DELETE", "/v1/samples/P1", 405, "VERB_NOT_ALLOWED")]
    [InlineData("GET", "/v1/broken", 500, "INTERNAL_ERROR")]
    public async Task Rest_OutsideTheMethods_HasTheSameShape(string verb, string target, int http, string reason)
    {
        using var client = host.UnsignedRest();
        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(verb), target), Stop);
        ((int)answer.StatusCode).Should().Be(http);
        var body = await Body(answer);
        Reason(body).Should().Be(reason);
        body.ToString().Should().NotContain("tiger");
    }

    [Fact]
    public async Task Rest_VerbNotAllowed_SaysWhichAre()
    {
        using var client = host.UnsignedRest();
        using var answer = await client.DeleteAsync("/v1/samples/P1", Stop);
        answer.Content.Headers.Allow.Should().Contain("GET");
    }

    [Fact]
    public async Task Endpoint_WithoutTheMark_IsServedAsItIs()
    {
        using var client = host.UnsignedRest();
        (await client.GetStringAsync("/open", Stop)).Should().Be("open");
        (await client.GetStringAsync("/v1/plain", Stop)).Should().Be("plain");
        using var nothing = await client.GetAsync("/nothing", Stop);
        nothing.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await nothing.Content.ReadAsStringAsync(Stop)).Should().BeEmpty();
    }

    [Fact]
    public async Task Rest_BodyThatBreaksOff_DoesNotHarmTheServer()
    {
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(host.Rest.Host, host.Rest.Port, Stop);
            await socket.GetStream().WriteAsync("POST /v1/samples HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"u8.ToArray(), Stop);
        }

        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json("{}"), Stop);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Log_OfRefusedAndFailedRequests_HoldsNoSignature()
    {
        using var client = host.SignedRest();
        using var answer = await client.PostAsync("/v1/samples", Json("{\"x\":\"canary-4711\"}"), Stop);
        host.Log.Lines.Should().NotContain(line => line.Contains("canary-4711", StringComparison.Ordinal) || line.Contains("sig=", StringComparison.Ordinal));
    }

    private static StringContent Json(string text)
    {
        var content = new StringContent(text, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json; charset=utf-8");
        return content;
    }

    private static HttpRequestMessage Signed(SignedHeaders signed, string target, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = Json(body) };
        request.Headers.TryAddWithoutValidation("Content-Digest", signed.ContentDigest);
        request.Headers.TryAddWithoutValidation("Signature-Input", signed.SignatureInput);
        request.Headers.TryAddWithoutValidation("Signature", signed.Signature);
        return request;
    }

    private static async Task<JsonElement> Body(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Stop)).RootElement;

    private static string? Reason(JsonElement body) => body.GetProperty("details")[0].GetProperty("reason").GetString();

    private static string? Field(JsonElement body) => body.GetProperty("details")[1].GetProperty("fieldViolations")[0].GetProperty("field").GetString();

    private static async Task<RpcException> Refused(AsyncUnaryCall<SampleReply> call)
    {
        using (call)
        {
            return (await ((Func<Task>)(async () => await call)).Should().ThrowAsync<RpcException>()).Which;
        }
    }
}
