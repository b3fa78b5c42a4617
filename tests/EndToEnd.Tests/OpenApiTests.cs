using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Google.Api;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using Attempt = PayCore.Contracts.V1.Attempt;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>The OpenAPI document says what the descriptors say and what is really answered.</summary>
public sealed class OpenApiTests(SharedWorld shared) : IClassFixture<SharedWorld>
{
    private const string Orders = "/v1/pay-orders";
    private readonly World _world = shared.World;

    [Fact]
    public async Task Document_IsReadByALibraryWithoutAWarning()
    {
        var read = OpenApiDocument.Parse((await DocumentAsync()).ToJsonString(), OpenApiConstants.Json);

        read.Diagnostic!.SpecificationVersion.Should().Be(OpenApiSpecVersion.OpenApi3_1);
        read.Diagnostic.Errors.Should().BeEmpty();
        read.Diagnostic.Warnings.Should().BeEmpty();
        read.Document!.Servers!.Single().Url.Should().Be(_world.Web.AbsoluteUri.TrimEnd('/'));
    }

    [Fact]
    public async Task Operations_AreExactlyTheRoutesThatAreServed()
    {
        var document = await DocumentAsync();
        var described = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(v => $"{v.Key} {p.Key} {v.Value!["operationId"]}")).ToList();

        var served = _world.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>())
            .OfType<GrpcJsonTranscodingMetadata>().Select(m => m.HttpRule.PatternCase == HttpRule.PatternOneofCase.Get
                ? $"get {m.HttpRule.Get} {m.MethodDescriptor.Name}"
                : $"post {m.HttpRule.Post} {m.MethodDescriptor.Name}");

        described.Should().BeEquivalentTo(served).And.HaveCountGreaterThanOrEqualTo(5);
    }

    [Fact]
    public async Task Requests_HaveEachFieldOfTheDescriptorOnceAndNoOther()
    {
        var document = await DocumentAsync();
        var shape = new OpenApiShape(document);
        foreach (var method in Contracts.V1.PayGateway.Descriptor.Methods.Concat(Contracts.V1.QueryGateway.Descriptor.Methods))
        {
            var operation = Operation(document, method.Name);
            var parameters = (operation["parameters"]?.AsArray() ?? []).Select(p => p!["name"]!.GetValue<string>());
            var members = operation["requestBody"] is { } body
                ? shape.Resolve(body["content"]!["application/json"]!["schema"]!)["properties"]?.AsObject().Select(p => p.Key) ?? []
                : [];

            parameters.Concat(members).Should().BeEquivalentTo(method.InputType.Fields.InDeclarationOrder().Select(f => f.Name), method.Name);
        }
    }

    [Fact]
    public async Task Schemas_HaveTheFieldsAndNamesOfTheDescriptors()
    {
        var document = await DocumentAsync();
        var schemas = document["components"]!["schemas"]!;
        foreach (var message in new[] { PayAnswer.Descriptor, PayOrder.Descriptor, Attempt.Descriptor, Contracts.V1.Action.Descriptor, GetPayOrderResponse.Descriptor })
        {
            schemas[message.Name]!["properties"]!.AsObject().Select(p => p.Key).Should().Equal(message.Fields.InDeclarationOrder().Select(f => f.JsonName));
        }

        schemas["Scene"]!["enum"]!.AsArray().Select(n => n!.GetValue<string>()).Should().Equal(SceneNames());
        document["components"]!["schemas"]!["CreatePayOrderRequest"]!["required"]!.AsArray().Select(n => n!.GetValue<string>())
            .Should().BeEquivalentTo("out_trade_no", "amount_minor", "subject", "scene");
    }

    [Fact]
    public async Task Everything_HasWords()
    {
        var silent = new List<string>();
        var document = await DocumentAsync();
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            silent.AddRange(schema!["description"]?.GetValue<string>() is { Length: > 0 } ? [] : [name]);
        }

        foreach (var (path, verbs) in document["paths"]!.AsObject())
        {
            silent.AddRange(verbs!.AsObject().Where(v => v.Value!["description"]?.GetValue<string>() is not { Length: > 0 }).Select(v => $"{v.Key} {path}"));
        }

        silent.Should().BeEmpty();
    }

    [Fact]
    public async Task RealAnswers_AreOfTheDescribedShape()
    {
        var shape = new OpenApiShape(await DocumentAsync());
        async Task<JsonNode> Check(Task<HttpResponseMessage> call, string path, string verb, string status = "200")
        {
            using var answer = await call;
            var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            (answer.IsSuccessStatusCode ? "200" : "default").Should().Be(status, json.ToJsonString());
            shape.Differences(shape.Answer(path, verb, status), json).Should().BeEmpty();
            return json;
        }

        var order = _world.NewOrder();
        shape.Differences(shape.Body(Orders, "post"), order).Should().BeEmpty();
        var created = await Check(_world.Merchant.PostAsJsonAsync(Orders, order), Orders, "post");
        var id = created["order"]!["id"]!.GetValue<string>();
        await Check(_world.Merchant.PostAsJsonAsync($"{Orders}/{id}/attempts", new { out_attempt_no = "again" }), $"{Orders}/{{id}}/attempts", "post");
        await Check(_world.Merchant.GetAsync(new Uri($"{Orders}/{id}?refresh=true", UriKind.Relative)), $"{Orders}/{{id}}", "get");
        await Check(_world.Merchant.PostAsync(new Uri($"{Orders}/{id}:close", UriKind.Relative), JsonContent.Create(new { })), $"{Orders}/{{id}}:close", "post");
        await Check(_world.Merchant.GetAsync(new Uri($"{Orders}?out_trade_no={order["out_trade_no"]}", UriKind.Relative)), Orders, "get");

        var paid = await _world.CreateAsync();
        _world.Wallet.Pay(World.Account, paid["attempt_no"]!.GetValue<string>());
        await _world.UntilAsync(paid["order"]!["id"]!.GetValue<string>(), o => o.Order.State == OrderState.Paid);
        await Check(_world.Merchant.GetAsync(new Uri($"{Orders}/{paid["order"]!["id"]}", UriKind.Relative)), $"{Orders}/{{id}}", "get");

        await Check(_world.Anonymous.PostAsJsonAsync(Orders, order), Orders, "post", "default");
        await Check(_world.Merchant.PostAsJsonAsync(Orders, _world.NewOrder().With("amount_minor", 0)), Orders, "post", "default");
        await Check(_world.Merchant.PostAsJsonAsync(Orders, order.With("amount_minor", 1300)), Orders, "post", "default");
        await Check(_world.Merchant.GetAsync(new Uri($"{Orders}/no-such-order", UriKind.Relative)), $"{Orders}/{{id}}", "get", "default");
    }

    [Theory]
    [InlineData("payment.paid")]
    [InlineData("payment.closed")]
    [InlineData("payment.failed")]
    public async Task RealNotifications_AreOfTheDescribedShape(string type)
    {
        await using var world = await World.StartAsync("sqlite");
        // The channel takes CNY only: it refuses for certain.
        var created = await world.CreateAsync(world.NewOrder().With("currency", type == "payment.failed" ? "USD" : "CNY"));
        if (type == "payment.paid")
        {
            world.Wallet.Pay(World.Account, created["attempt_no"]!.GetValue<string>());
        }
        else if (type == "payment.closed")
        {
            using var closed = await world.Merchant.PostAsync(new Uri($"{Orders}/{created["order"]!["id"]}:close", UriKind.Relative), JsonContent.Create(new { }));
            closed.EnsureSuccessStatusCode();
        }

        await world.UntilReceivedAsync(1);
        var shape = new OpenApiShape(await DocumentAsync());
        shape.Differences(shape.Notification(type), JsonNode.Parse(world.Receiver.All[0].Body)).Should().BeEmpty();
    }

    /// <summary>Shows that the comparison above sees what is wrong.</summary>
    [Fact]
    public async Task Comparison_SeesEachKindOfDifference()
    {
        var shape = new OpenApiShape(await DocumentAsync());
        var schema = shape.Answer(Orders, "post", "200");
        var right = await _world.CreateAsync();
        shape.Differences(schema, right).Should().BeEmpty();

        void Wrong(Action<JsonObject> change)
        {
            var changed = right.DeepClone().AsObject();
            change(changed);
            shape.Differences(schema, changed).Should().ContainSingle(changed.ToJsonString());
        }

        Wrong(a => a["unheard_of"] = 1);
        Wrong(a => a.Remove("attempt_no"));
        Wrong(a => a["result"] = "MAYBE");
        Wrong(a => a["order"]!["amount_minor"] = "1299");
        Wrong(a => a["order"]!["create_time"] = "yesterday");
        Wrong(a => a["action"]!["redirect_url"] = "https://example.com/");
        shape.Differences(shape.Body(Orders, "post"), _world.NewOrder().With("id", "x")).Should().ContainSingle();
    }

    private static IEnumerable<string> SceneNames() =>
        CommonReflection.Descriptor.EnumTypes.Single(t => t.Name == "Scene").Values.Skip(1).Select(v => v.Name);

    private static JsonNode Operation(JsonNode document, string id) => document["paths"]!.AsObject()
        .SelectMany(p => p.Value!.AsObject()).Select(v => v.Value!).Single(o => o["operationId"]!.GetValue<string>() == id);

    private async Task<JsonNode> DocumentAsync() => (await _world.Anonymous.GetFromJsonAsync<JsonNode>("/openapi.json"))!;
}
